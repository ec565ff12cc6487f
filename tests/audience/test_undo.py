"""Undoing an import: exactly what it brought goes, and nothing that a reader has done since."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from digest.audience import imports, preferences, undo
from digest.audience.addresses import parse
from digest.audience.imports import Plan
from digest.audience.tokens import address_hash, preferences_token
from digest.audience.undo import Undone
from digest.errors import Conflict, NotFound
from digest.model import Cadence, Preferences, SubscriptionStatus
from digest.store import audiences, events, import_log, subscribers
from digest.store.engine import Database
from digest.store.tables import (
    ConsentRow,
    MembershipRow,
    SubscriberRow,
    SubscriptionRow,
    SuppressionRow,
)
from tests.audience.test_imports import status, suppressed
from tests.people import ALICE, BOB, CAROL, DAY, KEY, NEWSLETTER, NOW, confirmed, everybody

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionStatus
LATER = NOW + DAY
FRANK, GRACE, HEIDI = "frank@reader.example", "grace@reader.example", "heidi@reader.example"


def take_over(database: Database, folder: Path, text: str, newsletter: str = NEWSLETTER) -> int:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    plan = Plan(newsletter, path, wording="moved")
    number = imports.take_over(database, plan, key=KEY, clock=lambda: NOW).number
    assert number is not None
    return number


def undone(database: Database, number: int) -> Undone:
    return undo.undo(database, number, clock=lambda: LATER)


def everything(database: Database) -> list[tuple[object, ...]]:
    """All rows about readers, without the numbers that are never given twice."""
    asked = (
        select(SubscriberRow.address, SubscriberRow.name, SubscriberRow.timezone),
        select(SubscriptionRow.subscriber_id, SubscriptionRow.status, SubscriptionRow.tags),
        select(MembershipRow.subscriber_id, MembershipRow.since, MembershipRow.until),
        select(ConsentRow.subscriber_id, ConsentRow.kind, ConsentRow.at),
        select(SuppressionRow.address_hash, SuppressionRow.reason).where(
            SuppressionRow.until.is_(None)  # type: ignore[union-attr]
        ),
    )
    with database.read() as session:
        return [tuple(row) for one in asked for row in sorted(session.execute(one).all(), key=str)]


def test_an_import_undone_leaves_everything_as_it_was(database: Database, tmp_path: Path) -> None:
    everybody(database)
    before = everything(database)
    text = (
        f"email,status,name,timezone,tags\n{FRANK},active,F,,a\n{GRACE},pending,G,,\n{HEIDI},unsubscribed,,,\n"
        f"ivan@reader.example,bounced,,,\n{ALICE},active,Alice,Asia/Tokyo,vip\n"
    )
    number = take_over(database, tmp_path, text)
    assert everything(database) != before
    assert undone(database, number) == Undone(removed=3, begun=0, emptied=1, lifted=1, kept=0)
    assert everything(database) == before
    assert suppressed(database, "ivan@reader.example") == ["hard_bounce"]  # a day ago it was so
    with database.read() as session:
        assert import_log.by_id(session, number).state == "undone"
        assert events.recent(session, limit=1)[0].action == "undid an import"


def test_who_has_done_something_since_stays(database: Database, tmp_path: Path) -> None:
    number = take_over(
        database, tmp_path, f"email,status\n{FRANK},active\n{GRACE},pending\n{HEIDI},active\n"
    )
    with database.write() as session:
        frank = subscribers.by_address(session, FRANK)
        grace = subscribers.by_address(session, GRACE)
        assert frank is not None
        assert grace is not None
        subscribers.leave(session, frank.id, NEWSLETTER, now=NOW + DAY / 2, method="page")
        subscribers.confirm(session, grace.id, NEWSLETTER, now=NOW + DAY / 2, method="form")
    assert undone(database, number) == Undone(removed=1, begun=0, emptied=0, lifted=0, kept=2)
    assert status(database, FRANK) is UNSUBSCRIBED
    assert status(database, GRACE) is CONFIRMED
    assert status(database, HEIDI) is None


def test_who_reads_another_newsletter_stays_its_reader(database: Database, tmp_path: Path) -> None:
    with database.write() as session:
        confirmed(session, FRANK, newsletter="other")
    number = take_over(database, tmp_path, f"{FRANK}\n")
    second = take_over(database, tmp_path, f"{GRACE}\n")
    take_over(database, tmp_path, f"{GRACE}\n", newsletter="other")
    undone(database, number)
    undone(database, second)
    with database.read() as session:
        for address in (FRANK, GRACE):
            reader = subscribers.by_address(session, address)
            assert reader is not None
            assert subscribers.newsletters(session, reader.id) == ["other"]


def test_who_had_left_by_an_import_is_with_us_again_from_then_on(
    database: Database, tmp_path: Path
) -> None:
    everybody(database)
    text = f"email,status\n{ALICE},unsubscribed\n{BOB},unsubscribed\n"
    number = take_over(database, tmp_path, text)
    assert status(database, ALICE) is status(database, BOB) is UNSUBSCRIBED
    assert undone(database, number) == Undone(removed=0, begun=2, emptied=0, lifted=0, kept=0)
    assert (status(database, ALICE), status(database, BOB)) == (CONFIRMED, PENDING)
    with database.read() as session:
        alice = subscribers.by_address(session, ALICE)
        assert alice is not None
        mine = select(MembershipRow.since, MembershipRow.until).where(
            MembershipRow.subscriber_id == alice.id
        )
        assert session.execute(mine.order_by(MembershipRow.since)).all() == [
            (NOW - 29 * DAY, NOW),
            (LATER, None),
        ]


def test_who_had_left_and_only_asked_again_is_not_mailed_by_an_undoing(
    database: Database, tmp_path: Path
) -> None:
    people = everybody(database)
    with database.write() as session:
        carol = parse(CAROL)
        hashed = address_hash(KEY, carol.key)
        asked = NOW - DAY / 2
        subscribers.ask(session, NEWSLETTER, carol, address_hash=hashed, now=asked, method="form")
    number = take_over(database, tmp_path, f"email,status\n{CAROL},unsubscribed\n")
    undone(database, number)
    assert status(database, CAROL) is PENDING
    with database.read() as session:
        mailed = [one for part in audiences.at(session, NEWSLETTER, LATER, size=9) for one in part]
    assert people.carol not in mailed


def test_an_undoing_is_no_word_of_the_reader(database: Database, tmp_path: Path) -> None:
    everybody(database)
    undone(database, take_over(database, tmp_path, f"email,status\n{ALICE},unsubscribed\n"))
    left = f"{NOW - DAY:%Y-%m-%d %H:%M:%S}"
    text = f"email,status,unsubscribed_at\n{ALICE},unsubscribed,{left}\n"
    path = tmp_path / "right.csv"
    path.write_text(text, encoding="utf-8")
    imports.take_over(database, Plan(NEWSLETTER, path), key=KEY, clock=lambda: LATER + DAY)
    assert status(database, ALICE) is UNSUBSCRIBED


def test_who_chose_something_since_stays(database: Database, tmp_path: Path) -> None:
    number = take_over(database, tmp_path, f"{FRANK}\n")
    with database.read() as session:
        frank = subscribers.by_address(session, FRANK)
    assert frank is not None
    token = preferences_token(KEY, NEWSLETTER, frank.handle)
    wanted = Preferences(name="Frank", cadence=Cadence.BIG)
    preferences.keep(
        database,
        NEWSLETTER,
        token,
        wanted,
        key=KEY,
        link="https://news.example/p",
        now=NOW + DAY / 2,
    )
    assert undone(database, number).kept == 1
    assert status(database, FRANK) is CONFIRMED


def test_a_second_import_of_the_same_readers_is_not_touched(
    database: Database, tmp_path: Path
) -> None:
    take_over(database, tmp_path, f"{FRANK}\n")
    second = take_over(database, tmp_path, f"{FRANK}\n{GRACE}\n")
    assert undone(database, second).removed == 1
    assert status(database, FRANK) is CONFIRMED


def test_an_undoing_that_breaks_off_goes_on(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = take_over(sqlite, tmp_path, "".join(f"r{n}@reader.example\n" for n in range(10)))
    monkeypatch.setattr(undo, "BATCH", 4)

    def breaks(stage: str, done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undo.undo(sqlite, number, clock=lambda: LATER, progress=breaks)
    assert undone(sqlite, number).removed == 6
    with sqlite.read() as session:
        assert session.scalar(select(func.count()).select_from(SubscriberRow)) == 0


def test_an_import_is_undone_once(sqlite: Database, tmp_path: Path) -> None:
    number = take_over(sqlite, tmp_path, f"{FRANK}\n")
    undone(sqlite, number)
    with pytest.raises(Conflict, match="undone already"):
        undone(sqlite, number)
    with pytest.raises(NotFound, match="there is no import 9"):
        undone(sqlite, 9)
