"""What the next server refused at once counts like what came back."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import worker
from digest.audience.bounces import Verdict
from digest.bootstrap import House
from digest.delivery import finish, ledger, refusals, sender, steer
from digest.errors import Conflict, Refused
from digest.model import DeliveryState, Issue
from digest.store import events, sends, suppressions
from digest.store import refusals as stored
from digest.store.engine import Database
from tests.delivery.sundays import Post, a_house, later, names, put_frozen, send_of
from tests.delivery.weeks import BOB, Weeks
from tests.houses import make_house

FAILED = DeliveryState.FAILED


@pytest.fixture
def weeks(database: Database, tmp_path: Path) -> Weeks:
    return Weeks.begin(make_house(database, tmp_path))


def judge(weeks: Weeks) -> int:
    return refusals.judge_all(weeks.house.database, key=weeks.house.key, now=weeks.now)


def test_a_mailbox_that_is_not_there_suppresses_at_once_and_is_judged_once(weeks: Weeks) -> None:
    weeks.send(0, state=FAILED, reply="550 5.1.1 no such user")
    assert [judge(weeks), judge(weeks)] == [1, 0]
    assert weeks.is_suppressed()
    assert not weeks.is_suppressed(BOB)
    assert weeks.after(0) == "hard 5.1.1"


def test_three_issues_that_were_given_up_wear_out(weeks: Weeks) -> None:
    for number in range(3):
        assert not weeks.is_suppressed()
        weeks.send(number, state=FAILED, reply="452 4.2.2 mailbox full")
        judge(weeks)
    assert weeks.is_suppressed()


def test_a_refusal_for_what_we_are_touches_nobody(weeks: Weeks) -> None:
    for number in range(3):
        weeks.send(number, state=FAILED, reply="550 5.7.1 rejected by policy")
        assert judge(weeks) == 1
    assert not weeks.is_suppressed()
    assert weeks.after(2) == "ours 5.7.1"


def test_the_worker_judges_them_and_lives_on_where_it_cannot(
    weeks: Weeks, monkeypatch: pytest.MonkeyPatch
) -> None:
    weeks.send(0, state=FAILED, reply="550 5.1.1 no such user")

    def broken(*_: object, **__: object) -> int:
        raise RuntimeError("a defect")

    with monkeypatch.context() as patched:
        patched.setattr(worker.refusals, "judge_all", broken)
        worker.run_tidying(weeks.house)
    assert not weeks.is_suppressed()
    worker.run_tidying(weeks.house)
    assert weeks.is_suppressed()


# ---------------------------------------------------------------- too much of a send

GONE = "550 5.1.1 no such user"


def sent(database: Database, folder: Path, *, readers: int, refused: int) -> tuple[House, Issue]:
    """A send that a person let go on, and the relay refuses the first `refused` of its readers."""
    house = a_house(database, folder, Post({one: [Refused(GONE)] for one in names(refused)}))
    issue = put_frozen(house, names(readers))
    with database.write() as session:
        sends.prove(session, send_of(house, issue).id)
    sender.drain(house)
    return house, issue


def judged(house: House) -> int:
    return refusals.judge_all(house.database, key=house.key, now=house.clock())


def suppressed(house: House) -> int:
    with house.database.read() as session:
        return suppressions.count(session, "sunday", at=house.clock())


def after(house: House, issue: Issue) -> dict[str, int]:
    with house.database.read() as session:
        return ledger.after(session, issue.id)


def test_a_relay_that_knows_nobody_suppresses_nobody_and_is_told(
    database: Database, tmp_path: Path
) -> None:
    house, issue = sent(database, tmp_path, readers=60, refused=60)
    assert finish.finish(house, now=house.clock()) == [issue.id]
    assert [judged(house), judged(house)] == [60, 0]
    assert suppressed(house) == 0
    assert after(house, issue) == {"held": 60}
    with database.read() as session:
        told = events.recent(session, limit=1)[0]
    assert (told.action, told.data["refused"]) == ("held refusals back", 60)


def test_few_of_many_are_believed_but_not_before_the_end_of_their_send(
    database: Database, tmp_path: Path
) -> None:
    house, _ = sent(database, tmp_path, readers=120, refused=12)
    assert (judged(house), suppressed(house)) == (0, 0)
    finish.finish(house, now=house.clock())
    assert (judged(house), suppressed(house)) == (12, 12)


def test_a_person_may_say_that_what_was_held_back_is_right(
    database: Database, tmp_path: Path
) -> None:
    house, issue = sent(database, tmp_path, readers=60, refused=30)
    finish.finish(house, now=house.clock())
    judged(house)
    said = {"key": house.key, "by": "otto", "now": house.clock()}
    assert refusals.believe(house.database, issue, **said) == (30, 30)  # type: ignore[arg-type]
    assert (suppressed(house), after(house, issue)) == (30, {"hard": 30})
    with pytest.raises(Conflict, match="nothing of sunday/2026-11-29 is held back"):
        refusals.believe(house.database, issue, **said)  # type: ignore[arg-type]


def test_who_is_sent_it_again_is_judged_anew(database: Database, tmp_path: Path) -> None:
    """The relay is mended; two of those whom it had refused are refused again, and rightly."""
    house, issue = sent(database, tmp_path, readers=60, refused=60)
    finish.finish(house, now=house.clock())
    judged(house)
    post = house.provider
    assert isinstance(post, Post)
    post.answers = {one: [Refused(GONE)] for one in names(2)}
    steer.resend(house, issue, by="otto", uncertain=False, now=house.clock())
    assert after(house, issue) == {}
    later(house, minutes=1)
    sender.drain(house)
    finish.finish(house, now=house.clock())
    assert (judged(house), suppressed(house)) == (2, 2)
    assert after(house, issue) == {"hard": 2}


def test_what_is_held_back_is_no_part_of_a_readers_score(weeks: Weeks) -> None:
    weeks.send(0, state=FAILED, reply="452 4.2.2 mailbox full")
    with weeks.house.database.write() as session:
        stored.hold_back(session, weeks.sends[0], Verdict.HELD, now=weeks.now)
    weeks.send(1, 2)
    weeks.take(weeks.report(1), weeks.report(2))
    assert not weeks.is_suppressed()


def test_a_send_on_its_way_is_no_part_of_a_readers_score(weeks: Weeks) -> None:
    weeks.send(0, state=FAILED, reply="452 4.2.2 mailbox full", done=False)
    assert judge(weeks) == 0
    weeks.send(1, 2)
    weeks.take(weeks.report(1), weeks.report(2))
    assert not weeks.is_suppressed()
