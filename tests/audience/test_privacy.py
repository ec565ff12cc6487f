"""A reader's rights: told everything, and forgotten to the last byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from digest.audience import privacy, tokens
from digest.audience.addresses import parse
from digest.bootstrap import House
from digest.delivery import sender
from digest.errors import BadInput, NotFound
from digest.model import Preferences, SubscriberId
from digest.store import events, preferences, subscribers, suppressions, traces
from digest.store.engine import Database
from digest.store.tables import DeliveryRow, ReportRow, Row
from tests.delivery.sundays import later, put_frozen
from tests.houses import make_house
from tests.web.people import visitor
from tests.web.test_moves import confirm_link
from tests.web.test_preferences import preferences_path
from tests.web.test_public import add, ask, confirm_path, leave_path

ALICE, NEW = "Alice+news@reader.example", "alice@new.example"
#: Whose address has Alice's in it, and who must lose nothing.
MALICE = "malice@reader.example"


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """Alice and Malice got an issue; Alice asked twice, chose, was reported, moved, and has mail in the outbox."""
    house = make_house(database, tmp_path)
    put_frozen(house, [ALICE, MALICE])
    sender.drain(house)
    add(house, "pending+1@reader.example", confirmed=False)
    path = preferences_path(house, ALICE)
    with house.database.write() as session:
        alice = subscribers.by_address(session, "alice@reader.example")
        assert alice is not None
        wanted = Preferences(name="Alice", language="de", unwanted=frozenset({"Sport"}))
        preferences.keep(session, alice.id, "sunday", wanted, now=house.clock())
        said = f"550 <{ALICE.lower()}> has moved; not {MALICE}"
        mine = (col(DeliveryRow.subscriber_id) == alice.id,)
        session.execute(update(DeliveryRow).where(*mine).values(state="failed", reply=said))
        session.add(
            ReportRow(
                provider="smtp",
                event_id="1",
                kind="bounced",
                verdict="soft",
                at=house.clock(),
                received_at=house.clock(),
                subscriber_id=None,
                detail=f"Unknown user ALICE@Reader.Example, {MALICE}",
                raw=json.dumps({"to": ALICE}),
            )
        )
        events.record(
            session, at=house.clock(), actor="x", action="y", data={"odd": [ALICE, MALICE]}
        )
    later(house, hours=1)
    visitor(house).post(f"{path}/address", data={"address": NEW})
    return house


def everywhere(house: House) -> str:
    """All rows of all tables, and all files of the data folder, as one small text."""
    with house.database.read() as session:
        connection = session.connection()
        rows = [connection.execute(table.select()).all() for table in Row.metadata.sorted_tables]
    files = [path.read_bytes() for path in house.data.rglob("*") if path.is_file()]
    return (repr(rows) + repr(files) + repr(list(house.data.rglob("*")))).lower()


def erase(house: House, address: str) -> privacy.Erased:
    return privacy.erase(house.database, address, key=house.key, data=house.data, now=house.clock())


def test_everything_about_a_reader_is_told_and_nothing_that_opens_a_door(house: House) -> None:
    told = privacy.everything(house.database, "alice@reader.example", key=house.key)
    kept = told["kept"]
    assert kept["subscriber"][0]["address"] == "Alice+news@reader.example"
    assert kept["subscription"][0]["unwanted_sections"] == "Sport"
    assert kept["delivery"][0]["issue"] == "sunday/2026-11-29"
    assert {"consent", "membership", "move", "notice"} <= kept.keys()
    with house.database.read() as session:
        alice = subscribers.by_address(session, "alice@reader.example")
    assert alice is not None
    said = json.dumps(told)
    assert alice.handle not in said
    assert "/confirm/" not in said
    assert "/stay/" not in said
    assert MALICE not in json.dumps(kept["subscriber"])
    assert "address_hash" not in said


def test_an_erased_reader_leaves_no_byte_but_the_keyed_hash(house: House) -> None:
    assert "alice+news@reader.example" in everywhere(house)
    done = erase(house, "alice@reader.example")
    found = everywhere(house)
    for word in ("alice+news@", 'alice@reader.example"', "'alice", NEW):
        assert word not in found.replace(MALICE, ""), word
    assert "alice@reader" not in found.replace(MALICE, "")
    assert done.left == ()
    assert done.mails == 1
    hashed = tokens.address_hash(house.key, "alice@reader.example")
    with house.database.read() as session:
        assert suppressions.reasons(session, hashed, at=house.clock()) == ["erased"]
        assert subscribers.by_address(session, "alice@reader.example") is None


def test_whose_address_is_much_alike_keeps_everything(house: House) -> None:
    before = privacy.everything(house.database, MALICE, key=house.key)
    erase(house, ALICE)
    assert privacy.everything(house.database, MALICE, key=house.key) == before
    assert everywhere(house).count(MALICE) >= 4
    assert f"not {MALICE}" in everywhere(house)


def test_the_sums_of_a_send_still_add_up(house: House) -> None:
    erase(house, ALICE)
    with house.database.read() as session:
        connection = session.connection()
        asked = "select state, reply from delivery order by subscriber_id"
        rows = [tuple(row) for row in connection.exec_driver_sql(asked)]
    said = f"550 <(erased)> has moved; not {MALICE}"
    assert sorted(rows, key=str) == [("accepted", None), ("failed", said)]


def test_who_moved_is_erased_with_the_address_of_before(house: House) -> None:
    visitor(house).post(confirm_link(house))
    done = erase(house, NEW)
    assert "alice" not in everywhere(house).replace(MALICE, "")
    assert done.rows["subscriber"] == 2


def test_no_import_brings_an_erased_reader_back_and_they_themselves_may(house: House) -> None:
    erase(house, ALICE)
    address = parse(ALICE)
    with house.database.write() as session:
        done = subscribers.import_confirmed(
            session, "sunday", [(address, "")], key=house.key, now=house.clock()
        )
    assert done.suppressed == 1
    ask(house, ALICE)
    assert "You are subscribed" in visitor(house).post(confirm_path(house)).text
    hashed = tokens.address_hash(house.key, address.key)
    with house.database.read() as session:
        assert suppressions.reasons(session, hashed, at=house.clock()) == []


def test_who_complained_stays_suppressed_after_the_erasure(house: House) -> None:
    hashed = tokens.address_hash(house.key, parse(ALICE).key)
    with house.database.write() as session:
        suppressions.add(session, hashed, reason="complaint", now=house.clock())
    erase(house, ALICE)
    ask(house, ALICE)
    with house.database.read() as session:
        assert suppressions.reasons(session, hashed, at=house.clock()) == ["complaint", "erased"]
        assert subscribers.by_address(session, parse(ALICE).key) is None


def test_what_is_nobodys_address_is_said(house: House) -> None:
    for act in (erase, lambda house, raw: privacy.everything(house.database, raw, key=house.key)):
        with pytest.raises(NotFound, match="nothing is kept"):
            act(house, "nobody@reader.example")
        with pytest.raises(BadInput):
            act(house, "nobody")
    erase(house, ALICE)
    with pytest.raises(NotFound):
        erase(house, ALICE)


def test_a_link_of_an_erased_reader_opens_nothing(house: House) -> None:
    leave, choose = leave_path(house, ALICE), preferences_path(house, ALICE)
    erase(house, ALICE)
    assert visitor(house).post(leave).status_code == 200
    assert visitor(house).get(choose).status_code == 404


def test_a_file_in_which_the_address_still_stands_is_named(house: House) -> None:
    note = house.data / "note.txt"
    note.write_text("ask ALICE@reader.example")
    assert erase(house, ALICE).left == (note,)
    assert note.is_file()


def test_what_older_rows_left_in_free_pages_is_written_over(
    tmp_path: Path, sqlite: Database
) -> None:
    """Rows that were deleted long ago, as by an older version, without overwriting."""
    house = make_house(sqlite, tmp_path)
    add(house, ALICE, confirmed=True)
    with house.database.write() as session:
        session.connection().exec_driver_sql("PRAGMA secure_delete=OFF")
        session.connection().exec_driver_sql("CREATE TABLE old (words TEXT)")
        for n in range(2000):
            session.connection().exec_driver_sql(
                "INSERT INTO old VALUES (?)", (f"{n} alice@reader.example {'x' * 200}",)
            )
    with house.database.write() as session:
        session.connection().exec_driver_sql("DROP TABLE old")
    traces.settle(house.database)
    files = traces.files_of(house.database)
    assert traces.holding(files, "alice@reader.example"), "the test's own doing"
    done = erase(house, ALICE)
    assert done.rewritten
    assert traces.holding(traces.files_of(house.database), "alice@reader.example") == []


def test_nothing_is_written_anew_while_a_send_is_open(tmp_path: Path, sqlite: Database) -> None:
    house = make_house(sqlite, tmp_path)
    put_frozen(house, [ALICE, MALICE])
    with house.database.write() as session:
        session.connection().exec_driver_sql("PRAGMA secure_delete=OFF")
        alice = subscribers.by_address(session, parse(ALICE).key)
        assert alice is not None
        session.connection().exec_driver_sql(
            "INSERT INTO heartbeat VALUES ('x', '2026-01-01', 'alice@reader.example')"
        )
    with house.database.write() as session:
        session.connection().exec_driver_sql("PRAGMA secure_delete=OFF")
        session.connection().exec_driver_sql("DELETE FROM heartbeat WHERE name = 'x'")
    done = erase(house, ALICE)
    assert done.waits
    assert not done.rewritten
    assert SubscriberId(alice.id)
