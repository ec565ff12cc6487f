"""A send that stands is told of: in its row, in the log, in the audit log, and to the editors, once a pause."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

from structlog.testing import capture_logs

from digest import limits, render
from digest.bootstrap import House
from digest.delivery import sender, steer
from digest.delivery.pace import Pace
from digest.delivery.rests import Rests
from digest.errors import SendHalted, TryLater
from digest.store import editors, events, notices, rests
from digest.store.engine import Database
from digest.store.events import Event
from tests.delivery.sundays import Post, a_house, later, names, put_frozen, send_of

DENIED = SendHalted("535 5.7.8 authentication failed")
AWAY = TryLater("no connection to mail.example:587: refused", counts=False)


def with_erin(house: House) -> House:
    with house.database.write() as session:
        editors.add(session, "erin@gazette.example", name="Erin", now=house.clock())
    return house


def told(house: House) -> list[Event]:
    with house.database.read() as session:
        return events.recent(session, limit=9)


def queued(house: House) -> list[notices.Notice]:
    with house.database.read() as session:
        return [one for one in notices.queued(session) if one.kind == "paused"]


def test_a_send_that_waits_for_a_person_says_so_everywhere(
    database: Database, tmp_path: Path
) -> None:
    house = with_erin(a_house(database, tmp_path, Post(name="smtp", doors=[DENIED])))
    issue = put_frozen(house, names(3))
    with capture_logs() as logs:
        sender.drain(house)
    send = send_of(house, issue)
    assert send.waits_for_a_person
    assert (send.paused_with, send.paused_by, send.paused_at) == ("smtp", "", house.clock())
    (line,) = [one for one in logs if one["event"] == "send paused"]
    assert line["log_level"] == "error"
    assert "DIGEST_SMTP_PASSWORD" in line["remedy"]
    event = told(house)[0]
    assert (event.actor, event.action) == ("sender", "paused the send")
    assert event.data["why"] == "535 5.7.8 authentication failed"
    (notice,) = queued(house)
    schedule = house.schedule("sunday")
    mail = render.render_notice("paused", notice.data, schedule, public_url=house.public_url)
    assert "535 5.7.8 authentication failed" in mail.text
    assert "Sun 29 Nov 08:00 GMT" in mail.text


def test_each_pause_is_told_once(sqlite: Database, tmp_path: Path) -> None:
    post = Post(name="smtp", doors=[DENIED, None, DENIED])
    house = with_erin(a_house(sqlite, tmp_path, post))
    issue = put_frozen(house, names(3))
    sender.drain(house)
    first = queued(house)
    assert len(first) == 1
    later(house, seconds=10)
    sender.drain(house)  # the notice leaves, the send stays where it is
    assert queued(house) == []
    later(house, minutes=5)
    steer.resume(house, issue, by="erin", now=house.clock())
    sender.drain(house)
    assert len(queued(house)) == 1


def test_a_pause_that_ends_by_itself_is_no_alarm(sqlite: Database, tmp_path: Path) -> None:
    slow = TryLater("450 4.7.1 too much mail from you", policy=True)
    post = Post({name: [slow] for name in names(20)}, channels=1)
    house = with_erin(a_house(sqlite, tmp_path, post))
    put_frozen(house, names(20))
    with capture_logs() as logs:
        sender.drain(house)
    assert queued(house) == []
    (line,) = [one for one in logs if one["event"] == "send paused"]
    assert (line["log_level"], line["until"]) == ("warning", "Sun 29 Nov 08:05 GMT")


def test_a_limit_that_is_used_up_is_named_with_its_setting(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    house.paces["post"] = Pace("post", limits.read_limits("20/d"))  # type: ignore[index]
    issue = put_frozen(house, names(30))
    sender.drain(house)
    assert send_of(house, issue).reason == "as much as may leave has left: 20/d (DIGEST_LIMITS)"


def test_who_takes_over_from_whom_and_why_is_told(database: Database, tmp_path: Path) -> None:
    first, second = Post(name="smtp", doors=[DENIED]), Post(name="ses")
    house = a_house(database, tmp_path, first)
    object.__setattr__(house, "others", (second,))
    issue = put_frozen(house, names(5))
    with capture_logs() as logs:
        sender.drain(house)
    (line,) = [one for one in logs if one["event"] == "the next provider takes over"]
    assert (line["rests"], line["instead"]) == ("smtp", "ses")
    assert line["why"] == "535 5.7.8 authentication failed"
    assert "DIGEST_SMTP_PASSWORD" in line["remedy"]
    assert [one.data["instead"] for one in told(house) if "took over" in one.action] == ["ses"]
    with database.read() as session:
        (rest,) = rests.now_resting(session, now=house.clock())
    assert (rest.provider, rest.why, rest.instead) == ("smtp", DENIED.reply, "ses")
    assert rest.until == house.clock() + dt.timedelta(minutes=5)
    steer.pause(house, issue, by="erin", why="", now=house.clock())
    steer.resume(house, issue, by="erin", now=house.clock())
    with database.read() as session:
        assert rests.now_resting(session, now=house.clock()) == []


def test_a_provider_that_cannot_be_reached_is_told_at_once_and_when_it_is_tried_again(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post(name="smtp", doors=[AWAY] * 8))
    object.__setattr__(house, "retry_base_s", 0.001)
    put_frozen(house, names(2))
    with capture_logs() as logs:
        sender.drain(house)
    (line,) = [one for one in logs if one["event"] == "the provider cannot be reached"]
    assert "DIGEST_SMTP_HOST" in line["remedy"]
    assert line["next_try_s"] > 0
    (line,) = [one for one in logs if one["event"] == "the provider is tried again later"]
    assert line["until"] == "Sun 29 Nov 08:00 GMT"


def test_who_resumes_in_another_process_is_heard_by_a_sender_that_remembers_a_rest(
    database: Database, tmp_path: Path
) -> None:
    slow = TryLater("451 4.7.1 slow down", policy=True)
    post = Post({one: [slow] for one in names(40)}, name="smtp", channels=1)
    worker = a_house(database, tmp_path, post)
    issue = put_frozen(worker, names(40))
    sender.drain(worker)
    assert send_of(worker, issue).resume_at is not None
    later(worker, seconds=10)
    elsewhere = dataclasses.replace(worker, rests=Rests())
    steer.resume(elsewhere, issue, by="erin", now=worker.clock())
    sender.drain(worker)
    assert post.asked.total() > 5
    post.answers = {}
    later(worker, minutes=2)
    steer.resume(elsewhere, issue, by="erin", now=worker.clock())
    sender.drain(worker)
    assert post.accepted.total() > 30


def test_where_all_providers_halted_nobody_is_told_to_rest_any_more(
    sqlite: Database, tmp_path: Path
) -> None:
    first, second = (Post(name=name, doors=[DENIED]) for name in ("smtp", "ses"))
    house = dataclasses.replace(a_house(sqlite, tmp_path, first), others=(second,))
    put_frozen(house, names(3))
    sender.drain(house)
    with sqlite.read() as session:
        assert rests.now_resting(session, now=house.clock()) == []
