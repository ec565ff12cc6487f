"""The budget: no span holds more than its limit, whoever asks when, and little is left unused."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.delivery import budget as budgets
from digest.delivery.budget import IDLE, SECOND, SKEW, Budget, Rate
from digest.delivery.budget_text import from_text, to_text
from digest.limits import Limit, SlowStart, read_limits

START = 1_795_000_000 * SECOND
TICK = SECOND // 20

LIMITS = st.lists(
    st.builds(Limit, st.sampled_from([1, 2, 10, 60, 3600, 86400]), st.integers(1, 3000)),
    min_size=1,
    max_size=3,
    unique_by=lambda one: one.seconds,
)
#: Around every border: nothing, a tick, a span and a microsecond less.
GAPS = st.one_of(
    st.sampled_from([0, 1, TICK, SECOND - 1, SECOND, 10 * SECOND, 60 * SECOND, 3600 * SECOND]),
    st.integers(0, 2 * SECOND),
    st.integers(0, 90_000 * SECOND),
)


@dataclass
class Shared:
    """A budget that is written down and read again by whoever comes next, and what was used of it."""

    limits: tuple[Limit, ...]
    text: str = ""
    used: list[list[int]] = field(default_factory=list)  # [true moment, count]

    def grant(self, clock: int, wanted: int, *, true: int | None = None) -> int:
        budget = from_text(self.text)
        at = budget.now(clock)
        count = min(wanted, budgets.room(budget, self.limits, at) or 0)
        self.text = to_text(budgets.take(budget, self.limits, count, at))
        self.used.append([clock if true is None else true, count])
        return count

    def give_back(self, clock: int, unused: int = 0, *, since: int = 0, spare: int = 0) -> None:
        budget = from_text(self.text)
        at = budget.now(clock)
        self.text = to_text(
            budgets.give_back(budget, self.limits, at, unused=unused, since=since, spare=spare)
        )

    def more_at(self, clock: int) -> int:
        budget = from_text(self.text)
        return budgets.more_at(budget, self.limits, budget.now(clock))

    def check(self) -> None:
        for limit in self.limits:
            assert most_in(limit.seconds * SECOND, self.used) <= limit.count


def most_in(span: int, used: Iterable[list[int]]) -> int:
    """The most messages in any half-open span of that length."""
    told = sorted(used)
    most = inside = first = 0
    for at, count in told:
        inside += count
        while told[first][0] <= at - span:
            inside -= told[first][1]
            first += 1
        most = max(most, inside)
    return most


@given(LIMITS, st.lists(st.tuples(GAPS, st.integers(0, 4000)), max_size=40))
def test_no_span_holds_more_than_its_limit_whoever_asks_when(
    limits: list[Limit], asked: list[tuple[int, int]]
) -> None:
    shared, now = Shared(tuple(limits)), START
    for gap, wanted in asked:
        now += gap
        shared.grant(now, wanted)
    shared.check()


@given(LIMITS, st.lists(st.tuples(GAPS, st.integers(0, 500), st.data()), max_size=30))
def test_what_is_given_back_is_never_counted_as_used_twice_nor_forgotten_early(
    limits: list[Limit], asked: list[tuple[int, int, st.DataObject]]
) -> None:
    shared, now = Shared(tuple(limits)), START
    for gap, wanted, data in asked:
        now += gap
        spare = data.draw(st.integers(0, shared.grant(now, wanted)), label="spare")
        shared.used[-1][1] -= spare
        late = data.draw(st.sampled_from(shared.used), label="given back late")
        unused = data.draw(st.integers(0, late[1]), label="unused")
        late[1] -= unused
        shared.give_back(now, unused, since=late[0], spare=spare)
    shared.check()


@given(
    LIMITS,
    st.lists(st.tuples(GAPS, st.integers(0, 500), st.integers(0, 8 * SECOND)), max_size=30),
)
def test_a_clock_that_is_set_back_again_and_again_lets_nothing_more_leave(
    limits: list[Limit], asked: list[tuple[int, int, int]]
) -> None:
    shared, true, behind = Shared(tuple(limits)), START, 0
    for gap, wanted, back in asked:
        true, behind = true + gap, behind + back
        shared.grant(true - behind, wanted, true=true)
    shared.check()


@given(LIMITS, st.lists(st.tuples(GAPS, st.integers(1, 4000)), max_size=20))
def test_more_may_be_had_from_the_moment_that_is_told_and_not_before(
    limits: list[Limit], asked: list[tuple[int, int]]
) -> None:
    shared, now = Shared(tuple(limits)), START
    for gap, wanted in asked:
        now += gap
        if shared.grant(now, wanted) < wanted:
            later = shared.more_at(now)
            assert later > now
            assert not shared.grant(later - 1, 1)
            assert shared.grant(later, 1)
            now = later


@given(LIMITS, st.lists(st.tuples(GAPS, st.integers(0, 50)), max_size=30))
def test_what_is_written_down_is_read_again(
    limits: list[Limit], asked: list[tuple[int, int]]
) -> None:
    budget, now = Budget(first={"news.example": START}, rate=Rate(20, 1, 2, 3, 4, 5)), START
    for gap, count in asked:
        now += gap
        budget = budgets.take(budget, tuple(limits), count, now)
    assert from_text(to_text(budget)) == budget


def test_a_budget_stays_short_however_much_it_remembers() -> None:
    limits = read_limits("1000/s, 50000/min, 2000000/h, 9000000/d")
    shared, now = Shared(limits), START
    for step in range(1500):
        now += TICK if step % 2 else 40 * SECOND
        shared.grant(now, 10)
    assert len(shared.text) < 6000


# ---------------------------------------------------------------- a long run of many workers


def run(limits: str, *, workers: int, seconds: int, skew: int = 0) -> Shared:
    """Workers that always want more and look again every 50 ms, or when they were told, a little late.

    skew: by how much the clock of each worker goes before that of the one before it.
    """
    dice, shared = random.Random(7), Shared(read_limits(limits))
    queue = [(START + dice.randrange(TICK), worker) for worker in range(workers)]
    heapq.heapify(queue)
    while queue[0][0] < START + seconds * SECOND:
        now, worker = queue[0]
        clock = now + worker * skew
        shared.grant(clock, 10**6, true=now)
        wait = max(TICK, shared.more_at(clock) - clock)
        heapq.heapreplace(queue, (now + wait + dice.randrange(8000), worker))
    return shared


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize(
    ("limits", "seconds"), [("10/s", 100), ("14/s", 100), ("1000/s", 20), ("120/min", 240)]
)
def test_workers_together_get_98_percent_of_a_limit_and_never_more_than_all(
    limits: str, seconds: int, workers: int
) -> None:
    shared = run(limits, workers=workers, seconds=seconds)
    shared.check()
    (limit,) = shared.limits
    told = sum(count for _, count in shared.used) / (limit.count * seconds / limit.seconds)
    assert 0.98 <= told <= 1 + 1 / seconds


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("limits", ["60/s", "1000/s"])
def test_what_is_handed_over_a_moment_late_meets_no_heap_at_the_relay(
    limits: str, workers: int
) -> None:
    """With a fifth of a second's worth at the start of each second it would be a fifth too much."""
    shared, dice = run(limits, workers=workers, seconds=30), random.Random(3)
    handed = [[at + dice.randrange(20_000), count] for at, count in shared.used]
    (limit,) = shared.limits
    assert most_in(SECOND, handed) <= 1.12 * limit.count


