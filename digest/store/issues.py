"""Issues: one a newsletter and period, their editions, and the consent to send one of them.

An issue's status changes only here, by a conditional update that follows TRANSITIONS.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, insert, or_, select, true, update
from sqlmodel import Session, col

from digest.errors import Conflict, NotFound
from digest.model import (
    Edition,
    HookKind,
    Issue,
    IssueContent,
    IssueId,
    IssueStatus,
    Moments,
    Printed,
    Rendered,
)
from digest.store import clicks, editions, hooks, statements, unpublished
from digest.store.issue_rows import CONTENT, load
from digest.store.tables import ApprovalRow, IssueRow, NewsletterRow

DUE, DRAFT, HELD, APPROVED, SENDING, SENT, SKIPPED = IssueStatus

#: What may follow what. A paused send is still sending; what is skipped stays so, unless a person wants it back.
TRANSITIONS: Mapping[IssueStatus, frozenset[IssueStatus]] = {
    DUE: frozenset({DRAFT, HELD, SKIPPED}),
    DRAFT: frozenset({DRAFT, APPROVED, HELD, SKIPPED}),
    HELD: frozenset({DRAFT, APPROVED, SKIPPED}),
    APPROVED: frozenset({DRAFT, HELD, SENDING}),
    SENDING: frozenset({SENT}),
    SENT: frozenset({SENDING}),  # a person has the undelivered sent again
    SKIPPED: frozenset({DUE}),
}


# ---------------------------------------------------------------- reading


def by_id(session: Session, issue_id: IssueId, *, content: IssueContent | None = None) -> Issue:
    """One issue with its current edition. content: known already, so that it is not read again. Raises NotFound."""
    found = load(session, col(IssueRow.id) == issue_id, bare=content is not None)
    if not found:
        raise NotFound(f"there is no issue {issue_id}")
    return found[0] if content is None else dataclasses.replace(found[0], content=content)


def get(session: Session, newsletter: str, period: str, *, bare: bool = False) -> Issue | None:
    """A newsletter's issue of one period. bare: without its content, which takes longest to read."""
    return _first(load(session, _of(newsletter), col(IssueRow.period) == period, bare=bare))


def published(session: Session, newsletter: str, period: str) -> Issue | None:
    """The issue of one period once it goes out: what the archive may show. Mails link to it from the first one on."""
    sent = col(IssueRow.status).in_([SENDING.value, SENT.value])
    return _first(load(session, _of(newsletter), col(IssueRow.period) == period, sent))


def going_out(
    session: Session, newsletter: str, *, now: dt.datetime, soon: dt.timedelta
) -> Issue | None:
    """The newest issue that is being sent, or is approved and will be within `soon`."""
    nearly = and_(col(IssueRow.status) == APPROVED.value, col(IssueRow.send_at) <= now + soon)
    sending = or_(col(IssueRow.status) == SENDING.value, nearly)
    return _first(load(session, _of(newsletter), sending, newest=True, limit=1))


def archive(session: Session, newsletter: str, *, limit: int) -> list[Issue]:
    """The issues that were sent and are on the web, newest first."""
    sent = col(IssueRow.status) == SENT.value
    shown = (sent, ~unpublished.is_down())
    return load(session, _of(newsletter), *shown, newest=True, limit=limit)


def recent(session: Session, newsletter: str, *, limit: int) -> list[Issue]:
    """The newest issues, whatever became of them, newest first."""
    return load(session, _of(newsletter), newest=True, limit=limit)


def below(session: Session, newsletter: str, *, period: str | None, limit: int) -> list[Issue]:
    """The newest issues before a period, or of all; newest first, without their content."""
    earlier = () if period is None else (col(IssueRow.period) < period,)
    return load(session, _of(newsletter), *earlier, newest=True, limit=limit, bare=True)


def unfinished(session: Session, newsletter: str, *, bare: bool = False) -> list[Issue]:
    """The issues that are neither sent nor skipped, oldest first. bare: without their content."""
    over = [SENT.value, SKIPPED.value]
    return load(session, _of(newsletter), col(IssueRow.status).not_in(over), bare=bare)


def told_before(
    session: Session, newsletter: str, *, before_period: str, limit: int
) -> list[Issue]:
    """The newest issues before a period that told their stories, newest first."""
    earlier = (col(IssueRow.period) < before_period, col(IssueRow.status) != SKIPPED.value)
    return load(session, _of(newsletter), *earlier, newest=True, limit=limit)


