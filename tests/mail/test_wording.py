"""A newsletter's words, dates and direction."""

from __future__ import annotations

import datetime as dt
import string
import tomllib
from dataclasses import replace
from typing import Any

import pytest

from digest import places
from digest.mail.wording import Wording, direction, first_strong
from digest.model import ArticleId, Omission
from tests import sample_issue

FOLDER = places.folder("templates") / "email" / "_words"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.toml"))
END = sample_issue.WINDOW.end

LONDON = Wording("en", "Europe/London")
NEW_YORK = Wording("en", "America/New_York")
BERLIN = Wording("de", "Europe/Berlin")
CAIRO = Wording("ar", "Africa/Cairo")


def words(language: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))


def fields(value: Any) -> set[str]:
    """The names in braces of a phrase; of a table, of its `other`."""
    phrase = value["other"] if isinstance(value, dict) else value
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}


def phrases(language: str) -> dict[str, Any]:
    """Every phrase by its key; those of the small mails by `mail.key`."""
    found: dict[str, Any] = {}
    for key, value in words(language).items():
        mail = isinstance(value, dict) and "other" not in value
        found |= {f"{key}.{name}": one for name, one in value.items()} if mail else {key: value}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_phrases(language: str) -> None:
    english, here = phrases("en"), phrases(language)
    assert here.keys() == english.keys()
    assert {key: fields(here[key]) for key in here} == {key: fields(english[key]) for key in here}


def test_a_language_without_words_of_ours_speaks_english_but_dates_itself() -> None:
    swedish = Wording("sv", "Europe/Stockholm")
    assert swedish.say("briefs") == "In brief"
    assert swedish.date("2026-11-29") == "söndag 29 november 2026"


def test_the_time_zone_tells_which_english_dates_are_meant() -> None:
    assert LONDON.date("2026-11-29") == "Sunday, 29 November 2026"
    assert NEW_YORK.date("2026-11-29") == "Sunday, November 29, 2026"
    assert Wording("en-US", "Europe/London").date("2026-11-29") == "Sunday, November 29, 2026"


def test_a_language_that_babel_does_not_know_is_english_and_runs_left_to_right() -> None:
    unknown = Wording("xx", "UTC")
    assert (unknown.say("leave"), unknown.direction) == ("Unsubscribe", "ltr")


def test_plurals_are_those_of_the_language() -> None:
    assert [CAIRO.say("more", n) for n in (1, 2)] == [
        "وخبر آخر على الموقع",
        "وخبران آخران على الموقع",
    ]
    assert BERLIN.say("more", 1_200) == "Und 1.200 weitere im Netz"


def test_a_day_of_the_week_is_local() -> None:
    night = dt.datetime(2026, 11, 24, 23, 30, tzinfo=dt.UTC)
    assert LONDON.day(night, END) == "Tuesday"
    assert BERLIN.day(night, END) == "Mittwoch"
    assert NEW_YORK.day(night - dt.timedelta(hours=20), END) == "Monday"


def test_a_day_before_the_week_has_its_date() -> None:
    assert LONDON.day(END - dt.timedelta(days=10), END) == "Wed 18 Nov"


def test_the_facts_of_a_story_name_at_most_three_authors() -> None:
    story = replace(sample_issue.LEAD, authors=("A", "B", "C", "D"), read_seconds=10)
    assert LONDON.facts(story, END) == ["Friday", "1 min read", "By A, B and C"]
    assert LONDON.whence(replace(story, section=""), END) == ["Friday"]


def test_the_coverage_line_tells_what_was_left_out_and_why() -> None:
    assert LONDON.coverage(sample_issue.content()) == (
        "All 18 of this week’s articles: 1 lead story, 7 in the sections, 4 in the course of a"
        " story, 5 in brief and 1 left out (shorter than 40 words)."
    )


def test_a_week_with_everything_in_it_says_so() -> None:
    content = sample_issue.content(sections=(), briefs=(), left_out=())
    assert LONDON.coverage(content) == (
        "All 4 of this week’s articles are here: 1 lead story and 3 in the course of a story."
    )


def test_several_reasons_come_commonest_first_with_a_number_where_it_is_more_than_one() -> None:
    reasons = ["too short"] * 2 + ["a copy", "no text", "not ours", "too short"]
    left_out = tuple(
        Omission(article_id=ArticleId(n), title="T", url=None, reason=reason)
        for n, reason in enumerate(reasons)
    )
    said = LONDON.coverage(sample_issue.content(left_out=left_out))
    assert "6 left out (too short: 3; a copy; no text; …)" in said


def test_only_what_differs_from_the_mail_is_said_of_a_story() -> None:
    same = LONDON.way("The harbour", "en-GB")
    assert (same.attributes, same.back, same.start) == ("", "", "left")
    arabic = LONDON.way("الميناء", "ar")
    assert arabic.attributes == ' lang="ar" dir="rtl"'
    assert arabic.back == ' lang="en" dir="ltr"'
    assert arabic.start == "right"
    assert CAIRO.way("The harbour", "en").attributes == ' lang="en" dir="ltr"'


def test_a_story_of_unknown_language_runs_as_its_first_letter_does() -> None:
    assert LONDON.way("2026: الميناء", None).attributes == ' dir="rtl"'
    assert LONDON.way("2026", None).attributes == ""


def test_a_label_that_none_of_the_letters_bears_out_is_not_believed() -> None:
    assert LONDON.way("الميناء", "en").attributes == ' dir="rtl"'
    assert CAIRO.way("الميناء", "en").attributes == ""
    assert CAIRO.way("iPhone الميناء", "ar").attributes == ""
    assert CAIRO.way("2026", "en").attributes == ' lang="en" dir="ltr"'


def test_a_language_that_is_no_language_is_not_printed() -> None:
    assert LONDON.way("Harbour", 'en" onclick="x').attributes == ""


@pytest.mark.parametrize(
    ("language", "way"),
    [("ar", "rtl"), ("he", "rtl"), ("fa-IR", "rtl"), ("en", "ltr"), ("xx", None)],
)
def test_directions_are_those_of_cldr(language: str, way: str | None) -> None:
    assert direction(language) == way


def test_the_first_letter_with_a_direction_counts() -> None:
    assert first_strong("12 — שלום hello") == "rtl"
    assert first_strong("«hello» שלום") == "ltr"
    assert first_strong("12 — ") is None


def test_scripts_without_italics_stay_upright() -> None:
    assert LONDON.emphasis == "italic"
    assert CAIRO.emphasis == Wording("ja", "Asia/Tokyo").emphasis == "normal"
