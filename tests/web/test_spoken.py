"""Times and states in words, and what happens next if nobody does anything."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from digest.model import Approval, Issue, IssueId, IssueStatus, Moments, Window
from digest.moments import WeekTime
from digest.schedules import Schedule
from digest.store.sends import Send, SendStatus
from digest.web import spoken

LONDON = ZoneInfo("Europe/London")
NOW = dt.datetime(2026, 11, 29, 6, 30, tzinfo=dt.UTC)


def a_schedule(if_nobody: str = "send") -> Schedule:
    return Schedule.model_validate(
        {
            "key": "sunday",
            "newsletter": {
                "name": "The Sunday Catchup",
                "timezone": "Europe/London",
                "site_name": "The Test Gazette",
                "site_url": "https://gazette.example/",
                "from_address": "sunday@gazette.example",
                "postal_address": "1 Quay Street",
            },
            "sources": [{"key": "desk", "kind": "api"}],
            "approve": {"if_nobody": if_nobody},
        }
    )


def an_issue(status: IssueStatus, **more: object) -> Issue:
    draft_at = dt.datetime(2026, 11, 28, 18, tzinfo=dt.UTC)
    moments = Moments(
        period="2026-11-29",
        window=Window(draft_at - dt.timedelta(days=7), draft_at),
        draft_at=draft_at,
        remind_at=dt.datetime(2026, 11, 29, 6, tzinfo=dt.UTC),
        deadline_at=dt.datetime(2026, 11, 29, 7, 30, tzinfo=dt.UTC),
        send_at=dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC),
    )
    fields = {"built_at": draft_at, **more}
    return Issue(
        id=IssueId(1), newsletter="sunday", number=1, moments=moments, status=status, **fields
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "now"),
        (1, "in 1 minute"),
        (-5, "5 minutes ago"),
        (200, "in 3 hours 20 minutes"),
        (120, "in 2 hours"),
        (1440, "in 1 day"),
        (2 * 1440 + 125, "in 2 days 2 hours"),
        (-1441, "1 day ago"),
    ],
)
def test_a_distance_is_told_in_its_two_largest_parts(minutes: int, said: str) -> None:
    assert spoken.distance(NOW + dt.timedelta(minutes=minutes), NOW) == said


def test_a_distance_and_the_countdown_beside_it_say_the_same() -> None:
    deadline = NOW + dt.timedelta(hours=10, minutes=11, seconds=40)
    assert spoken.distance(deadline, NOW) == f"in {spoken.left(deadline, NOW)}"


def test_a_moment_is_told_in_the_newsletters_own_time() -> None:
    summer = dt.datetime(2026, 6, 7, 7, 0, tzinfo=dt.UTC)
    assert spoken.moment(summer, LONDON) == "Sunday 7 June, 08:00"
    assert spoken.short_day(summer, LONDON) == "Sun 7 Jun"


def test_numbers_are_told_with_their_word() -> None:
    assert spoken.plural(1, "story", "stories") == "1 story"
    assert spoken.plural(1204, "story", "stories") == "1,204 stories"
    assert spoken.plural(2, "reader") == "2 readers"


def test_a_weekly_moment_and_a_reading_time() -> None:
    assert spoken.weekly(WeekTime.parse("sunday 08:00")) == "Sunday at 08:00"
    assert spoken.reading(20) == "1 min read"
    assert spoken.reading(250) == "4 min read"


def test_an_undecided_draft_tells_its_deadline_and_the_rule() -> None:
    step = spoken.next_step(an_issue(IssueStatus.DRAFT), a_schedule(), now=NOW)
    assert step.line == "Waits for approval until Sunday 29 November, 07:30"
    assert (step.until, step.towards) == (NOW + dt.timedelta(hours=1), "until the deadline")
    assert "goes out as it is" in step.why
    held = spoken.next_step(an_issue(IssueStatus.DRAFT), a_schedule("hold"), now=NOW)
    assert "it is held" in held.why


def test_under_the_rule_to_remind_a_draft_waits_before_and_after_the_deadline() -> None:
    schedule, later = a_schedule("remind"), NOW + dt.timedelta(hours=2)
    before = spoken.next_step(an_issue(IssueStatus.DRAFT), schedule, now=NOW)
    assert "hear of it every hour" in before.why
    after = spoken.next_step(an_issue(IssueStatus.DRAFT), schedule, now=later)
    assert after.line == "Waits for approval since Sunday 29 November, 07:30 (1 hour ago)"
    assert after.until is None


def test_a_countdown_never_says_more_than_is_left() -> None:
    for seconds, said in (
        (5400, "1 hour 30 minutes"),
        (119, "1 minute"),
        (20, "less than a minute"),
    ):
        assert spoken.left(NOW + dt.timedelta(seconds=seconds), NOW) == said


def test_an_early_draft_says_when_it_is_made_again() -> None:
    early = an_issue(IssueStatus.DRAFT, built_at=None)
    step = spoken.next_step(early, a_schedule(), now=NOW - dt.timedelta(days=2))
    assert step.line.startswith("An early draft: the week ends Saturday 28 November, 18:00")


def test_an_approved_issue_tells_by_whom_and_when_it_goes() -> None:
    approval = Approval(checksum="0" * 64, by="Erin", at=NOW, note="Good week")
    step = spoken.next_step(
        an_issue(IssueStatus.APPROVED, approval=approval), a_schedule(), now=NOW
    )
    assert step.line == "Goes out Sunday 29 November, 08:00"
    assert (step.until, step.towards) == (NOW + dt.timedelta(minutes=90), "until it goes out")
    assert step.why == "Approved by Erin, Sunday 29 November, 06:30. Note: Good week"


@pytest.mark.parametrize("status", list(IssueStatus))
def test_every_status_has_words_and_a_next_step(status: IssueStatus) -> None:
    assert spoken.STATUS[status]
    assert spoken.next_step(an_issue(status, reason="rain"), a_schedule(), now=NOW).line


def a_send(**values: Any) -> Send:
    given = {"issue_id": 1, "edition_id": 1, "newsletter": "sunday", "cut_off": NOW, "audience": 3}
    return Send(id=1, reason="", started_at=NOW, **(given | {"status": SendStatus.OPEN} | values))


def test_a_send_that_stands_or_was_cancelled_is_not_told_as_one_that_goes() -> None:
    def line(status: IssueStatus, send: Send) -> str:
        return spoken.next_step(an_issue(status), a_schedule(), now=NOW, send=send).line

    until = NOW + dt.timedelta(minutes=30)
    resting = a_send(status=SendStatus.PAUSED, resume_at=until)
    assert line(IssueStatus.SENDING, a_send()) == "Going out now"
    assert line(IssueStatus.SENDING, resting).endswith("Sunday 29 November, 07:00 (in 30 minutes)")
    standing = line(IssueStatus.SENDING, a_send(status=SendStatus.PAUSED))
    assert standing == "The sending stands until somebody lets it go on"
    cancelled = a_send(status=SendStatus.DONE, cancelled_by="erin")
    assert line(IssueStatus.SENT, cancelled) == "The sending was cancelled by erin"
    assert line(IssueStatus.SENT, a_send(status=SendStatus.DONE)) == "It has gone out"
    sending, sent = an_issue(IssueStatus.SENDING), an_issue(IssueStatus.SENT)
    assert spoken.standing(sending, a_send()).word == "Going out"
    assert spoken.standing(sending, resting).word == "Resting"
    assert spoken.standing(sending, a_send(status=SendStatus.PAUSED)).word == "Stopped"
    assert spoken.standing(sent, cancelled).word == "Cancelled"
    assert spoken.standing(sent, a_send(status=SendStatus.DONE)).word == "Sent"


def test_a_held_issue_tells_why() -> None:
    step = spoken.next_step(
        an_issue(IssueStatus.HELD, reason="it is 7 h late"), a_schedule(), now=NOW
    )
    assert step.why == "It is 7 h late."