def test_clocks_that_differ_by_a_second_let_no_more_leave_but_once_as_each_joins() -> None:
    shared = run("100/s", workers=4, seconds=30, skew=SECOND // 3)
    assert most_in(SECOND, shared.used) <= 100 + 3 * 21, "a fifth of a second and one, each"
    assert most_in(SECOND, [one for one in shared.used if one[0] > START + 2 * SECOND]) <= 100
    total = sum(count for _, count in shared.used)
    assert 0.98 * 3000 <= total <= 3000 * 1.01 + 100


def test_after_an_idle_hour_a_spread_limit_begins_with_a_fraction_of_its_span() -> None:
    shared = Shared(read_limits("1000/s, 30000/min"))
    assert shared.grant(START, 10**6) == 101, "a fifth of a second's worth, and one"
    assert shared.grant(START + 3600 * SECOND, 10**6) == 101


def test_a_long_limit_may_be_used_up_at_once_and_then_waits_for_its_span() -> None:
    shared = Shared(read_limits("5000/h"))
    assert shared.grant(START, 10**6) == 5000
    assert shared.more_at(START + SECOND) == START + 3600 * SECOND
    assert shared.grant(START + 3600 * SECOND - 1, 1) == 0
    assert shared.grant(START + 3600 * SECOND, 10**6) == 5000


def test_half_of_what_is_granted_and_given_back_at_once_costs_nothing_of_a_long_limit() -> None:
    shared, total = Shared(read_limits("3600/h")), 0
    for step in range(1800):
        now = START + 4 * step * SECOND
        count = shared.grant(now, 1000)
        spare = max(0, count - 8)
        shared.give_back(now, spare=spare)
        shared.used[-1][1] -= spare
        total += count - spare
    shared.check()
    assert total >= 0.98 * 2 * 3600


def test_a_small_step_back_stands_still_and_a_big_one_counts_what_lay_ahead_as_now() -> None:
    shared = Shared(read_limits("10/s"))
    shared.grant(START, 10)
    first = from_text(shared.text)
    assert first.now(START - SKEW + 1) == START
    assert first.now(START - SKEW) == START - SKEW
    back = START - 3600 * SECOND
    assert shared.grant(back, 10) == 0
    assert shared.grant(back + SECOND, 10) > 0, "nobody waits the hour"


# ---------------------------------------------------------------- the slow start

PLAN = SlowStart(20, 500)


def seconds_of(rate: Rate, results: Iterable[tuple[int, int]], *, since: int = START) -> list[int]:
    """The rate after each second with so many good results and so much trouble."""
    found, at = [], since
    for good, trouble in results:
        at += SECOND
        rate = rate.now(PLAN, at).note(PLAN, good, trouble, at)
        found.append(rate.rate)
    return found


def begun() -> Rate:
    return Rate().now(PLAN, START).note(PLAN, 1, 0, START)


def test_a_slow_start_doubles_each_second_that_goes_well_up_to_its_ceiling() -> None:
    good = [(20, 0), (40, 0), (80, 0), (160, 0), (320, 0), (500, 0)]
    assert seconds_of(begun(), good) == [40, 80, 160, 320, 500, 500]


def test_it_halves_on_trouble_and_never_ends() -> None:
    assert seconds_of(begun(), [(20, 0), (30, 10)]) == [40, 20]
    assert seconds_of(begun(), [(0, 5)] * 7) == [10, 5, 2, 1, 1, 1, 1]


def test_one_deferral_among_many_is_no_trouble() -> None:
    assert seconds_of(begun(), [(36, 4), (60, 4)]) == [40, 80]


def test_a_rate_that_was_not_used_does_not_grow() -> None:
    assert seconds_of(begun(), [(8, 0), (9, 0), (10, 0)]) == [20, 20, 40]


def test_results_within_a_second_are_looked_at_together() -> None:
    rate = begun()
    for step in range(1, 20):
        rate = rate.note(PLAN, 1, 0, START + step * TICK)
    assert rate.rate == 20
    assert rate.note(PLAN, 1, 0, START + SECOND).rate == 40


def test_it_begins_anew_after_an_hour_without_mail_and_goes_on_after_less() -> None:
    rate = Rate(320, used=START)
    assert rate.now(PLAN, START + IDLE).rate == 320
    assert rate.now(PLAN, START + IDLE + 1).rate == 20
    assert Rate(9000, used=START).now(PLAN, START).rate == 500, "a ceiling that was lowered holds"


def test_what_a_window_has_let_go_of_is_not_taken_off_what_was_granted_later() -> None:
    shared = Shared((Limit(1, 1),))
    assert shared.grant(START, 1)
    assert shared.grant(START + SECOND, 1)
    shared.give_back(START + SECOND, 1, since=START)  # the first one, found stale
    assert not shared.grant(START + SECOND, 1)
