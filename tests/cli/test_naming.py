"""What a command says that is not told, or not rightly, what it is about."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.cli import app
from digest.errors import DigestError
from tests.houses import SCHEDULE


@pytest.fixture
def place(place: Path) -> Path:
    """A folder with two newsletters."""
    (place / "schedules" / "other.toml").write_text(SCHEDULE, encoding="utf-8")
    return place


def fault(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert isinstance(done.exception, DigestError), done.output
    return str(done.exception)


@pytest.mark.parametrize(
    "words",
    [
        ("embed",),
        ("segments", "count"),
        ("segments", "of", "alice@example.net"),
        ("subscribers", "export"),
    ],
)
def test_a_command_that_lacks_a_newsletter_says_words_that_it_takes(
    place: Path, words: tuple[str, ...]
) -> None:
    told = fault(*words)
    assert told.endswith("other or sunday")
    more = told.removeprefix("which newsletter? ").removesuffix(" or sunday").split()
    said = more[1:] if more[0] == "digest" else [*words, *more]
    done = CliRunner().invoke(app, said)
    assert "which newsletter" not in str(done.exception)
    assert "No such option" not in done.output


@pytest.mark.parametrize("words", [("send", "nope"), ("proof", "nope"), ("build", "nope")])
def test_a_newsletter_that_there_is_none_of_is_told_with_those_there_are(
    place: Path, words: tuple[str, ...]
) -> None:
    assert fault(*words) == "no newsletter is called 'nope'; there are: other, sunday"
    assert fault(words[0], "2026-11-29") == "which newsletter? say other/2026-11-29"


def test_figures_of_a_source_that_there_is_none_of_are_refused(place: Path) -> None:
    (place / "figures.csv").write_text("id,views\n7,12\n", encoding="utf-8")
    told = fault("signals", "import", "figures.csv", "--source", "deks")
    assert told == "--source: no source is called 'deks'; there are: desk"


def test_a_file_of_articles_needs_a_source_where_there_are_two_and_each_is_named_once(
    place: Path,
) -> None:
    assert fault("collect", "--from", "week.xml") == "week.xml: there is no such file or folder"
    for name in ("other", "third"):
        text = SCHEDULE.replace('"desk"', '"pier"')
        (place / "schedules" / f"{name}.toml").write_text(text, encoding="utf-8")
    assert fault("collect", "--from", "week.xml").endswith("please: pier, desk")


def test_who_asks_for_segments_where_none_are_hears_so(place: Path) -> None:
    (place / "r.csv").write_text("email\nalice@example.net\n", encoding="utf-8")
    letter = ("--newsletter", "sunday")
    done = CliRunner().invoke(app, ["subscribers", "import", "r.csv", *letter, "--confirmed"])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(app, ["segments", "of", "alice@example.net", "sunday"])
    assert done.output.startswith("sunday has no segments")


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "r.csv: is empty"),
        (b"name,plan\nAlice,free\n", "r.csv, line 1: no column is called email"),
        (b'email\na@b.example\n"' + b"x" * 200_000 + b'"\n', "r.csv, line 3: is no CSV"),
    ],
)
def test_a_file_of_readers_that_is_none_is_named(place: Path, data: bytes, named: str) -> None:
    (place / "r.csv").write_bytes(data)
    told = fault("subscribers", "import", "r.csv", "--newsletter", "sunday", "--confirmed")
    assert told.startswith(named)
