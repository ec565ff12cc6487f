"""The ledger of consents: words kept once, lines never changed, gone only with an erasure."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from digest.store import consents
from digest.store.engine import Database
from digest.store.tables import ConsentRow, ErasureRow, SubscriberRow, WordingRow
from tests.people import ALICE, BOB, DAY, NEWSLETTER, NOW, confirmed

SHOWN = "Yes, every Sunday."


def put(database: Database, address: str) -> int:
    with database.write() as session:
        reader = confirmed(session, address)
        version = consents.words(session, SHOWN, now=NOW)
        consents.note(
            session,
            reader,
            NEWSLETTER,
            "asked",
            at=NOW,
            method="embed",
            network="192.0.2.0/24",
            version=version,
        )
    return int(reader)


def lines(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(ConsentRow)) or 0


def test_words_are_kept_once_and_known_by_their_hash(database: Database) -> None:
    reader = put(database, ALICE)
    put(database, BOB)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(WordingRow)) == 1
        last = consents.of(session, reader)[-1]
    assert (last.words, last.method, last.network) == (SHOWN, "embed", "192.0.2.0/24")
    assert last.version == hashlib.sha256(SHOWN.encode()).hexdigest()


def test_what_confirms_is_the_newest_wish(database: Database) -> None:
    reader = put(database, ALICE)
    with database.write() as session:
        newer = consents.words(session, "Yes, every Monday.", now=NOW + DAY)
        assert consents.last_version(session, reader, NEWSLETTER) != newer
        consents.note(session, reader, NEWSLETTER, "asked", at=NOW, method="form", version=newer)
        assert consents.last_version(session, reader, NEWSLETTER) == newer
        assert consents.last_version(session, reader, "other") == ""


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE consent SET method = 'api'",
        "DELETE FROM consent",
        "DELETE FROM subscriber",  # would take the lines along
    ],
)
def test_the_database_itself_refuses_to_change_the_ledger(database: Database, act: str) -> None:
    put(database, ALICE)
    with pytest.raises(DatabaseError, match="append-only"), database.write() as session:
        session.connection().execute(text(act))
    assert lines(database) == 3


def test_an_erasure_takes_one_readers_lines_and_nobody_elses(database: Database) -> None:
    reader = put(database, ALICE)
    put(database, BOB)
    with database.write() as session, consents.erasing(session, [reader]):
        session.connection().execute(text("DELETE FROM subscriber WHERE id = :r"), {"r": reader})
    assert lines(database) == 3
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(SubscriberRow)) == 1
        assert session.scalar(select(func.count()).select_from(ErasureRow)) == 0


def test_an_erasure_that_keeps_the_reader_closes_the_ledger_again(database: Database) -> None:
    reader = put(database, ALICE)
    with database.write() as session, consents.erasing(session, range(reader, reader + 1200)):
        pass
    with pytest.raises(DatabaseError, match="append-only"), database.write() as session:
        session.connection().execute(text("DELETE FROM consent"))


def test_a_change_is_refused_also_while_somebody_is_erased(database: Database) -> None:
    reader = put(database, ALICE)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        database.write() as session,
        consents.erasing(session, [reader]),
    ):
        session.connection().execute(text("UPDATE consent SET method = 'api'"))
