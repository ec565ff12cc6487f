"""`digest collect`: the sources now, or a file or folder by hand."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer
from pydantic import TypeAdapter

from digest import intake
from digest.bootstrap import House
from digest.cli import noting, start
from digest.cli.screen import Stages
from digest.errors import BadInput, FetchError
from digest.model import IncomingArticle
from digest.protocols import Collected, PollState


def from_sources(house: House, newsletter: str | None) -> bool:
    """Poll every source at once; True when all answered."""
    keys = [house.schedule(newsletter).key] if newsletter else list(house.schedules)
    fine = True
    for key in keys:
        intervals = {source.key: source.every for source in house.schedule(key).sources}
        with Stages() as progress:
            polled = intake.poll(
                house.database,
                house.sources(key),
                intervals,
                now=house.clock(),
                force=True,
                progress=progress,
            )
        for one in polled:
            fine = fine and not one.error
            typer.echo(f"{key}/{one.source}: {one.error or one.summary}")
    return fine


def from_path(path: Path, *, as_json: bool, as_source: str | None, base_url: str | None) -> None:
    """Articles from a feed, an export, pages, page dumps or Markdown; a file, an archive or a folder."""
    if as_json:
        typer.echo(json.dumps(_printable(path, base_url), ensure_ascii=False))
        return
    from digest.sources.exports import ExportSource

    _, house = start.opened()
    key = _declared(house, as_source)
    with Stages() as progress:
        source = ExportSource(key=key, path=path, base_url=base_url, progress=progress)
        collected = source.poll(PollState(), house.clock())
        stored = intake.store_all(
            house.database, collected.articles, now=house.clock(), progress=progress
        )
    new, revised, left = stored.new, stored.revised, len(stored.errors)
    noting.note(house, "took up a file", subject=key, new=new, revised=revised, left=left)
    typer.echo(f"{key}: {stored.new} new, {stored.revised} revised, {stored.unchanged} unchanged")
    for error in (*collected.errors, *stored.errors):
        typer.echo(f"left: {error}", err=True)


def _printable(path: Path, base_url: str | None) -> dict[str, Any]:
    """What a path gives, as JSON; a file that cannot be read at all is told among the errors."""
    from digest.bootstrap import utc_now
    from digest.sources.exports import ExportSource

    try:
        with Stages() as progress:
            source = ExportSource(key="file", path=path, base_url=base_url, progress=progress)
            return _as_json(source.poll(PollState(), utc_now()))
    except BadInput as error:
        return _as_json(Collected((), (error,)))
    except FetchError as error:
        return _as_json(Collected((), (BadInput(error.url, error.reason),)))


def _declared(house: House, named: str | None) -> str:
    """The source that the articles count to: the only one, beside those that wait for the API.

    Raises BadInput where no schedule would ever tell them.
    """
    each = (source for schedule in house.schedules.values() for source in schedule.sources)
    kinds = {source.key: source.kind for source in each}
    read = [key for key, kind in kinds.items() if kind != "api"]
    if named is None and len(read or kinds) == 1:
        return next(iter(read or kinds))
    if named not in kinds:
        there = ", ".join(kinds)
        raise BadInput("--source", f"one of the schedules' sources, please: {there}")
    return named


def _in_utc(article: IncomingArticle) -> IncomingArticle:
    """As it would be stored: its time in UTC, the zone that it was told in beside it."""
    told = article.published_at.utcoffset() if article.published_at else None
    if not article.published_at or not told:
        return article
    moment = article.published_at.astimezone(dt.UTC)
    return replace(article, published_at=moment, zone_s=int(told.total_seconds()))


def _as_json(collected: Collected) -> dict[str, Any]:
    """The articles with all that is known of them; date and author also by the names of `digest extract`."""
    given = tuple(map(_in_utc, collected.articles))
    articles = TypeAdapter(tuple[IncomingArticle, ...]).dump_python(given, mode="json")
    for article in articles:
        article |= {"date": article["published_at"], "author": article["authors"]}
    errors = [{"item": error.item, "reason": error.reason} for error in collected.errors]
    return {"articles": articles, "errors": errors}
