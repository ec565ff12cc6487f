"""Reminders: editors hear that nobody has approved, with a way to the draft and a way to approve just that one."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from digest import tell
from digest.model import Issue, IssueStatus
from digest.moments import span_words
from digest.schedules import Schedule
from digest.store import issues
from digest.store.engine import Database

#: After the deadline, where the schedule's rule is to remind.
EVERY = dt.timedelta(hours=1)
#: What the rule does after the deadline. {send}: the send's hour.
_AFTER = {
    "send": "After that it goes out as it is, {send}.",
    "hold": "After that it is held until somebody approves it.",
    "remind": "After that nothing goes out until somebody approves it, and you hear of it every hour.",
}


class RemindingHouse(Protocol):
    """What reminding needs of a house."""

    @property
    def database(self) -> Database: ...

    @property
    def public_url(self) -> str: ...


def remind(house: RemindingHouse, schedule: Schedule, issue: Issue, *, now: dt.datetime) -> bool:
    """Queue the reminder that is due, one for everybody with a seat; False where none is or it was queued before.

    Only who may approve gets the second link. It names the checksum of the draft that the mail speaks of.
    """
    due = due_since(schedule, issue, now=now)
    if due is None or issue.edition is None:
        return False
    rendered = issue.edition.rendered
    approve_url = (
        f"{house.public_url}/desk/{issue.newsletter}/{issue.period}/approval/{rendered.checksum}"
    )
    with house.database.write() as session:
        if not issues.remind(session, issue.id, due=due, now=now):
            return False
        return tell.by_seat(
            session,
            house,
            issue,
            "reminder",
            now=now,
            data={"subject": rendered.subject, **_words(schedule, issue, now=now)},
            for_approvers={"approve_url": approve_url},
        )


def due_since(schedule: Schedule, issue: Issue, *, now: dt.datetime) -> dt.datetime | None:
    """The moment whose reminder is due now; None where nobody is to be reminded."""
    moments = issue.moments
    waiting = issue.status in (IssueStatus.DRAFT, IssueStatus.HELD) and not issue.is_early
    if not waiting or now < moments.remind_at:
        return None
    if now < moments.deadline_at:
        return moments.remind_at
    over = moments.send_at + dt.timedelta(seconds=schedule.deliver.catch_up)
    held = issue.status is IssueStatus.HELD  # it waits for a person anyway, who may want it so
    if schedule.approve.if_nobody != "remind" or held or now > over:
        return None
    return moments.deadline_at + EVERY * ((now - moments.deadline_at) // EVERY)


def _words(schedule: Schedule, issue: Issue, *, now: dt.datetime) -> dict[str, str]:
    """The deadline, and what happens then, as sentences in the newsletter's own time."""
    zone, moments = schedule.calendar.zone, issue.moments
    deadline = f"{moments.deadline_at.astimezone(zone):%A %H:%M}"
    send = f"{moments.send_at.astimezone(zone):%A %H:%M}"
    left = moments.deadline_at - now
    if left <= dt.timedelta():
        rule = f"Nothing goes out until somebody approves it. It was to leave {send}."
        return {"deadline": f"{deadline}, {span_words(-left)} ago", "rule": rule}
    held = issue.status is IssueStatus.HELD
    rule = _AFTER["hold" if held else schedule.approve.if_nobody].format(send=send)
    return {"deadline": f"{deadline}, in {span_words(left)}", "rule": rule}
