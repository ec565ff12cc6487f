"""Two weeks of a house in about a minute: `python bench/two_weeks.py [--readers 500] [--step 20] [--seed N] [--postgres]`.

The clock is the program's own, set from outside: from a Monday to the second one after it, over the night when Europe's clocks go
back. Stories come in by day; each step polls, reconciles, sends, counts and looks for risks as a worker does. Meanwhile
things break, as `PLAN` says: sources fail and fall silent, the relay is away, records of DNS go, backups are
forgotten, the machine is off, and the sender is killed (`kill -9`) in the middle of both sends. Then it is told how many
issues went out, whether each reader has each of them once (or is named as uncertain), and every mail to the operator. --seed: what breaks on weekdays breaks up to two hours
earlier or later, and the senders are killed after other numbers of messages.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import datetime as dt
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import postgres
from digest import alarm, backup, dns_watch, logs, measures, worker
from digest.audience import addresses
from digest.backup import Kept
from digest.bootstrap import House
from digest.cli.screen import Stages
from digest.delivery import ledger, lines, sender
from digest.domains.records import Finding
from digest.errors import FetchError, TryLater
from digest.model import IncomingArticle, IssueStatus
from digest.protocols import Collected, Feed, PollState, Progress, Source, silent
from digest.store import issues, migrate, sends, subscribers
from digest.store.engine import Database
from digest.vigilance import Vigilance
from tests.houses import SCHEDULE, SetClock, make_house

ROOT = Path(__file__).resolve().parents[1]
HOUR, DAY, MINUTE = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(minutes=1)

#: The night from 24 to 25 October 2026 is 25 hours long in London; the send of that Sunday is at 08:00 GMT.
START = dt.datetime(2026, 10, 12, 6, tzinfo=dt.UTC)
END = dt.datetime(2026, 10, 26, 6, tzinfo=dt.UTC)
OPERATOR = "ops@gazette.example"

SOURCES = """[[sources]]
key = "desk"
kind = "feed"
url = "https://gazette.example/desk"
every = "1h"

[[sources]]
key = "harbour"
kind = "feed"
url = "https://gazette.example/harbour"
every = "1h"
"""
_DECLARED = '[[sources]]\nkey = "desk"\nkind = "api"\n'


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 10, day, hour, minute, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """What is broken from when until when, and the risk that the operator must hear of; empty: none."""

    what: str
    since: dt.datetime
    until: dt.datetime
    risk: str = ""


PLAN = (
    Span("desk fails", at(13, 9), at(13, 19), "source sunday/desk"),
    Span("harbour fails", at(14, 9), at(14, 11)),
    Span("relay", at(18, 6, 50), at(18, 7, 50), "providers"),
    Span("harbour is silent", at(19, 6), at(21, 18), "source sunday/harbour"),
    Span("off", at(20, 1), at(20, 4)),
    Span("backups", at(15, 12), at(17, 18), "backup"),
    Span("dns", at(21, 12), at(23, 12), "dns spf gazette.example"),
    Span("off", at(25, 7, 55), at(25, 9, 20)),
    Span("relay", at(25, 9, 18), at(25, 9, 24)),
)
#: Sends whose first senders are killed after so many messages.
KILLED = {"2026-10-18": (40, 25), "2026-10-25": (60,)}


Killed = Mapping[str, tuple[int, ...]]


def varied(seed: int) -> tuple[tuple[Span, ...], Killed]:
    """The plan with other hours and other kills; 0: as it stands."""
    if not seed:
        return PLAN, KILLED
    rng = random.Random(seed)
    moved = (
        rng.randrange(-6, 7) * 20 * MINUTE if one.since.weekday() != 6 else 0 * MINUTE
        for one in PLAN
    )
    plan = tuple(
        dataclasses.replace(one, since=one.since + by, until=one.until + by)
        for one, by in zip(PLAN, moved, strict=True)
    )
    return plan, {
        period: tuple(rng.randrange(5, 120) for _ in counts) for period, counts in KILLED.items()
    }


@dataclass
class World:
    """What is broken when. The clock is the house's."""

    plan: tuple[Span, ...]
    clock: SetClock

    def broken(self, what: str) -> bool:
        return any(
            one.what == what and one.since <= self.clock.now < one.until for one in self.plan
        )


