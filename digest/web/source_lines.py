"""What the desk tells of sources: health in a word, the remedy, the weeks in bars. Never what may be a secret."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest import schedule_words, source_words
from digest.intake import Polled
from digest.masking import masked
from digest.moments import WEEK
from digest.schedules import Schedule, SourceTable
from digest.source_words import Ailment
from digest.sources.moving import BELIEVED
from digest.store import harvests, polls
from digest.store.engine import Session
from digest.store.harvests import Harvest
from digest.store.polls import SourceHealth
from digest.web import bars, spoken
from digest.web.bars import Bar

#: So many whole weeks are told beside the one that is not over.
WEEKS = 8
#: A source that answers and gave nothing for so long is told apart.
SILENT = dt.timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source is in a word. mood: a class of `desk.css`. rank: the lower, the sooner somebody must look."""

    word: str
    mood: str = ""
    rank: int = 3


READING = Standing("Being read", "held", 1)
FAILING, SILENCE = Standing("Failing", "bad", 0), Standing("Silent", "held", 1)
UNREAD, FINE = Standing("Not read yet", "", 2), Standing("Fine", "good")
WAITS = Standing("Waits for the API")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One source on the page. outcome: of a reading that was asked for here. others: who reads it as well."""

    table: SourceTable
    place: str
    standing: Standing
    health: SourceHealth
    harvest: Harvest
    weeks: tuple[Bar, ...]
    ailment: Ailment | None = None
    error: str = ""
    moved_to: str = ""
    learned: str = ""
    outcome: str = ""
    others: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.table.key

    @property
    def kind(self) -> str:
        return schedule_words.kind(self.table)

    @property
    def every(self) -> str:
        return schedule_words.every(self.table.every)

    @property
    def is_asked(self) -> bool:
        return self.table.kind != "api"

    @property
    def is_being_read(self) -> bool:
        return self.standing is READING

    @property
    def counts(self) -> str:
        """The bars for who does not see them."""
        *whole, this = self.harvest.weeks
        return f"{', '.join(map(str, whole))}; this week so far {this}"


def lines(
    session: Session,
    schedule: Schedule,
    tables: Sequence[SourceTable],
    *,
    now: dt.datetime,
) -> Iterator[SourceLine]:
    """A line a source, in the order given."""
    keys = [table.key for table in tables]
    edges = _edges(schedule, now)
    given = harvests.by_week(session, keys, edges)
    zone = schedule.calendar.zone
    labels = [f"the week from {spoken.short_day(edge, zone)}" for edge in edges[:-1]]
    for table, health in zip(tables, polls.health(session, keys), strict=True):
        harvest = given[table.key]
        yield SourceLine(
            table=table,
            place=masked(str(table.url or table.path or "")),
            standing=_standing(table, health, harvest, now=now),
            health=health,
            harvest=harvest,
            weeks=bars.row(harvest.weeks, labels),
            ailment=source_words.ailment(health.error) if health.error else None,
            error=masked(health.error),
            moved_to=_moved_to(table, health),
            learned=_learned(table, health),
        )


def outcome(polled: Polled | None) -> str:
    """What came of a reading, as a sentence; empty where none was asked for, or where the error stands there."""
    if polled is None or polled.error:
        return ""
    left = "; ".join(f"{one.item}: {one.reason}" for one in polled.stored.errors[:3])
    return masked(f"Read: {polled.summary}" + (f" ({left})" if left else ""))


def _edges(schedule: Schedule, now: dt.datetime) -> list[dt.datetime]:
    """The cut-offs between the weeks that are told; the last one lies ahead."""
    calendar = schedule.calendar
    day = calendar.period_at(now)
    return [calendar.moments(day - WEEK * number).draft_at for number in range(WEEKS, -2, -1)]


def _standing(
    table: SourceTable, health: SourceHealth, harvest: Harvest, *, now: dt.datetime
) -> Standing:
    if table.kind == "api":
        return WAITS
    if health.is_being_read(now):
        return READING
    if health.error:
        return FAILING
    if health.succeeded_at is None:
        return UNREAD
    silent = harvest.newest_at is not None and now - harvest.newest_at > SILENT
    return SILENCE if silent else FINE


def _moved_to(table: SourceTable, health: SourceHealth) -> str:
    """Where it has moved for good, once that was told often enough to be believed."""
    times, _, rest = (health.moved or "").partition(" ")
    declared, _, place = rest.partition(" ")
    believed = times.isdigit() and int(times) >= BELIEVED and declared == table.url
    return masked(place) if believed else ""


def _learned(table: SourceTable, health: SourceHealth) -> str:
    """What it remembers of the site from one reading to the next."""
    if not health.memory:
        return ""
    if table.kind == "wordpress":
        return f"The site's API answers at {masked(health.memory)}."
    if table.kind == "sitemap":
        return f"{spoken.plural(len(health.memory.split()), 'page')} of its map were read."
    return ""
