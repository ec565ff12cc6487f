"""Where a story of an issue stands, and what a step from there is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

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
    return Move(story=story, to=where.removeprefix("to "), before=before, section=True)


def drop(story: ArticleId, *, by: str, reason: str = "") -> Drop:
    """A story left out, with who did it and why."""
    why = f"left out by {by}"
    return Drop(story=story, reason=f"{why}: {reason}" if reason else why)


def stories(content: IssueContent | None) -> tuple[Story, ...]:
    """Every story that is told."""
    return content.stories if content else ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of the mail or one of its sections, with its stories in order."""

    name: str
    stories: tuple[ArticleId, ...] = ()
    section: bool = True

    @property
    def words(self) -> str:
        """As the desk calls it."""
        return self.name if self.section else _NAMES[Place(self.name)]

    @property
    def sent(self) -> str:
        """What a button sends for it: `change` reads it."""
        return f"to {self.name}" if self.section else self.name

    def move(self, story: ArticleId, before: ArticleId | None = None) -> Move:
        """A story put here."""
        return Move(story=story, to=self.name, before=before, section=self.section)


_NAMES = {Place.LEAD: "Lead", Place.BRIEFS: "In brief"}


def places(content: IssueContent | None) -> list[Spot]:
    """The places of the mail from top to bottom."""
    if content is None:
        return []
    lead = (content.lead.article_id,) if content.lead else ()
    briefs = tuple(story.article_id for story in content.briefs)
    return [
        Spot(Place.LEAD, lead, section=False),
        *(Spot(one.name, tuple(s.article_id for s in one.stories)) for one in content.sections),
        Spot(Place.BRIEFS, briefs, section=False),
    ]


def place_of(content: IssueContent | None, story: ArticleId) -> Spot | None:
    """Where a story stands; None where it is not told."""
    return next((spot for spot in places(content) if story in spot.stories), None)


def _step(content: IssueContent | None, story: ArticleId, where: str) -> Move | None:
    """One step up or down the mail, from one place into the next."""
    spots = places(content)
    at = next((n for n, spot in enumerate(spots) if story in spot.stories), None)
    if at is None:
        raise HTTPException(404, "That story is not in the mail.")
    return _up(spots, at, story) if where == "up" else _down(spots, at, story)


def _up(spots: list[Spot], at: int, story: ArticleId) -> Move | None:
    here = spots[at]
    place = here.stories.index(story)
    if place:
        return here.move(story, here.stories[place - 1])
    return spots[at - 1].move(story) if at else None


def _down(spots: list[Spot], at: int, story: ArticleId) -> Move | None:
    here = spots[at]
    below = here.stories[here.stories.index(story) + 1 :]
    if below:
        return here.move(story, below[1] if len(below) > 1 else None)
    if at == 0:  # below the lead is who would lead instead
        follower = next((spot.stories[0] for spot in spots[1:] if spot.stories), None)
        return spots[0].move(follower) if follower is not None else None
    if at == len(spots) - 1:
        return None
    following = spots[at + 1]
    return following.move(story, following.stories[0] if following.stories else None)
