"""Mail that came back, from the mailbox to the ledger: nothing is lost by a crash, nothing counts twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from digest import worker
from digest.delivery import returns
from digest.delivery.compile import Returns, compile_edition, envelope_of
from digest.delivery.returns import BATCH, Collected
from digest.errors import Busy, FetchError
from digest.model import Message, Reader, SubscriptionStatus
from digest.store import issues, subscribers
from digest.store.engine import Database
from digest.store.tables import ReportRow
from tests.audience.mails import RETURNED, complaint, notification, plain
from tests.delivery.weeks import ALICE, Weeks
from tests.houses import make_house
from tests.providers import certificates, imap_server
from tests.queue_of import notices_of


@pytest.fixture
def weeks(database: Database, tmp_path: Path) -> Weeks:
    begun = Weeks.begin(make_house(database, tmp_path))
    begun.send(0)
    return begun


@pytest.fixture
def sqlite_weeks(sqlite: Database, tmp_path: Path) -> Weeks:
    begun = Weeks.begin(make_house(sqlite, tmp_path))
    begun.send(0)
    return begun


class Breaks(Exception):
    """The power fails."""


class Pile:
    """A mailbox in memory, which breaks when it is told to."""

    def __init__(self, *mails: bytes, breaks_at: int | None = None) -> None:
        self.mails = {str(number): mail for number, mail in enumerate(mails)}
        self.breaks_at = breaks_at
        self.settled = 0

    @contextmanager
    def open(self) -> Iterator[Pile]:
        yield self

    def letters(self) -> Iterator[tuple[str, bytes]]:
        yield from list(self.mails.items())

    def settle(self, name: str) -> None:
        if self.settled == self.breaks_at:
            raise Breaks
        self.settled += 1
        del self.mails[name]


def to(weeks: Weeks) -> str:
    return f"bounce+{weeks.ref(0)}@gazette.example"


def collect(weeks: Weeks, pile: Pile) -> Collected:
    house = weeks.house
    return returns.collect(house.database, pile, key=house.key, now=house.clock())


def kept(weeks: Weeks) -> int:
    with weeks.house.database.read() as session:
        return session.scalar(select(func.count()).select_from(ReportRow)) or 0


def test_a_hard_bounce_in_the_mailbox_suppresses_its_reader(weeks: Weeks) -> None:
    done = collect(weeks, pile := Pile(notification(to=to(weeks))))
    assert (done.mails, done.new, done.suppressed) == (1, 1, 1)
    assert weeks.is_suppressed()
    assert weeks.after(0) == "hard 5.1.1"
    assert pile.mails == {}


@pytest.mark.parametrize("by", ["envelope", "header", "complaint"])
def test_a_copy_as_it_is_really_sent_finds_its_reader_again(sqlite_weeks: Weeks, by: str) -> None:
    """By the return path of its envelope, or by nothing but the header that was returned."""
    weeks, message = sqlite_weeks, a_copy(sqlite_weeks)
    head = message.data.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n").decode("ascii") + "\n"
    mails = {
        "envelope": notification(to=message.sender, returned=""),
        "header": notification(to="bounce@gazette.example", returned=head),
        "complaint": complaint().replace(RETURNED.encode(), head.encode()),
    }
    done = collect(weeks, Pile(mails[by]))
    assert (done.strangers, done.suppressed) == (0, 1)
    assert weeks.is_suppressed()


def a_copy(weeks: Weeks) -> Message:
    """Alice's copy of the first week's issue, made as the sender makes it."""
    house = weeks.house
    with house.database.read() as session:
        rendered = issues.recent(session, "sunday", limit=1)[0].edition
    assert rendered is not None
    envelope = envelope_of(
        house.schedule("sunday"), weeks.now, "https://gazette.example", returns=house.returns
    )
    compiled = compile_edition(rendered.rendered, envelope, key=house.key)
    return compiled.message(Reader(weeks.alice, ALICE, weeks.handle, "Alice"))


def wish(weeks: Weeks, **more: str) -> bytes:
    """A mail to the address that Alice's copy offers, as the sender makes it."""
    house = dataclasses.replace(weeks.house, returns=Returns(read=True))
    copy = a_copy(dataclasses.replace(weeks, house=house))
    text = {"sender": ALICE, "subject": "unsubscribe", "text": "", **more}
    return plain(to=copy.values["leave_mail"], **text)


def test_a_mail_to_the_address_of_a_real_copy_leaves_and_a_second_one_changes_nothing(
    weeks: Weeks,
) -> None:
    pile = Pile(wish(weeks), notification(to=to(weeks)), wish(weeks))
    done = collect(weeks, pile)
    assert (done.wishes, done.left, done.new, done.silent) == (2, 1, 1, 0)
    assert standing(weeks) is SubscriptionStatus.UNSUBSCRIBED
    assert pile.mails == {}


@pytest.mark.parametrize("breaks_at", [0, 1])
def test_a_crash_before_a_wish_is_settled_changes_nothing_about_it(
    sqlite_weeks: Weeks, breaks_at: int
) -> None:
    pile = Pile(wish(sqlite_weeks), b"x", breaks_at=breaks_at)
    with pytest.raises(Breaks):
        collect(sqlite_weeks, pile)
    assert standing(sqlite_weeks) is SubscriptionStatus.UNSUBSCRIBED
    pile.breaks_at = None
    collect(sqlite_weeks, pile)
    assert standing(sqlite_weeks) is SubscriptionStatus.UNSUBSCRIBED