def lead_scores(
    session: Session, newsletter: str, *, before_period: str, limit: int
) -> list[float]:
    """The scores of the leads of the newest issues before a period that were sent, newest first."""
    score = col(IssueRow.content)[("lead", "score")].as_float()
    asked = (
        select(score)
        .where(_of(newsletter), col(IssueRow.period) < before_period, score.is_not(None))
        .where(col(IssueRow.status).in_([SENDING.value, SENT.value]))
        .order_by(col(IssueRow.period).desc())
        .limit(limit)
    )
    return list(session.scalars(asked))


def untold_since(session: Session, newsletter: str, *, before_period: str) -> dt.datetime | None:
    """Where the stories that nobody was told begin, before a period: its window begins there.

    That is the end of the newest issue that told or will tell its stories: a skipped one, thin or dropped, told
    nobody anything. None before the first issue; then a week of wall clock before the cut-off is a fair beginning.
    """
    earlier = (_of(newsletter), col(IssueRow.period) < before_period)
    told = select(col(IssueRow.window_end)).where(*earlier, col(IssueRow.status) != SKIPPED.value)
    end = session.scalar(told.order_by(col(IssueRow.period).desc()).limit(1))
    if end is not None:
        return end
    return session.scalar(select(func.min(col(IssueRow.window_start))).where(*earlier))


# ---------------------------------------------------------------- changing


def open_issue(session: Session, newsletter: str, moments: Moments, *, now: dt.datetime) -> bool:
    """Make a period's issue, due and without content. True if this call made it."""
    lock = select(col(NewsletterRow.key)).where(col(NewsletterRow.key) == newsletter)
    session.execute(lock.with_for_update())  # so that two periods never get one number
    highest = select(func.max(col(IssueRow.number))).where(_of(newsletter))
    return statements.inserted(
        session,
        IssueRow,
        newsletter=newsletter,
        period=moments.period,
        number=(session.scalar(highest) or 0) + 1,
        status=DUE.value,
        reason="",
        created_at=now,
        changed_at=now,
        **_moment_columns(moments),
    )


def reschedule(session: Session, issue_id: IssueId, moments: Moments, *, now: dt.datetime) -> None:
    """Give a period that nobody has approved other moments. Raises Conflict where it is too late."""
    _change(
        session,
        issue_id,
        col(IssueRow.status).in_([DUE.value, DRAFT.value, HELD.value]),
        col(IssueRow.period) == moments.period,
        changed_at=now,
        **_moment_columns(moments),
    )


def save_draft(
    session: Session,
    issue_id: IssueId,
    content: IssueContent,
    rendered: Rendered,
    variants: Mapping[str, Rendered] | None = None,
    *,
    second: Printed | None = None,
    now: dt.datetime,
    built: bool = True,
    edited: bool = False,
) -> Edition:
    """Make what was built the current edition and the issue a draft. Raises Conflict once approved.

    built: the articles were looked at anew. edited: an editor changed it, and the issue's reason stays. second:
    the same under the other subject of a contest.

    The same checksum is the same edition. A held issue stays held, with its reason: what a person
    stopped, a person lets go.
    """
    held = col(IssueRow.status) == HELD.value
    _change(
        session,
        issue_id,
        _may_become(DRAFT),
        col(IssueRow.status) != APPROVED.value,
        status=case((held, HELD.value), else_=DRAFT.value),
        reason=case((true() if edited else held, col(IssueRow.reason)), else_=""),
        content=CONTENT.dump_python(content, mode="json"),
        checksum=rendered.checksum,
        built_at=now if built else col(IssueRow.built_at),
        changed_at=now,
    )
    if built and not edited:
        _tell_of_draft(session, issue_id, now=now)
    forms = variants or {}
    clicks.keep_links(session, issue_id, content, {"": rendered, **forms})
    return editions.keep(session, issue_id, Printed(rendered, forms, second), now=now)


def note_build(session: Session, issue_id: IssueId, *, now: dt.datetime) -> None:
    """Note that a build was tried and came to nothing, so that it is not tried again at once."""
    mine = col(IssueRow.id) == issue_id
    statements.moved(session, update(IssueRow).where(mine).values(built_at=now))


def approve(
    session: Session,
    issue_id: IssueId,
    checksum: str,
    *,
    by: str,
    now: dt.datetime,
    note: str = "",
) -> None:
    """Consent to the edition with `checksum`. Raises Conflict where it is not the current one."""
    _change(
        session,
        issue_id,
        _may_become(APPROVED),
        col(IssueRow.checksum) == checksum,
        status=APPROVED.value,
        reason="",
        changed_at=now,
    )
    session.execute(
        insert(ApprovalRow).values(issue_id=issue_id, checksum=checksum, by=by, at=now, note=note)
    )
    _tell(session, issue_id, HookKind.ISSUE_APPROVED, now=now)


