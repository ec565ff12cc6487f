"""Leaving takes a bearer token and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlmodel import col, select

from digest.audience import tokens
from digest.audience.addresses import parse
from digest.audience.unsubscribe import leave, leave_by_mail, method_of, on_request
from digest.model import SubscriptionStatus
from digest.store import consents, events, moves, subscribers
from digest.store.engine import Database
from digest.store.tables import ConsentRow
from tests import people, queue_of

NOW = dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)
KEY = b"k" * 32


@pytest.fixture
def carol(database: Database) -> str:
    """Carol reads two newsletters; the token in her copy of the Sunday's."""
    address = parse("carol@example.net")
    hashed = tokens.address_hash(KEY, address.key)
    with database.write() as session:
        for newsletter in ("sunday", "monday"):
            asked = subscribers.ask(
                session, newsletter, address, address_hash=hashed, now=NOW, method="form"
            )
            subscribers.confirm(session, asked.subscriber_id, newsletter, now=NOW, method="form")
        reader = subscribers.by_address(session, address.key)
    assert reader is not None
    return tokens.leave_token(KEY, "sunday", reader.handle)


def readers(database: Database, newsletter: str) -> dict[SubscriptionStatus, int]:
    with database.read() as session:
        return {k: n for k, n in subscribers.counts(session, newsletter).items() if n}


def test_the_token_ends_one_newsletter_once(database: Database, carol: str) -> None:
    assert leave(database, "sunday", carol, key=KEY, now=NOW)
    assert not leave(database, "sunday", carol, key=KEY, now=NOW)
    assert readers(database, "sunday") == {SubscriptionStatus.UNSUBSCRIBED: 1}
    assert readers(database, "monday") == {SubscriptionStatus.CONFIRMED: 1}


@pytest.mark.parametrize("wrong", ["", "x", "x" * 44, "ü" * 44])
def test_a_token_that_is_none_changes_nothing(database: Database, carol: str, wrong: str) -> None:
    assert not leave(database, "sunday", wrong, key=KEY, now=NOW)
    assert not leave(database, "sunday", carol[:-1] + "_", key=KEY, now=NOW)
    assert readers(database, "sunday") == {SubscriptionStatus.CONFIRMED: 1}


def test_a_token_fits_only_its_newsletter_and_its_house(database: Database, carol: str) -> None:
    assert not leave(database, "monday", carol, key=KEY, now=NOW)
    assert not leave(database, "sunday", carol, key=b"o" * 32, now=NOW)
    assert readers(database, "monday") == {SubscriptionStatus.CONFIRMED: 1}


def test_a_good_token_of_nobody_changes_nothing(database: Database) -> None:
    nobody = tokens.leave_token(KEY, "sunday", "0" * 22)
    assert not leave(database, "sunday", nobody, key=KEY, now=NOW)


def mailed(carol: str) -> str:
    """The token in the address that Carol's copy of the Sunday's newsletter offers."""
    return tokens.leave_tokens(KEY, "sunday", carol[:22])[1]


@pytest.mark.parametrize("written", [str, str.lower, str.upper])
def test_a_mailed_token_ends_its_newsletter_once_in_whatever_case_it_comes(
    database: Database, carol: str, written: Callable[[str], str]
) -> None:
    token = written(mailed(carol))
    assert leave_by_mail(database, token, key=KEY, now=NOW)
    assert not leave_by_mail(database, token, key=KEY, now=NOW)
    assert readers(database, "sunday") == {SubscriptionStatus.UNSUBSCRIBED: 1}
    assert readers(database, "monday") == {SubscriptionStatus.CONFIRMED: 1}


def test_how_somebody_left_by_mail_is_kept(database: Database, carol: str) -> None:
    leave_by_mail(database, mailed(carol), key=KEY, now=NOW)
    with database.read() as session:
        left = select(col(ConsentRow.method)).where(col(ConsentRow.kind) == "left")
        assert session.scalars(left).all() == ["mailto"]


def test_a_forged_mailed_token_changes_nothing(database: Database, carol: str) -> None:
    token = mailed(carol)
    for wrong in (
        "",
        ".",
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        f"{'0' * 22}{token[22:]}",
    ):
        assert not leave_by_mail(database, wrong, key=KEY, now=NOW)
    assert not leave_by_mail(database, token, key=b"o" * 32, now=NOW)
    assert readers(database, "sunday") == {SubscriptionStatus.CONFIRMED: 1}


@pytest.mark.parametrize(
    ("body", "method"),
    [
        (b"List-Unsubscribe=One-Click", "one-click"),
        (
            b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--',
            "one-click",
        ),
        (b"", "page"),
        (b"csrf=&leave=1", "page"),
    ],
)
def test_a_mail_programs_button_is_told_from_the_pages(body: bytes, method: str) -> None:
    assert method_of(body) == method


def test_an_editor_ends_it_on_request_in_the_name_of_the_reader(
    sqlite: Database,
) -> None:
    with sqlite.write() as session:
        old, new = people.confirmed(session, people.ALICE), people.confirmed(session, people.BOB)
        moves.leave_to(session, old, new, "sunday", now=people.NOW)
    now = people.NOW + people.DAY
    goodbyes = {"sunday": "https://gazette.example/again"}
    assert not on_request(sqlite, "sunday", old, by="editor:1", now=now), "that one is Bob's now"
    assert not on_request(sqlite, "sunday", 999, by="editor:1", now=now)
    assert on_request(sqlite, "sunday", new, by="editor:1", now=now, goodbyes=goodbyes)
    with sqlite.read() as session:
        assert consents.of(session, new)[-1].method == "desk"
        assert events.recent(session, limit=1)[0].subject == f"subscriber:{new}"
    assert queue_of.arrived(sqlite, "goodbye").address == people.BOB
