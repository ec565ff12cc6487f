"""The page of numbers, and the block on an issue that went out."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path

import pytest

from digest.audience.unsubscribe import Why
from digest.bootstrap import House
from digest.clicks import Kind
from digest.store import leaving, reports, sends, subscribers
from digest.store import numbers as stored
from digest.store.engine import Database
from tests.houses import SCHEDULE, make_house
from tests.past_issues import is_over, period_of, put_sent
from tests.sample_issue import content
from tests.web.people import put_draft, seated, set_clock, visitor
from tests.web.test_clicks import COUNTED
from tests.web.test_public import add

LATER = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)


def weeks(house: House, count: int) -> None:
    """Weeks whose first story got 100, 110, 120 … clicks, the newest one the most."""
    for ago in reversed(range(count)):
        week = content(period=period_of(ago))
        assert week.lead is not None
        clicks = {week.lead.article_id: {Kind.HUMAN: 100 + 10 * (count - ago), Kind.BURST: 7}}
        put_sent(house, ago, week, clicks)
        assert is_over(house, ago)
    set_clock(house, LATER)


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    return make_house(sqlite, tmp_path, schedule=COUNTED)


def test_the_page_shows_issues_beside_each_other_and_an_issue_what_came_before_it(
    house: House,
) -> None:
    weeks(house, 5)
    answer = seated(house, "viewer").get("/desk/sunday/numbers")
    assert answer.status_code == 200
    assert [f"#{at}" for at in re.findall(r'2026-\d\d-\d\d#(\w+)"', answer.text)] == [
        "#numbers"
    ] * 5
    row = re.search(r"The mole will stand.*?</tr>", answer.text, re.DOTALL)
    assert row
    assert re.findall(r">(\d+)<", row[0]) == ["150", "125", "7"], (
        "people, the median before, machines"
    )
    assert answer.text.count("<svg") == 3
    assert "style=" not in answer.text
    assert "no link in the mail" in answer.text, "one brief has no address"
    the_block_of_an_issue_knows_only_what_came_before_it(house)


def the_block_of_an_issue_knows_only_what_came_before_it(house: House) -> None:
    page = seated(house, "viewer").get(f"/desk/sunday/{period_of(1)}").text
    row = re.search(r'id="numbers".*?The mole will stand.*?</tr>', page, re.DOTALL)
    assert row
    assert re.findall(r">(\d+)</td>", row[0])[-3:] == ["140", "120", "7"]
    first = seated(house, "viewer").get(f"/desk/sunday/{period_of(4)}").text
    assert "is told from three on" in first


def test_before_anything_went_out_the_page_says_so_and_an_issue_has_no_block(house: House) -> None:
    put_draft(house)
    editor = seated(house, "viewer")
    assert "No issue has gone out yet" in editor.get("/desk/sunday/numbers").text
    assert 'id="numbers"' not in editor.get(f"/desk/sunday/{period_of(0)}").text


def test_who_does_not_count_is_told_how_to(sqlite: Database, tmp_path: Path) -> None:
    plain = make_house(sqlite, tmp_path, schedule=SCHEDULE)
    weeks(plain, 1)
    page = seated(plain, "viewer").get("/desk/sunday/numbers").text
    assert page.count("[clicks] count = true") == 2
    counting = dataclasses.replace(
        plain, schedules=make_house(sqlite, tmp_path, schedule=COUNTED).schedules
    )
    assert "from the next issue on" in seated(counting, "viewer").get("/desk/sunday/numbers").text


def test_numbers_are_for_the_desk_alone(house: House) -> None:
    answer = visitor(house).get("/desk/sunday/numbers")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/login")
    assert seated(house, "viewer").get("/desk/monday/numbers").status_code == 404


def test_who_left_and_why_is_told_with_the_issue_after_which_it_was(
    database: Database, tmp_path: Path
) -> None:
    made = make_house(database, tmp_path, schedule=COUNTED)
    moments = [
        made.schedule("sunday").calendar.moments(dt.date.fromisoformat(period_of(ago)))
        for ago in (1, 0)
    ]
    ids = {}
    for name in ("ann", "bob", "eve"):
        add(made, f"{name}@example.net", confirmed=True)
        with made.database.read() as session:
            found = subscribers.by_address(session, f"{name}@example.net")
        assert found
        ids[name] = found.id
    weeks_of = [content(period=period_of(ago)) for ago in (1, 0)]
    first = put_sent(made, 1, weeks_of[0], {})
    with made.database.write() as session:
        subscribers.leave(
            session,
            ids["ann"],
            "sunday",
            now=moments[0].send_at + dt.timedelta(days=2),
            method="page",
        )
        leaving.explain(session, ids["ann"], "sunday", Why.TOO_MUCH.value)
        send = sends.of_issue(session, first)
        for name, outcome in (("bob", "soft"), ("eve", "complaint")):
            reports.note_outcome(
                session, send.id, ids[name], outcome, status="", at=LATER, lesser=()
            )
    put_sent(made, 0, weeks_of[1], {})
    with made.database.write() as session:
        subscribers.leave(session, ids["eve"], "sunday", now=LATER, method="one-click")
    with made.database.read() as session:
        newest, older = stored.of_newsletter(session, "sunday", limit=9)
    assert (older.left, older.why, older.is_over) == (1, {"too-much": 1}, True)
    assert (older.bounced, older.complaints) == (1, 1)
    assert (newest.left, newest.why, newest.is_over) == (1, {}, False)
    mondays = [dt.date(2026, 11, 16), dt.date(2026, 11, 23), dt.date(2026, 11, 30)]
    begins = [dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC) for day in mondays]
    with made.database.read() as session:
        grown = stored.growth(session, "sunday", mondays, begins)
    assert [(week.joined, week.left) for week in grown] == [(0, 0), (3, 1), (0, 1)]


def test_what_a_done_send_came_to_is_counted_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    weeks(house, 2)
    asked: list[int] = []
    count = stored.deliveries.counts

    def counted(session: stored.Session, send_id: int) -> stored.Tally:
        asked.append(send_id)
        return count(session, send_id)

    monkeypatch.setattr(stored.deliveries, "counts", counted)
    editor = seated(house, "viewer")
    for _ in range(3):
        assert editor.get("/desk/sunday/numbers").status_code == 200
    assert len(asked) == 2
