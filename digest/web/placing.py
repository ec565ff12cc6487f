"""Where a story of an issue stands, and what a step from there is. Pure."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from digest.model import ArticleId, Change, Drop, IssueContent, Move, Place, Story


def change(
    content: IssueContent | None,
    story: ArticleId,
    where: str,
    *,
    before: ArticleId | None,
    by: str,
) -> Change | None:
    """What `up`, `down`, `lead`, `briefs`, `drop`, `back` or `to SECTION` mean; None at an end. before: what follows there."""
    if where == "drop":
        return drop(story, by=by)
    if where == "back":
        return Move(story=story, to=Place.BRIEFS)
    if where in ("up", "down"):
        return _step(content, story, where)
    if where in (Place.LEAD, Place.BRIEFS):
        return Move(story=story, to=where, before=before)
    return Move(story=story, to=where.removeprefix("to "), before=before)


def drop(story: ArticleId, *, by: str, reason: str = "") -> Drop:
    """A story left out, with who did it and why."""
    why = f"left out by {by}"
    return Drop(story=story, reason=f"{why}: {reason}" if reason else why)


def stories(content: IssueContent | None) -> tuple[Story, ...]:
    """Every story that is told."""
    return content.stories if content else ()


def places(content: IssueContent | None) -> list[str]:
    """The places of the mail from top to bottom."""
    return [name for name, _ in _rows(content)]


def place_of(content: IssueContent | None, story: ArticleId) -> str:
    """Where a story stands; empty where it is not told."""
    return next((name for name, ids in _rows(content) if story in ids), "")


def _step(content: IssueContent | None, story: ArticleId, where: str) -> Move | None:
    """One step up or down the mail, from one place into the next."""
    rows = _rows(content)
    at = next((n for n, (_, ids) in enumerate(rows) if story in ids), None)
    if at is None:
        raise HTTPException(404, "That story is not in the mail.")
    return _up(rows, at, story) if where == "up" else _down(rows, at, story)


Rows = list[tuple[str, list[ArticleId]]]


def _up(rows: Rows, at: int, story: ArticleId) -> Move | None:
    name, ids = rows[at]
    place = ids.index(story)
    if place:
        return Move(story=story, to=name, before=ids[place - 1])
    return Move(story=story, to=rows[at - 1][0]) if at else None


def _down(rows: Rows, at: int, story: ArticleId) -> Move | None:
    name, ids = rows[at]
    below = ids[ids.index(story) + 1 :]
    if below:
        return Move(story=story, to=name, before=below[1] if len(below) > 1 else None)
    if at == 0:  # below the lead is who would lead instead
        follower = next((inside[0] for _, inside in rows[1:] if inside), None)
        return Move(story=follower, to=Place.LEAD) if follower is not None else None
    if at == len(rows) - 1:
        return None
    to, inside = rows[at + 1]
    return Move(story=story, to=to, before=inside[0] if inside else None)


def _rows(content: IssueContent | None) -> Rows:
    if content is None:
        return []
    lead = [content.lead.article_id] if content.lead else []
    return [
        (Place.LEAD, lead),
        *((one.name, [story.article_id for story in one.stories]) for one in content.sections),
        (Place.BRIEFS, [story.article_id for story in content.briefs]),
    ]
