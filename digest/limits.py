"""How fast mail may leave, as an operator writes it: limits, limits of domains, a warm-up, a slow start.

A text may name providers: `smtp: 10/s; postmark: 50/s`; a part without a name is for all others.
Every reader here raises ValueError that says what was expected.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
DAY_S = 86400
LONGEST_S = 31 * DAY_S
#: More than anybody sends in a day: what a growing number stops at.
MOST = 1_000_000_000

#: Large mailbox providers whose domains stand for one set of servers, and so share one limit.
MAILBOXES = {
    "google": ("gmail.com", "googlemail.com"),
    "microsoft": ("outlook.*", "hotmail.*", "live.*", "msn.com"),
    "yahoo": ("yahoo.*", "ymail.com", "rocketmail.com", "myyahoo.com", "aol.*", "aim.com"),
    "apple": ("icloud.com", "me.com", "mac.com"),
    "gmx": ("gmx.*", "web.de", "mail.com"),
    "orange": ("orange.fr", "wanadoo.fr"),
}

_LIMIT = re.compile(r"([0-9]{1,9})\s*/\s*([0-9]{0,6})\s*(s|min|h|d)")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})+|{_LABEL}\.\*")

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, order=True)
class Limit:
    """At most `count` messages in any `seconds` on end, wherever that span begins."""

    seconds: int
    count: int

    def __str__(self) -> str:
        """As it is written: `700/d`, `5/15min`."""
        unit, name = max((s, u) for u, s in _UNITS.items() if self.seconds % s == 0)
        spans = self.seconds // unit
        return f"{self.count}/{spans if spans > 1 else ''}{name}"


@dataclass(frozen=True, slots=True)
class DomainLimit:
    """Limits for some recipient domains, which share them; `name` is how they are told apart.

    patterns: `orange.fr`, `*.orange.fr` (all below it), `yahoo.*` (any ending).
    """

    name: str
    patterns: tuple[str, ...]
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class DomainLimits:
    """Which limits a recipient domain has. others: what each domain not named has for itself."""

    named: tuple[DomainLimit, ...] = ()
    others: tuple[Limit, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.named or self.others)

    def group(self, domain: str) -> str | None:
        """The name under which a domain is counted; None where nothing limits it.

        The most specific wins: the domain itself, then the longest pattern that fits.
        """
        domain = domain.lower().rstrip(".")
        fitting = [
            (_weight(pattern, domain), one.name)
            for one in self.named
            for pattern in (one.name, *one.patterns)
            if _fits(pattern, domain)
        ]
        if fitting:
            return max(fitting)[1]
        return domain if self.others else None

    def limits(self, group: str) -> tuple[Limit, ...]:
        """The limits of a group that `group()` gave."""
        found = [one.limits for one in self.named if one.name == group]
        return found[0] if found else self.others


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A new sending domain: `first` messages in the first day, `growth` times as many each day after.

    A day is 24 hours, counted from the first message; `name` is the sending domain: another name
    begins anew.
    """

    first: int
    growth: Decimal
    name: str = ""

    def cap(self, day: int) -> int:
        """How many messages any 24 hours may hold on day 0, 1, …"""
        if self.growth == 1 or day <= 0:
            return self.first
        days_to_the_most = int((Decimal(MOST) / self.first).ln() / self.growth.ln()) + 1
        return min(MOST, int(self.first * self.growth ** min(day, days_to_the_most)))


@dataclass(frozen=True, slots=True)
class SlowStart:
    """A rate in messages a second that begins at `start` and never goes above `ceiling`."""

    start: int
    ceiling: int = MOST


