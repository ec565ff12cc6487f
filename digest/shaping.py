"""An editor's change to an issue: written down, laid over the week, rendered, and the draft from then on.

A change names the version that its author saw. Where somebody else changed the same thing since, it is
refused and both are shown; where they changed something else, both hold. An approval is of one checksum,
so a change takes it back.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping, Sequence
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
    Printed,
    Redo,
    Rendered,
    Shape,
    Split,
    Undo,
)
from digest.pipeline import Draft
from digest.store import events, issues, shapes
from digest.store.engine import Session
from digest.store.shapes import Standing

#: What may still be changed.
OPEN = frozenset({IssueStatus.DRAFT, IssueStatus.HELD, IssueStatus.APPROVED})
#: Changes of who is told with whom: the stages must run again.
REGROUPING = (Join, Split)
#: How often a change is made of what stands by then, where somebody else was quicker.
TRIES = 6
#: Editors of one issue wait for each other in a process: two who render at once would only be slower.
_TURNS = tuple(threading.Lock() for _ in range(16))


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who makes a change: the name that the desk shows, and the one for the audit log.

    may_publish: may change what is approved.
    """

    name: str
    actor: str
    may_publish: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What stands after a change. issue, forms: the draft and its variants, as they were stored with it.

    second: all of it under the other subject of a contest.
    """

    shape: Shape
    issue: Issue
    forms: Mapping[str, Rendered]
    second: Printed | None = None


class Clash(Conflict):
    """Somebody else changed the same since; `theirs` is what they did."""

    def __init__(self, theirs: Edit) -> None:
        self.theirs = theirs
        super().__init__(f"{theirs.by} changed the same meanwhile")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Changes thought through on what stood at one moment. edits: the new ones. regroups: who is told with whom."""

    standing: Standing
    edits: tuple[Edit, ...]
    week: IssueContent
    after: Shape
    regroups: bool


def change(
    house: DraftingHouse,
    issue: Issue,
    *wanted: Change,
    seen: int,
    author: Author,
    now: dt.datetime,
) -> Changed:
    """Make changes, all or none of them; what was written at once is one change. seen: the newest version that their author knew.

    The draft is made first, and stored together with the changes if nothing else was changed meanwhile; else it
    is thought through once more. So the changes, the draft and its checksum always agree.
    Raises Clash, Conflict where the issue cannot be changed any more, BadInput where a change makes no
    sense, RenderError where it breaks the mail.
    """
    wanted = edit.together(wanted)
    with _TURNS[issue.id % len(_TURNS)]:
        for _ in range(TRIES):
            plan = _planned(house, issue, wanted, seen=seen, author=author, now=now)
            built = _built(house, issue, plan)
            changed = _saved(house, issue, plan, built, author=author, now=now)
            if changed:
                return changed
    raise Conflict("others changed the issue at the same moment, again and again: try once more")


def shape_of(session: Session, issue: Issue) -> Shape:
    """What editors have made of an issue so far."""
    return edit.shape_of(shapes.edits_of(session, issue.id))


def _planned(
    house: DraftingHouse,
    issue: Issue,
    wanted: Sequence[Change],
    *,
    seen: int,
    author: Author,
    now: dt.datetime,
) -> _Plan:
    with house.database.read() as session:
        standing = shapes.standing(session, issue.id)
        edits = shapes.edits_of(session, issue.id)
        week = _week(session, issue, standing, author)
    before = after = edit.shape_of(edits)
    since = [one for one in edits if one.version > seen]
    made: list[Edit] = []
    for one in wanted:
        if (theirs := edit.clash(one, since)) is not None:
            raise Clash(theirs)
        made.append(_made(one, after, week, author=author, now=now))
        after = edit.shape_of([*edits, *made])
    regroups = any(isinstance(one, REGROUPING) for one in wanted)
    regroups |= (before.joined, before.split) != (after.joined, after.split)
    version = edits[-1].version if edits else 0
    standing = standing._replace(version=version)  # of the very edits that were read
    return _Plan(standing=standing, edits=tuple(made), week=week, after=after, regroups=regroups)


def _week(session: Session, issue: Issue, standing: Standing, author: Author) -> IssueContent:
    """The week that is changed. Raises Conflict where it cannot be, or not by this author."""
    if standing.status not in OPEN:
        raise Conflict(
            f"the issue {issue.period} is {standing.status}: it cannot be changed any more"
        )
    if standing.status is IssueStatus.APPROVED and not author.may_publish:
        raise Conflict("it was approved: who may approve it may change it")
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


def _built(house: DraftingHouse, issue: Issue, plan: _Plan) -> Draft:
    """The draft under the new shape. Where articles are told together or apart, the stages run again."""
    if plan.regroups:
        built = drafting.build(house, issue, plan.after)
        if built is None:
            raise Conflict("its articles are not in the store any more")
        return built
    schedule = house.schedules[issue.newsletter]
    content = edit.shaped(plan.week, plan.after, schedule)
    printed = variants.print_all(content, schedule, public_url=house.public_url)
    return Draft(
        week=plan.week,
        content=content,
        rendered=printed.rendered,
        variants=printed.variants,
        second=printed.second,
    )


def _saved(
    house: DraftingHouse,
    issue: Issue,
    plan: _Plan,
    built: Draft,
    *,
    author: Author,
    now: dt.datetime,
) -> Changed | None:
    """The changes and their draft stored in one; None where the issue has gone on meanwhile."""
    with house.database.write() as session:
        if shapes.standing(session, issue.id, locked=True) != plan.standing:
            return None
        for made in plan.edits:
            shapes.add(session, issue.id, made)
            _record(session, issue, author, "changed the issue", now=made.at, **_told(made))
        if plan.standing.status is IssueStatus.APPROVED:
            _take_back(session, issue, author, now=now)
        drafting.save(session, issue, built, now=now, edited=True, built=plan.regroups)
        stored = issues.by_id(session, issue.id, content=built.content)
    return Changed(shape=plan.after, issue=stored, forms=built.variants, second=built.second)


def _take_back(session: Session, issue: Issue, author: Author, *, now: dt.datetime) -> None:
    """A draft again; held once the deadline's rule would approve it at once."""
    why = f"the approval was taken back: {author.name} changed the issue"
    if now < issue.moments.deadline_at:
        issues.withdraw(session, issue.id, why=why, now=now)
    else:
        issues.move(session, issue.id, to=IssueStatus.HELD, now=now, reason=why)
    checksum = issue.approval.checksum if issue.approval else ""
    _record(session, issue, author, "withdrew the approval", now=now, checksum=checksum)


def _told(made: Edit) -> dict[str, object]:
    """A change in the audit log: of what kind, which version, of which story or words."""
    told = {"version": made.version, "change": type(made.change).__name__.lower()}
    for name in ("story", "into", "to", "what"):
        found = (getattr(one, name, None) for one in edit.parts_of(made.change))
        if named := dict.fromkeys(str(value) for value in found if value is not None):
            told[name] = ", ".join(named)
    return told


def _record(
    session: Session, issue: Issue, author: Author, action: str, *, now: dt.datetime, **data: object
) -> None:
    subject = f"{issue.newsletter}/{issue.period}"
    events.record(session, at=now, actor=author.actor, action=action, subject=subject, data=data)
