"""Segments: which readers an issue goes to, as a tree of typed conditions. Never text that a database runs.

A schedule declares them; the store asks the database for them; `holds` says the same of one reader.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never
from zoneinfo import ZoneInfo

#: How deep conditions may stand in each other, and how many a segment may have.
DEEPEST, MOST = 8, 100


@dataclass(frozen=True, slots=True)
class Section:
    """Readers who have not said that they do not want this section."""

    name: str


@dataclass(frozen=True, slots=True)
class Language:
    """Readers of a language; `pt` means `pt-BR` as well. Who chose none reads the newsletter's."""

    tag: str


@dataclass(frozen=True, slots=True)
class JoinedBefore:
    """Readers who joined before a day began."""

    day: dt.date


@dataclass(frozen=True, slots=True)
class JoinedAfter:
    """Readers who joined on a day or later."""

    day: dt.date


@dataclass(frozen=True, slots=True)
class Engaged:
    """Readers who did something themselves in the last days: asked, confirmed, chose. No opens, no clicks."""

    days: int


@dataclass(frozen=True, slots=True)
class Tag:
    """Readers with a tag, as it came with them."""

    name: str


@dataclass(frozen=True, slots=True)
class Every:
    """Readers for whom all parts hold."""

    parts: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Readers for whom at least one part holds."""

    parts: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Readers for whom the part does not hold."""

    part: Segment


Segment = Section | Language | JoinedBefore | JoinedAfter | Engaged | Tag | Every | Some | Without


@dataclass(frozen=True, slots=True)
class Slice:
    """A segment as one newsletter means it. zone: whose days count. language: of who chose none."""

    segment: Segment
    zone: str
    language: str

    def begins(self, day: dt.date) -> dt.datetime:
        """When a day begins."""
        return dt.datetime.combine(day, dt.time(), ZoneInfo(self.zone)).astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class Facts:
    """What segments ask about one reader. acted_at: when the reader last did something themselves."""

    joined_at: dt.datetime
    language: str = ""
    unwanted: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    acted_at: dt.datetime | None = None


def holds(wanted: Slice, reader: Facts, at: dt.datetime) -> bool:
    """Whether a reader is in a segment at a moment."""
    return _holds(wanted.segment, wanted, reader, at)


def _holds(  # noqa: PLR0911  a line a kind
    segment: Segment, wanted: Slice, reader: Facts, at: dt.datetime
) -> bool:
    match segment:
        case Section(name):
            return name not in reader.unwanted
        case Language(tag):
            language = (reader.language or wanted.language).lower()
            return language == tag.lower() or language.startswith(f"{tag.lower()}-")
        case JoinedBefore(day):
            return reader.joined_at < wanted.begins(day)
        case JoinedAfter(day):
            return reader.joined_at >= wanted.begins(day)
        case Engaged(days):
            acted = reader.acted_at
            return acted is not None and at - dt.timedelta(days=days) < acted <= at
        case Tag(name):
            return name in reader.tags
        case Every(parts):
            return all(_holds(part, wanted, reader, at) for part in parts)
        case Some(parts):
            return any(_holds(part, wanted, reader, at) for part in parts)
        case Without(part):
            return not _holds(part, wanted, reader, at)
        case _:
            assert_never(segment)


# ---------------------------------------------------------------- reading


def read(raw: object) -> Segment:
    """A segment from a table of a schedule. Raises ValueError that names the place in it.

    A table with several keys means all of them.
    """
    found = _read(raw, "", 0)
    if _size(found) > MOST:
        raise ValueError(f"has more than {MOST} conditions")
    return found


def _read(raw: object, where: str, depth: int) -> Segment:
    if depth > DEEPEST:
        raise ValueError(f"{where}: stands more than {DEEPEST} deep")
    if not isinstance(raw, Mapping) or not raw:
        raise ValueError(
            f"{where or 'a segment'}: expected a condition, one of {', '.join(_KINDS)}"
        )
    parts = []
    for key, value in raw.items():
        place = f"{where}.{key}" if where else str(key)
        if key not in _KINDS:
            raise ValueError(f"{place}: no such condition; there are {', '.join(_KINDS)}")
        parts.append(_KINDS[key](value, place, depth + 1))
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def _word(kind: Callable[[str], Segment]) -> Callable[[object, str, int], Segment]:
    def read_word(value: object, where: str, depth: int) -> Segment:
        if not isinstance(value, str) or not value.strip() or "\n" in value:
            raise ValueError(f"{where}: expected a name on one line")
        return kind(value.strip())

    return read_word


def _day(kind: Callable[[dt.date], Segment]) -> Callable[[object, str, int], Segment]:
    def read_day(value: object, where: str, depth: int) -> Segment:
        if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
            raise ValueError(  # noqa: TRY004  pydantic hears no other
                f"{where}: expected a day without quotes, as in 2026-01-31"
            )
        return kind(value)

    return read_day


def _days(value: object, where: str, depth: int) -> Segment:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 3650:
        raise ValueError(f"{where}: expected a number of days, 1 to 3650")
    return Engaged(value)


def _parts(kind: Callable[[tuple[Segment, ...]], Segment]) -> Callable[[object, str, int], Segment]:
    def read_parts(value: object, where: str, depth: int) -> Segment:
        if not isinstance(value, list) or not value:
            raise ValueError(
                f"{where}: expected a list of conditions, as in [{{ language = 'de' }}]"
            )
        return kind(tuple(_read(one, f"{where}[{n}]", depth) for n, one in enumerate(value)))

    return read_parts


_KINDS: Mapping[Any, Callable[[object, str, int], Segment]] = {
    "section": _word(Section),
    "language": _word(Language),
    "joined_before": _day(JoinedBefore),
    "joined_after": _day(JoinedAfter),
    "engaged": _days,
    "tag": _word(Tag),
    "all": _parts(Every),
    "any": _parts(Some),
    "not": lambda value, where, depth: Without(_read(value, where, depth)),
}


def _size(segment: Segment) -> int:
    match segment:
        case Every(parts) | Some(parts):
            return 1 + sum(map(_size, parts))
        case Without(part):
            return 1 + _size(part)
        case _:
            return 1


# ---------------------------------------------------------------- telling


def spoken(segment: Segment) -> str:
    """A segment in plain words."""
    told = _spoken(segment)
    return told[1:-1] if isinstance(segment, Every | Some) else told


def _spoken(segment: Segment) -> str:
    match segment:
        case Every(parts):
            return "(" + " and ".join(map(_spoken, parts)) + ")"
        case Some(parts):
            return "(" + " or ".join(map(_spoken, parts)) + ")"
        case Without(Every() | Some() | Without() as part):
            return f"not {_spoken(part)}"
        case Without(part):
            return _condition(part)[1]
        case _:
            return _condition(segment)[0]


def _condition(segment: Segment) -> tuple[str, str]:
    """One condition in words, and its opposite."""
    match segment:
        case Section(name):
            return f"wants {name}", f"does not want {name}"
        case Language(tag):
            return f"reads {tag}", f"does not read {tag}"
        case JoinedBefore(day):
            return f"joined before {day}", f"did not join before {day}"
        case JoinedAfter(day):
            return f"joined on {day} or later", f"joined before {day}"
        case Engaged(days):
            return f"did something in the last {days} days", f"did nothing in the last {days} days"
        case Tag(name):
            return f"is tagged {name}", f"is not tagged {name}"
        case _:
            raise TypeError(segment)
