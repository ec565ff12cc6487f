"""Each stage alone: JSON lines from standard input, JSON lines to standard output, an object at a time.

Whole programs feed thousands of objects through these, and short ones a few; so they start without the rest of
the command (`__main__`), and nothing is imported here but what one stage needs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any


def feeds() -> None:
    from digest.sources.feeds import feed_lines

    _answer(feed_lines(_objects()))


def extract() -> None:
    from digest.sources.pages import extract_lines

    _answer(extract_lines(_objects()))


def summarise() -> None:
    from digest.protocols import SummaryLimits
    from digest.summarise import summarise_lines
    from digest.summarisers.extractive import ExtractiveSummariser

    _answer(summarise_lines(_objects(), ExtractiveSummariser(), SummaryLimits()))


def cluster() -> None:
    from digest.storylines import cluster_lines

    _answer(cluster_lines(_objects()))


def rank(earlier: Path | None = None) -> None:
    from digest.earlier_weeks import EarlierWeeks
    from digest.rank_lines import learned, rank_lines
    from digest.rank_table import RankTable

    table = RankTable()
    past = learned(_objects_of(earlier), table) if earlier else EarlierWeeks()
    _answer(rank_lines(_objects(), table, past))


#: The stages by the words of their commands.
BY_WORDS: Mapping[tuple[str, ...], Callable[[], None]] = {
    ("feeds", "parse", "--jsonl"): feeds,
    ("extract", "--jsonl"): extract,
    ("summarise", "--jsonl"): summarise,
    ("cluster", "--jsonl"): cluster,
    ("rank", "--jsonl"): rank,
}


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
