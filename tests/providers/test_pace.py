"""When the next request may leave: so many a second, and not before the provider wants to see us."""

from __future__ import annotations

import pytest

from digest.providers.pace import Pace


class Clock:
    """Time that goes on when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def a_pace(clock: Clock, *, per_s: float = 0.0, chance: float = 1.0) -> Pace:
    return Pace(per_s=per_s, clock=clock, chance=lambda: chance)


def test_without_a_limit_nobody_waits() -> None:
    pace = a_pace(Clock())
    assert (pace.closed_s(), pace.turn_s(), pace.turn_s()) == (0.0, 0.0, 0.0)


def test_requests_stand_in_a_row() -> None:
    clock = Clock()
    pace = a_pace(clock, per_s=4)
    assert [pace.turn_s() for _ in range(3)] == [0.0, 0.25, 0.5]
    clock.now += 10
    assert [pace.turn_s() for _ in range(2)] == [0.0, 0.25]


def test_what_the_provider_asks_for_holds_for_all_and_ends() -> None:
    clock = Clock()
    pace = a_pace(clock, per_s=2)
    assert pace.close(7.0) == 7.0
    assert (pace.closed_s(), pace.turn_s()) == (7.0, 7.0)
    pace.hold(3.0)  # a shorter one changes nothing
    assert pace.closed_s() == 7.0
    clock.now += 7.0
    assert pace.closed_s() == 0.0


def test_waits_that_nobody_names_double_up_to_a_minute_and_begin_again_when_it_went_well() -> None:
    pace = a_pace(Clock())
    assert [pace.close(None) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    pace.went_well()
    assert pace.close(None) == 1


def test_doubt_slows_down_until_it_went_well_and_in_the_end_is_trouble() -> None:
    pace = a_pace(Clock())
    assert (pace.doubtful, pace.doubt(), pace.doubtful, pace.troubled) == (False, 1, True, False)
    assert (pace.doubt(), pace.doubt(), pace.troubled) == (2, 4, True)
    pace.went_well()
    assert (pace.doubtful, pace.troubled) == (False, False)


@pytest.mark.parametrize(("chance", "wait"), [(0.0, 2.0), (1.0, 4.0)])
def test_half_of_a_wait_is_left_to_chance(chance: float, wait: float) -> None:
    assert a_pace(Clock(), chance=chance).back_off_s(2) == wait


def test_a_wait_of_nothing_is_not_taken_at_its_word() -> None:
    assert 0 < a_pace(Clock(), chance=0.0).close(0.0) <= 1.0


def test_so_many_tries_that_the_power_would_overflow_are_a_minute() -> None:
    assert a_pace(Clock()).back_off_s(10_000) == 60
