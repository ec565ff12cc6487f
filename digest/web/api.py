"""`POST /api/articles`: a site hands its stories over by itself, one or a hundred at a time."""

from __future__ import annotations

import datetime as dt
import hmac
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import models_json_schema
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

import digest
from digest import intake
from digest.bootstrap import House
from digest.errors import BadInput
from digest.model import (
    ArticleId,
    Caption,
    DateSource,
    Engagement,
    Image,
    IncomingArticle,
    Scope,
    Unit,
)
from digest.sources import html_text
from digest.store import api_tokens, events
from digest.web.faults import problem
from digest.web.forms import CONTROLS
from digest.web.pages import HouseHere
from digest.web.v1 import bearer, problems

router = APIRouter(prefix="/api", tags=["articles"])

Outcome = Literal["new", "revised", "unchanged"]

#: Articles in one request.
MOST = 100
#: When a story can have been published, or a signal taken.
YEARS = range(1990, 2101)


def _web(value: str) -> str:
    if not re.match(r"https?://[^\s/]+\.?[^\s]*$", value):
        raise ValueError("expected an address that begins https:// or http://")
    return value


def _one_line(value: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if not line:
        raise ValueError("expected some words")
    return line


def _printable(value: str) -> str:
    if CONTROLS.search(value):
        raise ValueError("expected no control characters")
    return value


def _of_our_time(value: dt.datetime) -> dt.datetime:
    """Years that every zone and database can hold; a story from elsewhere is a mistake."""
    if value.year not in YEARS:
        raise ValueError(f"expected a year from {YEARS[0]} to {YEARS[-1]}")
    return value


Url = Annotated[str, Field(max_length=2000), AfterValidator(_printable), AfterValidator(_web)]
Id = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_printable)]
Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
OneLine = Annotated[str, Field(max_length=500), AfterValidator(_one_line)]
Short = Annotated[str, Field(max_length=100), AfterValidator(_one_line)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ImageBody(_Body):
    """A picture by address; sizes in CSS pixels."""

    url: Url
    alt: Annotated[str, Field(max_length=1000)] = ""
    width: Annotated[int, Field(gt=0, le=20_000)] | None = None
    height: Annotated[int, Field(gt=0, le=20_000)] | None = None


class EngagementBody(_Body):
    """One measured signal of readers; `n` readers stand behind a percentage or an average."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(:[a-z0-9_]+)?$", max_length=40)]
    value: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    unit: Unit = Unit.COUNT
    n: Annotated[int, Field(ge=0)] | None = None
    taken_at: Moment | None = None


class ArticleBody(_Body):
    """One article, with its body as HTML or as plain text (paragraphs apart by a blank line)."""

    title: OneLine
    html: str | None = None
    text: str | None = None
    id: Id | None = None
    source: Annotated[str, Field(max_length=40)] | None = None
    url: Url | None = None
    authors: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    section: Short | None = None
    tags: Annotated[tuple[Short, ...], Field(max_length=50)] = ()
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None
    teaser: Annotated[str, Field(max_length=2000)] | None = None
    published_at: Moment | None = None
    image: ImageBody | None = None
    read_seconds: Annotated[int, Field(ge=0, le=86_400)] | None = None
    engagement: Annotated[tuple[EngagementBody, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _one_body(self) -> ArticleBody:
        if (self.html is None) == (self.text is None):
            raise ValueError("give the body as html or as text, and not both")
        if self.id is None and self.url is None:
            raise ValueError("give an id or a url, so that an edit is known again")
        return self

    def article(self, source: str) -> IncomingArticle:
        """As a source would give it; captions leave the body, the first picture may stand in."""
        words = html_text.words_of(self.markup)
        found = Image(words.image, words.image_alt) if words.image else None
        published = self.published_at.astimezone(dt.UTC) if self.published_at else None
        return IncomingArticle(
            source=source,
            source_id=self.id,
            url=self.url,
            title=self.title,
            text=words.text,
            authors=self.authors,
            section=self.section,
            tags=self.tags,
            language=self.language,
            teaser=self.teaser,
            published_at=published,
            date_source=DateSource.SOURCE if published else DateSource.NONE,
            image=Image(**self.image.model_dump()) if self.image else found,
            captions=tuple(Caption(one) for one in words.captions),
            read_seconds=self.read_seconds,
            engagement=tuple(Engagement(**one.model_dump()) for one in self.engagement),
        )

    @property
    def markup(self) -> str:
        """The body as HTML, whichever way it came."""
        return self.html if self.html is not None else html_text.from_plain(self.text or "")


class BatchBody(_Body):
    """Several articles at once; a wrong one does not keep the others out."""

    articles: Annotated[list[ArticleBody], Field(max_length=MOST)]


class Taken(BaseModel):
    """What became of one article, in the order in which they came."""

    index: int
    outcome: Literal["new", "revised", "unchanged", "error"]
    error: str | None = None


class Answer(BaseModel):
    """What became of all of them."""

    results: list[Taken]


def authorised(request: Request) -> str:
    """Who pushes, for the log: the settings' token as a bearer (RFC 6750), or one that may write articles.

    Without either there is no API.
    """
    house: House = request.app.state.house
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    given = given.strip() if scheme.lower() == "bearer" else ""
    if house.api_token and hmac.compare_digest(given.encode(), house.api_token.encode()):
        return "api"
    token = bearer.working(house, given)
    if token is not None and Scope.ARTICLES_WRITE in token.scopes:
        return token.actor
    if not house.api_token:
        raise HTTPException(404)
    if not given:
        raise HTTPException(401, "Send the token as a bearer.", {"www-authenticate": "Bearer"})
    raise HTTPException(403, "This token opens nothing here.")


Pusher = Annotated[str, Depends(authorised)]


async def _given(request: Request) -> tuple[list[Any], bool]:
    """The request's articles, not yet checked one by one, and whether they came as a batch.

    Raises HTTPException 400 or 422.
    """
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise HTTPException(400, "The body is no JSON.") from None
    if not isinstance(body, dict):
        raise HTTPException(422, 'Send one article, or {"articles": […]}.')
    if "articles" not in body:
        return [body], False
    articles = body["articles"]
    if set(body) != {"articles"} or not isinstance(articles, list) or len(articles) > MOST:
        raise HTTPException(422, f"“articles” is a list of at most {MOST}, and stands alone.")
    return articles, True


_SCHEMA = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/ArticleBody"},
                        {"$ref": "#/components/schemas/BatchBody"},
                    ]
                }
            }
        },
    },
    "security": [{"bearer": []}],
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": {"application/problem+json": {}}}
    for status, words in (
        (400, "The body is no JSON."),
        (401, "No token."),
        (403, "Another token."),
        (404, "There is no token in the settings, so nothing is taken."),
        (413, "More than 1 MB."),
        (422, "No article of ours, or more than a hundred."),
    )
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the two bodies that are checked article by article."""
    document = get_openapi(title=app.title, version=digest.__version__, routes=app.routes)
    _, bodies = models_json_schema(
        [(one, "validation") for one in (ArticleBody, BatchBody, problems.ProblemBody)],
        ref_template="#/components/schemas/{model}",
    )
    _name_newsletters(document, app.state.house)
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(bodies["$defs"])
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": f"{api_tokens.PREFIX}…"},
    }
    return document


