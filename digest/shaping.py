"""An editor's change to an issue: written down, laid over the week, rendered, and the draft from then on.

A change names the version that its author saw. Where somebody else changed the same thing since, it is
refused and both are shown; where they changed something else, both hold. An approval is of one checksum,
so a change takes it back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from digest import drafting, edit, variants
from digest.drafting import DraftingHouse
from digest.errors import BadInput, Conflict
from digest.model import (
    ArticleId,
    Change,
    Drop,
    Edit,
    Issue,
    IssueContent,
    IssueStatus,
    Join,
    Layout,
    Move,
    Redo,
    Shape,
    Split,
    Undo,
)
from digest.store import events, issues, shapes
from digest.store.engine import Session

#: What may still be changed.
OPEN = frozenset({IssueStatus.DRAFT, IssueStatus.HELD, IssueStatus.APPROVED})
#: Changes of who is told with whom: the stages must run again.
REGROUPING = (Join, Split)


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who makes a change: the name that the desk shows, and the one for the audit log."""

    name: str
    actor: str


class Clash(Conflict):
    """Somebody else changed the same since; `theirs` is what they did."""

    def __init__(self, theirs: Edit) -> None:
        self.theirs = theirs
        super().__init__(f"{theirs.by} changed the same meanwhile")


def change(
    house: DraftingHouse,
    issue: Issue,
    *wanted: Change,
    seen: int,
    author: Author,
    now: dt.datetime,
) -> Shape:
    """Make changes, all or none of them; the shape after them. seen: the newest version that their author knew.

    Raises Clash, Conflict where the issue cannot be changed any more, BadInput where a change makes no sense.
    """
    with house.database.write() as session:
        edits = shapes.locked(session, issue.id)
        issue = issues.by_id(session, issue.id)
        week = _week(session, issue)
        since = [one for one in edits if one.version > seen]
        before = edit.shape_of(edits)
        for one in wanted:
            if (theirs := edit.clash(one, since)) is not None:
                raise Clash(theirs)
            made = _made(one, edit.shape_of(edits), week, author=author, now=now)
            edits.append(made)
            shapes.add(session, issue.id, made)
            _record(session, issue, made, author)
        after = edit.shape_of(edits)
        if issue.status is IssueStatus.APPROVED:
            _take_back(session, issue, author, now=now)
        regroups = any(isinstance(one, REGROUPING) for one in wanted)
        regroups |= (before.joined, before.split) != (after.joined, after.split)
        if not regroups:
            _save(house, session, issue, week, after, now=now)
    if regroups:
        drafting.draft(house, issue, now=now)
    return after


def shape_of(session: Session, issue: Issue) -> Shape:
    """What editors have made of an issue so far."""
    return edit.shape_of(shapes.edits_of(session, issue.id))


def _week(session: Session, issue: Issue) -> IssueContent:
    if issue.status not in OPEN:
        raise Conflict(f"the issue {issue.period} is {issue.status}: it cannot be changed any more")
    week = shapes.week_of(session, issue.id)
    if week is None:
        raise Conflict("the draft was made by an older version: build it once more")
    return week


def _made(
    wanted: Change, shape: Shape, week: IssueContent, *, author: Author, now: dt.datetime
) -> Edit:
    if isinstance(wanted, Undo) and not shape.standing:
        raise BadInput("undo", "there is nothing to take back")
    if isinstance(wanted, Redo) and not shape.undone:
        raise BadInput("redo", "nothing was taken back")
    layout: Layout | None = None
    if isinstance(wanted, Move | Drop | Join | Split):
        line = edit.told_with(week, wanted.story)
        if not isinstance(wanted, Split) and line[0] != wanted.story:
            wanted = _by_its_lead(wanted, line[0], shape)
        wanted = replace(wanted, line=line) if isinstance(wanted, Join) else wanted
        before = edit.with_pending(shape.layout or edit.layout_of(week), week)
        layout = edit.moved(before, wanted, line=line)
    return Edit(version=shape.version + 1, by=author.name, at=now, change=wanted, layout=layout)


def _by_its_lead(wanted: Move | Drop | Join, lead: ArticleId, shape: Shape) -> Move:
    """A part of a story that was left out is brought back with the whole of it."""
    dropped = {one for one, _ in shape.layout.dropped} if shape.layout else set()
    if isinstance(wanted, Move) and wanted.story in dropped:
        return replace(wanted, story=lead)
    raise BadInput("story", "it is told with another one: take it out of there first")


def _save(
    house: DraftingHouse,
    session: Session,
    issue: Issue,
    week: IssueContent,
    shape: Shape,
    *,
    now: dt.datetime,
) -> None:
    schedule = house.schedules[issue.newsletter]
    content = edit.shaped(week, shape, schedule)
    printed = variants.print_all(content, schedule, public_url=house.public_url)
    issues.save_draft(
        session,
        issue.id,
        content,
        printed.rendered,
        printed.variants,
        second=printed.second,
        now=now,
        built=False,
    )


def _take_back(session: Session, issue: Issue, author: Author, *, now: dt.datetime) -> None:
    """A draft again; held once the deadline's rule would approve it at once."""
    why = f"the approval was taken back: {author.name} changed the issue"
    if now < issue.moments.deadline_at:
        issues.withdraw(session, issue.id, why=why, now=now)
    else:
        issues.move(session, issue.id, to=IssueStatus.HELD, now=now, reason=why)


def _record(session: Session, issue: Issue, made: Edit, author: Author) -> None:
    events.record(
        session,
        at=made.at,
        actor=author.actor,
        action="changed the issue",
        subject=f"{issue.newsletter}/{issue.period}",
        data={"version": made.version, "change": type(made.change).__name__.lower()},
    )
