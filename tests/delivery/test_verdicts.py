"""What an answer means, without any socket: the schedule, the policies, and what is never claimed."""

from __future__ import annotations

import datetime as dt

import pytest

from digest.delivery import verdicts
from digest.delivery.verdicts import HANDED_OVER, SENT_AGAIN, Job, Terms
from digest.errors import TryLater
from digest.model import DeliveryState, SubscriberId, UncertainPolicy

NOW = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)
HOLD, RESEND, REPLAY = UncertainPolicy.HOLD, UncertainPolicy.RESEND, UncertainPolicy.REPLAY
ALICE = SubscriberId(1)


def terms(policy: UncertainPolicy = HOLD, *, hours: float = 48) -> Terms:
    return Terms(policy=policy, base_s=60, give_up_s=hours * 3600)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(0, 1), (1, 1), (2, 5), (3, 30), (4, 120), (9, 120)]
)
def test_the_schedule_is_one_five_thirty_and_then_two_hours(attempts: int, minutes: int) -> None:
    due = verdicts.retry_at(NOW, attempts, base_s=60)
    assert due == NOW + dt.timedelta(minutes=minutes)


def test_a_wait_that_was_asked_for_is_never_cut_short_nor_a_schedule_by_it() -> None:
    assert verdicts.retry_at(NOW, 1, base_s=60, asked_s=900) == NOW + dt.timedelta(minutes=15)
    assert verdicts.retry_at(NOW, 3, base_s=60, asked_s=1) == NOW + dt.timedelta(minutes=30)


def test_the_last_attempt_is_made_at_the_deadline_and_not_after_it() -> None:
    job = Job(0, ALICE, attempts=6)
    row = verdicts.later(job, TryLater("450"), terms(hours=1), now=NOW)
    assert row.due_at == NOW + dt.timedelta(hours=1)
    late = verdicts.later(job, TryLater("450"), terms(hours=0), now=NOW)
    assert (late.state, late.due_at) == (DeliveryState.FAILED, None)


def test_a_reader_has_all_the_time_from_the_first_attempt_however_late_that_is() -> None:
    first = verdicts.later(Job(0, ALICE), TryLater("450"), terms(), now=NOW)
    assert first.first_at == NOW
    days = [NOW + dt.timedelta(hours=hours) for hours in (47, 48)]
    waits = Job(0, ALICE, first.attempts, first.reply, first.first_at)
    rows = [verdicts.later(waits, TryLater("450"), terms(), now=now) for now in days]
    assert [row.state for row in rows] == [DeliveryState.QUEUED, DeliveryState.FAILED]
    assert [row.first_at for row in rows] == [NOW, None]


@pytest.mark.parametrize("policy", list(UncertainPolicy))
def test_nobody_in_doubt_is_ever_called_failed_or_skipped(policy: UncertainPolicy) -> None:
    job = Job(0, ALICE, attempts=1, note=SENT_AGAIN)
    ended = [
        verdicts.refused(job, "550", now=NOW),
        verdicts.skipped(job, now=NOW),
        verdicts.later(job, TryLater("450"), terms(policy, hours=0), now=NOW),
        verdicts.unexpected(job, ValueError("odd"), terms(policy), now=NOW),
    ]
    assert {row.state for row in ended} == {DeliveryState.UNCERTAIN}
    assert all(HANDED_OVER in (row.reply or "") for row in ended)


def test_resend_is_done_once_also_when_a_deferral_came_between() -> None:
    first = verdicts.doubt(Job(0, ALICE), "lost", terms(RESEND), now=NOW)
    assert (first.state, first.reply) == (DeliveryState.QUEUED, SENT_AGAIN)
    again = Job(0, ALICE, first.attempts, first.reply)
    deferred = verdicts.later(again, TryLater("450"), terms(RESEND), now=NOW)
    third = Job(0, ALICE, deferred.attempts, deferred.reply)
    assert verdicts.doubt(third, "lost", terms(RESEND), now=NOW).state is DeliveryState.UNCERTAIN


def test_a_replay_goes_on_until_it_is_too_late() -> None:
    row = verdicts.doubt(Job(0, ALICE), "lost", terms(REPLAY), now=NOW)
    for _ in range(5):
        assert row.state is DeliveryState.QUEUED
        row = verdicts.doubt(Job(0, ALICE, row.attempts, row.reply), "lost", terms(REPLAY), now=NOW)
    end = verdicts.doubt(Job(0, ALICE, 5, row.reply), "lost", terms(REPLAY, hours=0), now=NOW)
    assert end.state is DeliveryState.UNCERTAIN


def test_hold_holds() -> None:
    row = verdicts.doubt(Job(0, ALICE), "lost", terms(HOLD), now=NOW)
    assert (row.state, row.due_at) == (DeliveryState.UNCERTAIN, None)


def test_deferrals_do_not_count_towards_quarantine() -> None:
    job = Job(0, ALICE, attempts=7, note="450 greylisted")
    row = verdicts.unexpected(job, ValueError("odd"), terms(), now=NOW)
    assert row.state is DeliveryState.QUEUED
    row = verdicts.unexpected(Job(0, ALICE, 8, row.reply), ValueError("odd"), terms(), now=NOW)
    assert row.state is DeliveryState.QUEUED
    row = verdicts.unexpected(Job(0, ALICE, 9, row.reply), ValueError("odd"), terms(), now=NOW)
    assert (row.state, row.reply) == (DeliveryState.FAILED, "quarantined: ValueError('odd')")


def test_a_plain_acceptance_keeps_no_words_and_a_long_reply_is_cut() -> None:
    assert verdicts.accepted(Job(0, ALICE), now=NOW).reply is None
    assert len(verdicts.refused(Job(0, ALICE), "x" * 9000, now=NOW).reply or "") == 500


def test_skipping_is_no_attempt() -> None:
    row = verdicts.skipped(Job(0, ALICE, attempts=2), now=NOW)
    assert (row.state, row.attempts) == (DeliveryState.SKIPPED, 2)
