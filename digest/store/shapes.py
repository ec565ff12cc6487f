"""What editors changed about an issue, change by change, and the week that they changed.

Changes are appended and never altered; their numbers have no gap. Two who write at once are told apart by the
number: the second one finds it taken. A week is known by a hash, so that it is read once a process.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import exists, func, select
from sqlmodel import Session, col

from digest.errors import Conflict, NotFound
from digest.model import (
    Change,
    Drop,
    Edit,
    IssueContent,
    IssueId,
    IssueStatus,
    Join,
    Layout,
    Move,
    Redo,
    Split,
    Together,
    Undo,
    Write,
    WriteMail,
)
from digest.store import statements
from digest.store.tables import EditRow, IssueRow, WeekRow

_CONTENT = TypeAdapter(IssueContent)
_LAYOUT = TypeAdapter(Layout)
_CHANGES: Mapping[str, TypeAdapter[Any]] = {
    kind.__name__.lower(): TypeAdapter(kind)
    for kind in (Move, Drop, Join, Split, Write, WriteMail, Together, Undo, Redo)
}

#: The newest weeks that this process read, by their hashes: nobody alters one.
_READ: dict[str, IssueContent] = {}
REMEMBERED = 8


class Standing(NamedTuple):
    """How far an issue is. What was made of it may be saved while this is the same.

    version: the number of the newest change; 0 where there is none. week: the hash of its week; None where
    there is none, or one of an older version of the program.
    """

    status: IssueStatus
    version: int
    week: str | None


def standing(session: Session, issue_id: IssueId, *, locked: bool = False) -> Standing:
    """How far an issue is; locked: nobody else changes it until this transaction ends. Raises NotFound."""
    mine = col(IssueRow.id) == issue_id
    asked = select(col(IssueRow.status)).where(mine)
    status = session.scalar(asked.with_for_update() if locked else asked)
    if status is None:
        raise NotFound(f"there is no issue {issue_id}")
    mark = session.scalar(select(col(WeekRow.mark)).where(col(WeekRow.issue_id) == issue_id))
    return Standing(IssueStatus(status), version(session, issue_id), mark)


def edits_of(session: Session, issue_id: IssueId) -> list[Edit]:
    """Every change of an issue, oldest first."""
    asked = select(EditRow).where(col(EditRow.issue_id) == issue_id).order_by(col(EditRow.version))
    return [_edit(row) for row in session.scalars(asked)]


def version(session: Session, issue_id: IssueId) -> int:
    """The number of the newest change; 0 where there is none."""
    asked = select(func.max(col(EditRow.version))).where(col(EditRow.issue_id) == issue_id)
    return session.scalar(asked) or 0


def add(session: Session, issue_id: IssueId, edit: Edit) -> None:
    """Append a change. Raises Conflict where its number is taken."""
    kind = type(edit.change).__name__.lower()
    if not statements.inserted(
        session,
        EditRow,
        issue_id=issue_id,
        version=edit.version,
        by=edit.by[:200],
        at=edit.at,
        kind=kind,
        data=_CHANGES[kind].dump_python(edit.change, mode="json"),
        layout=_LAYOUT.dump_python(edit.layout, mode="json") if edit.layout else None,
    ):
        raise Conflict(f"change {edit.version} was made by somebody else")


def keep_week(
    session: Session, issue_id: IssueId, week: IssueContent, *, made_of: str | None = None
) -> None:
    """Keep the week as the stages made it, before the editors' hand, instead of the one before."""
    content = _CONTENT.dump_python(week, mode="json")
    mark = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    given = {"content": content, "mark": mark, "made_of": made_of}
    statement = statements.insert(session, WeekRow).values(issue_id=issue_id, **given)
    session.execute(statement.on_conflict_do_update(index_elements=["issue_id"], set_=given))


def made_of(session: Session, issue_id: IssueId) -> str | None:
    """By `ingredients.mark_of`, what the week was made of; None where that is not known."""
    return session.scalar(select(col(WeekRow.made_of)).where(col(WeekRow.issue_id) == issue_id))


def has_week(session: Session, issue_id: IssueId) -> bool:
    """True where the week is kept as the stages made it, so that it can be changed."""
    return bool(session.scalar(select(exists().where(col(WeekRow.issue_id) == issue_id))))


def week_of(session: Session, issue_id: IssueId) -> IssueContent | None:
    """The week as the stages made it; None where it was never built."""
    mine = col(WeekRow.issue_id) == issue_id
    mark = session.scalar(select(col(WeekRow.mark)).where(mine))
    if mark in _READ:
        return _READ[mark]
    found = session.execute(select(col(WeekRow.content), col(WeekRow.mark)).where(mine)).first()
    if found is None:
        return None
    week = _CONTENT.validate_python(found.content)
    if found.mark:
        _remember(found.mark, week)
    return week


def _remember(mark: str, week: IssueContent) -> None:
    _READ[mark] = week
    for old in list(_READ)[:-REMEMBERED]:
        _READ.pop(old, None)


def _edit(row: EditRow) -> Edit:
    change: Change = _CHANGES[row.kind].validate_python(row.data)
    return Edit(
        version=row.version,
        by=row.by,
        at=row.at,
        change=change,
        layout=_LAYOUT.validate_python(row.layout) if row.layout else None,
    )
