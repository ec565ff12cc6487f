"""What the database says of the work: who is missing, what stands still, what nobody noticed; each with its remedy."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from digest.bootstrap import House
from digest.checkup import standing
from digest.domains.records import Finding
from digest.model import IncomingArticle, Scope
from digest.protocols import PollState
from digest.store import api_tokens, articles, editors, heartbeats, newsletters, notices, polls
from digest.store.engine import Database
from digest.store.tables import ChunkRow
from digest.vigilance import Vigilance
from tests.delivery.sundays import Post, a_house, later, names, put_frozen
from tests.houses import MONDAY, SCHEDULE, make_house
from tests.people import confirmed


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    """Everybody is at work."""
    with sqlite.write() as session:
        editors.add(session, "erin@gazette.example", name="", role="publisher", now=MONDAY)
        heartbeats.beat(session, "reconcile", now=MONDAY)
        heartbeats.beat(session, "worker here 1", now=MONDAY)
    return make_house(sqlite, tmp_path)


def bad(house: House) -> Finding:
    (one,) = [one for one in standing.examine(house) if one.weight != "ok"]
    assert one.where
    assert one.why
    assert one.remedy
    return one


def test_a_house_at_work_has_nothing_to_mend(house: House) -> None:
    assert [one.weight for one in standing.examine(house)] == ["ok"] * 3


def test_nobody_may_approve(house: House) -> None:
    with house.database.write() as session:
        (erin,) = editors.all(session)
        editors.change_role(session, erin.id, "editor")
    one = bad(house)
    assert "nobody may approve" in one.text
    assert "`digest editor add" in one.remedy


@pytest.mark.parametrize("gone", ["editor:77", "editor:1"])
def test_a_token_whose_maker_is_no_admin_any_more_is_named(house: House, gone: str) -> None:
    """As they are from before tokens ended with the seat, or with the role: Erin, the first, may approve."""
    with house.database.write() as session:
        editors.add(session, "ada@gazette.example", name="", role="admin", now=MONDAY)
        for by in (gone, "operator", "editor:2"):
            api_tokens.make(session, "The site", {Scope.ISSUES_READ}, by=by, now=MONDAY)
    one = bad(house)
    assert (one.weight, "1 (The site)" in one.text) == ("warn", True)
    assert "`digest token revoke 1`" in one.remedy


def test_nobody_looks_at_the_clock(house: House) -> None:
    later = replace(house, clock=lambda: MONDAY + dt.timedelta(minutes=4))
    one = bad(later)
    assert (one.subject, one.text) == ("schedule", "last ran 23 Nov 06:00 UTC")
    assert "start `digest up` or `digest worker`" in one.remedy


def test_a_second_instance_that_was_forgotten(house: House) -> None:
    with house.database.write() as session:
        heartbeats.beat(session, "worker here 2", now=MONDAY)
    one = bad(house)
    assert one.weight == "warn"
    assert "2 gave a sign of life within five minutes, and DIGEST_WORKERS says 1" in one.text
    assert "DIGEST_WORKERS=2" in one.remedy


def test_a_worker_that_was_started_anew_is_counted_once(house: House) -> None:
    house.flight.mkdir()
    (house.flight / "owner").write_text("here")
    gone = subprocess.Popen(["true"])
    gone.wait()
    with house.database.write() as session:
        heartbeats.beat(session, f"worker here {gone.pid}", now=MONDAY)
    assert [one.weight for one in standing.examine(house)] == ["ok"] * 3
    with house.database.write() as session:
        heartbeats.beat(session, f"worker here {os.getpid()}", now=MONDAY)
    assert "2 gave a sign of life" in bad(house).text


def test_a_queue_that_nobody_empties(house: House) -> None:
    with house.database.write() as session:
        notices.queue(
            session,
            kind="login",
            newsletter="sunday",
            address="erin@gazette.example",
            dedupe="one",
            data={},
            now=MONDAY - dt.timedelta(hours=1),
        )
    one = bad(house)
    assert one.text == "confirmations, logins and reports have waited since 23 Nov 05:00 UTC"
    assert "`digest status` says what stops a send" in one.remedy


def test_a_worker_that_is_missing(house: House) -> None:
    one = bad(replace(house, vigilance=Vigilance(workers=2)))
    assert one.text == "A worker is missing"
    assert "systemctl start digest-worker" in one.remedy


def test_a_backup_that_was_never_made_or_is_old(house: House) -> None:
    watched = replace(house, vigilance=Vigilance(backup_every=dt.timedelta(hours=26)))
    assert bad(watched).text == "There is no backup"
    with house.database.write() as session:
        heartbeats.beat(session, "backup", now=MONDAY - dt.timedelta(days=9))
    one = bad(watched)
    assert one.text == "The newest backup is old"
    assert "`digest backup FOLDER --keep 14`" in one.remedy


def test_a_source_that_fails_has_its_reason_in_plain_words(house: House) -> None:
    with house.database.write() as session:
        told = "https://gazette.example/feed: answered 404 Not Found"
        polls.record_failure(session, "desk", told, now=MONDAY, next_poll_at=MONDAY)
    one = bad(house)
    assert one.where.endswith("sunday.toml sources[desk]")
    assert "There is nothing at this address." in one.why
    assert "`digest sources find`" in one.remedy


def test_a_source_that_fell_silent(house: House) -> None:
    with house.database.write() as session:
        for hours in range(200, 330, 6):
            save(session, house, MONDAY - dt.timedelta(hours=hours), "Town")
        polls.record_success(session, "desk", PollState(), now=MONDAY, next_poll_at=MONDAY)
    text = SCHEDULE.replace('kind = "api"', 'kind = "feed"\nurl = "https://gazette.example/f"')
    one = bad(make_house(house.database, house.data, schedule=text))
    assert one.text == "The source sunday/desk is silent"
    assert "8 days" in one.why or "200 hours" in one.why
    assert "`digest sources find` looks" in one.remedy


def save(session: object, house: House, at: dt.datetime, section: str) -> None:
    article = IncomingArticle(
        source="desk",
        source_id=f"{at:%d%H}{section}",
        url=None,
        title=f"A story of {at:%d %H} in {section}",
        text="Words. " * 60,
        published_at=at,
        section=section,
    )
    articles.save(session, article, now=at)  # type: ignore[arg-type]


def test_a_newsletter_whose_file_got_another_name(house: House) -> None:
    with house.database.write() as session:
        newsletters.first_seen(session, "weekly", now=MONDAY)
    assert [one.weight for one in standing.examine(house)] == ["ok"] * 3, "nobody reads it"
    with house.database.write() as session:
        confirmed(session, "alice@example.net", newsletter="weekly")
    one = bad(house)
    assert (one.subject, one.text) == ("newsletter weekly", "has 1 readers and no schedule")
    assert "weekly.toml" in one.remedy


def test_sections_that_no_story_has(house: House) -> None:
    with house.database.write() as session:
        for hours in range(1, 26):
            save(session, house, MONDAY - dt.timedelta(hours=hours), "Town")
    text = SCHEDULE + 'section_order = ["Town", "Sprot"]\n[collect.sections]\n"Sea" = ["Habour"]\n'
    found = [
        one
        for one in standing.examine(make_house(house.database, house.data, schedule=text))
        if one.weight != "ok"
    ]
    assert ["Sprot" in one.text for one in found] == [True, False]
    assert "Habour" in found[1].text
    assert all(one.weight == "warn" and one.remedy == "the site's are: Town" for one in found)


def test_a_send_that_somebody_works_at_is_no_queue_that_stands(
    sqlite: Database, tmp_path: Path
) -> None:
    sending = a_house(sqlite, tmp_path, Post())
    put_frozen(sending, names(900))
    later(sending, hours=3)
    (one,) = standing._stuck(sending)
    assert one.text.startswith("readers of a send have waited")
    in_hand = update(ChunkRow).where(col(ChunkRow.no) == 0)
    with sqlite.write() as session:
        session.execute(in_hand.values(state="claimed", owner="here", beat_at=sending.clock()))
    assert list(standing._stuck(sending)) == []
    later(sending, hours=1)
    assert len(list(standing._stuck(sending))) == 1