def test_an_answering_machine_leaves_nothing(sqlite_weeks: Weeks) -> None:
    mails = (
        wish(sqlite_weeks, more="Auto-Submitted: auto-replied\n"),
        wish(sqlite_weeks, more="Return-Path: <>\n"),
        wish(sqlite_weeks, subject="Out of office"),
    )
    done = collect(sqlite_weeks, Pile(*mails))
    assert (done.wishes, done.left, done.silent) == (0, 0, 3)
    assert standing(sqlite_weeks) is SubscriptionStatus.CONFIRMED


def standing(weeks: Weeks) -> SubscriptionStatus | None:
    with weeks.house.database.read() as session:
        return subscribers.status(session, weeks.alice, "sunday")


def test_a_text_in_a_bounce_never_names_a_reader(weeks: Weeks) -> None:
    """Whoever knows an address could else write a bounce and have its reader suppressed."""
    done = collect(weeks, Pile(notification(to="bounce@gazette.example", returned="")))
    assert (done.strangers, done.suppressed, kept(weeks)) == (1, 0, 0)
    assert not weeks.is_suppressed()


def test_mail_that_reports_nothing_is_settled_and_counted(weeks: Weeks) -> None:
    holiday = plain(sender="alice@reader.example", subject="Out of office", text="x", to=to(weeks))
    done = collect(weeks, pile := Pile(holiday, b"", b"\0\xff"))
    assert (done.mails, done.silent, done.new) == (3, 3, 0)
    assert pile.mails == {}


@pytest.mark.parametrize("breaks_at", [0, 1, BATCH, BATCH + 1])
def test_a_crash_before_a_mail_is_settled_loses_nothing_and_doubles_nothing(
    sqlite_weeks: Weeks, breaks_at: int
) -> None:
    weeks, count = sqlite_weeks, BATCH + 10
    mails = [
        notification(to=to(weeks), status="4.2.2", words="full", message_id=f"<{n}@mx>")
        for n in range(count)
    ]
    pile = Pile(*mails, breaks_at=breaks_at)
    with pytest.raises(Breaks):
        collect(weeks, pile)
    assert kept(weeks) >= breaks_at
    pile.breaks_at = None
    collect(weeks, pile)
    assert kept(weeks) == count
    assert pile.mails == {}


def test_mail_is_not_settled_where_its_report_cannot_be_kept(sqlite_weeks: Weeks) -> None:
    weeks = sqlite_weeks
    pile = Pile(notification(to=to(weeks)))
    impatient = Database(weeks.house.database.url, busy_ms=1)
    with weeks.house.database.write(), pytest.raises(Busy):
        returns.collect(impatient, pile, key=weeks.house.key, now=weeks.now)
    impatient.close()
    assert len(pile.mails) == 1


def test_a_reading_takes_at_most_so_many_and_leaves_the_rest(sqlite_weeks: Weeks) -> None:
    weeks, pile = sqlite_weeks, Pile(*[b"x"] * 7)
    house = weeks.house
    done = returns.collect(house.database, pile, key=house.key, now=weeks.now, most=5)
    assert (done.mails, len(pile.mails)) == (5, 2)


def test_a_flood_of_bounces_is_taken_in(weeks: Weeks) -> None:
    """Many bounces of one Sunday, each told twice, as after a domain is gone."""
    mails = [
        notification(to=to(weeks), status="4.4.1", words="timed out", message_id=f"<{n}@mx>")
        for n in range(800)
    ]
    done = collect(weeks, Pile(*mails, *mails))
    assert (done.mails, done.new, done.known) == (1600, 800, 800)
    assert kept(weeks) == 800
    assert not weeks.is_suppressed()


def test_the_worker_reads_the_mailbox_of_a_real_server_and_lives_on_without_it(
    sqlite_weeks: Weeks, tmp_path: Path
) -> None:
    weeks = sqlite_weeks
    with imap_server.serving(certificates.make(tmp_path)) as server:
        house = dataclasses.replace(weeks.house, mailbox=server.mailbox())
        server.put(notification(to=to(weeks)), notification(to=to(weeks)))
        worker.run_bounces(house)
        assert weeks.is_suppressed()
        assert server.unread() == 0
        worker.run_bounces(house)
    worker.run_bounces(house)
    assert kept(weeks) == 1
    assert {job.id for job in worker.alarm_clock(house).get_jobs()} >= {"run_bounces"}


def test_reading_a_mailbox_that_is_away_is_told(sqlite_weeks: Weeks, tmp_path: Path) -> None:
    away = imap_server.Served(9, certificates.make(tmp_path)).mailbox()
    with pytest.raises(FetchError):
        returns.collect(sqlite_weeks.house.database, away, key=b"", now=sqlite_weeks.now)


def test_nobody_is_mailed_because_of_a_bounce(sqlite_weeks: Weeks) -> None:
    collect(sqlite_weeks, Pile(notification(to=to(sqlite_weeks))))
    assert notices_of(sqlite_weeks.house.database, "confirm") == []
