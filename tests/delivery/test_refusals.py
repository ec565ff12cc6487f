"""What the next server refused at once counts like what came back."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import worker
from digest.delivery import refusals
from digest.model import DeliveryState
from digest.store.engine import Database
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
