"""Somebody holds the database: pages are read all the same, and what must write says when to come back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine

from digest.bootstrap import House
from digest.store import editors
from digest.store.engine import Database
from digest.store.tables import Row
from tests.web.people import OWN_PAGE, PERIOD, field, later, put_draft, seated, visitor


@pytest.fixture
def impatient(house: House) -> Iterator[House]:
    """The same house, which hardly waits for a lock."""
    database = Database(house.database.url, busy_ms=20)
    yield dataclasses.replace(house, database=database)
    database.close()


@contextmanager
def held(house: House) -> Iterator[None]:
    """Another program has the database for itself, but for who only reads."""
    names = ", ".join(f'"{table.name}"' for table in Row.metadata.sorted_tables)
    take = f"BEGIN; LOCK TABLE {names} IN EXCLUSIVE MODE"
    if house.database.is_sqlite:
        take = "BEGIN EXCLUSIVE"
    other = create_engine(house.database.url, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.exec_driver_sql(take)
        yield
        connection.exec_driver_sql("ROLLBACK")
    other.dispose()


def test_pages_are_read_while_somebody_else_writes(impatient: House) -> None:
    put_draft(impatient)
    client = seated(impatient)
    later(impatient, hours=1)
    with held(impatient):
        for path in ("/", "/archive/sunday", "/desk", "/desk/readers", f"/desk/sunday/{PERIOD}"):
            assert client.get(path).status_code == 200, path


def test_a_form_that_cannot_be_kept_now_is_answered_with_when_to_come_back(
    impatient: House,
) -> None:
    put_draft(impatient)
    client = seated(impatient)
    stamp = field(client.get("/n/sunday").text)
    later(impatient, seconds=5)
    forms = {
        f"/desk/sunday/{PERIOD}/hold": {"csrf": client.csrf, "reason": "Wait"},
        "/n/sunday/subscribe": {"address": "bob@example.net", "stamp": stamp},
    }
    with held(impatient):
        for path, form in forms.items():
            answer = client.post(path, data=form, headers=OWN_PAGE)
            assert answer.status_code == 503, path
            assert answer.headers["retry-after"] == "5"
            assert "try again in a few seconds" in answer.text
    for path, form in forms.items():
        assert client.post(path, data=form, headers=OWN_PAGE).status_code in (200, 303)


def test_the_api_says_when_to_come_back(impatient: House) -> None:
    body = {"id": "1", "title": "One", "text": "A text."}
    headers = {"authorization": f"Bearer {impatient.api_token}"}
    with held(impatient):
        answer = visitor(impatient).post("/api/articles", json=body, headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_session_is_noted_after_some_minutes_only(house: House) -> None:
    client = seated(house)
    secret, start = client.cookies["desk"], house.clock()

    def seen_after(seconds: int) -> float:
        later(house, seconds=seconds)
        assert client.get("/desk").status_code == 200
        with house.database.read() as session:
            found = editors.session_of(session, secret, now=house.clock())
        assert found is not None
        return (found.seen_at - start).total_seconds()

    assert [seen_after(299), seen_after(1), seen_after(299)] == [0, 300, 300]
