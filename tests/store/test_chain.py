"""The chain: linked at the commit, one after the other whoever writes, and no change goes unseen."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from digest.store import chain, editors, events
from digest.store.chain import Anchor, Broken, Verdict
from digest.store.engine import Database, Session
from digest.store.events import Event
from tests.people import ALICE, ERIN, NOW

ACTS = ("logged in", "approved", "paused the send", "resumed the send", "erased")


def write(database: Database, *actions: str, actor: str = "editor:1") -> None:
    for action in actions:
        with database.write() as session:
            data = {"checksum": "a" * 64, "n": 1.5, "näme": ["ü", None, True]}
            events.record(session, at=NOW, actor=actor, action=action, subject="x/1", data=data)


def lines(database: Database) -> list[Event]:
    with database.read() as session:
        return list(events.each(session, events.Wanted()))


def verdict(database: Database, *anchors: Anchor) -> Verdict:
    with database.read() as session:
        return chain.verify(session, anchors=anchors)


def anchor(database: Database) -> Anchor:
    last = verdict(database).last
    assert last is not None
    return last


def tamper(session: Session, *statements: str) -> None:
    """As somebody does who owns the database: past the triggers."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        for act in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS event_keeps_{act}"))
    else:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    for statement in statements:
        connection.execute(text(statement))


def test_an_untouched_log_is_whole_and_gives_an_anchor(database: Database) -> None:
    assert verdict(database) == Verdict(0)
    write(database, *ACTS)
    newest = lines(database)[-1]
    assert verdict(database) == Verdict(5, Anchor(5, newest.hash))
    assert [one.number for one in lines(database)] == [1, 2, 3, 4, 5]


def test_a_hash_is_what_the_documents_say(sqlite: Database) -> None:
    """Written out by hand: whoever verifies with another program needs nothing of ours."""
    write(sqlite, "approved")
    told = (
        '[1,"2026-11-28T18:30:00.000000Z","editor:1","","approved","x/1",'
        '{"checksum":"'
        + "a" * 64
        + '","n":1.5,"n\\u00e4me":["\\u00fc",null,true]},"'
        + "0" * 64
        + '"]'
    )
    assert json.loads(told)[6]["näme"] == ["ü", None, True]
    assert lines(sqlite)[0].hash == hashlib.sha256(told.encode()).hexdigest()


@pytest.mark.parametrize("act", ["UPDATE event SET actor = 'mallory'", "DELETE FROM event"])
def test_the_database_itself_refuses_a_change(database: Database, act: str) -> None:
    write(database, *ACTS)
    with pytest.raises(DatabaseError, match="append-only"), database.write() as session:
        session.connection().execute(text(act))
    assert len(lines(database)) == 5


def test_postgresql_refuses_to_empty_the_log_as_well(postgres: Database) -> None:
    write(postgres, *ACTS)
    with pytest.raises(DatabaseError, match="append-only"), postgres.write() as session:
        session.connection().execute(text("TRUNCATE event"))


CHANGED, GAP = "it was changed after it was written", "a row was taken out or put in between"


TAMPERED = (
    ("UPDATE event SET actor = 'editor:2' WHERE id = 3", 3, CHANGED),
    ("UPDATE event SET action = 'looked' WHERE id = 1", 1, CHANGED),
    ("UPDATE event SET subject = '' WHERE id = 5", 5, CHANGED),
    ("UPDATE event SET origin = '192.0.2.0/24' WHERE id = 2", 2, CHANGED),
    ("UPDATE event SET at = '2026-11-28 18:30:00.000001' WHERE id = 4", 4, CHANGED),
    ("UPDATE event SET data = '{}' WHERE id = 2", 2, CHANGED),
    ("UPDATE event SET hash = 'x' WHERE id = 2", 2, CHANGED),
    ("UPDATE event SET id = 77 WHERE id = 5", 77, CHANGED),
    ("UPDATE event SET former = 'x' WHERE id = 2", 2, GAP),
    ("DELETE FROM event WHERE id = 3", 4, GAP),
    ("DELETE FROM event WHERE id = 1", 2, GAP),
)


def test_the_first_row_that_was_tampered_with_is_named(database: Database) -> None:
    write(database, *ACTS)
    for change, row, why in TAMPERED:
        with database.read() as session:
            tamper(session, change)
            broken = chain.verify(session).broken
        assert broken is not None, change
        assert (broken.number, why in broken.why) == (row, True), change
    assert verdict(database).broken is None, "each was rolled back"


