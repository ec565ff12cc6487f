"""A call that is sent again with its key is done once and answered alike."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

from sqlalchemy import text

from digest.audience import privacy
from digest.bootstrap import House
from digest.errors import Busy
from digest.hooks import managing
from digest.housekeeping import each_night
from digest.store import api_calls, hooks
from tests.web.people import later
from tests.web.test_public import ALICE, add
from tests.web.v1.calling import Program

NEW = {"newsletter": "sunday", "url": "https://x.example/in", "events": ["issue.sent"]}


def count(house: House) -> int:
    with house.database.read() as session:
        return len(hooks.all(session))


def test_the_same_key_and_body_are_done_once_and_answered_alike(house: House) -> None:
    program = Program(house)
    first, again = (program.post("/webhooks", NEW, idempotency_key='"k-1"') for _ in range(2))
    assert (first.status_code, again.status_code, count(house)) == (201, 201, 1)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (
        None,
        "true",
    )
    bare = program.post("/webhooks", NEW, idempotency_key="k-1")
    assert bare.json() == first.json(), "the quotes of a structured field are no part of the key"
    assert Program(house).post("/webhooks", NEW, idempotency_key="k-1").json()["webhook"] == 2


def test_the_same_key_with_another_request_is_refused(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    program.post("/webhooks", NEW, idempotency_key="k")
    for path, body in (
        ("/webhooks", {**NEW, "url": "https://y.example/"}),
        ("/webhooks/1/test", None),
    ):
        answer = program.post(path, body, idempotency_key="k")
        assert (answer.status_code, answer.json()["type"].rpartition("#")[2]) == (422, "other-call")


def test_a_refusal_is_an_answer_too_and_what_broke_is_none(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    wrong = {**NEW, "newsletter": "monday"}
    first = program.post("/webhooks", wrong, idempotency_key="wrong")
    again = program.post("/webhooks", wrong, idempotency_key="wrong")
    assert (first.status_code, first.content) == (422, again.content)
    for error, status in ((Busy("busy"), 503), (RuntimeError("broke"), 500)):
        with mock.patch.object(managing, "add", side_effect=error):
            assert program.post("/webhooks", NEW, idempotency_key="k").status_code == status
    assert program.post("/webhooks", NEW, idempotency_key="k").status_code == 201
    assert count(sqlite_house) == 1


def test_while_the_first_call_runs_the_second_is_told_to_wait(house: House) -> None:
    program, began, ends = Program(house), threading.Event(), threading.Event()
    real = managing.add

    def slow(*given: object, **named: object) -> object:
        began.set()
        assert ends.wait(30)
        return real(*given, **named)  # type: ignore[arg-type]

    with mock.patch.object(managing, "add", slow), ThreadPoolExecutor(1) as pool:
        first = pool.submit(program.post, "/webhooks", NEW, idempotency_key="k")
        assert began.wait(30)
        second = program.post("/webhooks", NEW, idempotency_key="k")
        ends.set()
        assert first.result().status_code == 201
    assert (second.status_code, second.json()["type"].rpartition("#")[2]) == (409, "running")
    assert second.headers["retry-after"] == "1"
    assert program.post("/webhooks", NEW, idempotency_key="k").json() == first.result().json()


def test_a_key_is_good_for_a_day_and_the_night_takes_it_away(sqlite_house: House) -> None:
    program, database = Program(sqlite_house), sqlite_house.database
    program.post("/webhooks", NEW, idempotency_key="k")
    later(sqlite_house, hours=23, minutes=59)
    program.post("/webhooks", NEW, idempotency_key="k")
    assert count(sqlite_house) == 1
    later(sqlite_house, minutes=2)
    program.post("/webhooks", NEW, idempotency_key="k")
    assert count(sqlite_house) == 2
    now = sqlite_house.clock() + dt.timedelta(days=1, minutes=1)
    assert each_night(database, sqlite_house.schedules, key=sqlite_house.key, now=now)
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM api_call")).scalar() == 0


def test_nobody_reads_an_answer_in_the_database(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    secret = program.post("/webhooks", NEW, idempotency_key="a-key").json()["secret"]
    with sqlite_house.database.read() as session:
        kept = repr(session.execute(text("SELECT * FROM api_call")).all())
        kept += repr(session.execute(text("SELECT * FROM hook")).all())
    assert secret not in kept
    assert secret.removeprefix("whsec_") not in kept
    assert "a-key" not in kept
    assert program.secret not in kept


def test_what_was_done_is_answered_so_also_where_the_answer_cannot_be_kept(
    sqlite_house: House,
) -> None:
    program = Program(sqlite_house)
    with mock.patch.object(api_calls, "end", side_effect=Busy("busy")):
        assert program.post("/webhooks", NEW, idempotency_key="k").status_code == 201
    again = program.post("/webhooks", NEW, idempotency_key="k")
    assert (again.status_code, count(sqlite_house)) == (409, 1)


def test_what_only_reads_is_answered_anew_and_nothing_of_it_is_kept(sqlite_house: House) -> None:
    add(sqlite_house, ALICE, confirmed=True)
    program, database = Program(sqlite_house), sqlite_house.database

    def found() -> list[str]:
        page = program.post("/reader-searches", {"words": ALICE}, idempotency_key="k").json()
        return [one["address"] for one in page["items"]]

    assert found() == [ALICE]
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM api_call")).scalar() == 0
    folder, now = sqlite_house.data, sqlite_house.clock()
    privacy.erase(database, ALICE, key=sqlite_house.key, data=folder, now=now)
    assert found() == []


def test_a_key_that_is_none_is_refused(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    for key in ("", "two words", "x" * 256, '"', 'a"b', "\x7f"):
        assert program.post("/webhooks", NEW, idempotency_key=key).status_code == 400, key
    assert count(sqlite_house) == 0


def test_fifty_at_once_with_one_key_are_one(sqlite_house: House) -> None:
    """Through the application itself, so that they really meet."""
    import httpx

    program = Program(sqlite_house)

    async def storm() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=program.client.app)
        headers = {"authorization": f"Bearer {program.secret}", "idempotency-key": "k"}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as one:
            asked = (one.post("/api/v1/webhooks", json=NEW, headers=headers) for _ in range(50))
            return await asyncio.gather(*asked)

    answers = asyncio.run(storm())
    assert count(sqlite_house) == 1
    assert {one.status_code for one in answers} <= {201, 409}
    assert len({one.content for one in answers if one.status_code == 201}) == 1
