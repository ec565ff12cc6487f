"""What becomes of a row, by what is known of its reader: an import revives nobody."""

from __future__ import annotations

import datetime as dt

import pytest

from digest.audience.admission import Known, Outcome, decide
from digest.audience.standings import SUPPRESSING, Standing
from digest.model import SubscriptionStatus
from tests.people import DAY, NOW

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionStatus


def decided(
    standing: Standing,
    status: SubscriptionStatus | None = None,
    *,
    left: dt.datetime | None = None,
    own_word: dt.datetime | None = None,
    suppressed: bool = False,
) -> Outcome:
    known = Known(1, status, own_word=own_word) if status else None
    return decide(standing, known, left=left, suppressed=suppressed)


@pytest.mark.parametrize(
    ("standing", "outcome"),
    [
        (Standing.ACTIVE, Outcome.NEW),
        (Standing.PENDING, Outcome.PENDING),
        (Standing.UNSUBSCRIBED, Outcome.LEFT),
        (Standing.BOUNCED, Outcome.BARRED),
        (Standing.COMPLAINED, Outcome.BARRED),
        (Standing.BLOCKED, Outcome.BARRED),
    ],
)
def test_a_stranger_becomes_what_the_file_says(standing: Standing, outcome: Outcome) -> None:
    assert decided(standing) is outcome


@pytest.mark.parametrize("standing", [Standing.ACTIVE, Standing.PENDING, Standing.UNSUBSCRIBED])
def test_who_left_here_stays_away_whatever_the_file_says(standing: Standing) -> None:
    assert decided(standing, UNSUBSCRIBED) is Outcome.HAS_LEFT


def test_who_left_there_has_left_here_also_where_they_are_suppressed() -> None:
    assert decided(Standing.UNSUBSCRIBED, CONFIRMED, suppressed=True) is Outcome.ENDED


@pytest.mark.parametrize("standing", [one for one in Standing if one is not Standing.UNSUBSCRIBED])
def test_who_is_suppressed_here_stays_so_whatever_the_file_says(standing: Standing) -> None:
    assert decided(standing, CONFIRMED, suppressed=True) is Outcome.SUPPRESSED


def test_who_is_pending_here_is_not_confirmed_by_a_file() -> None:
    assert decided(Standing.ACTIVE, PENDING) is Outcome.KNOWN


def test_who_left_there_is_not_mailed_here_any_more() -> None:
    assert decided(Standing.UNSUBSCRIBED, CONFIRMED) is Outcome.ENDED
    assert decided(Standing.UNSUBSCRIBED, PENDING) is Outcome.ENDED
    late = decided(Standing.UNSUBSCRIBED, CONFIRMED, left=NOW, own_word=NOW - DAY)
    assert late is Outcome.ENDED


@pytest.mark.parametrize("standing", [Standing.UNSUBSCRIBED, *sorted(SUPPRESSING)])
def test_who_confirmed_here_after_that_is_believed_more_than_the_file(standing: Standing) -> None:
    assert decided(standing, CONFIRMED, left=NOW - DAY, own_word=NOW) is Outcome.KNOWN


@pytest.mark.parametrize("standing", sorted(SUPPRESSING))
def test_who_bounced_there_without_a_date_is_not_mailed(standing: Standing) -> None:
    assert decided(standing, CONFIRMED, own_word=NOW) is Outcome.BARRED
