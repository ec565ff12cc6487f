"""A schedule in plain words: all of it, what the file says told from what is the default, and no secret."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from digest import schedule_files, schedule_words
from digest.schedule_words import Line
from digest.schedules import Schedule
from tests.houses import SCHEDULE

EXAMPLE = Path(__file__).parents[1] / "schedules" / "sunday.toml"
CANARY = "0123456789abcdef0123456789"

MORE = f"""
section_order = ["Town", "Sport"]

[[sources]]
key = "blog"
kind = "ghost"
url = "https://user:canary-password@blog.example/?token=canary-token"
api_key = "{CANARY}"
every = "6h"

[[sources]]
key = "map"
kind = "sitemap"
url = "https://map.example/sitemap.xml"
within = "/news/"

[[sources]]
key = "short"
kind = "feed"
url = "https://short.example/feed"
full_text = false
every = "30m"

[[sources]]
key = "old"
kind = "export"
path = "old.zip"
base_url = "https://old.example/"

[collect]
min_words = 60
[collect.sections]
World = ["international", "foreign"]

[variants]
languages = ["de"]

[segments.germans]
all = [{{ language = "de" }}, {{ joined_after = {dt.date(2026, 1, 1)} }}]

[audience]
segment = "germans"

[keep]
left = 0
"""


def read(folder: Path, text: str = SCHEDULE) -> Schedule:
    path = folder / "sunday.toml"
    path.write_text(text, encoding="utf-8")
    return schedule_files.read(path)


def lines(schedule: Schedule) -> dict[str, Line]:
    return {line.key: line for group in schedule_words.told(schedule) for line in group.lines}


def test_the_week_is_told_in_two_sentences() -> None:
    assert schedule_words.gist(schedule_files.read(EXAMPLE)) == (
        "It goes out on Sunday at 08:00 (Europe/London). The week ends on Saturday at 18:00; editors"
        " are reminded on Sunday at 06:00, and where nobody has decided by Sunday at 07:30 it goes"
        " out as it is."
    )


def test_a_newsletter_that_is_held_and_goes_by_readers_clocks_says_so(tmp_path: Path) -> None:
    more = '[approve]\nif_nobody = "hold"\n[deliver]\ndeliver_at = "reader"\n'
    told = schedule_words.gist(read(tmp_path, SCHEDULE + more))
    assert "Sunday at 08:00, at each reader's own hour (Europe/London)" in told
    assert "it is held until somebody does" in told


def test_every_table_and_every_key_of_a_schedule_is_told() -> None:
    schedule = schedule_files.read(EXAMPLE)
    told = lines(schedule)
    for name in type(schedule).model_fields:
        table = getattr(schedule, name)
        for key in getattr(type(table), "model_fields", ()):
            assert told[f"{name}.{key}"].words, key
    assert {group.table for group in schedule_words.told(schedule)} == {
        *type(schedule).model_fields
    } - {"key"}


def test_what_the_file_says_is_told_from_what_is_the_default(tmp_path: Path) -> None:
    told = lines(read(tmp_path, SCHEDULE + MORE))
    given = told["collect.min_words"]
    assert (given.words, given.given) == ("60 words; shorter ones are left out", True)
    default = told["collect.cut_off"]
    assert (default.words, default.given) == ("Saturday at 18:00", False)
    assert not told["readers.welcome"].given


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("newsletter.language", "English (en)"),
        ("newsletter.reply_to", "the sender's address"),
        ("collect.sections", "World: international, foreign"),
        ("compose.section_order", "Town, Sport"),
        ("compose.thin_week", "is skipped, and editors are told"),
        ("variants.languages", "German (de)"),
        ("variants.sections", "no"),
        ("segments.germans", "who reads de and joined on 2026-01-01 or later"),
        ("audience.segment", "the segment germans"),
        ("keep.left", "for good"),
        ("keep.pending", "30 days"),
        ("deliver.catch_up", "6 hours"),
        ("rank.comments", "counts 1"),
        ("render.ink", "the theme's own"),
        ("sources[desk]", "waits for what comes by the API or is taken up at the desk"),
        ("sources[map]", "a sitemap at https://map.example/sitemap.xml, asked every hour; only pages below /news/"),
        ("sources[short]", "a feed at https://short.example/feed, asked every 30 minutes; pages are not fetched where it gives an excerpt"),
        ("sources[old]", "an export of another system at old.zip, asked every hour; of the site https://old.example/"),
    ],
)  # fmt: skip
def test_values_are_said_as_one_would_say_them(tmp_path: Path, key: str, words: str) -> None:
    assert lines(read(tmp_path, SCHEDULE + MORE))[key].words == words


def test_no_key_no_password_and_no_token_is_told(tmp_path: Path) -> None:
    told = lines(read(tmp_path, SCHEDULE + MORE))
    blog = told["sources[blog]"].words
    assert blog == (
        "a Ghost site at https://blog.example/?token=…, asked every 6 hours;"
        " its API key is set, and not shown"
    )
    everything = repr(told)
    assert CANARY not in everything
    assert "canary" not in everything


def test_what_another_file_says_is_told_by_key_with_what_it_was(tmp_path: Path) -> None:
    before = read(tmp_path)
    now = read(tmp_path, SCHEDULE.replace("minimum_stories = 2", "minimum_stories = 5") + MORE)
    was = schedule_words.changed(now, before)
    assert was["compose.minimum_stories"] == "2 stories"
    assert was["sources[blog]"] == "none"
    assert "newsletter.name" not in was
    assert schedule_words.changed(before, before) == {}


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(300, "5 minutes"), (60, "a minute"), (3600, "an hour"), (86400, "a day"), (90, "90 seconds")],
)
def test_spans_are_told_in_the_largest_unit_that_fits(seconds: int, told: str) -> None:
    assert schedule_words.span(seconds) == told
