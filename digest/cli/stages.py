"""Each stage alone: JSON lines in, JSON lines out, one object answered at a time."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

import typer

feeds = typer.Typer(help="Read feeds.", no_args_is_help=True, rich_markup_mode=None)

Jsonl = Annotated[bool, typer.Option("--jsonl", help="JSON lines, the only form there is.")]


@feeds.command("parse")
def feeds_parse(jsonl: Jsonl = True) -> None:
    """Feeds to entries: {"id","feed_path","url","content_type"} → {"id","feed","entries"}."""
    from digest.sources.feeds import feed_lines

    _answer(feed_lines(_objects()))


def extract(jsonl: Jsonl = True) -> None:
    """Pages or page dumps to articles: {"id","html_path","url"} → {"id","title","text",…}."""
    from digest.sources.pages import extract_lines

    _answer(extract_lines(_objects()))


def summarise(jsonl: Jsonl = True) -> None:
    """Articles to summaries: {"id","title","text"} → {"id","summary","sentences"}."""
    from digest.protocols import SummaryLimits
    from digest.summarise import summarise_lines
    from digest.summarisers.extractive import ExtractiveSummariser

    _answer(summarise_lines(_objects(), ExtractiveSummariser(), SummaryLimits()))


def cluster(jsonl: Jsonl = True) -> None:
    """A week to storylines: {"id","title","text"} … then end of input → {"id","cluster"} each."""
    from digest.storylines import cluster_lines

    _answer(cluster_lines(_objects()))


def rank(jsonl: Jsonl = True) -> None:
    """A week to its order: {"id","published",…} … then end of input → {"id","rank","score"} each."""
    from digest.rank import rank_lines
    from digest.schedules import RankTable

    _answer(rank_lines(_objects(), RankTable()))


def _objects() -> Iterator[Mapping[str, Any]]:
    """The objects on standard input; a line that is none is answered with its error at once."""
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            if not isinstance(found, dict):
                raise TypeError("not an object")
        except (ValueError, TypeError, RecursionError) as error:
            _print({"id": None, "error": f"line {number}: {error}"})
            continue
        yield found


def _answer(answers: Iterable[Mapping[str, Any]]) -> None:
    for answer in answers:
        _print(answer)


def _print(answer: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(
        json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    )
    sys.stdout.buffer.flush()
