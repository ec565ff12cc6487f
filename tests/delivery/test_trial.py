"""The trial of a send: whom a refusal speaks of, and that nobody fails while that is not clear."""

from __future__ import annotations

import pytest

from digest.delivery.trial import FIRST, MOST, PROVEN_SUSPECTS, SUSPECTS, Trial

POLICY, PLAIN = "554 5.7.1 not from you", "550 5.1.1 no such user"


def trial(*, proven: bool = False, welcome: bool = False, answered: int = 0) -> Trial[int]:
    return Trial(proven=proven, welcome=welcome, answered=answered)


def test_a_refusal_by_policy_is_believed_when_somebody_else_is_welcome() -> None:
    one = trial()
    assert one.refused(1, POLICY, policy=True) == ""
    assert one.open
    assert one.accepted() == [(1, POLICY)]
    assert not one.open


def test_so_many_by_policy_in_a_row_are_about_us_and_nobody_is_believed_to_have_failed() -> None:
    one = trial(welcome=True)
    told = [one.refused(reader, POLICY, policy=True) for reader in range(SUSPECTS)]
    assert told == [""] * (SUSPECTS - 1) + [POLICY]
    assert one.accepted() == []
    assert one.settled() == []


def test_after_the_trial_a_company_that_wants_none_of_our_mail_stops_nothing() -> None:
    one = trial(welcome=True, proven=True)
    told = [one.refused(reader, POLICY, policy=True) for reader in range(PROVEN_SUSPECTS)]
    assert told == [""] * (PROVEN_SUSPECTS - 1) + [POLICY]
    one = trial(welcome=True, proven=True)
    for reader in range(PROVEN_SUSPECTS - 1):
        one.refused(reader, POLICY, policy=True)
    assert [who for who, _ in one.ended()[0]] == list(range(PROVEN_SUSPECTS - 1))


@pytest.mark.parametrize("proven", [False, True])
def test_before_anybody_was_welcome_a_few_are_enough(proven: bool) -> None:
    told = [trial(proven=proven)] * SUSPECTS
    assert [one.refused(n, POLICY, policy=True) for n, one in enumerate(told)][-1] == POLICY


def test_a_short_list_that_is_refused_as_a_whole_is_for_a_person_to_look_at() -> None:
    one = trial()
    for reader in range(2):
        one.refused(reader, "550 relay not permitted", policy=False)
    assert one.ended() == ([], "all 2 readers were refused: 550 relay not permitted")
    again = trial(proven=True)  # somebody has looked, and resumed it
    assert again.refused(1, PLAIN, policy=False) == ""
    assert again.settled() == [(1, PLAIN)]


def test_an_acceptance_between_them_begins_the_count_anew() -> None:
    one = trial()
    for reader in range(3 * SUSPECTS):
        assert one.refused(reader, POLICY, policy=True) == ""
        one.accepted()


def test_plain_refusals_wait_until_the_first_readers_are_through() -> None:
    one = trial()
    for reader in range(MOST):
        assert one.refused(reader, PLAIN, policy=False) == ""
        assert one.settled() == []
    for _ in range(FIRST - MOST - 1):
        assert one.accepted() == []
    assert not one.proven
    assert [who for who, _ in one.accepted()] == list(range(MOST))
    assert one.proven


def test_one_more_than_one_in_twenty_stops_the_send_and_says_how_many() -> None:
    one = trial()
    for reader in range(MOST):
        assert one.refused(reader, PLAIN, policy=False) == ""
    told = one.refused(MOST, PLAIN, policy=False)
    assert told == f"{MOST + 1} of the first {MOST + 1} readers were refused: {PLAIN}"


@pytest.mark.parametrize("policy", [True, False])
def test_what_is_still_on_the_wire_after_a_stop_fails_nobody(policy: bool) -> None:
    one = trial(answered=FIRST - MOST - 3)
    for reader in range(SUSPECTS if policy else MOST + 1):
        stopped = one.refused(reader, POLICY, policy=policy)
    assert stopped
    for _ in range(20):
        assert one.accepted() == []
        assert one.settled() == []
    assert not one.proven


def test_a_proven_send_believes_plain_refusals_at_once_and_is_never_stopped_by_them() -> None:
    one = trial(proven=True)
    for reader in range(5 * MOST):
        assert one.refused(reader, PLAIN, policy=False) == ""
        assert one.settled() == [(reader, PLAIN)]


def test_a_small_audience_ends_with_its_few_plain_refusals_believed() -> None:
    one = trial()
    one.refused(1, PLAIN, policy=False)
    assert one.ended() == ([(1, PLAIN)], "")
    assert not one.open


def test_an_audience_that_ends_with_nothing_but_refusals_by_policy_is_about_us() -> None:
    one = trial()
    one.refused(1, PLAIN, policy=False)
    one.refused(2, POLICY, policy=True)
    assert one.ended() == ([(1, PLAIN)], POLICY)


def test_an_audience_that_ends_where_somebody_was_welcome_believes_both() -> None:
    one = trial(welcome=True)
    one.refused(1, PLAIN, policy=False)
    one.refused(2, POLICY, policy=True)
    assert one.ended() == ([(1, PLAIN), (2, POLICY)], "")


def test_deferrals_by_policy_in_a_row_let_the_send_rest_and_an_acceptance_ends_the_row() -> None:
    one = trial()
    told = [one.deferred("421 4.7.0 slow down") for _ in range(SUSPECTS - 1)]
    assert told == [""] * (SUSPECTS - 1)
    one.accepted()
    told = [one.deferred("421 4.7.0 slow down") for _ in range(SUSPECTS)]
    assert [bool(one) for one in told] == [False] * (SUSPECTS - 1) + [True]
