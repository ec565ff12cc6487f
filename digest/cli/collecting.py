"""`digest collect`: the sources now, or a file or folder by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer
from pydantic import TypeAdapter

from digest import intake
from digest.bootstrap import House
from digest.cli import start
from digest.cli.screen import Stages
from digest.errors import BadInput
from digest.model import IncomingArticle
from digest.protocols import Collected, PollState, Source


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


def from_path(path: Path, *, as_json: bool, as_source: str | None) -> None:
    """Articles from a feed file, a page, a page dump, or a folder of pages or Markdown."""
    from digest.bootstrap import utc_now

    if as_json:
        collected = source_at(path, "file").poll(PollState(), utc_now())
        typer.echo(json.dumps(_as_json(collected), ensure_ascii=False))
        return
    _, house = start.opened()
    key = _declared(house, as_source)
    collected = source_at(path, key).poll(PollState(), utc_now())
    stored = intake.store_all(house.database, collected.articles, now=house.clock())
    typer.echo(f"{key}: {stored.new} new, {stored.revised} revised, {stored.unchanged} unchanged")
    for error in (*collected.errors, *stored.errors):
        typer.echo(f"left: {error}", err=True)


def _declared(house: House, named: str | None) -> str:
    """The source that the articles count to. Raises BadInput where no schedule would ever tell them."""
    keys = [key for schedule in house.schedules.values() for key in schedule.source_keys]
    if named is None and len(keys) == 1:
        return keys[0]
    if named not in keys:
        raise BadInput("--source", f"one of the schedules' sources, please: {', '.join(keys)}")
    return named


def source_at(path: Path, key: str) -> Source:
    """The source that a path looks like. Raises BadInput where it looks like none."""
    from digest.sources.feeds import FeedSource
    from digest.sources.markdown import MarkdownSource
    from digest.sources.pages import PagesSource

    if path.is_file() and path.suffix.lower() in (".xml", ".rss", ".atom", ".json"):
        return FeedSource(key=key, url=None, path=path, full_text=False)
    if path.is_dir() and any(path.rglob("*.md")):
        return MarkdownSource(key=key, folder=path, base_url=None)
    if path.is_dir():
        return PagesSource(key=key, folder=path, base_url=None)
    raise BadInput(str(path), "neither a feed file nor a folder of pages or Markdown")


def _as_json(collected: Collected) -> dict[str, Any]:
    articles = TypeAdapter(tuple[IncomingArticle, ...]).dump_python(collected.articles, mode="json")
    errors = [{"item": error.item, "reason": error.reason} for error in collected.errors]
    return {"articles": articles, "errors": errors}
