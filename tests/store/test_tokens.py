"""Tokens: one purpose, one use, one lifetime; the secret is not in the database."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from digest.store import tokens
from digest.store.engine import Database
from digest.store.tables import TokenRow
from digest.store.tokens import Token
from tests.people import NEWSLETTER, NOW

HOUR = dt.timedelta(hours=1)
END = NOW + HOUR
LAST = END - dt.timedelta(microseconds=1)


def issue(database: Database) -> str:
    with database.write() as session:
        return tokens.issue(
            session, purpose="confirm", subject=7, scope=NEWSLETTER, now=NOW, lifetime=HOUR
        )


def look(
    database: Database, secret: str, *, purpose: str = "confirm", now: dt.datetime = NOW
) -> Token | None:
    with database.read() as session:
        return tokens.look(session, secret, purpose, now=now)


def use(
    database: Database, secret: str, *, purpose: str = "confirm", now: dt.datetime = NOW
) -> Token | None:
    with database.write() as session:
        return tokens.use(session, secret, purpose, now=now)


def test_a_token_says_what_it_stands_for_until_it_ends(database: Database) -> None:
    secret = issue(database)
    assert look(database, secret, now=LAST) == Token("confirm", 7, NEWSLETTER, END, used=False)
    assert look(database, secret, now=END) is None


def test_looking_does_not_use_it_up(database: Database) -> None:
    secret = issue(database)
    look(database, secret)
    assert use(database, secret) == Token("confirm", 7, NEWSLETTER, END, used=True)


def test_a_token_is_used_once_and_known_as_used_after(database: Database) -> None:
    secret = issue(database)
    assert use(database, secret) is not None
    assert use(database, secret) is None
    found = look(database, secret)
    assert found is not None
    assert found.used


def test_an_expired_token_cannot_be_used(database: Database) -> None:
    secret = issue(database)
    assert use(database, secret, now=END) is None
    assert use(database, secret, now=LAST) is not None


def test_a_token_is_of_one_purpose(database: Database) -> None:
    secret = issue(database)
    assert look(database, secret, purpose="login") is None
    assert use(database, secret, purpose="login") is None
    assert use(database, secret) is not None


def test_what_nobody_issued_opens_nothing(database: Database) -> None:
    issue(database)
    assert look(database, "") is None
    assert use(database, "x" * 22) is None


def test_of_many_processes_one_uses_it(database: Database) -> None:
    secret = issue(database)
    others = [Database(database.url) for _ in range(4)]
    with ThreadPoolExecutor(len(others)) as pool:
        won = [found for found in pool.map(lambda one: use(one, secret), others) if found]
    for one in others:
        one.close()
    assert len(won) == 1


def test_what_is_revoked_opens_nothing_and_ends_nothing_else(database: Database) -> None:
    first, used, other = (issue(database) for _ in range(3))
    assert use(database, used) is not None
    with database.write() as session:
        token = tokens.look(session, first, "confirm", now=NOW)
        assert token is not None
        assert tokens.revoke(session, "confirm", token.subject + 1, now=NOW) == 0
        assert tokens.revoke(session, "login", token.subject, now=NOW) == 0
        assert tokens.revoke(session, "confirm", token.subject, now=NOW) == 2
    assert use(database, first) is None
    assert use(database, other) is None


def test_the_secret_is_not_in_the_database(sqlite: Database) -> None:
    secret = issue(sqlite)
    with sqlite.read() as session:
        (row,) = session.scalars(select(TokenRow))
    assert secret not in repr(row)
