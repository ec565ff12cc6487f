"""The demo: a sample site's week, a simulated clock moved to Sunday, and the whole way of an issue.

Everything is the product's own: the same stages, store, ledger and outbox as on a real Sunday. Only
the clock is ours. Interrupted anywhere and run again, it ends in the same issue, the same edition
and one copy a reader; run after it has ended, it changes nothing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from digest import intake
from digest.audience import addresses
from digest.bootstrap import House, open_house, utc_now
from digest.delivery import ledger, sender
from digest.demo import readers as sample_readers
from digest.demo import site
from digest.errors import DigestError
from digest.model import Issue, IssueContent, IssueStatus, Moments
from digest.protocols import Progress, silent
from digest.reconcile import reconcile
from digest.samples import write_sample
from digest.settings import Settings
from digest.store import issues, migrate, subscribers

#: The Sunday of the demo's week.
WEEK = dt.date(2026, 11, 29)
NEWSLETTER = "sunday"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """What the demo ended with. `already`: it had been sent before this run."""

    name: str
    content: IssueContent
    checksum: str
    approved_by: str
    audience: int
    deliveries: Mapping[str, int]
    paths: Mapping[str, Path]
    already: bool
    complete: bool


class SimulatedClock:
    """A clock that stands where it was set."""

    def __init__(self, start: dt.datetime) -> None:
        self.now = start

    def __call__(self) -> dt.datetime:
        return self.now


def saturday(folder: Path, *, readers: int = 200) -> House:
    """The house on the demo's Saturday evening: the draft is made and waits for an editor."""
    place = site.materialise(folder / "site", week=WEEK)
    house = _house(folder, place.schedules, SimulatedClock(_monday()))
    migrate.upgrade(house.database)
    reconcile(house, now=_monday())
    _sign_up(house, readers, _monday(), silent)
    draft_at = next(_moments_of(house)).at
    _poll(house, draft_at, silent)
    reconcile(house, now=draft_at)
    return dataclasses.replace(house, clock=SimulatedClock(draft_at + dt.timedelta(hours=1)))


def run(folder: Path, *, readers: int = 200, progress: Progress = silent) -> DemoResult:
    """The whole week in `folder`. Raises DigestError where it cannot be done."""
    place = site.materialise(folder / "site", week=WEEK)
    clock = SimulatedClock(_monday())
    house = _house(folder, place.schedules, clock)
    migrate.upgrade(house.database)
    issue = _issue(house)
    already = issue is not None and issue.status is IssueStatus.SENT
    if not already:
        _live_through(house, clock, readers=readers, progress=progress)
    result = _result(house, folder, already=already)
    house.database.close()
    return result


def this_week(folder: Path, now: dt.datetime | None = None) -> Path:
    """The sample site as of now, in the week that is running; returns its folder of schedules."""
    now = now or utc_now()
    today = now.date()
    sunday = today + dt.timedelta(days=(6 - today.weekday()) % 7)
    return site.materialise(folder / "site", week=sunday, until=now).schedules


def _monday() -> dt.datetime:
    return dt.datetime.combine(WEEK, dt.time(6), dt.UTC) - dt.timedelta(days=6)


def _house(folder: Path, schedules: Path, clock: SimulatedClock) -> House:
    settings = Settings(data=folder / "data", schedules=schedules, provider="outbox")
    return open_house(settings, clock)


def _live_through(house: House, clock: SimulatedClock, *, readers: int, progress: Progress) -> None:
    """Monday to Sunday: readers sign up, articles come in, the moments pass, the mail goes out."""
    reconcile(house, now=clock())
    _sign_up(house, readers, clock(), progress)
    for moment in _moments_of(house):
        clock.now = moment.at
        if moment.polls:
            _poll(house, clock(), progress)
        reconcile(house, now=clock(), progress=progress)
        sender.drain(house, progress=progress, until_empty=True)
    reconcile(house, now=clock(), progress=progress)
    progress("finish", 1, 1)


@dataclass(frozen=True, slots=True)
class _Moment:
    at: dt.datetime
    polls: bool = False


def _moments_of(house: House) -> Iterator[_Moment]:
    calendar = house.schedule(NEWSLETTER).calendar
    moments: Moments = calendar.moments(WEEK)
    second = dt.timedelta(seconds=1)
    yield _Moment(moments.draft_at + second, polls=True)
    yield _Moment(moments.remind_at + second)
    yield _Moment(moments.deadline_at + second)
    yield _Moment(moments.send_at + second)


def _sign_up(house: House, count: int, now: dt.datetime, progress: Progress) -> None:
    progress("readers", 0, count)
    rows = [(addresses.parse(raw), name) for name, raw in sample_readers.readers(count)]
    with house.database.write() as session:
        subscribers.import_confirmed(session, NEWSLETTER, rows, key=house.key, now=now)
    progress("readers", count, count)


def _poll(house: House, now: dt.datetime, progress: Progress) -> None:
    schedule = house.schedule(NEWSLETTER)
    intervals = {source.key: source.every for source in schedule.sources}
    sources = house.sources(NEWSLETTER)
    polled = intake.poll(house.database, sources, intervals, now=now, force=True, progress=progress)
    broken = [one for one in polled if one.error]
    if broken:
        raise DigestError(f"the sample site could not be read: {broken[0].error}")


def _issue(house: House) -> Issue | None:
    with house.database.read() as session:
        return issues.get(session, NEWSLETTER, WEEK.isoformat())


def _result(house: House, folder: Path, *, already: bool) -> DemoResult:
    issue = _issue(house)
    if issue is None or issue.content is None or issue.edition is None or issue.approval is None:
        raise DigestError(f"the demo's issue was not sent: {issue.reason if issue else 'no issue'}")
    with house.database.read() as session:
        counts = ledger.counts(session, issue.id)
    deliveries = {str(state): n for state, n in counts.items()}
    html, text, eml = write_sample(house, issue, folder / "mail")
    return DemoResult(
        name=house.schedule(NEWSLETTER).newsletter.name,
        content=issue.content,
        checksum=issue.edition.checksum,
        approved_by=issue.approval.by,
        audience=sum(deliveries.values()),
        deliveries=deliveries,
        paths={"html": html, "text": text, "eml": eml, "outbox": (house.data / "outbox").resolve()},
        already=already,
        complete=issue.status is IssueStatus.SENT and issue.content.coverage.adds_up,
    )
