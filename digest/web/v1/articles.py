"""Articles: those that are stored, new ones pushed, and those that are taken off their site."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from digest.errors import BadInput
from digest.model import Article, ArticleId, Scope
from digest.store import articles as stored
from digest.store import withdrawn
from digest.web.api import MOST, ArticleBody, Outcome, kept
from digest.web.v1 import guard
from digest.web.v1.bearer import Caller, CallerHere
from digest.web.v1.guard import needs
from digest.web.v1.numbered import Number
from digest.web.v1.paging import Page, PagingHere

router = guard.routed("", "articles")


class ArticleBrief(BaseModel):
    """An article without its text. gone_at: when it was found to be off its site."""

    article: int
    source: str
    title: str
    url: str | None
    section: str | None
    authors: list[str]
    published_at: dt.datetime | None
    first_seen_at: dt.datetime
    revision: int
    gone_at: dt.datetime | None


class Signal(BaseModel):
    """The newest figure of one signal of readers."""

    kind: str
    value: float
    unit: str
    n: int | None
    taken_at: dt.datetime | None


class ArticleWhole(ArticleBrief):
    """An article with its text, paragraphs apart by a blank line."""

    text: str
    tags: list[str]
    language: str | None
    teaser: str | None
    image_url: str | None
    read_seconds: int | None
    engagement: list[Signal]


class Kept(BaseModel):
    """What became of an article that was pushed."""

    outcome: Outcome
    article: int


class KeptOne(BaseModel):
    """What became of one article of a batch, in the order in which they came."""

    outcome: Outcome | None = None
    article: int | None = None
    error: str | None = None


class Batch(BaseModel):
    """Several articles at once; one that cannot be stored does not keep the others out."""

    model_config = ConfigDict(extra="forbid")

    articles: Annotated[list[ArticleBody], Field(min_length=1, max_length=MOST)]


class KeptAll(BaseModel):
    """What became of each."""

    items: list[KeptOne]


@router.get("/articles", **needs(Scope.ARTICLES_READ))
def articles(
    caller: CallerHere,
    paging: PagingHere,
    source: Annotated[
        str, Query(max_length=40, pattern=r"^[a-z0-9-]*$", description="Only of this source.")
    ] = "",
) -> Page[ArticleBrief]:
    """The stored articles, the newest first."""
    with caller.house.database.read() as session:
        found, more = stored.page(session, source=source, below=paging.below(), size=paging.limit)
    return paging.page([ArticleBrief(**_brief(one)) for one in found], more)


@router.get("/articles/{article}", **needs(Scope.ARTICLES_READ, 404))
def article(article: Number, caller: CallerHere) -> ArticleWhole:
    """One article in its newest revision."""
    with caller.house.database.read() as session:
        one = stored.get(session, ArticleId(article))
    return ArticleWhole(
        **_brief(one),
        text=one.text,
        tags=list(one.tags),
        language=one.language,
        teaser=one.teaser,
        image_url=one.image.url if one.image else None,
        read_seconds=one.read_seconds,
        engagement=[
            Signal(kind=it.kind, value=it.value, unit=it.unit, n=it.n, taken_at=it.taken_at)
            for it in one.engagement
        ],
    )


@router.post("/articles", **needs(Scope.ARTICLES_WRITE, changes=True))
def push(body: ArticleBody, caller: CallerHere, response: Response) -> Kept:
    """Store one article in a declared source of kind `api`: it is new, revised, or unchanged."""
    outcome, number = kept(caller.house, body)
    _record(caller, [KeptOne(outcome=outcome)])
    response.headers["location"] = f"{caller.house.public_url}/api/v1/articles/{number}"
    return Kept(outcome=outcome, article=number)


@router.post("/article-batches", **needs(Scope.ARTICLES_WRITE, changes=True))
def push_all(body: Batch, caller: CallerHere) -> KeptAll:
    """Store up to a hundred. What cannot be stored has its error beside the others."""
    items = [_kept(caller, one) for one in body.articles]
    _record(caller, items)
    return KeptAll(items=items)


@router.post(
    "/articles/{article}/withdraw",
    status_code=204,
    **needs(Scope.ARTICLES_WRITE, 404, changes=True),
)
def withdraw(article: Number, caller: CallerHere) -> None:
    """Note that an article is off its site: it is left out of the next draft, and holds an issue that tells it."""
    with caller.house.database.write() as session:
        one = stored.get(session, ArticleId(article))
        if one.gone_at is None:
            withdrawn.take_off(session, [one.id], now=caller.now())
            caller.record(session, "took an article off", f"article:{one.id}")


def _kept(caller: Caller, body: ArticleBody) -> KeptOne:
    try:
        outcome, number = kept(caller.house, body)
    except BadInput as error:
        return KeptOne(error=error.reason)
    return KeptOne(outcome=outcome, article=number)


def _record(caller: Caller, items: list[KeptOne]) -> None:
    """One line for a call that changed something."""
    counts = {word: sum(one.outcome == word for one in items) for word in ("new", "revised")}
    if any(counts.values()):
        with caller.house.database.write() as session:
            caller.record(session, "took articles", new=counts["new"], revised=counts["revised"])


def _brief(one: Article) -> dict[str, object]:
    return {
        "article": one.id,
        "source": one.source,
        "title": one.title,
        "url": one.url,
        "section": one.section,
        "authors": list(one.authors),
        "published_at": one.published_at,
        "first_seen_at": one.first_seen_at,
        "revision": one.revision,
        "gone_at": one.gone_at,
    }
