"""Segments asked of the database: the same readers as held one by one, on both databases; and frozen with a send."""

from __future__ import annotations

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session

from digest.audience import addresses, tokens
from digest.segments import (
    Engaged,
    Every,
    Facts,
    JoinedAfter,
    JoinedBefore,
    Language,
    Section,
    Segment,
    Slice,
    Some,
    Tag,
    Without,
    holds,
)
from digest.store import audiences, segments, subscribers, suppressions
from digest.store.engine import Database
from digest.store.tables import ConsentRow, SubscriptionRow
from tests.people import ALICE, DAY, KEY, NEWSLETTER, NOW, confirmed, everybody

NAMES = ("News", "Sport", "sport", "Sport & News", "News\u00e9", "%", "_", "'; DROP TABLE x; --")
LANGUAGES = ("", "de", "de-AT", "pt-BR", "PT", "en", "d")
DAYS = tuple(dt.date(2026, 11, day) for day in (1, 14, 28, 29))

LEAVES: st.SearchStrategy[Segment] = st.one_of(
    st.sampled_from(NAMES).map(Section),
    st.sampled_from(NAMES).map(Tag),
    st.sampled_from(LANGUAGES[1:]).map(Language),
    st.sampled_from(DAYS).map(JoinedBefore),
    st.sampled_from(DAYS).map(JoinedAfter),
    st.sampled_from((1, 7, 30)).map(Engaged),
)
TREES: st.SearchStrategy[Segment] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Every(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Some(tuple(parts))),
        inner.map(Without),
    ),
    max_leaves=8,
)
MOMENTS = st.integers(0, 30 * 24).map(lambda hours: NOW - dt.timedelta(hours=hours))
READERS = st.builds(
    Facts,
    joined_at=MOMENTS,
    language=st.sampled_from(LANGUAGES),
    unwanted=st.frozensets(st.sampled_from(NAMES), max_size=3),
    tags=st.frozensets(st.sampled_from(NAMES), max_size=3),
    acted_at=st.none() | MOMENTS,
)


def put(session: Session, readers: list[Facts]) -> dict[int, Facts]:
    """Confirmed readers of whom these things are so, by their ids."""
    rows = [(addresses.parse(f"r{number}@reader.example"), "") for number in range(len(readers))]
    subscribers.import_confirmed(session, NEWSLETTER, rows, key=KEY, now=NOW)
    ids = session.scalars(select(SubscriptionRow.subscriber_id)).all()
    found = dict(zip(sorted(ids), readers, strict=True))
    for reader, facts in found.items():
        state = session.get(SubscriptionRow, (reader, NEWSLETTER))
        assert state is not None
        state.asked_at, state.language = facts.joined_at, facts.language
        state.unwanted_sections = "\n".join(sorted(facts.unwanted))
        state.tags = "\n".join(sorted(facts.tags))
        if facts.acted_at:
            session.add(
                ConsentRow(
                    subscriber_id=reader,
                    newsletter=NEWSLETTER,
                    kind="changed",
                    at=facts.acted_at,
                    method="page",
                )
            )
    session.flush()
    return found


@given(TREES, st.lists(READERS, max_size=6), st.sampled_from(("UTC", "Asia/Tokyo", "America/Lima")))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
def test_the_database_and_the_tree_name_the_same_readers(
    database: Database, tree: Segment, readers: list[Facts], zone: str
) -> None:
    wanted = Slice(tree, zone, "en")
    with database.write() as session:
        ids = put(session, readers)
        found = [
            i for part in audiences.at(session, NEWSLETTER, NOW, size=10, only=wanted) for i in part
        ]
        known = segments.facts(session, NEWSLETTER, list(ids), at=NOW)
        counted = audiences.count(session, NEWSLETTER, NOW, only=wanted)
        session.rollback()
    assert known == ids
    assert found == [reader for reader, facts in ids.items() if holds(wanted, facts, NOW)]
    assert counted == len(found)


def test_a_segment_never_holds_anybody_who_is_not_mailed(database: Database) -> None:
    people = everybody(database)
    everyone = Slice(Without(Tag("nobody")), "UTC", "en")
    with database.write() as session:
        confirmed(session, "frank@reader.example", newsletter="other")
        found = list(audiences.at(session, NEWSLETTER, NOW, size=10, only=everyone))
        assert found == [[people.alice]]
        hashed = tokens.address_hash(KEY, addresses.parse(ALICE).key)
        suppressions.add(session, hashed, reason="manual", now=NOW)
        assert audiences.count(session, NEWSLETTER, NOW, only=everyone) == 0


def test_an_import_is_no_act_of_the_readers(database: Database) -> None:
    engaged = Slice(Engaged(30), "UTC", "en")
    with database.write() as session:
        rows = [(addresses.parse("frank@reader.example"), "")]
        subscribers.import_confirmed(session, NEWSLETTER, rows, key=KEY, now=NOW - DAY)
        assert audiences.count(session, NEWSLETTER, NOW, only=engaged) == 0
        confirmed(session, "grace@reader.example")
        assert audiences.count(session, NEWSLETTER, NOW, only=engaged) == 1


def test_what_happens_after_the_moment_is_not_asked(database: Database) -> None:
    engaged = Slice(Engaged(5), "UTC", "en")
    with database.write() as session:
        confirmed(session, ALICE)  # 29 days ago
        assert audiences.count(session, NEWSLETTER, NOW - 26 * DAY, only=engaged) == 1
        assert audiences.count(session, NEWSLETTER, NOW, only=engaged) == 0
