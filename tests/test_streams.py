"""Each stage alone, as another program feeds it: a process, lines in, lines out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

STORY = {
    "id": "a",
    "title": "Council cuts levy",
    "text": "The council cut the harbour levy by a third.",
}
#: Each stage's words, an object it can use, and the key of its answer.
STAGES = [
    (("summarise", "--jsonl"), STORY, "summary"),
    (("cluster", "--jsonl"), STORY, "cluster"),
    (("rank", "--jsonl"), {**STORY, "published": "2026-11-25T08:00:00Z"}, "score"),
    (("extract", "--jsonl"), {"id": "a", "html_path": "page.html"}, "title"),
    (("feeds", "parse", "--jsonl"), {"id": "a", "feed_path": "page.html"}, "entries"),
]
FEED = (
    "<rss version='2.0'><channel><title>Levy</title><item><title>Cut</title></item></channel></rss>"
)


def answers(*command: str, lines: bytes, cwd: str) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, *command], input=lines, capture_output=True, check=True, cwd=cwd
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("words", "given", "key"), STAGES, ids=[w[0] for w, _, _ in STAGES])
def test_odd_lines_are_answered_and_stop_nothing(
    tmp_path: Path, words: tuple[str, ...], given: dict[str, object], key: str
) -> None:
    page = FEED if key == "entries" else f"<html><title>Levy</title><p>{STORY['text']}</p></html>"
    (tmp_path / "page.html").write_text(page, "utf-8")
    odd = [b"nonsense", b"[1]", b"", b"\xff\xfe", b'{"id": {}}', b'{"title": "no id"}', b"null"]
    good = json.dumps({**given, "unknown key": [{}]}).encode()
    found = answers("-m", "digest", *words, lines=b"\n".join([*odd, good]), cwd=str(tmp_path))
    assert len(found) == len(odd)  # an empty line is no line
    assert next(one for one in found if "error" not in one).keys() >= {"id", key}
    assert sum("error" in one for one in found) == len(odd) - 1


def test_a_stage_starts_without_the_rest_of_the_command() -> None:
    code = (
        "import sys; sys.argv[1:] = ['summarise', '--jsonl']\n"
        "from digest.__main__ import main; main()\n"
        "print(sorted({'typer', 'pydantic', 'sqlalchemy', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def test_other_words_reach_the_same_stage_through_the_whole_command() -> None:
    line = json.dumps(STORY).encode()
    short = answers("-m", "digest", "summarise", "--jsonl", lines=line, cwd=".")
    assert answers("-m", "digest", "summarise", lines=line, cwd=".") == short