def withdraw(session: Session, issue_id: IssueId, *, why: str, now: dt.datetime) -> None:
    """Take a consent back: the issue is a draft again. Raises Conflict once it is being sent."""
    _change(
        session,
        issue_id,
        col(IssueRow.status) == APPROVED.value,
        status=DRAFT.value,
        reason=why,
        changed_at=now,
    )


def move(
    session: Session,
    issue_id: IssueId,
    *,
    to: IssueStatus,
    now: dt.datetime,
    reason: str = "",
) -> None:
    """Change the status. Raises Conflict where TRANSITIONS forbids it or another was first.

    A consent names a checksum: `approve` gives it, not `move`.
    """
    if to is APPROVED:
        raise Conflict("an approval names a checksum; it is given by `approve`")
    _change(session, issue_id, _may_become(to), status=to.value, reason=reason, changed_at=now)
    if to in _TOLD:
        _tell(session, issue_id, _TOLD[to], now=now)


#: The changes of status that webhooks hear of.
_TOLD = {
    HELD: HookKind.ISSUE_HELD,
    SKIPPED: HookKind.ISSUE_SKIPPED,
    SENDING: HookKind.ISSUE_SENDING,
    SENT: HookKind.ISSUE_SENT,
}


def _tell_of_draft(session: Session, issue_id: IssueId, *, now: dt.datetime) -> None:
    """Of the final one: what grows during the week is nobody's news."""
    due = select(col(IssueRow.draft_at)).where(col(IssueRow.id) == issue_id)
    if now >= session.scalars(due).one():
        _tell(session, issue_id, HookKind.ISSUE_DRAFTED, now=now)


def _tell(session: Session, issue_id: IssueId, kind: HookKind, *, now: dt.datetime) -> None:
    """Write down for webhooks what became of an issue."""
    row = IssueRow
    asked = select(
        col(row.newsletter), col(row.period), col(row.number), col(row.checksum), col(row.reason)
    )
    newsletter, period, number, checksum, reason = session.execute(
        asked.where(col(row.id) == issue_id)
    ).one()
    data = {"period": period, "number": number, "checksum": checksum, "reason": reason}
    hooks.tell(session, newsletter, kind, now=now, data=data)


def revive(session: Session, issue_id: IssueId, *, now: dt.datetime) -> None:
    """Bring a skipped issue back before its send's hour: it is due, and built anew. Raises Conflict.

    After the deadline it is held: its rule would approve at once what nobody has seen.
    """
    skipped = col(IssueRow.status) == SKIPPED.value
    again: dict[str, object] = {"built_at": None, "changed_at": now}
    if by_id(session, issue_id).moments.deadline_at <= now:
        again |= {"status": HELD.value, "reason": "brought back after its deadline"}
    else:
        again |= {"status": DUE.value, "reason": ""}
    _change(session, issue_id, skipped, col(IssueRow.send_at) > now, **again)


def remind(session: Session, issue_id: IssueId, *, due: dt.datetime, now: dt.datetime) -> bool:
    """Note that editors were reminded; True for the one call that did it for the moment `due`."""
    last = col(IssueRow.reminded_at)
    statement = (
        update(IssueRow)
        .where(col(IssueRow.id) == issue_id, or_(last.is_(None), last < due))
        .values(reminded_at=now)
    )
    return statements.moved(session, statement) == 1


def _change(
    session: Session, issue_id: IssueId, *conditions: ColumnElement[bool], **values: Any
) -> None:
    """Update one issue if it meets the conditions. Raises Conflict or NotFound where no row moved."""
    statement = update(IssueRow).where(col(IssueRow.id) == issue_id, *conditions).values(**values)
    if statements.moved(session, statement) == 1:
        return
    asked = select(col(IssueRow.status), col(IssueRow.checksum))
    found = session.execute(asked.where(col(IssueRow.id) == issue_id)).one_or_none()
    if found is None:
        raise NotFound(f"there is no issue {issue_id}")
    status, checksum = found
    edition = f"edition {checksum[:12]}" if checksum else "no edition"
    raise Conflict(f"the issue is {status} with {edition}: someone else was first, read it again")


def _may_become(to: IssueStatus) -> ColumnElement[bool]:
    before = [status.value for status, after in TRANSITIONS.items() if to in after]
    return col(IssueRow.status).in_(before)


def _of(newsletter: str) -> ColumnElement[bool]:
    return col(IssueRow.newsletter) == newsletter


def _moment_columns(moments: Moments) -> dict[str, dt.datetime]:
    return {
        "window_start": moments.window.start,
        "window_end": moments.window.end,
        "draft_at": moments.draft_at,
        "remind_at": moments.remind_at,
        "deadline_at": moments.deadline_at,
        "send_at": moments.send_at,
    }


def _first(found: list[Issue]) -> Issue | None:
    return found[0] if found else None
