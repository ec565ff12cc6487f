"""What threatens a Sunday is seen, each for itself, and nothing is where all is well."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from digest import measures, risks
from digest.bootstrap import House
from digest.measures import Counted, Measures
from digest.model import IncomingArticle, IssueStatus
from digest.protocols import PollState
from digest.risks import silent_for, standing
from digest.store import articles, heartbeats, issues, polls, rests, sends
from digest.store.engine import Database
from digest.store.rests import Rest
from digest.store.sends import Pause
from digest.vigilance import Vigilance
from tests.delivery.sundays import PERIOD, Post, a_house, names, put_frozen, send_of
from tests.houses import MONDAY, SCHEDULE, SUNDAY, make_house

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
FEED = 'kind = "feed"\nurl = "https://gazette.example/feed"\nevery = "1h"'


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    made = make_house(sqlite, tmp_path, schedule=SCHEDULE.replace('kind = "api"', FEED))
    with sqlite.write() as session:
        heartbeats.beat(session, "reconcile", now=MONDAY)
    return made


def found(house: House, now: dt.datetime = MONDAY) -> list[str]:
    return [risk.key for risk in standing(house, now=now)]


def beat(house: House, name: str, at: dt.datetime) -> None:
    with house.database.write() as session:
        heartbeats.beat(session, name, now=at)


def test_where_all_is_well_there_is_no_risk(house: House) -> None:
    assert found(house) == []


def test_a_draft_that_is_not_there_a_quarter_of_an_hour_after_its_hour(house: House) -> None:
    moments = house.schedule("sunday").calendar.moments(SUNDAY)
    with house.database.write() as session:
        issues.open_issue(session, "sunday", moments, now=MONDAY)
    at = moments.draft_at + 14 * dt.timedelta(minutes=1)
    beat(house, "reconcile", at)
    assert found(house, at) == []
    at += dt.timedelta(minutes=1)
    assert found(house, at) == [f"draft sunday/{PERIOD}"]
    with house.database.write() as session:
        issue = issues.get(session, "sunday", PERIOD)
        assert issue is not None
        issues.move(session, issue.id, to=IssueStatus.SKIPPED, now=at, reason="thin")
    assert found(house, at) == []


def test_a_source_that_fails_for_hours_and_not_one_that_failed_once(house: House) -> None:
    with house.database.write() as session:
        polls.record_success(session, "desk", PollState(), now=MONDAY, next_poll_at=MONDAY)
        polls.record_failure(session, "desk", "503", now=MONDAY + HOUR, next_poll_at=MONDAY)
    beat(house, "reconcile", MONDAY + 7 * HOUR)
    assert found(house, MONDAY + 7 * HOUR) == []
    with house.database.write() as session:
        polls.record_failure(session, "desk", "503", now=MONDAY + 2 * HOUR, next_poll_at=MONDAY)
    assert found(house, MONDAY + 6 * HOUR) == []
    assert found(house, MONDAY + 7 * HOUR) == ["source sunday/desk"]


def test_a_source_that_was_never_read_is_a_risk_after_four_tries(house: House) -> None:
    for number in range(4):
        assert found(house) == [], number
        with house.database.write() as session:
            polls.record_failure(session, "desk", "404", now=MONDAY, next_poll_at=MONDAY)
    assert found(house) == ["source sunday/desk"]


def weekdays(count: int) -> list[dt.datetime]:
    """Two stories a weekday before Monday, oldest first."""
    days = [MONDAY - number * DAY for number in range(1, count)]
    return sorted(day + hours * HOUR for day in days if day.weekday() < 5 for hours in (2, 8))


@pytest.mark.parametrize(
    ("times", "hours", "silent"),
    [
        (weekdays(21), 0, False),
        (weekdays(21), 24, False),
        (weekdays(21), 50, True),
        ([MONDAY - n * HOUR for n in range(200, 0, -1)], 20, False),
        ([MONDAY - n * HOUR for n in range(200, 0, -1)], 25, True),
        ([MONDAY - n * 7 * DAY for n in range(7, 0, -1)], 24 * 30, False),
        ([MONDAY] * 8, 23, False),
        ([MONDAY] * 8, 25, True),
        ([], 1000, False),
    ],
    ids=[
        "a weekend",
        "a holiday",
        "two days more",
        "a night",
        "a day of an hourly one",
        "too few to know",
        "all at once",
        "all at once and then nothing for a day",
        "never anything",
    ],
)
def test_silence_is_measured_by_a_sources_own_rhythm(
    times: list[dt.datetime], hours: int, silent: bool
) -> None:
    pause = silent_for(times, now=MONDAY + hours * HOUR)
    assert (pause is not None) == silent


@pytest.mark.parametrize("announced", [False, True], ids=["news", "and what is dated next year"])
def test_a_source_that_is_read_well_and_has_nothing_new_is_told(
    house: House, announced: bool
) -> None:
    days = [MONDAY - (2 + number) * DAY for number in range(9)]
    with house.database.write() as session:
        for number, day in enumerate((*days, MONDAY + 300 * DAY) if announced else days):
            told = IncomingArticle(
                source="desk",
                source_id=str(number),
                title="A story",
                text="It is.",
                published_at=day,
            )
            articles.save(session, told, now=days[0])
    assert found(house) == []
    with house.database.write() as session:
        polls.record_success(session, "desk", PollState(), now=MONDAY, next_poll_at=MONDAY)
    assert found(house) == ["source sunday/desk"]


def test_a_send_that_the_program_stopped_and_not_one_that_a_person_did(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    send = send_of(house, put_frozen(house, names(3)))
    beat(house, "reconcile", house.clock())
    with sqlite.write() as session:
        sends.pause(session, send.id, Pause(reason="535 no"))
    assert found(house, house.clock()) == [f"send {send.id}"]
    with sqlite.write() as session:
        sends.hold(session, send.id, Pause(reason="lunch", by="erin"))
    assert found(house, house.clock()) == []


def test_no_provider_is_left_only_when_every_one_rests(house: House) -> None:
    two = dataclasses.replace(house, provider=Post(name="a"), others=(Post(name="b"),))
    with house.database.write() as session:
        rests.begin(session, Rest(provider="a", until=MONDAY + HOUR, why="421"))
    assert found(two) == []
    with house.database.write() as session:
        rests.begin(session, Rest(provider="b", until=MONDAY + HOUR, why="535"))
    (risk,) = standing(two, now=MONDAY)
    assert (risk.key, risk.text) == ("providers", "a: 421; b: 535")
    assert found(two, MONDAY + 2 * HOUR)[0] != "providers"


def test_a_certificate_that_ends_within_two_weeks(house: House) -> None:
    @dataclasses.dataclass
    class Relay(Post):
        certificate_ends: dt.datetime | None = None

    for ends, there in ((None, False), (MONDAY + 15 * DAY, False), (MONDAY + 13 * DAY, True)):
        relay = dataclasses.replace(house, provider=Relay(name="smtp", certificate_ends=ends))
        assert (found(relay) == ["certificate smtp"]) == there


def test_nobody_at_the_clock_and_a_missing_worker(house: House) -> None:
    two = dataclasses.replace(house, vigilance=Vigilance(workers=2))
    beat(house, "worker a 1", MONDAY)
    beat(house, "worker b 1", MONDAY - dt.timedelta(minutes=6))
    assert found(two) == ["workers"]
    beat(house, "worker b 1", MONDAY)
    assert found(two) == []
    assert found(house, MONDAY + dt.timedelta(minutes=5, seconds=1)) == ["reconcile"]


def test_a_backup_that_is_older_than_was_asked_for(house: House) -> None:
    daily = dataclasses.replace(house, vigilance=Vigilance(backup_every=26 * HOUR))
    (risk,) = standing(daily, now=MONDAY)
    assert (risk.key, risk.patience) == ("backup", 26 * HOUR)
    beat(house, "backup", MONDAY - 25 * HOUR)
    assert found(daily) == []
    beat(house, "backup", MONDAY - 27 * HOUR)
    assert found(daily) == ["backup"]
    assert found(house) == []


@pytest.mark.parametrize(
    ("states", "outcomes", "keys"),
    [
        ({"accepted": 990, "failed": 10}, {"complaint": 2}, []),
        ({"accepted": 990, "failed": 10}, {"complaint": 3}, ["complaints 7"]),
        ({"accepted": 1200, "failed": 10}, {"complaint": 3}, []),
        ({"accepted": 960, "failed": 20}, {"hard": 20}, []),
        ({"accepted": 940, "failed": 20}, {"hard": 40, "soft": 900}, ["bounces 7"]),
        ({"accepted": 50, "failed": 40}, {"complaint": 9}, []),
    ],
    ids=["two", "three of a thousand", "under the rule", "few back", "many back", "a small list"],
)
def test_copies_that_come_back_are_a_risk_from_a_share_on(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    states: dict[str, int],
    outcomes: dict[str, int],
    keys: list[str],
) -> None:
    one = Counted(send=7, done=True, audience=1000, states=states, outcomes=outcomes)
    kept: Callable[..., Measures] = lambda session: Measures(MONDAY, 0.1, 1, sends={"sunday": one})  # noqa: E731
    monkeypatch.setattr(measures, "kept", kept)
    assert found(house) == keys


def test_a_disk_that_is_nearly_full(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(risks, "LOW", 2**62)
    assert found(house) == ["disk"]