@dataclass
class Paper:
    """A source with a story every `every` hours by day, and what it has had in the last hours."""

    key: str
    every: int
    world: World

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        if self.world.broken(f"{self.key} fails"):
            raise FetchError(f"https://gazette.example/{self.key}", "503 Service Unavailable")
        return Collected(tuple(self._stories(now)))

    def _stories(self, now: dt.datetime) -> Iterator[IncomingArticle]:
        hour = (now - 14 * HOUR).replace(minute=0, second=0, microsecond=0)
        while hour <= now:
            by_day = 7 <= hour.hour <= 19 and hour.hour % self.every == 0
            if by_day and not self._is_silent(hour):
                yield self._story(hour)
            hour += HOUR

    def _is_silent(self, hour: dt.datetime) -> bool:
        name = f"{self.key} is silent"
        return any(one.what == name and one.since <= hour < one.until for one in self.world.plan)

    def _story(self, hour: dt.datetime) -> IncomingArticle:
        stem = f"{self.key}{hour:%d%H}"
        words = " ".join(f"{stem}w{number}" for number in range(60))
        return IncomingArticle(
            source=self.key,
            source_id=stem,
            url=f"https://gazette.example/{stem}",
            title=f"The {stem} story",
            text=words.capitalize() + ".",
            published_at=hour,
        )


@dataclass
class Relay:
    """A provider that writes down who had a copy of which issue before it says so; `die_after`: and is killed then."""

    folder: Path
    world: World
    die_after: int = 0
    name: str = "smtp"
    channels: int = 4
    in_flight: int = 1
    replays: bool = False
    replay_s: float = 0.0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Relay]:
        if self.world.broken("relay"):
            raise TryLater("no connection to the relay", counts=False)
        yield self

    async def run(self, feed: Feed) -> None:
        path = self.folder / f"left-{self.world.clock.now:%Y-%m-%d}"
        with path.open("ab", buffering=0) as file:
            while await feed.more():
                message = feed.next()
                if message is None:
                    continue
                feed.handed(message)
                file.write(f"{message.recipient}\n".encode())
                await asyncio.sleep(0)
                self.die_after -= 1
                if self.die_after == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                feed.accepted(message)


class Simulated(House):
    """A house whose sources are papers."""

    __slots__ = ()

    def sources(self, newsletter: str) -> tuple[Source, ...]:
        assert isinstance(self.provider, Relay)
        world = self.provider.world
        return Paper("desk", 3, world), Paper("harbour", 4, world)


def opened(url: str, folder: Path, world: World, *, die_after: int = 0) -> House:
    """The house at the world's clock."""
    schedule = SCHEDULE.replace(_DECLARED, SOURCES)
    made = make_house(Database(url), folder, schedule=schedule)
    fields = {one.name: getattr(made, one.name) for one in dataclasses.fields(made)}

    def dns() -> Iterator[Finding]:
        gone = world.broken("dns")
        yield Finding("spf gazette.example", not gone, "no record" if gone else "v=spf1")
        yield Finding("dkim gazette.example", False, "never there")

    vigilance = Vigilance(operators=(OPERATOR,), backup_every=26 * HOUR, ask_dns=dns)
    fields |= {"provider": Relay(folder, world, die_after), "clock": world.clock}
    fields |= {"vigilance": vigilance, "retry_base_s": 60.0}
    return Simulated(**fields)


