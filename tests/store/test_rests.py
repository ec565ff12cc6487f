"""Who rests, until when, and why: the newest word counts, and a person ends it."""

from __future__ import annotations

import datetime as dt

from digest.store import rests
from digest.store.engine import Database
from digest.store.rests import Rest
from tests.people import NOW

HOUR = dt.timedelta(hours=1)


def test_the_newest_word_counts_until_it_is_over_or_a_person_ends_it(database: Database) -> None:
    first = Rest(provider="smtp", until=NOW + HOUR, why="no connection")
    second = Rest(provider="smtp", until=NOW + 2 * HOUR, why="535 no", instead="ses")
    with database.write() as session:
        rests.begin(session, first)
        rests.begin(session, second)
        assert rests.now_resting(session, now=NOW) == [second]
        assert rests.now_resting(session, now=NOW + 2 * HOUR) == []
        rests.end_all(session)
        assert rests.now_resting(session, now=NOW) == []


def test_a_person_who_has_them_asked_again_is_remembered(database: Database) -> None:
    with database.write() as session:
        assert rests.asked_again_at(session) is None
        rests.begin(session, Rest(provider="smtp", until=NOW + HOUR, why="no connection"))
        rests.ask_again(session, now=NOW)
        assert rests.now_resting(session, now=NOW) == []
        assert rests.asked_again_at(session) == NOW
