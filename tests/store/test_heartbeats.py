"""Heartbeats: the last one counts."""

from __future__ import annotations

from digest.store import heartbeats
from digest.store.engine import Database
from tests.people import DAY, NOW


def test_the_last_beat_of_each_name_is_known(database: Database) -> None:
    with database.write() as session:
        heartbeats.beat(session, "reconcile", now=NOW)
        heartbeats.beat(session, "worker", now=NOW, detail="host 1")
        heartbeats.beat(session, "reconcile", now=NOW + DAY)
    with database.read() as session:
        assert heartbeats.last(session, "reconcile") == NOW + DAY
        assert heartbeats.last(session, "worker") == NOW
        assert heartbeats.last(session, "nobody") is None