def test_what_is_no_row_any_more_is_broken_and_stops_nothing(sqlite: Database) -> None:
    write(sqlite, *ACTS)
    for column, nonsense in (("data", "{"), ("at", "yesterday"), ("data", "[" * 2000)):
        with sqlite.read() as session:
            tamper(session, f"UPDATE event SET {column} = '{nonsense}' WHERE id = 4")
            assert chain.verify(session).broken == Broken(4, CHANGED)


def test_rows_taken_off_the_end_are_seen_by_an_anchor_alone(database: Database) -> None:
    write(database, *ACTS)
    noted = anchor(database)
    with database.read() as session:
        tamper(session, "DELETE FROM event WHERE id > 3")
        assert chain.verify(session).broken is None, "the chain alone cannot tell"
        found = chain.verify(session, anchors=(noted,)).broken
    assert found is not None
    assert found.number == 5
    assert "ends at row 3" in found.why


def test_a_log_written_anew_is_seen_by_an_anchor_alone(database: Database) -> None:
    write(database, *ACTS)
    noted = anchor(database)
    with database.write() as session:
        tamper(session, "DELETE FROM event")
    write(database, *ACTS, actor="editor:2")
    assert verdict(database).broken is None
    found = verdict(database, noted).broken
    assert found is not None
    assert "written anew" in found.why


def test_an_anchor_of_before_holds_when_more_was_written(database: Database) -> None:
    write(database, *ACTS)
    noted = anchor(database)
    write(database, *ACTS)
    assert verdict(database, noted).broken is None
    assert verdict(database, Anchor(0, "x")).broken is not None


def test_many_who_write_at_once_make_one_chain(postgres: Database) -> None:
    def some(number: int) -> None:
        for _ in range(5):
            write(postgres, "approved", "held", actor=f"editor:{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(some, range(8)))
    assert verdict(postgres).rows == 80
    assert verdict(postgres).broken is None


def test_who_records_holds_nobody_up_before_the_commit(postgres: Database) -> None:
    """And cannot deadlock: the chain is the last thing that a transaction waits for."""
    with postgres.write() as slow:
        events.record(slow, at=NOW, actor="editor:1", action="slow")
        write(postgres, "quick")
    assert [one.action for one in lines(postgres)] == ["quick", "slow"]


def test_a_second_row_after_the_same_one_is_refused(database: Database) -> None:
    write(database, "first", "second")
    fork = (
        "INSERT INTO event (id, at, actor, action, subject, data, origin, former, hash) "
        "SELECT 99, at, 'mallory', action, subject, data, origin, former, 'y' FROM event WHERE id = 2"
    )
    with pytest.raises(DatabaseError), database.write() as session:
        session.connection().execute(text(fork))


def test_no_address_is_written_down_however_deep(database: Database) -> None:
    odd = {"why": f"<{ALICE}> asked", "deep": [{ALICE: ("x", f"mailto:{ALICE.upper()}")}], "n": 1}
    with database.write() as session:
        events.record(
            session,
            at=NOW,
            actor=ALICE,
            action="said",
            subject='"a b"@reader.example',
            data=odd,
        )
    (line,) = lines(database)
    assert "@" not in repr(line)
    assert (line.actor, line.data["n"]) == (chain.NO_ADDRESS, 1)
    assert verdict(database).broken is None


def test_an_editor_who_is_named_by_address_is_known_by_number(database: Database) -> None:
    with database.write() as session:
        erin = editors.add(session, ERIN, now=NOW)
        events.record(session, at=NOW, actor=ERIN.upper(), action="paused the send")
    assert lines(database)[0].actor == f"editor:{erin}"


def test_signs_that_no_database_takes_are_spaces(database: Database) -> None:
    with database.write() as session:
        events.record(session, at=NOW, actor="a\0b", action="c\ud800", data={"x": "\0", "f": 1e999})
    (line,) = lines(database)
    assert (line.actor, line.action, line.data["x"]) == ("a b", "c ", " ")
    assert verdict(database).broken is None


def test_a_number_of_an_editor_is_never_given_again(database: Database) -> None:
    with database.write() as session:
        first = editors.add(session, ERIN, now=NOW)
        editors.remove(session, first, now=NOW)
        second = editors.add(session, "frank@gazette.example", now=NOW + dt.timedelta(hours=1))
    assert second > first


def test_where_an_act_came_from_stands_beside_it(database: Database) -> None:
    database.origin = "cli:root"
    write(database, "built")
    with events.from_network("192.0.2.0/24"):
        write(database, "approved")
    database.origin = ""
    write(database, "finished the send")
    assert [one.origin for one in lines(database)] == ["cli:root", "192.0.2.0/24", ""]
