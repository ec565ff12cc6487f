"""One database, one secret key."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlmodel import col

from digest import secret_key
from digest.audience import addresses, tokens
from digest.errors import ConfigError, Conflict
from digest.store import audiences, consents, events, subscribers, suppressions
from digest.store.engine import Database
from digest.store.tables import SubscriberRow
from tests.delivery.sundays import Post, a_house, names, put_frozen
from tests.people import ALICE, DAVE, KEY, NEWSLETTER, NOW, everybody

OTHER = b"another key of thirty-two bytes."


def test_the_first_key_stays_and_another_is_refused_with_the_remedy(database: Database) -> None:
    assert not secret_key.check(database, OTHER)  # looking leaves nothing
    secret_key.ensure(database, KEY, now=NOW)
    secret_key.ensure(database, KEY, now=NOW)
    assert secret_key.check(database, KEY)
    with pytest.raises(ConfigError) as caught:
        secret_key.ensure(database, OTHER, now=NOW)
    (fault,) = caught.value.faults
    assert fault.key == "DIGEST_SECRET_KEY"
    assert "copy secret.key" in fault.message
    assert "digest rekey" in fault.message
    assert OTHER.decode() not in str(caught.value)


def test_of_two_that_start_at_once_with_two_keys_one_is_refused(database: Database) -> None:
    together, refused = threading.Barrier(2), []

    def start(key: bytes) -> None:
        together.wait()
        try:
            secret_key.ensure(database, key, now=NOW)
        except ConfigError:
            refused.append(key)

    threads = [threading.Thread(target=start, args=(key,)) for key in (KEY, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1


def test_readers_of_before_the_fingerprint_tell_which_key_it_is(database: Database) -> None:
    everybody(database)
    with pytest.raises(ConfigError, match="hashed with another"):
        secret_key.ensure(database, OTHER, now=NOW)
    secret_key.ensure(database, KEY, now=NOW)


def test_a_key_changed_on_purpose_keeps_who_is_suppressed(database: Database) -> None:
    people = everybody(database)
    secret_key.ensure(database, KEY, now=NOW)
    with database.write() as session:
        gone = tokens.address_hash(KEY, "zoe@reader.example")
        suppressions.add(session, gone, reason="complaint", now=NOW)
    assert secret_key.rekey(database, OTHER, by="otto", now=NOW) == (4, 1)
    secret_key.ensure(database, OTHER, now=NOW)
    with database.read() as session:
        dave = tokens.address_hash(OTHER, DAVE)
        assert suppressions.is_suppressed(session, dave, at=NOW)
        ids = [people.alice, people.dave]
        assert list(audiences.readers(session, NEWSLETTER, ids, now=NOW)) == [people.alice]
        assert events.recent(session, limit=1)[0].action == "changed the secret key"
    with pytest.raises(Conflict, match="already"):
        secret_key.rekey(database, OTHER, by="otto", now=NOW)


def test_a_thousand_and_one_readers_are_all_hashed_anew(sqlite: Database) -> None:
    rows = [(addresses.parse(one), "") for one in [*names(1000), ALICE]]
    with sqlite.write() as session:
        subscribers.import_confirmed(session, NEWSLETTER, rows, key=KEY, now=NOW)
        with consents.erasing(session, [5]):
            session.execute(delete(SubscriberRow).where(col(SubscriberRow.id) == 5))
    assert secret_key.rekey(sqlite, OTHER, by="otto", now=NOW) == (1000, 0)
    with sqlite.write() as session:
        hashed = tokens.address_hash(OTHER, ALICE)
        suppressions.add(session, hashed, reason="manual", now=NOW)
        assert suppressions.count(session, NEWSLETTER, at=NOW + dt.timedelta(days=1)) == 1


def test_no_key_is_changed_under_a_send_on_its_way(sqlite: Database, tmp_path: Path) -> None:
    put_frozen(a_house(sqlite, tmp_path, Post()), names(3))
    with pytest.raises(Conflict, match="a send is not over"):
        secret_key.rekey(sqlite, OTHER, by="otto", now=NOW)
