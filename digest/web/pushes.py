"""`POST /api/wordpress`: a WordPress site pushes a post as it is saved, edited, or taken back.

Taken are the two shapes that webhook plugins send: the REST API's own (`title.rendered`), and a `WP_Post`
(`post_title`), bare or as `post` beside its permalink.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from digest import intake
from digest.bootstrap import House
from digest.errors import BadInput
from digest.model import IncomingArticle
from digest.sources import wordpress_posts
from digest.store import events, withdrawn
from digest.web.api import PROBLEMS, Pusher, declared_source
from digest.web.pages import HouseHere

router = APIRouter(prefix="/api", tags=["articles"])
#: What a post can be that is out no more, or not yet.
_NOT_OUT = frozenset({"draft", "pending", "private", "future", "trash", "auto-draft", "delete"})

Outcome = Literal["new", "revised", "unchanged", "gone", "ignored"]


class Pushed(BaseModel):
    """What became of a post; `ignored`: it is no post, or was never out."""

    outcome: Outcome


@router.post("/wordpress", response_model=Pushed, responses=PROBLEMS)
async def push(
    request: Request, house: HouseHere, pusher: Pusher, source: str | None = None
) -> Pushed:
    """Store a post, or note that it is not out any more. `source`: the declared source of kind `api`."""
    try:
        given = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise HTTPException(400, "The body is no JSON.") from None
    if not isinstance(given, dict):
        raise HTTPException(422, "Send one post, as an object.")
    try:
        return Pushed(outcome=await run_in_threadpool(_taken, house, given, source, pusher))
    except BadInput as error:
        raise HTTPException(422, error.reason) from error


def _taken(house: House, given: Mapping[str, Any], named: str | None, pusher: str) -> Outcome:
    """Take it, and write down what changed something."""
    outcome = _take(house, given, named)
    if outcome not in ("unchanged", "ignored"):
        with house.database.write() as session:
            told = {"outcome": outcome}
            at = house.clock()
            events.record(session, at=at, actor=pusher, action="took a pushed post", data=told)
    return outcome


def _take(house: House, given: Mapping[str, Any], named: str | None) -> Outcome:
    source, now = declared_source(house, named), house.clock()
    post = in_rest_shape(given)
    if post.get("type", "post") != "post":
        return "ignored"
    if post.get("status") in _NOT_OUT:
        with house.database.write() as session:
            known = withdrawn.take_off_named(
                session,
                source,
                source_id=_rendered(post, "guid"),
                url=_text(post, "link"),
                now=now,
            )
        return "gone" if known else "ignored"
    article: IncomingArticle | None = wordpress_posts.article(post, now=now)
    if article is None:
        return "ignored"
    stored = intake.store_all(house.database, [replace(article, source=source)], now=now)
    if stored.errors:
        raise stored.errors[0]
    return "new" if stored.new else "revised" if stored.revised else "unchanged"


def in_rest_shape(given: Mapping[str, Any]) -> dict[str, Any]:
    """A post as the REST API tells it, from whichever shape it came in."""
    row = given.get("post") if isinstance(given.get("post"), dict) else given
    if not isinstance(row, dict) or "post_title" not in row:
        return dict(given)
    link = given.get("post_permalink") or given.get("permalink") or row.get("guid")
    return {
        "id": row.get("ID"),
        "status": row.get("post_status", "publish"),
        "type": row.get("post_type", "post"),
        "date": _moment(row.get("post_date")),
        "date_gmt": _moment(row.get("post_date_gmt")),
        "guid": {"rendered": row.get("guid")},
        "link": link,
        "title": {"rendered": row.get("post_title")},
        "content": {
            "rendered": row.get("post_content"),
            "protected": bool(row.get("post_password")),
        },
        "excerpt": {"rendered": row.get("post_excerpt")},
    }


def _moment(value: object) -> str | None:
    return value.replace(" ", "T") if isinstance(value, str) else None


def _rendered(post: Mapping[str, Any], key: str) -> str | None:
    value = post.get(key)
    found = value.get("rendered") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def _text(post: Mapping[str, Any], key: str) -> str | None:
    value = post.get(key)
    return value if isinstance(value, str) else None
