"""A reader's history in the words of the desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from digest.audience.barring import REASONS as BY_HAND
from digest.store.histories import Happening, What
from digest.web.leaving import reason_words
from digest.web.spoken import DELIVERY

#: Why an address must not be mailed.
REASONS = {
    "hard_bounce": "No such mailbox",
    "soft_bounce": "Came back again and again",
    "complaint": "Called the mail junk",
    "manual": "By an editor",
    "imported": "Was so in a file",
    "erased": "Was forgotten",
}

#: The ways in which readers come.
CAME = {
    "form": "Our own page",
    "embed": "A form on another site",
    "api": "The API",
    "import": "An import",
    "move": "A move from another address",
}

#: The reasons that an editor may give when they suppress an address.
GIVEN = {one: REASONS[one] for one in BY_HAND}

_CONFIRMED = {
    "undo": "Took the leaving back within the minute",
    "undo-import": "With us again: the import by which they had left was undone",
    "move": "Confirmed the new address",
}
_LEFT = {
    "one-click": "by the mail program’s own button",
    "page": "by the link in a mail",
    "mailto": "by a mail to us",
    "move": "for another address",
    "complaint": "by calling the mail junk",
    "provider": "by the mail provider’s own button",
    "import": "elsewhere, as an import told",
    "desk": "on request, at the desk",
    "api": "on request, by a program of yours",
}
_REPORTS = {
    "delivered": ("Arrived", "good"),
    "deferred": ("Delayed on its way", ""),
    "bounced": ("Came back", "bad"),
    "complained": ("Called it junk", "bad"),
    "unsubscribed": ("Left by the provider’s own button", ""),
    "hard": ("Refused: no such mailbox", "bad"),
    "soft": ("Refused for now", "bad"),
    "ours": ("Refused for a reason of ours", "warn"),
    "held": ("Refused with many others: not believed yet", "warn"),
    "forgiven": ("Refused; an editor says that it tells nothing", ""),
    "left": ("Left", ""),
    "complaint": ("Called it junk", "bad"),
}
_MOVES = {
    "asked": "Asked to be mailed at another address",
    "done": "Moved to another address",
    "stopped": "A move to another address was stopped",
    "came": "Came here from another address",
}
_STATES = {"accepted": "good", "failed": "bad", "uncertain": "warn"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line on the page. mood: a class of the style sheet. issue: its period, to link to. more: as it was told."""

    at: dt.datetime
    title: str
    more: str = ""
    mood: str = ""
    newsletter: str = ""
    issue: str = ""
    until: dt.datetime | None = None
    given_at: dt.datetime | None = None


def said(one: Happening) -> Line:
    """A happening in words."""
    title, more, mood = _SAY[one.what](one)
    return Line(one.at, title, more, mood, one.newsletter, one.issue, one.until, one.given_at)


_Words = tuple[str, str, str]


def _asked(one: Happening) -> _Words:
    way = CAME.get(one.word, one.word)
    return f"Signed up: {way[:1].lower()}{way[1:]}", _network(one), ""


def _network(one: Happening) -> str:
    return f"from {one.more}" if one.more else ""


def _confirmed(one: Happening) -> _Words:
    return _CONFIRMED.get(one.word, "Confirmed by the link in our mail"), _network(one), "good"


def _changed(one: Happening) -> _Words:
    how = "for them, by a program of yours" if one.word == "api" else _network(one)
    return "Changed what they chose", how, ""


def _left(one: Happening) -> _Words:
    why = reason_words().get(one.more, "")
    how = _LEFT.get(one.word, one.word)
    return f"Left {how}", why or _network(one), "bad"


def _imported(one: Happening) -> _Words:
    number = f" {one.number}" if one.number else ""
    return f"Taken over by import{number}", _network(one), ""


def _filled(one: Happening) -> _Words:
    return f"Import {one.number} told more of them", "", ""


def _copy(one: Happening) -> _Words:
    known = {str(state): words for state, words in DELIVERY.items()}
    return (
        f"The issue: {known.get(one.word, one.word).lower()}",
        one.more,
        _STATES.get(one.word, ""),
    )


def _report(one: Happening) -> _Words:
    title, mood = _REPORTS.get(one.word, (one.word, ""))
    return title, one.more, mood


def _suppressed(one: Happening) -> _Words:
    number = f"import {one.number}" if one.number else ""
    more = ": ".join(filter(None, (number, one.more)))
    return f"Suppressed: {REASONS.get(one.word, one.word).lower()}", more, "bad"


def _lifted(one: Happening) -> _Words:
    return f"May be mailed again ({REASONS.get(one.word, one.word).lower()})", "", "good"


def _silent(one: Happening) -> _Words:
    return ("Pauses" if one.word == "snooze" else "Wants only weeks with a big story"), "", ""


def _moved(one: Happening) -> _Words:
    return _MOVES.get(one.word, one.word), "", ""


_SAY = {
    What.ASKED: _asked,
    What.CONFIRMED: _confirmed,
    What.CHANGED: _changed,
    What.LEFT: _left,
    What.IMPORTED: _imported,
    What.FILLED: _filled,
    What.COPY: _copy,
    What.REPORT: _report,
    What.SUPPRESSED: _suppressed,
    What.LIFTED: _lifted,
    What.SILENT: _silent,
    What.MOVED: _moved,
}

#: The reasons of who left, in English.
LEFT_FOR: Mapping[str, str] = reason_words()