def _name_newsletters(document: dict[str, Any], house: House) -> None:
    """Which newsletters an address may name."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for one in operation.get("parameters", ()):
                if one["name"] == "newsletter":
                    one["schema"]["enum"] = list(house.schedules)


@router.post("/articles", response_model=Answer, responses=PROBLEMS, openapi_extra=_SCHEMA)
async def post_articles(request: Request, house: HouseHere, pusher: Pusher) -> JSONResponse:
    """Store articles in a declared source of kind `api`; each is new, revised, unchanged or an error.

    A single article that cannot be taken is answered 422; in a batch, errors stand beside the rest.
    """
    given, is_batch = await _given(request)
    results = await run_in_threadpool(lambda: list(_take_all(house, given)))
    await run_in_threadpool(_record, house, results, pusher)
    if not is_batch and results[0].error:
        return problem(422, results[0].error)
    return JSONResponse(Answer(results=results).model_dump(exclude_none=True))


def _take_all(house: House, given: list[Any]) -> Iterator[Taken]:
    for index, one in enumerate(given):
        try:
            yield Taken(index=index, outcome=_take(house, one))
        except BadInput as error:
            yield Taken(index=index, outcome="error", error=error.reason)


def _record(house: House, results: list[Taken], pusher: str) -> None:
    """One line for a request that changed something."""
    counts = Counter(str(one.outcome) for one in results)
    if counts["new"] or counts["revised"]:
        with house.database.write() as session:
            told, now = dict(counts), house.clock()
            events.record(session, at=now, actor=pusher, action="took articles", data=told)


def _take(house: House, given: Any) -> Outcome:
    try:
        body = ArticleBody.model_validate(given)
    except ValidationError as error:
        raise BadInput("article", _plain(error)) from error
    return kept(house, body)[0]


def kept(house: House, body: ArticleBody) -> tuple[Outcome, ArticleId]:
    """What became of an article, and its number. Raises BadInput."""
    article = body.article(declared_source(house, body.source))
    stored = intake.store_all(house.database, [article], now=house.clock())
    if stored.errors:
        raise stored.errors[0]
    outcome: Outcome = "new" if stored.new else "revised" if stored.revised else "unchanged"
    return outcome, stored.ids[0]


def declared_source(house: House, named: str | None) -> str:
    """The declared source of kind `api` that was named, or the first one. Raises BadInput."""
    declared = [
        source.key
        for schedule in house.schedules.values()
        for source in schedule.sources
        if source.kind == "api"
    ]
    if named is None and declared:
        return declared[0]
    if named in declared:
        return str(named)
    known = ", ".join(declared) or "none"
    raise BadInput("source", f"no source of kind api is called {named!r}; there are: {known}")


def _plain(error: ValidationError) -> str:
    """Every fault with its field, without the values."""
    parts = []
    for detail in error.errors():
        field = ".".join(str(part) for part in detail["loc"])
        message = detail["msg"].removeprefix("Value error, ")
        parts.append(f"{field}: {message}" if field else message)
    return "; ".join(parts)