@dataclass
class Told:
    """What became of it. mails: (moment, keys that are new, keys that are over) of each mail to the operator."""

    mails: list[tuple[dt.datetime, tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    pings: int = 0
    steps: int = 0
    kills: int = 0
    issues: dict[str, dict[str, int]] = field(default_factory=dict)
    sent_at: dict[str, dt.datetime] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Fortnight:
    """The weeks, step by step."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        readers: int,
        plan: tuple[Span, ...] = PLAN,
        killed: Killed = KILLED,
        progress: Progress = silent,
    ) -> None:
        self.url, self.folder, self.readers, self.progress = url, folder, readers, progress
        self.world = World(plan, SetClock(START))
        self.told = Told()
        self._planned = killed
        self._killed: Counter[str] = Counter()
        self._backed_up = START.date()

    def run(self, start: dt.datetime, end: dt.datetime, step: dt.timedelta) -> Told:
        """From start to end; what is wrong in the end stands in `wrong`."""
        self.world.clock.now = start
        self.house = opened(self.url, self.folder, self.world)
        migrate.upgrade(self.house.database)
        rows = [(addresses.parse(f"reader{n}@example.net"), "") for n in range(self.readers)]
        with self.house.database.write() as session:
            subscribers.import_confirmed(
                session, "sunday", rows, key=self.house.key, now=start - 30 * DAY
            )
        while self.world.clock.now < end:
            self.progress("hours", (self.world.clock.now - start) // HOUR, (end - start) // HOUR)
            if not self.world.broken("off"):
                self._step()
            self.world.clock.now += self._pace(step)
        self._judge(start, end)
        self.house.database.close()
        return self.told

    def _pace(self, step: dt.timedelta) -> dt.timedelta:
        """Finer around the hours of a Sunday morning, where things happen."""
        now = self.world.clock.now
        fine = now.weekday() == 6 and 6 <= now.hour < 10
        return min(step, 5 * MINUTE) if fine else step

    def _step(self) -> None:
        house, now = self.house, self.world.clock.now
        self.told.steps += 1
        worker.run_polls(house)
        worker.run_reconcile(house)
        if self._send():  # as a worker does after a drain that handed something over
            worker.run_reconcile(house)
        if now.minute == 0:
            worker.run_tidying(house)
        self._back_up(now)
        measures.refresh(house.database, ["sunday"], now=now)
        dns_watch.look(house.database, house.vigilance, now=now)
        new, over = alarm.look(house, now=now)
        if new or over:
            self.told.mails.append((now, tuple(new), tuple(over)))

    def _back_up(self, now: dt.datetime) -> None:
        """Every night at three; a night that the machine was off is made up for, as ops/digest-backup.timer does."""
        if now.hour >= 3 and self._backed_up != now.date() and not self.world.broken("backups"):
            self._backed_up = now.date()
            kept = Kept(self.house.database, self.house.data, self.house.data / "schedules")
            backup.make(kept, self.folder / "backups", now=now, keep=2)

    def _send(self) -> bool:
        """As far as it goes now; where the plan says so by a sender that is killed, and then no other comes before the next step.

        True where anything left.
        """
        with self.house.database.read() as session:
            found = sends.unfinished(session)
            periods = [issues.by_id(session, one.issue_id).period for one in found]
        for period in periods:
            planned = self._planned.get(period, ())[self._killed[period] :]
            if planned and not self.world.broken("relay"):
                self._killed[period] += 1
                self._send_and_die(planned[0])
                return True
        return bool(sender.drain(self.house).handed_over)

    def _send_and_die(self, after: int) -> None:
        self.house.database.close()
        words = [self.url, str(self.folder), self.world.clock.now.isoformat(), str(after)]
        command = [sys.executable, "-m", "bench.two_weeks", "--sender", *words]
        done = subprocess.run(  # noqa: S603  ourselves
            command, cwd=ROOT, capture_output=True, check=False
        )
        if done.returncode == -signal.SIGKILL:
            self.told.kills += 1
        else:
            self.told.wrong.append(f"a sender was not killed: {done.stderr.decode()[-500:]}")

    # ------------------------------------------------------------ what became of it

    def _judge(self, start: dt.datetime, end: dt.datetime) -> None:
        self._judge_issues()
        sundays = {day.isoformat() for day in _sundays(start, end)}
        if set(self.told.issues) != sundays:
            self.told.wrong.append(f"issues {sorted(self.told.issues)}, expected {sorted(sundays)}")
        expected = Counter(
            one.risk for one in self.world.plan if one.risk and start <= one.since < end
        )
        for what, place in (("told", 1), ("over", 2)):
            found = Counter(key for mail in self.told.mails for key in mail[place])
            if found != expected:
                self.told.wrong.append(f"{what}: {dict(found)}, expected {dict(expected)}")
        left = Counter(
            one for path in self.folder.glob("left-*") for one in path.read_text().split()
        )
        if left[OPERATOR] != len(self.told.mails):
            self.told.wrong.append(
                f"{left[OPERATOR]} mails reached the operator of {len(self.told.mails)}"
            )

    def _judge_issues(self) -> None:
        """Every reader has each issue once, or is named as uncertain; nobody twice."""
        everybody = {f"reader{n}@example.net" for n in range(self.readers)}
        with self.house.database.read() as session:
            found = issues.recent(session, "sunday", limit=10)
            over = [one for one in found if one.status is not IssueStatus.DRAFT]
            for one in over:
                if one.status is not IssueStatus.SENT:
                    self.told.wrong.append(f"{one.period} is {one.status}: {one.reason}")
                    continue
                self.told.issues[one.period] = ledger.counts(session, one.id)
                self.told.sent_at[one.period] = sends.of_issue(session, one.id).started_at
                lines = {line.address: line.state for line in ledger.lines(session, one.id)}
                self._judge_copies(one.period, everybody, lines)

    def _judge_copies(self, period: str, everybody: set[str], lines: dict[str, str]) -> None:
        copies = Counter((self.folder / f"left-{period}").read_text().split())
        twice = [one for one in everybody if copies[one] > 1]
        lost = [one for one in everybody if not copies[one] and lines.get(one) != "uncertain"]
        lied = [one for one, state in lines.items() if state == "accepted" and not copies[one]]
        for what, who in (("twice", twice), ("lost", lost), ("accepted without a copy", lied)):
            if who:
                self.told.wrong.append(f"{period}: {len(who)} {what}, as {who[0]}")


def _sundays(start: dt.datetime, end: dt.datetime) -> Iterator[dt.date]:
    """Those whose send is between two moments."""
    for number in range((end - start).days + 2):
        day = start.date() + number * DAY
        if day.weekday() == 6 and start < _at_send(day) < end:
            yield day


def _at_send(day: dt.date) -> dt.datetime:
    """Eight in London."""
    return dt.datetime.combine(day, dt.time(8), ZoneInfo("Europe/London"))


def be_a_sender(url: str, folder: str, now: str, die_after: str) -> None:
    """The child: sends, and kills itself after so many messages."""
    world = World(PLAN, SetClock(dt.datetime.fromisoformat(now)))
    sender.drain(opened(url, Path(folder), world, die_after=int(die_after)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=500)
    parser.add_argument("--step", type=int, default=20, help="minutes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--sender", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    logs.set_up("CRITICAL")
    lines.LONGEST_PAUSE_S = 0.02  # a relay that is away is waited for by real clocks
    if given.sender:
        be_a_sender(*given.sender)
        return
    folder = Path(tempfile.mkdtemp(prefix="digest-two-weeks-"))
    begun, busy = time.perf_counter(), time.process_time()
    try:
        with ExitStack() as stack:
            progress = stack.enter_context(Stages())
            if given.postgres:
                url = stack.enter_context(postgres.started())
            else:
                url = f"sqlite:///{folder / 'digest.db'}"
            plan, killed = varied(given.seed)
            weeks = Fortnight(
                url, folder, readers=given.readers, plan=plan, killed=killed, progress=progress
            )
            told = weeks.run(START, END, given.step * MINUTE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(told, time.perf_counter() - begun, time.process_time() - busy)
    sys.exit(1 if told.wrong else 0)


def show(told: Told, seconds: float, busy: float) -> None:
    """busy: seconds of the processor, without the senders that were killed."""
    print(
        f"{told.steps} steps in {seconds:.0f} s, {busy:.0f} s of the processor; {told.kills} kills"
    )
    for period, counts in sorted(told.issues.items()):
        states = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
        print(f"issue {period}: began {told.sent_at[period]:%a %d %b %H:%M} UTC; {states}")
    for moment, new, over in told.mails:
        said = [*new, *(f"over: {key}" for key in over)]
        print(f"mail {moment:%a %d %b %H:%M} UTC: {'; '.join(said)}")
    print(
        "all is as it should be" if not told.wrong else "\n".join(f"WRONG {w}" for w in told.wrong)
    )


if __name__ == "__main__":
    main()
