"""Migrations: what they make is what the tables say, and there is a way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, text

from digest.audience import addresses
from digest.delivery import sender
from digest.errors import Conflict
from digest.reconcile import reconcile
from digest.store import consents, migrate, subscribers
from digest.store.engine import Database
from digest.store.tables import Row
from tests.houses import MONDAY, SetClock, make_house
from tests.test_reconcile import CUT_OFF, DEADLINE, SEND, did, put


@pytest.fixture(params=["sqlite", "postgres"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'bare.db'}")
        yield database
        database.close()
        return
    admin: Database = request.getfixturevalue("postgres")
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS bare"))
        connection.execute(text("CREATE DATABASE bare"))
    url = admin.engine.url.set(database="bare")
    database = Database(url.render_as_string(hide_password=False))
    yield database
    database.close()


def is_ours(name: str | None, kind: str, *rest: object) -> bool:
    """The queue's tables are Procrastinate's: it says what they are."""
    return kind != "table" or not str(name).startswith("procrastinate_")


def tables_of(database: Database) -> set[str]:
    names = set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    return {name for name in names if is_ours(name, "table")}


def differences(database: Database) -> list[Any]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                "include_name": is_ours,
            },
        )
        return list(compare_metadata(context, Row.metadata))


def test_an_empty_database_becomes_what_the_tables_say(bare: Database) -> None:
    assert migrate.current(bare) is None
    migrate.upgrade(bare)
    assert differences(bare) == []
    assert tables_of(bare) == set(Row.metadata.tables)
    assert migrate.current(bare) == migrate.newest()


def test_the_constraints_are_named_as_the_tables_name_them(bare: Database) -> None:
    migrate.upgrade(bare)
    seen = inspect(bare.engine)
    for name, table in Row.metadata.tables.items():
        expected = {str(c.name) for c in table.constraints if c.name} | {
            str(index.name) for index in table.indexes
        }
        found = {c["name"] for c in seen.get_unique_constraints(name)}
        found |= {c["name"] for c in seen.get_check_constraints(name)}
        found |= {c["name"] for c in seen.get_foreign_keys(name)}
        found |= {c["name"] for c in seen.get_indexes(name)}
        found |= {seen.get_pk_constraint(name)["name"]}
        if name in ("subscriber", "editor", "api_token", "hook") and bare.is_sqlite:
            expected -= {f"pk_{name}"}  # AUTOINCREMENT wants the key beside its column
        assert expected <= found


def test_the_way_back_leaves_nothing_and_the_way_up_works_again(bare: Database) -> None:
    migrate.upgrade(bare)
    migrate.downgrade(bare)
    assert tables_of(bare) == set()
    migrate.upgrade(bare)
    assert differences(bare) == []


def test_upgrading_twice_changes_nothing(bare: Database) -> None:
    migrate.upgrade(bare)
    migrate.upgrade(bare)
    assert migrate.current(bare) == migrate.newest()


def test_two_processes_upgrade_once(bare: Database) -> None:
    others = [Database(bare.url) for _ in range(3)]
    threads = [Thread(target=migrate.upgrade, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in others:
        one.close()
    assert migrate.current(bare) == migrate.newest()
    assert differences(bare) == []


def test_ensure_fills_an_empty_database_and_leaves_a_current_one(bare: Database) -> None:
    migrate.ensure(bare)
    assert migrate.current(bare) == migrate.newest()
    migrate.ensure(bare)


def test_ensure_refuses_a_database_of_a_newer_program(bare: Database) -> None:
    migrate.upgrade(bare)
    with bare.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert migrate.current(bare) == "9999"
    with pytest.raises(Conflict, match="newer program"):
        migrate.ensure(bare)


def test_ensure_refuses_an_older_database_but_where_it_may_bring_it_up(bare: Database) -> None:
    migrate.upgrade(bare)
    migrate.downgrade(bare, "0009")
    with pytest.raises(Conflict, match="run `digest migrate`"):
        migrate.ensure(bare)
    migrate.ensure(bare, old_too=True)
    assert migrate.current(bare) == migrate.newest()


def test_a_subscriber_id_is_never_given_twice(bare: Database) -> None:
    migrate.upgrade(bare)
    add = text(
        "INSERT INTO subscriber (address, address_key, address_hash, handle, name, language,"
        " created_at) VALUES ('a', 'a', 'a', 'a', '', '', '2026-11-28 18:00:00') RETURNING id"
    )
    with bare.write() as session:
        first = session.execute(add).scalar_one()
        session.execute(text("DELETE FROM subscriber"))
        assert session.execute(add).scalar_one() > first


def test_the_words_of_old_consents_are_kept_once_each(bare: Database) -> None:
    migrate.upgrade(bare)
    migrate.downgrade(bare, "0011")
    with bare.write() as session:
        for statement in (
            "INSERT INTO subscriber (id, address, address_key, address_hash, handle, name, language,"
            " created_at) VALUES (1, 'a@b.example', 'a@b.example', 'h', 'x', '', '', '2026-11-01')",
            *(
                "INSERT INTO consent (id, subscriber_id, newsletter, kind, at, method, network,"
                f" wording) VALUES ({n}, 1, 'sunday', 'asked', '2026-11-0{n}', 'form', '', '{words}')"
                for n, words in ((1, "Yes."), (2, "Yes."), (3, "Oh yes."), (4, ""))
            ),
        ):
            session.connection().execute(text(statement))
    migrate.upgrade(bare)
    with bare.read() as session:
        assert [one.words for one in consents.of(session, 1)] == ["Yes.", "Yes.", "Oh yes.", ""]
        kept = session.connection().execute(text("SELECT words FROM wording ORDER BY since"))
        assert list(kept.scalars()) == ["Yes.", "Oh yes."]
    migrate.downgrade(bare, "0011")
    with bare.read() as session:
        back = session.connection().execute(text("SELECT wording FROM consent ORDER BY id"))
        assert list(back.scalars()) == ["Yes.", "Yes.", "Oh yes.", ""]


#: What version 0009 had and the send of a week fills.
KEPT = (
    *("subscriber", "subscription", "membership", "consent", "article"),
    *("issue", "edition", "approval", "send", "chunk", "event"),
)


def rows_kept(database: Database) -> dict[str, int]:
    with database.engine.connect() as connection:
        return {
            name: connection.execute(
                select(func.count()).select_from(Row.metadata.tables[name])
            ).scalar_one()
            for name in KEPT
        }


def test_a_send_frozen_before_an_update_goes_on_after_it(bare: Database, tmp_path: Path) -> None:
    migrate.upgrade(bare)
    house = make_house(bare, tmp_path)
    assert isinstance(house.clock, SetClock)
    reconcile(house, now=MONDAY)
    put(house, 3)
    people = [(addresses.parse(f"reader{n}@example.net"), "") for n in range(700)]
    with bare.write() as session:
        subscribers.import_confirmed(session, "sunday", people, key=house.key, now=MONDAY)
    for moment in (CUT_OFF, DEADLINE, SEND):
        reconcile(house, now=moment)
    before = rows_kept(bare)
    assert all(before.values())
    migrate.downgrade(bare, "0009")
    with pytest.raises(Conflict, match="a worker gave a sign of life at 08:00:00 UTC"):
        migrate.upgrade(bare, now=SEND + dt.timedelta(seconds=119))
    assert migrate.current(bare) == "0009"
    migrate.upgrade(bare, now=SEND + dt.timedelta(seconds=121))
    assert rows_kept(bare) == before
    house.clock.now = SEND
    sender.drain(house, until_empty=True)
    assert did(house, SEND) == ["sent"]
    assert len(list((tmp_path / "outbox").rglob("*.eml"))) == 700