def by_provider(text: str) -> dict[str, str]:
    """The text of each provider; "" is the one for every provider that is not named."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        head, colon, rest = part.partition(":")
        name, value = (head.strip(), rest.strip()) if colon else ("", part.strip())
        if not colon and not value:
            continue
        if colon and not re.fullmatch(r"[a-z0-9_-]{1,40}", name):
            raise ValueError(f"{name!r} is no provider's name; write it as in 'smtp: 10/s'")
        if name in found:
            told = f"provider {name!r}" if name else "what holds for every provider"
            raise ValueError(f"{told} is given twice; put commas between limits")
        found[name] = value
    return found


def strangers(text: str, known: Collection[str]) -> list[str]:
    """The providers that a text names and that are none of these; none where the text cannot be read."""
    try:
        return [name for name in by_provider(text) if name and name not in known]
    except ValueError:
        return []


def for_provider(text: str, provider: str, read: Callable[[str], Read]) -> Read:
    """What a text says for one provider, read by one of the readers below."""
    texts = by_provider(text)
    return read(texts.get(provider, texts.get("", "")))


def read_limits(text: str) -> tuple[Limit, ...]:
    """Limits from `10/s, 600/min, 20000/h`, shortest span first; none from an empty text."""
    return _together(_limit(part) for part in text.split(",") if part.strip())


def read_domain_limits(text: str) -> DomainLimits:
    """Limits of domains from `gmail.com=20/s, *.orange.fr=5/s 600/h, *=50/s`.

    Domains that share one limit stand together: `a.example+b.example=5/s`; `google` and the other
    names of MAILBOXES stand for all of a provider's. `*` is every other domain, each for itself.
    """
    named: list[DomainLimit] = []
    others: tuple[Limit, ...] | None = None
    for part in (one.strip() for one in text.split(",") if one.strip()):
        name, equals, value = (one.strip() for one in part.lower().partition("="))
        limits = _together(_limit(one) for one in re.sub(r"\s*/\s*", "/", value).split())
        if not equals or not name or not limits:
            raise ValueError(f"{part!r} is no limit of a domain; write it as in 'gmail.com=20/s'")
        if name != "*":
            patterns = _patterns(name)
            known = name if name in MAILBOXES else patterns[0]
            named.append(DomainLimit(known, patterns, limits))
        elif others is None:
            others = limits
        else:
            raise ValueError("'*' is given twice")
    _each_once(pattern for one in named for pattern in one.patterns)
    return DomainLimits(tuple(named), others or ())


def read_warm_up(text: str) -> WarmUp | None:
    """A plan from `200 x2` or `200 x1.5 for news.example`; None from an empty text."""
    if not text.strip():
        return None
    match = re.fullmatch(
        r"([0-9]{1,9})\s+x\s*([0-9]{1,2}(?:\.[0-9]{1,3})?)(?:\s+for\s+(\S{1,253}))?", text.strip()
    )
    if not match or int(match[1]) < 1 or Decimal(match[2]) < 1:
        raise ValueError(
            f"{text!r} is no warm-up; write the first day's messages and how they grow a day,"
            " as in '200 x2' or '200 x1.5 for news.example'"
        )
    return WarmUp(int(match[1]), Decimal(match[2]), (match[3] or "").lower())


def read_slow_start(text: str) -> SlowStart | None:
    """A rate from `20` or `20 to 500`, in messages a second; None from `0` and an empty text."""
    if text.strip() in ("", "0"):
        return None
    match = re.fullmatch(
        r"([0-9]{1,6})(?:\s*/\s*s)?(?:\s+to\s+([0-9]{1,6})(?:\s*/\s*s)?)?", text.strip()
    )
    if not match or int(match[1]) < 1 or (match[2] and int(match[2]) < int(match[1])):
        raise ValueError(
            f"{text!r} is no slow start; write messages a second, as in '20' or '20 to 500', 0 for none"
        )
    return SlowStart(int(match[1]), int(match[2]) if match[2] else MOST)


def _limit(text: str) -> Limit:
    match = _LIMIT.fullmatch(text.strip())
    if not match:
        raise ValueError(
            f"{text.strip()!r} is no limit; write a count and a span, as in '10/s, 600/min, 20000/h'"
        )
    count, seconds = int(match[1]), int(match[2] or 1) * _UNITS[match[3]]
    if not count or not 1 <= seconds <= LONGEST_S:
        raise ValueError(f"{text.strip()!r}: expected 1 or more messages in a span of 1s to 31d")
    return Limit(seconds, count)


def _together(limits: Iterable[Limit]) -> tuple[Limit, ...]:
    found = sorted(limits)
    for one, other in itertools.pairwise(found):
        if one.seconds == other.seconds:
            raise ValueError(
                f"two limits for the same span: {one.count} and {other.count} messages"
            )
    return tuple(found)


def _patterns(name: str) -> tuple[str, ...]:
    if name in MAILBOXES:
        return MAILBOXES[name]
    patterns = tuple(one.strip() for one in name.split("+"))
    for one in patterns:
        if not _DOMAIN.fullmatch(one):
            known = ", ".join(MAILBOXES)
            raise ValueError(
                f"{one!r} is no domain; write 'gmail.com', '*.orange.fr', '*', or one of: {known}"
            )
    return patterns


def _each_once(patterns: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in patterns:
        if one in seen:
            raise ValueError(f"{one!r} is given twice")
        seen.add(one)


def _fits(pattern: str, domain: str) -> bool:
    if pattern.startswith("*."):
        return domain.endswith(pattern[1:])
    if pattern.endswith(".*"):
        return (
            re.fullmatch(re.escape(pattern[:-1]) + r"[a-z]{2,3}(\.[a-z]{2,3})?", domain) is not None
        )
    return pattern == domain


def _weight(pattern: str, domain: str) -> tuple[bool, int]:
    return (pattern == domain, len(pattern))
