"""The verdict on one report, and the score over many issues."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience import bounces
from digest.audience.bounces import HARD_CODES, Copy, Verdict, is_doubtful, judge, worn_out
from digest.model import ReportKind

SUNDAY = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
WORDS = st.text(max_size=60)


def copies(*told: tuple[float, bool]) -> list[Copy]:
    """Copies by the day they were sent, and whether each came back."""
    return [Copy(SUNDAY + day * DAY, back) for day, back in told]


@pytest.mark.parametrize("status", sorted(HARD_CODES))
def test_few_codes_are_hard(status: str) -> None:
    assert judge(ReportKind.BOUNCED, status, "no such user") is Verdict.HARD


@pytest.mark.parametrize("status", ["", "5.0.0", "5.1.0", "5.2.2", "5.4.1", "4.4.1", "5.1.4"])
def test_every_other_code_is_soft(status: str) -> None:
    assert judge(ReportKind.BOUNCED, status, "mailbox full") is Verdict.SOFT


@pytest.mark.parametrize(
    "words", ["Blocked by Spamhaus", "mailbox is full", "SPF fail", "policy", "too many"]
)
def test_words_soften_a_hard_code(words: str) -> None:
    assert judge(ReportKind.BOUNCED, "5.1.1", words) is Verdict.SOFT


@given(st.sampled_from(["", "5.0.0", "5.2.2", "4.4.1"]), WORDS)
def test_no_words_make_a_bounce_hard(status: str, words: str) -> None:
    assert judge(ReportKind.BOUNCED, status, words) in (Verdict.SOFT, Verdict.OURS)


@given(st.sampled_from("45"), st.integers(0, 999), WORDS)
def test_policy_codes_are_ours_whatever_the_words(group: str, detail: int, words: str) -> None:
    assert judge(ReportKind.BOUNCED, f"{group}.7.{detail}", words) is Verdict.OURS


def test_the_other_kinds_mean_what_they_say() -> None:
    found = {kind: judge(kind, "5.1.1", "") for kind in ReportKind if kind != ReportKind.BOUNCED}
    assert found == {
        ReportKind.DELIVERED: Verdict.DELIVERED,
        ReportKind.DEFERRED: Verdict.NOTHING,
        ReportKind.COMPLAINED: Verdict.COMPLAINT,
        ReportKind.UNSUBSCRIBED: Verdict.LEFT,
        ReportKind.OTHER: Verdict.NOTHING,
    }


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("550 5.1.1 <a@b> no such user", "5.1.1"),
        ("550-5.7.26 unauthenticated", "5.7.26"),
        ("550 no such user", ""),
        ("550 host 10.5.1.1.example says no", ""),
    ],
)
def test_the_code_in_a_reply(reply: str, code: str) -> None:
    assert bounces.code_of(reply) == code


# ---------------------------------------------------------------- the score


def test_three_weekly_issues_in_a_row_wear_out() -> None:
    assert worn_out(copies((0, True), (7, True), (14, True)))
    assert not worn_out(copies((0, True), (7, True)))


def test_one_that_arrived_between_them_heals() -> None:
    assert not worn_out(copies((0, True), (7, True), (10, False), (14, True), (21, True)))


def test_a_full_weekend_wears_nobody_out_but_a_full_week_does() -> None:
    daily = [(day, True) for day in range(8)]
    assert not worn_out(copies(*daily[:7]))
    assert worn_out(copies(*daily))


def test_months_apart_is_not_in_a_row() -> None:
    assert not worn_out(copies((0, True), (30, True), (60, True)))


HISTORIES = st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=14)


@given(HISTORIES, st.randoms())
def test_the_order_in_which_copies_are_told_does_not_matter(
    told: list[tuple[float, bool]], random: object
) -> None:
    shuffled = copies(*told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert worn_out(shuffled) == worn_out(copies(*told))


@given(HISTORIES)
def test_another_bounce_never_heals_and_another_arrival_never_wears_out(
    told: list[tuple[float, bool]],
) -> None:
    before = worn_out(copies(*told))
    assert worn_out(copies(*told, (61, True))) >= before
    assert worn_out(copies(*told, (30.5, False))) <= before


@given(HISTORIES)
def test_nobody_is_worn_out_but_by_the_rule_in_plain_words(told: list[tuple[float, bool]]) -> None:
    ordered = sorted(told, key=lambda one: (one[0], not one[1]))
    expected = any(
        all(back for _, back in ordered[i : j + 1])
        and j - i >= 2
        and 7 <= ordered[j][0] - ordered[i][0] <= 21
        for i in range(len(ordered))
        for j in range(i, len(ordered))
    )
    assert worn_out(copies(*told)) is expected


@pytest.mark.parametrize(
    ("accepted", "refused", "doubtful"),
    [
        (0, 1, False),  # one reader alone may be gone
        (1, 1, False),
        (0, 2, True),
        (1, 2, True),
        (2, 2, False),
        (8, 10, True),  # more than half
        (90, 10, False),  # a list that was not clean: as many as a trial lets pass
        (99, 11, False),  # a tenth exactly
        (98, 11, True),
        (950_000, 50_000, False),
        (0, 1_000_000, True),
    ],
)
def test_too_much_of_a_send_tells_of_the_next_server(
    accepted: int, refused: int, doubtful: bool
) -> None:
    assert is_doubtful(accepted, refused) is doubtful
