"""What follows from reports: who is suppressed, who is left alone, and that no order or repetition matters."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import delete, select
from sqlmodel import col

from digest.delivery import ledger, refusals, reports
from digest.model import DeliveryState, ReportKind, SubscriptionStatus
from digest.store import consents, events, issues, moves, subscribers
from digest.store.engine import Database
from digest.store.tables import ReportRow, SubscriberRow, SuppressionRow
from tests.delivery.weeks import ALICE, BOB, Weeks
from tests.houses import make_house

BOUNCED, COMPLAINED = ReportKind.BOUNCED, ReportKind.COMPLAINED
HARD = "5.1.1"


@pytest.fixture
def weeks(database: Database, tmp_path: Path) -> Weeks:
    return Weeks.begin(make_house(database, tmp_path))


@pytest.fixture
def sqlite_weeks(sqlite: Database, tmp_path: Path) -> Weeks:
    return Weeks.begin(make_house(sqlite, tmp_path))


class Kept(NamedTuple):
    """What is stored of one event."""

    subscriber_id: int | None
    status: str
    detail: str
    raw: str


def rows(weeks: Weeks) -> list[Kept]:
    columns = [getattr(ReportRow, name) for name in Kept._fields]
    with weeks.house.database.read() as session:
        return [Kept(*row) for row in session.execute(select(*columns).order_by(col(ReportRow.id)))]


def reasons(weeks: Weeks) -> set[str]:
    with weeks.house.database.read() as session:
        return set(session.scalars(select(col(SuppressionRow.reason))))


def erase(weeks: Weeks) -> None:
    with (
        weeks.house.database.write() as session,
        consents.erasing(session, [weeks.alice]),
    ):
        session.execute(delete(SubscriberRow).where(col(SubscriberRow.id) == weeks.alice))


# ---------------------------------------------------------------- what suppresses


def test_a_hard_bounce_suppresses_at_once_and_only_its_reader(weeks: Weeks) -> None:
    weeks.send(0)
    done = weeks.take(weeks.report(0, status=HARD))
    assert done.suppressed == 1
    assert weeks.is_suppressed()
    assert not weeks.is_suppressed(BOB)
    assert reasons(weeks) == {"hard_bounce"}


def test_a_complaint_suppresses_at_once_and_the_reader_has_left(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.take(weeks.report(0, COMPLAINED))
    assert reasons(weeks) == {"complaint"}
    with weeks.house.database.read() as session:
        assert subscribers.status(session, weeks.alice, "sunday") is SubscriptionStatus.UNSUBSCRIBED


def test_a_wish_to_leave_ends_the_subscription_and_suppresses_nobody(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.take(weeks.report(0, ReportKind.UNSUBSCRIBED))
    assert not weeks.is_suppressed()
    with weeks.house.database.read() as session:
        assert subscribers.status(session, weeks.alice, "sunday") is SubscriptionStatus.UNSUBSCRIBED


@pytest.mark.parametrize("kind", [ReportKind.UNSUBSCRIBED, COMPLAINED])
def test_who_wants_to_leave_by_an_old_copy_leaves_where_they_have_moved_to(
    weeks: Weeks, kind: ReportKind
) -> None:
    weeks.send(0)
    with weeks.house.database.write() as session:
        moved = subscribers.by_address(session, BOB)
        assert moved is not None
        moves.leave_to(session, weeks.alice, moved.id, "sunday", now=weeks.house.clock())
    weeks.take(weeks.report(0, kind))
    assert not weeks.is_suppressed(BOB)
    with weeks.house.database.read() as session:
        assert subscribers.status(session, moved.id, "sunday") is SubscriptionStatus.UNSUBSCRIBED


def test_three_issues_in_a_row_that_came_back_suppress(weeks: Weeks) -> None:
    weeks.send(0, 1, 2)
    for number in (0, 1):
        weeks.take(weeks.report(number, status="4.2.2"))
    assert not weeks.is_suppressed()
    weeks.take(weeks.report(2, status="4.2.2"))
    assert reasons(weeks) == {"soft_bounce"}


def test_the_same_issue_coming_back_three_times_is_one(weeks: Weeks) -> None:
    weeks.send(0, 1)
    for number, turn in itertools.product((0, 1), range(5)):
        weeks.take(weeks.report(number, event_id=f"{number}/{turn}"))
    assert not weeks.is_suppressed()


def test_an_issue_that_arrived_heals(weeks: Weeks) -> None:
    weeks.send(0, 1, 2, 3)
    for number in (0, 1, 3):
        weeks.take(weeks.report(number))
    assert not weeks.is_suppressed()


def test_a_copy_that_the_relay_gave_up_counts_with_those_that_came_back(weeks: Weeks) -> None:
    weeks.send(0, state=DeliveryState.FAILED, reply="452 4.2.2 mailbox full")
    assert refusals.judge_all(weeks.house.database, key=weeks.house.key, now=weeks.now) == 1
    weeks.send(1, 2)
    weeks.take(weeks.report(1), weeks.report(2))
    assert weeks.is_suppressed()


def test_a_copy_refused_for_what_we_are_counts_neither_way(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.send(1, state=DeliveryState.FAILED, reply="550 5.7.1 rejected by policy")
    weeks.send(2)
    weeks.take(weeks.report(0), weeks.report(2))
    assert not weeks.is_suppressed()


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_in_whatever_order_they_come_the_end_is_the_same(
    sqlite_weeks: Weeks, order: tuple[int, ...]
) -> None:
    weeks = sqlite_weeks
    weeks.send(0, 1, 2, 3)
    told = [weeks.report(0), weeks.report(1, status="5.7.1"), weeks.report(2), weeks.report(3)]
    for number in order:
        weeks.take(told[number])
        weeks.take(told[number])
    assert not weeks.is_suppressed()
    assert [weeks.after(n) for n in range(4)] == ["soft", "ours 5.7.1", "soft", "soft"]


# ---------------------------------------------------------------- what speaks of us


@pytest.mark.parametrize("status", ["5.7.1", "4.7.28", "5.7.26", "5.7.515", "5.6.0", "5.3.4"])
def test_codes_about_the_sender_never_touch_a_reader_and_are_told(
    sqlite_weeks: Weeks, status: str
) -> None:
    weeks = sqlite_weeks
    weeks.send(0, 1, 2)
    weeks.take(*(weeks.report(number, status=status) for number in range(3)))
    assert not weeks.is_suppressed()
    with weeks.house.database.read() as session:
        found = [one for one in events.recent(session, limit=10) if one.action == "policy bounce"]
    assert len(found) == 3
    assert found[0].data == {"status": status, "count": 1}


def test_a_flood_of_them_is_told_at_the_first_the_tenth_and_the_hundredth(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.take(*(weeks.report(0, status="5.7.1", event_id=str(n)) for n in range(150)))
    with weeks.house.database.read() as session:
        found = [e.data["count"] for e in events.recent(session, limit=9) if "policy" in e.action]
    assert sorted(found) == [1, 10, 100]


# ---------------------------------------------------------------- once


def test_an_event_told_twice_counts_once(weeks: Weeks) -> None:
    weeks.send(0)
    first = weeks.take(weeks.report(0, status=HARD), weeks.report(0, status=HARD))
    again = weeks.take(weeks.report(0, status=HARD))
    assert (first.known, again.known) == (1, 1)
    assert len(rows(weeks)) == 1


def test_the_gravest_outcome_stands_beside_the_ledger_whichever_came_last(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.take(weeks.report(0, COMPLAINED), weeks.report(0, status="4.2.2"))
    assert weeks.after(0) == "complaint"


def test_the_ledgers_own_state_stays_and_shows_what_came_after(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.take(weeks.report(0, status=HARD))
    with weeks.house.database.read() as session:
        issue = issues.recent(session, "sunday", limit=1)[0]
        found = {one.address: (one.state, one.after) for one in ledger.lines(session, issue.id)}
        assert ledger.after(session, issue.id) == {"hard": 1}
    assert found == {ALICE: ("accepted", "hard 5.1.1"), BOB: ("accepted", "")}


def test_deliveries_are_not_kept_but_settle_a_doubt(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.send(1, state=DeliveryState.UNCERTAIN, reply="handed over")
    told = [weeks.report(number, ReportKind.DELIVERED) for number in (0, 1)]
    weeks.take(*told, weeks.report(0, ReportKind.DEFERRED))
    assert rows(weeks) == []
    assert (weeks.after(0), weeks.after(1)) == ("", "delivered")


def test_what_means_nothing_is_kept_and_does_nothing(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.take(weeks.report(0, ReportKind.OTHER, raw='{"opened": true}'))
    assert [row.raw for row in rows(weeks)] == ['{"opened": true}']
    assert weeks.after(0) == ""


# ---------------------------------------------------------------- whose it is


def test_a_forged_ref_in_a_mail_names_nobody_whatever_address_stands_in_it(weeks: Weeks) -> None:
    weeks.send(0)
    for ref in ("", f"{weeks.handle}.{'a' * 16}", "nobody." + "b" * 16, "ünï"):
        report = weeks.report(0, status=HARD, provider="mailbox", ref=ref, address=ALICE)
        done = weeks.take(report)
        assert done.strangers == 1
    assert not weeks.is_suppressed()
    assert rows(weeks) == []


def test_an_address_from_a_provider_is_believed_and_meets_the_last_copy(weeks: Weeks) -> None:
    weeks.send(0, 1)
    weeks.take(weeks.report(1, status=HARD, ref="", address="ALICE@reader.example"))
    assert weeks.is_suppressed()
    assert (weeks.after(0), weeks.after(1)) == ("", "hard 5.1.1")


def test_an_unknown_address_is_a_stranger_and_its_event_is_kept(weeks: Weeks) -> None:
    weeks.send(0)
    report = weeks.report(0, status=HARD, ref="x", address="zoe@reader.example")
    assert weeks.take(report).strangers == 1
    assert [row.subscriber_id for row in rows(weeks)] == [None]
    assert weeks.take(report).known == 1


@pytest.mark.parametrize("change", [str.lower, str.upper], ids=["lower", "upper"])
def test_a_ref_whose_case_a_server_has_changed_is_still_read(weeks: Weeks, change: object) -> None:
    weeks.send(0)
    ref = weeks.ref(0).lower() if change is str.lower else weeks.ref(0).upper()
    weeks.take(weeks.report(0, status=HARD, provider="mailbox", ref=ref))
    assert weeks.is_suppressed()


def test_a_ref_of_an_edition_of_long_ago_is_nobodys_news(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.set_clock(weeks.now + reports.OLDEST)
    weeks.take(weeks.report(0, status=HARD, provider="mailbox"))
    assert not weeks.is_suppressed()


def test_a_mail_about_another_address_tells_of_a_forwarding(weeks: Weeks) -> None:
    weeks.send(0)
    weeks.take(weeks.report(0, status=HARD, provider="mailbox", address="gone@elsewhere.example"))
    assert not weeks.is_suppressed()
    assert weeks.after(0) == "soft 5.1.1"


def test_odd_values_from_outside_are_made_sane(weeks: Weeks) -> None:
    weeks.send(0)
    odd = weeks.report(0, status="9.9.9 <b>", detail="\0 \ud800 <script>", raw="\0" * 70_000)
    weeks.take(
        odd, weeks.report(0, event_id="x" * 5000 + "\n\0"), weeks.report(0, event_id="\ud800")
    )
    kept = rows(weeks)
    assert len(kept) == 3
    assert kept[0].status == ""
    assert "\0" not in kept[0].detail + kept[0].raw


# ---------------------------------------------------------------- forgetting


def test_an_erased_readers_event_keeps_no_words(weeks: Weeks) -> None:
    weeks.send(0)
    erase(weeks)
    done = weeks.take(weeks.report(0, status=HARD, detail=f"<{ALICE}>", raw=ALICE))
    assert done.strangers == 1
    assert [(row.detail, row.raw) for row in rows(weeks)] == [("", "")]


def test_words_are_emptied_after_a_month_and_the_event_stays_known(weeks: Weeks) -> None:
    weeks.send(0)
    report = weeks.report(0, detail=ALICE, raw=ALICE)
    weeks.take(report)
    assert reports.tidy(weeks.house.database, now=weeks.now + reports.RETENTION) == 0
    later = weeks.now + reports.RETENTION + dt.timedelta(seconds=1)
    assert reports.tidy(weeks.house.database, now=later) == 1
    assert [(row.detail, row.raw) for row in rows(weeks)] == [("", "")]
    assert weeks.take(report).known == 1
