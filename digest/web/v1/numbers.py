"""What became of each issue, in sums; nothing about single readers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from digest.errors import NotFound
from digest.model import Scope
from digest.store import numbers as stored
from digest.web.pages import PagesHere, period_of
from digest.web.v1 import guard
from digest.web.v1.bearer import CallerHere
from digest.web.v1.guard import needs
from digest.web.v1.numbered import Key, Period
from digest.web.v1.paging import Page, PagingHere, text_of

router = guard.routed("/newsletters/{newsletter}", "numbers")


class _Sums(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class StoryFigures(_Sums):
    """How often a story was opened; null where the mail had no link to it. place: from 1, in printed order."""

    article: Annotated[int, Field(validation_alias="article_id")]
    title: str
    section: str
    kind: str
    place: int
    human: int | None
    machine: int | None
    again: int | None


class Figures(_Sums):
    """What became of one issue that went out. counted: whether clicks are; left: who left until the next one."""

    period: str
    number: int
    subject: str
    audience: int
    accepted: int
    failed: int
    skipped: int
    uncertain: int
    waiting: int
    bounced: int
    complaints: int
    left: int
    left_for: Annotated[dict[str, int], Field(validation_alias="why")]
    counted: bool
    human: int
    machine: int
    again: int
    stories: list[StoryFigures]


@router.get("/numbers", **needs(Scope.NUMBERS_READ, 404))
def numbers(
    newsletter: Key, caller: CallerHere, pages: PagesHere, paging: PagingHere
) -> Page[Figures]:
    """The issues that went out, the newest first."""
    caller.house.schedule(newsletter)
    before = text_of(paging.cursor)
    with caller.house.database.read() as session:
        found = stored.of_newsletter(
            session,
            newsletter,
            limit=paging.limit + 2,
            until=period_of(before) if before else "",
            known=pages.tallies,
        )
    rest = [one for one in found if before is None or one.period < before]
    shown = [Figures.model_validate(one) for one in rest[: paging.limit]]
    return paging.page(shown, shown[-1].period if len(rest) > paging.limit else None)


@router.get("/issues/{period}/numbers", **needs(Scope.NUMBERS_READ, 404))
def of_issue(newsletter: Key, period: Period, caller: CallerHere, pages: PagesHere) -> Figures:
    """What became of one issue."""
    caller.house.schedule(newsletter)
    with caller.house.database.read() as session:
        found = stored.of_newsletter(
            session, newsletter, limit=1, until=period_of(period), known=pages.tallies
        )
    if not found or found[0].period != period:
        raise NotFound("no issue of that date went out")
    return Figures.model_validate(found[0])
