"""Newsletters: first sight is remembered."""

from __future__ import annotations

from digest.store import newsletters
from digest.store.engine import Database
from tests.people import DAY, NEWSLETTER, NOW


def test_first_sight_is_remembered_for_each_newsletter(database: Database) -> None:
    with database.write() as session:
        assert newsletters.first_seen(session, NEWSLETTER, now=NOW) == NOW
        assert newsletters.first_seen(session, NEWSLETTER, now=NOW + DAY) == NOW
        assert newsletters.first_seen(session, "other", now=NOW + DAY) == NOW + DAY
