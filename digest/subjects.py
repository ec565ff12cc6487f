"""Subjects and preheaders: what a reader sees of the mail before opening it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from digest.mail import cleaning
from digest.mail.wording import Wording
from digest.model import IssueContent, Story
from digest.schedules import Schedule

#: Characters of a subject that a telephone shows.
SUBJECT = 70
#: Characters that stand behind the subject in the list of mails.
PREHEADER = 120
#: How many subjects an editor may choose from.
CANDIDATES = 3

_NAMED = re.compile(r"\{(lead|date|number|name)\}")


def subject(schedule: Schedule, week: IssueContent) -> str:
    """The schedule's pattern filled; the lead's title gives way first where it gets too long."""
    lead = week.lead
    newsletter, pattern = schedule.newsletter, line(schedule.compose.subject)
    values = {
        "lead": line(lead.title) if lead else "",
        "date": Wording(newsletter.language, newsletter.timezone).long_date(week.period),
        "number": str(week.number),
        "name": line(newsletter.name),
    }
    rest = len(_filled(pattern, {**values, "lead": ""}))
    times = pattern.count("{lead}")
    if times and SUBJECT - rest >= 20:
        values["lead"] = cut(values["lead"], (SUBJECT - rest) // times)
    return cut(line(_filled(pattern, values)) or values["name"], SUBJECT)


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda match: values[match[1]], pattern)


def preheader(stories: Sequence[Story], said: str, intro: str) -> str:
    """The next titles, as many as fit whole; what the subject says is not said again."""
    titles = (title for s in stories if (title := line(s.title)))
    first = next(titles, "")
    if first and said.startswith(first[: SUBJECT // 2]):
        first = next(titles, "")
    if not first:
        return line(intro)
    found = cut(first, PREHEADER)
    for title in titles:
        longer = f"{found} · {title}"
        if len(longer) > PREHEADER:
            break
        found = longer
    return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject with the preheader that goes with it."""

    subject: str
    preheader: str


def candidates(schedule: Schedule, week: IssueContent) -> tuple[Candidate, ...]:
    """Up to three, each from another of the week's first stories by score; that of the lead first."""
    rest = [story for story in week.stories if week.lead is None or story != week.lead]
    rest.sort(key=lambda story: -story.score)
    leads = [*([week.lead] if week.lead else []), *rest][:CANDIDATES]
    found = []
    for lead in leads:
        said = subject(schedule, replace(week, lead=lead))
        others = [story for story in week.stories if story.article_id != lead.article_id]
        found.append(Candidate(said, preheader([lead, *others], said, week.intro)))
    return tuple({one.subject: one for one in reversed(found)}.values())[::-1]


def cut(text: str, most: int) -> str:
    """At most `most` characters, cut where a word ends, with an ellipsis."""
    if len(text) <= most:
        return text
    short = text[: most - 1]
    space = short.rfind(" ")
    if not text[most - 1].isspace() and space > most // 2:
        short = short[:space]
    while short and unicodedata.combining(text[len(short)]):
        short = short[:-1]
    return short.rstrip(" ,;:–—-") + "…"


_KEPT_FORMATS = "\u200c\u200d"  # joiners: Persian, Indic scripts and emoji need them


def line(text: str) -> str:
    """On one line, without control characters and without marks that turn the reading direction."""
    plain = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in text
        if c in _KEPT_FORMATS or unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn")
    )
    return cleaning.spaced(plain)
