"""What an HTTP API's answer means for the messages of the request that it answers (RFC 9110 §15)."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from digest.errors import DeliveryError

#: What one message of a request came to; None: the provider has taken it.
Answer = DeliveryError | None

#: The longest wait that is believed, in seconds.
LONGEST_WAIT_S = 86_400.0

#: Header fields that say when a limit opens again, in seconds from now or since 1970.
_RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-sib-ratelimit-reset")
_REMAINING = ("ratelimit-remaining", "x-ratelimit-remaining", "x-sib-ratelimit-remaining")

#: Something in these requests is not as it should be: one message of them may be the reason.
_FAULTY = frozenset({400, 413, 422})
#: Neither said to be taken nor said not to be.
_OPEN = frozenset({408, 409, 425})
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, read whole. headers: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Raises ValueError where the body is no JSON."""
        return json.loads(self.body)

    def field(self, name: str) -> str:
        """A text of the JSON object that errors come as; empty where there is none."""
        try:
            found = self.json()
        except ValueError:
            return ""
        value = found.get(name, "") if isinstance(found, dict) else ""
        return str(value) if isinstance(value, str | int) else ""

    @property
    def is_theirs(self) -> bool:
        """Whether it is the API that speaks, and not something on the way that knows nothing of keys."""
        try:
            return isinstance(self.json(), dict)
        except ValueError:
            return False

    @property
    def words(self) -> str:
        """The status and what the provider says, for people."""
        said = self.field("message") or self.field("Message") or self.field("error")
        return f"{self.status} {said or self.body[:200].decode('utf-8', 'replace')}".strip()

    @property
    def wait_s(self) -> float | None:
        """How long the provider asks us to wait: Retry-After, or when its limit opens again."""
        told = self.headers.get("retry-after", "").strip()
        if told:
            return _seconds(told, self._now)
        for name in _RESETS:
            if name in self.headers:
                return _seconds(self.headers[name], self._now)
        return None

    @property
    def exhausted_s(self) -> float | None:
        """Seconds until the next request is welcome, where this one took the last place; else None."""
        if any(self.headers.get(name, "").strip() == "0" for name in _REMAINING):
            return self.wait_s
        return None

    @property
    def _now(self) -> float:
        """Seconds since 1970 by the provider's own clock, for it is its times that are compared."""
        try:
            return parsedate_to_datetime(self.headers["date"]).timestamp()
        except (KeyError, ValueError):
            return time.time()


def _seconds(told: str, now: float) -> float | None:
    """A number of seconds, a number since 1970, or a date; between 0 and a day."""
    try:
        value = float(told)
    except ValueError:
        try:
            value = parsedate_to_datetime(told).timestamp()
        except ValueError:
            return None
    if value != value:
        return None
    return min(max(0.0, value - now if value > 1e9 else value), LONGEST_WAIT_S)


class Fate(StrEnum):
    """What an answer says of its whole request."""

    ANSWERED = "answered"  # each message has its own answer
    FAULTY = "faulty"  # not taken, and one message or all may be the reason
    LATER = "later"  # not taken; the provider asks for a wait
    UNSENT = "unsent"  # no connection: nothing left the house
    HALTED = "halted"  # not taken, and nothing will be: credentials, quota, address of the API
    KNOWN = "known"  # this very request came before: its key is used up
    DOUBT = "doubt"  # it may have been taken


@dataclass(frozen=True, slots=True)
class Verdict:
    """A fate and the provider's words.

    answers: one a message, where the fate is ANSWERED. silent: the doubt comes of no answer at all,
    and not of one that speaks of an error. theirs: it was told in the API's own words.
    """

    fate: Fate
    words: str = ""
    wait_s: float | None = None
    answers: Sequence[Answer] = ()
    silent: bool = False
    theirs: bool = True


def by_status(reply: Reply) -> Verdict:
    """What a status other than 2xx means where the provider's documentation says nothing else.

    A redirect is not followed: whoever sends us elsewhere does not get the readers' addresses.
    """
    if reply.status == _TOO_MANY:
        return Verdict(Fate.LATER, reply.words, reply.wait_s)
    if reply.status in _FAULTY:
        return Verdict(Fate.FAULTY, reply.words)
    if reply.status >= 500 or reply.status < 300 or reply.status in _OPEN:
        return Verdict(Fate.DOUBT, reply.words, reply.wait_s)
    return Verdict(Fate.HALTED, reply.words)
