"""Each stage alone: JSON lines in, JSON lines out, one object answered at a time."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
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


def rank(
    jsonl: Jsonl = True,
    earlier: Annotated[
        Path | None,
        typer.Option(help="JSON lines of earlier weeks with their counts: what to expect."),
    ] = None,
) -> None:
    """A week to its order: {"id","published",…} … then end of input → {"id","rank","score"} each."""
    from digest.earlier_weeks import EarlierWeeks
    from digest.rank_lines import learned, rank_lines
    from digest.schedules import RankTable

    table = RankTable()
    past = learned(_objects_of(earlier), table) if earlier else EarlierWeeks()
    _answer(rank_lines(_objects(), table, past))


def _objects_of(path: Path) -> Iterator[Mapping[str, Any]]:
    """The objects of a file. Raises BadInput at the first line that is none."""
    from digest.errors import BadInput

    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                found = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise BadInput(f"{path}, line {number}", str(error)) from error
            if not isinstance(found, dict):
                raise BadInput(f"{path}, line {number}", "not an object")
            yield found


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
