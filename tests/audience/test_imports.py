"""Imports: what is taken, what is not and why, that trying dry changes nothing, and that a kill loses nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from digest.audience import addresses, imports, tokens
from digest.audience.admission import Outcome
from digest.audience.imports import Plan, Report
from digest.audience.layouts import RowError
from digest.errors import BadInput, Conflict
from digest.model import SubscriptionStatus
from digest.store import consents, events, import_log, moves, subscribers, suppressions
from digest.store.engine import Database
from digest.store.tables import ConsentRow, MembershipRow, SubscriberRow, SubscriptionRow
from tests.audience.member_samples import SAMPLES
from tests.people import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    DAY,
    KEY,
    NEWSLETTER,
    NOW,
    confirmed,
    everybody,
    sign_up,
)

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionStatus
Act = Callable[..., Report]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def run(
    database: Database, folder: Path, text: str, act: Act = imports.take_over, **options: Any
) -> Report:
    path = folder / options.pop("name", "people.csv")
    path.write_text(text, encoding="utf-8")
    plan = Plan(NEWSLETTER, path, wording="moved from the old system")
    return act(database, plan, key=KEY, clock=lambda: NOW, **options)


def status(database: Database, address: str) -> SubscriptionStatus | None:
    with database.read() as session:
        reader = subscribers.by_address(session, address)
        return subscribers.status(session, reader.id, NEWSLETTER) if reader else None


def suppressed(database: Database, address: str) -> list[str]:
    hashed = tokens.address_hash(KEY, addresses.parse(address).key)
    with database.read() as session:
        return suppressions.reasons(session, hashed, at=NOW)


def test_an_import_takes_readers_over_and_reports_everybody(
    database: Database, folder: Path
) -> None:
    everybody(database)
    text = (
        f"email,name\n{ALICE},A\n{BOB},B\n{CAROL},C\n{DAVE},D\nfrank@reader.example,Frank\n"
        "Frank@reader.example,F\nbad,B\n"
    )
    steps: list[tuple[str, int, int]] = []
    report = run(database, folder, text, progress=lambda *step: steps.append(step))
    assert report.outcomes == {
        Outcome.NEW: 1,
        Outcome.FILLED: 2,
        Outcome.HAS_LEFT: 1,
        Outcome.SUPPRESSED: 1,
        Outcome.DOUBLE: 1,
        Outcome.REFUSED: 1,
    }
    assert (report.total, report.refused) == (7, {"no usable address": 1})
    assert [error.line for error in report.errors] == [8]
    assert steps == [("import", 0, 7), ("import", 7, 7)]
    assert status(database, "frank@reader.example") is CONFIRMED
    with database.read() as session:
        (event,) = events.recent(session, limit=5)
    assert (event.action, event.data["new"]) == ("imported readers", 1)


def test_an_import_revives_and_confirms_nobody(database: Database, folder: Path) -> None:
    everybody(database)
    run(database, folder, f"{ALICE}\n{BOB}\n{CAROL}\n{DAVE}\n")
    assert [status(database, one) for one in (ALICE, BOB, CAROL)] == [
        CONFIRMED,
        PENDING,
        UNSUBSCRIBED,
    ]
    assert suppressed(database, DAVE) == ["complaint"]


@pytest.mark.parametrize("system", ["kit", "buttondown", "mailpoet", "ghost"])
def test_the_readers_of_another_system_stand_here_as_they_stood_there(
    system: str, database: Database, folder: Path
) -> None:
    name, text, expected = SAMPLES[system]
    run(database, folder, text, name=name)
    reasons = {"bounced": ["hard_bounce"], "complained": ["complaint"], "blocked": ["imported"]}
    for address, standing in expected.items():
        words = {"active": CONFIRMED, "pending": PENDING, "unsubscribed": UNSUBSCRIBED}
        assert status(database, address) is words.get(standing), address
        assert suppressed(database, address) == reasons.get(standing, []), address


def test_a_graver_reason_is_kept_beside_one_that_ends_by_itself(
    database: Database, folder: Path
) -> None:
    hashed = tokens.address_hash(KEY, "gina@reader.example")
    with database.write() as session:
        suppressions.add(session, hashed, reason="soft_bounce", now=NOW, until=NOW + DAY)
    text = "email,status\ngina@reader.example,complained\n"
    assert run(database, folder, text).outcomes == {Outcome.BARRED: 1}
    assert run(database, folder, text).outcomes == {Outcome.SUPPRESSED: 1}
    assert suppressed(database, "gina@reader.example") == ["complaint", "soft_bounce"]


def test_what_the_file_knows_of_a_reader_is_kept_with_the_evidence(
    database: Database, folder: Path
) -> None:
    name, text, _ = SAMPLES["mailchimp"]
    run(database, folder, text, name=name)
    with database.read() as session:
        row = session.scalars(select(SubscriberRow).where(SubscriberRow.name == "Ann Lee")).one()
        state = session.scalars(
            select(SubscriptionRow).where(SubscriptionRow.subscriber_id == row.id)
        ).one()
        proof = session.scalars(select(ConsentRow).where(ConsentRow.subscriber_id == row.id)).one()
        since = session.scalars(
            select(MembershipRow.since).where(MembershipRow.subscriber_id == row.id)
        ).one()
        assert (row.timezone, state.tags) == ("Europe/Berlin", "Editors\nEarly, birds")
        assert (state.asked_at.isoformat(), proof.given_at) == (
            "2019-03-01T10:05:00+00:00",
            state.asked_at,
        )
        assert (proof.kind, proof.network) == ("imported", "198.51.100.0/24")
        (line,) = consents.of(session, row.id or 0)
        assert line.words == "moved from the old system"
        assert since == NOW  # with us from now on: an audience of before is what it was


def test_of_who_left_there_only_the_address_is_kept(sqlite: Database, folder: Path) -> None:
    text = "email,name,status,tags\ngina@reader.example,Gina,unsubscribed,vip\n"
    run(sqlite, folder, text)
    with sqlite.read() as session:
        gina = subscribers.by_address(session, "gina@reader.example")
        assert gina is not None
        assert gina.name == ""
        assert session.scalars(select(SubscriptionRow.tags)).all() == [""]


def test_who_left_there_since_is_not_mailed_here_any_more(database: Database, folder: Path) -> None:
    run(database, folder, "email\nfrank@reader.example\n")
    text = "email,unsubscribed_at\nfrank@reader.example,2026-11-01\n"
    assert run(database, folder, text).outcomes == {Outcome.ENDED: 1}
    assert status(database, "frank@reader.example") is UNSUBSCRIBED
    with database.read() as session:
        assert session.scalars(select(MembershipRow.until)).all() == [NOW]


def test_who_confirmed_here_after_leaving_there_stays(database: Database, folder: Path) -> None:
    everybody(database)
    before, after = NOW - 40 * DAY, NOW - 2 * DAY
    text = f"email,unsubscribed_at\n{ALICE},{before.isoformat()}\n"
    assert run(database, folder, text).outcomes == {Outcome.KNOWN: 1}
    text = f"email,unsubscribed_at\n{ALICE},{after.isoformat()}\n"
    assert run(database, folder, text).outcomes == {Outcome.ENDED: 1}


@pytest.mark.parametrize(
    ("row", "outcome", "stands"),
    [
        ("{old},{after}", Outcome.ENDED, UNSUBSCRIBED),
        ("{old},{before}", Outcome.KNOWN, CONFIRMED),
        ("{old},", Outcome.HAS_LEFT, CONFIRMED),
    ],
    ids=["left there since the move", "left there before it", "still with us there"],
)
def test_a_row_of_an_address_that_moved_away_here_speaks_of_who_moved(
    database: Database, folder: Path, row: str, outcome: Outcome, stands: SubscriptionStatus
) -> None:
    moved_here(database, ALICE, "alice@new.example")
    told = row.format(old=ALICE, before=(NOW - 9 * DAY).date(), after=(NOW - DAY).date())
    text = f"email,unsubscribed_at\n{told}\n"
    assert run(database, folder, text, imports.try_dry).outcomes == {outcome: 1}
    assert run(database, folder, text).outcomes == {outcome: 1}
    assert status(database, "alice@new.example") is stands
    assert status(database, ALICE) is UNSUBSCRIBED


def test_a_file_that_has_the_new_address_as_well_is_believed_there(
    database: Database, folder: Path
) -> None:
    moved_here(database, ALICE, "alice@new.example")
    text = f"email,unsubscribed_at\n{ALICE},{(NOW - DAY).date()}\nalice@new.example,\n"
    assert run(database, folder, text).outcomes == {Outcome.HAS_LEFT: 1, Outcome.KNOWN: 1}
    assert status(database, "alice@new.example") is CONFIRMED


def moved_here(database: Database, old: str, new: str) -> None:
    """Five days ago."""
    at = NOW - 5 * DAY
    with database.write() as session:
        first, second = confirmed(session, old), sign_up(session, new)
        subscribers.confirm(session, second, NEWSLETTER, now=at, method="move")
        moves.leave_to(session, first, second, NEWSLETTER, now=at)


def test_a_later_row_does_not_undo_that_somebody_left(database: Database, folder: Path) -> None:
    for text in (
        "a@r.example,unsubscribed\nA@r.example,active\n",
        "b@r.example,active\nB@r.example,unsubscribed\n",
    ):
        run(database, folder, f"email,status\n{text}")
    assert status(database, "a@r.example") is UNSUBSCRIBED
    assert status(database, "b@r.example") is UNSUBSCRIBED


def test_a_reader_keeps_what_is_known_and_gains_what_is_not(
    database: Database, folder: Path
) -> None:
    everybody(database)
    text = f"email,name,timezone,language,tags\n{ALICE},Alice,Europe/Paris,fr,vip\n"
    assert run(database, folder, text).outcomes == {Outcome.FILLED: 1}
    text = f"email,name,timezone,language,tags\n{ALICE},Alicia,Asia/Tokyo,ja,press\n"
    assert run(database, folder, text).outcomes == {Outcome.KNOWN: 1}
    with database.read() as session:
        row = session.scalars(select(SubscriberRow).where(SubscriberRow.address == ALICE)).one()
        state = session.get_one(SubscriptionRow, (row.id, NEWSLETTER))
        assert (row.name, row.timezone) == ("Alice", "Europe/Paris")
        assert (state.language, state.tags) == ("fr", "vip")


def test_trying_dry_says_the_same_and_changes_nothing(database: Database, folder: Path) -> None:
    everybody(database)
    text = (
        f"email,status,name\nfrank@reader.example,active,F\ngrace@reader.example,bounced,G\n{ALICE},active,A\n"
        f"{BOB},unsubscribed,\n{CAROL},active,\n{DAVE},active,\nbad,active,\nfrank@reader.example,active,\n"
    )
    dry = run(database, folder, text, imports.try_dry)
    with database.read() as session:
        assert subscribers.by_address(session, "frank@reader.example") is None
        assert events.recent(session, limit=5) == []
        assert import_log.newest(session) == []
    real = run(database, folder, text)
    assert dry.dry_run
    assert (dry.outcomes, dry.refused, dry.errors) == (real.outcomes, real.refused, real.errors)
    assert sum(dry.outcomes.values()) == dry.total == 8


def test_importing_twice_is_harmless(database: Database, folder: Path) -> None:
    run(database, folder, "frank@reader.example\n")
    assert run(database, folder, "frank@reader.example\n").outcomes == {Outcome.KNOWN: 1}
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(MembershipRow)) == 1


def test_every_row_that_is_not_taken_is_told_with_its_line(sqlite: Database, folder: Path) -> None:
    told: list[RowError] = []
    text = "email,status,timezone\nnobody,active,\na@r.example,who knows,\nb@r.example,inactive,\nc@r.example,active,CEST\n,active,\n"
    report = run(sqlite, folder, text, tell=told.append)
    assert [(one.line, one.kind) for one in told] == [
        (2, "no usable address"),
        (3, "unknown status"),
        (4, "not mailed any more"),
        (5, "something passed over"),
        (6, "no address"),
    ]
    assert (report.outcomes[Outcome.REFUSED], report.odd) == (4, 1)


def test_a_file_that_is_broken_further_down_changes_nothing(sqlite: Database, folder: Path) -> None:
    rows = "".join(f"r{n}@reader.example\n" for n in range(100))
    with pytest.raises(BadInput, match="line 102"):
        run(sqlite, folder, f'email\n{rows}"' + "x" * 200_000)
    with sqlite.read() as session:
        assert session.scalar(select(func.count()).select_from(SubscriberRow)) == 0


def test_a_long_file_is_taken_in_several_transactions(
    sqlite: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports._Pace, "took", lambda self, size, seconds: None)
    monkeypatch.setattr(imports._Pace.__init__, "__defaults__", (2, 0.0))
    steps: list[int] = []
    text = "".join(f"r{n}@reader.example\n" for n in range(5))
    report = run(sqlite, folder, text, progress=lambda stage, done, total: steps.append(done))
    assert report.outcomes == {Outcome.NEW: 5}
    assert steps == [0, 2, 4, 5]


@pytest.mark.parametrize(("seconds", "size"), [(0.0001, 1250), (imports.HOLD_S, 1000), (10, 200)])
def test_a_transaction_is_as_long_as_others_can_wait(seconds: float, size: int) -> None:
    pace = imports._Pace()
    pace.took(1000, seconds)
    assert pace.size == size


def test_two_imports_of_one_file_at_once_do_nothing_twice(sqlite: Database, folder: Path) -> None:
    begun = {"file": "a", "platform": "csv", "actor": "me", "now": NOW}
    with sqlite.write() as session:
        first = import_log.begin(session, NEWSLETTER, "abc", **begun)
        second = import_log.begin(session, NEWSLETTER, "abc", **begun)
        assert first == second
        import_log.advance(session, first, 10, imports.Counter(), now=NOW)
        with pytest.raises(Conflict):
            import_log.advance(session, second, 10, imports.Counter(), now=NOW)


CHILD = """
import datetime as dt, sys, time
from pathlib import Path
from digest.audience import addresses, imports, tokens
from digest.store.engine import Database
from tests.people import KEY, NEWSLETTER
plan = imports.Plan(NEWSLETTER, Path(sys.argv[2]), wording="moved")
imports.take_over(
    Database(sys.argv[1]), plan, key=KEY, clock=lambda: dt.datetime.now(dt.UTC),
    progress=lambda stage, done, total: (print(done, flush=True), done >= 2000 and time.sleep(240)),
)
"""


def test_an_import_that_is_killed_goes_on_where_it_was(database: Database, folder: Path) -> None:
    path = folder / "people.csv"
    many = 12_000
    text = "email,status\n" + "".join(
        f"r{n}@reader.example,{'active' if n % 10 else 'pending'}\n" for n in range(many)
    )
    path.write_text(f"{text}nobody,active\n")
    command = [sys.executable, "-c", CHILD, database.url, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        while int(child.stdout.readline() or many) < 2000:
            pass
        child.send_signal(signal.SIGKILL)
    with database.read() as session:
        (broken,) = import_log.newest(session)
    assert broken.state == "running"
    assert 0 < broken.rows < many
    plan = Plan(NEWSLETTER, path, wording="moved")
    report = imports.take_over(database, plan, key=KEY, clock=lambda: NOW)
    assert (report.number, report.resumed_at) == (broken.id, broken.rows)
    assert report.outcomes == {
        Outcome.NEW: many - many // 10,
        Outcome.PENDING: many // 10,
        Outcome.REFUSED: 1,
    }
    with database.read() as session:
        counts = subscribers.counts(session, NEWSLETTER)
        assert (counts[CONFIRMED], counts[PENDING]) == (many - many // 10, many // 10)
        assert session.scalar(select(func.count()).select_from(MembershipRow)) == counts[CONFIRMED]
        assert session.scalar(select(func.count()).select_from(ConsentRow)) == many
