"""An operator hears of a risk once and once more when it is over; a dead-man's ping stops where all is not well."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from digest import alarm, render, worker
from digest.bootstrap import House
from digest.errors import FetchError
from digest.risks import Risk
from digest.store import heartbeats, issues, notices
from digest.store.engine import Database
from digest.vigilance import Vigilance
from tests import sample_issue
from tests.houses import MONDAY, SUNDAY, make_house

MINUTE = dt.timedelta(minutes=1)
DISK = Risk("disk", "The disk is nearly full", "9 MB are free", 5 * MINUTE)
FEED = Risk("source sunday/feed", "The source fails", "for 7 hours")


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    vigilance = Vigilance(
        operators=("ops@gazette.example", "night@gazette.example"),
        ping_url="https://ping.example/abc",
    )
    return dataclasses.replace(make_house(sqlite, tmp_path), vigilance=vigilance)


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> list[Risk]:
    """What stands: the test changes it."""
    found: list[Risk] = []
    monkeypatch.setattr(alarm, "standing", lambda house, now: iter(list(found)))
    return found


def mails(house: House) -> list[tuple[str, str]]:
    with house.database.read() as session:
        return [(one.address, one.data["summary"]) for one in notices.queued(session)]


def looked(house: House, minutes: int) -> tuple[list[str], list[str]]:
    return alarm.look(house, now=MONDAY + minutes * MINUTE)


def test_each_operator_has_one_mail_a_risk_and_one_when_it_is_over(
    house: House, stand: list[Risk]
) -> None:
    stand.append(FEED)
    assert looked(house, 0) == ([FEED.key], [])
    for minute in range(1, 600):
        assert looked(house, minute) == ([], [])
    stand.clear()
    for minute in range(600, 629):
        assert looked(house, minute) == ([], [])
    assert looked(house, 629) == ([], [FEED.key])
    assert looked(house, 700) == ([], [])
    assert mails(house) == [
        ("ops@gazette.example", "The source fails"),
        ("night@gazette.example", "The source fails"),
        ("ops@gazette.example", "Over again: The source fails"),
        ("night@gazette.example", "Over again: The source fails"),
    ]


def test_several_at_once_are_one_mail(house: House, stand: list[Risk]) -> None:
    stand += [FEED, dataclasses.replace(DISK, patience=dt.timedelta(0))]
    looked(house, 0)
    assert [summary for _, summary in mails(house)] == ["The source fails (and 1 more)"] * 2


def test_what_comes_and_goes_is_one_risk_and_what_was_never_told_has_no_end(
    house: House, stand: list[Risk]
) -> None:
    for minute in range(0, 240, 10):  # ten minutes bad, ten minutes good
        stand[:] = [FEED] if minute // 10 % 2 == 0 else []
        looked(house, minute)
    assert len(mails(house)) == 2
    stand[:] = [DISK]
    looked(house, 240)
    looked(house, 244)
    stand.clear()
    looked(house, 300)
    assert len(mails(house)) == 4  # the feed is over; the disk was never told
    assert looked(house, 400) == ([], [])


def test_patience_is_counted_from_when_it_began(house: House, stand: list[Risk]) -> None:
    stand.append(DISK)
    assert [looked(house, minute)[0] for minute in (0, 4, 5, 6)] == [[], [], ["disk"], []]


def test_a_program_that_begins_after_the_cut_off_makes_the_draft_before_anybody_is_told(
    house: House,
) -> None:
    moments = house.schedule("sunday").calendar.moments(SUNDAY)
    with house.database.write() as session:
        issues.open_issue(session, "sunday", moments, now=MONDAY)
    began = moments.draft_at + 40 * MINUTE
    assert alarm.look(house, now=began) == ([], [])
    assert alarm.look(house, now=began + MINUTE) == ([], [])
    told, _ = alarm.look(house, now=began + 2 * MINUTE)
    assert told == [f"draft sunday/{SUNDAY}"], "by then it is missed indeed"


def test_the_time_that_the_program_was_off_is_no_patience(house: House, stand: list[Risk]) -> None:
    stand.append(Risk("reconcile", "Nobody looks at the clock", "since noon", MINUTE))
    assert looked(house, 0) == ([], []), "at the first start: a moment later somebody looks"
    assert looked(house, 600) == ([], []), "and so at the second one, ten hours later"
    assert looked(house, 601) == (["reconcile"], [])


def test_two_workers_that_look_at_once_tell_it_once(house: House, stand: list[Risk]) -> None:
    stand.append(FEED)
    looked(house, 0)
    other = dataclasses.replace(house, database=Database(house.database.url))
    assert alarm.look(other, now=MONDAY) == ([], [])
    other.database.close()


def test_without_an_operator_it_stands_in_the_log_alone(house: House, stand: list[Risk]) -> None:
    nobody = dataclasses.replace(house, vigilance=Vigilance())
    stand.append(FEED)
    assert looked(nobody, 0) == ([FEED.key], [])
    assert mails(house) == []


@pytest.mark.parametrize("over", ["", "The disk is nearly full."])
def test_the_mail_says_what_stands_and_what_is_over(over: str) -> None:
    data = {
        "summary": "The source fails",
        "standing": "The source fails: for 7 hours <b>.\nAnother: too.",
        "over": over,
        "desk_url": "http://127.0.0.1:8000/desk",
    }
    mail = render.render_notice(
        "risk", data, sample_issue.schedule(), public_url="http://127.0.0.1:8000"
    )
    assert mail.subject == "The source fails: The Sunday Catchup"
    assert "for 7 hours &lt;b&gt;." in mail.html
    assert "The source fails: for 7 hours <b>." in mail.text
    assert ("Over again" in mail.text) == bool(over)
    assert ("The disk is nearly full." in mail.html) == bool(over)


# ---------------------------------------------------------------- the ping


def well(house: House, minutes: float) -> bool:
    now = MONDAY + minutes * MINUTE
    with house.database.write() as session:
        heartbeats.beat(session, "reconcile", now=now)
    return alarm.is_time_to_ping(house, now=now)


def test_a_ping_is_made_every_five_minutes_while_all_is_well(
    house: House, stand: list[Risk]
) -> None:
    assert [well(house, minutes) for minutes in (0, 1, 4.9, 5, 9, 10)] == [
        *(True, False, False),
        *(True, False, True),
    ]


def test_it_stops_for_what_keeps_an_issue_from_going_out_and_for_nothing_else(
    house: House, stand: list[Risk], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.append(FEED)
    looked(house, 0)
    assert well(house, 1)
    stand.append(dataclasses.replace(DISK, patience=dt.timedelta(0)))
    looked(house, 2)
    assert not well(house, 20)
    stand.remove(stand[1])
    looked(house, 60)
    assert well(house, 61)
    assert not alarm.is_time_to_ping(house, now=MONDAY + 200 * MINUTE)  # nobody reconciled


def test_the_worker_asks_the_address_after_reconcile_and_outlives_its_silence(
    house: House, stand: list[Risk], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(url: str, **given: object) -> None:
        asked.append(url)
        raise FetchError(url, "no answer")

    monkeypatch.setattr(worker, "fetch", ask)
    worker.run_reconcile(house)
    worker.run_reconcile(house)
    assert asked == ["https://ping.example/abc"]
