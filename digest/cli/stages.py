"""Each stage alone: JSON lines in, JSON lines out, one object answered at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest import streams

feeds = typer.Typer(help="Read feeds.", no_args_is_help=True, rich_markup_mode=None)

Jsonl = Annotated[bool, typer.Option("--jsonl", help="JSON lines, the only form there is.")]


@feeds.command("parse")
def feeds_parse(jsonl: Jsonl = True) -> None:
    """Feeds to entries: {"id","feed_path","url","content_type"} → {"id","feed","entries"}."""
    streams.feeds()


def extract(jsonl: Jsonl = True) -> None:
    """Pages or page dumps to articles: {"id","html_path","url"} → {"id","title","text",…}."""
    streams.extract()


def summarise(jsonl: Jsonl = True) -> None:
    """Articles to summaries: {"id","title","text"} → {"id","summary","sentences"}."""
    streams.summarise()


def cluster(jsonl: Jsonl = True) -> None:
    """A week to storylines: {"id","title","text"} … then end of input → {"id","cluster"} each."""
    streams.cluster()


def rank(
    jsonl: Jsonl = True,
    earlier: Annotated[
        Path | None,
        typer.Option(help="JSON lines of earlier weeks with their counts: what to expect."),
    ] = None,
) -> None:
    """A week to its order: {"id","published",…} … then end of input → {"id","rank","score"} each."""
    streams.rank(earlier)
