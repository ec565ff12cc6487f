"""Readers' pages in the newsletter's language: every catalogue is whole, and every page says which it is."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from digest.bootstrap import House
from digest.moments import WeekTime
from digest.store.engine import Database
from digest.web.speech import Speech, catalogue, languages
from tests.houses import SCHEDULE, make_house
from tests.web.people import visitor

ROOT = Path(__file__).parents[2]
OTHERS = languages()[1:]
SUNDAY = WeekTime.parse("sunday 08:00")
_PLACE = re.compile(r"%\([a-z_]+\)[a-z]|%.|</?[a-z]+|\{[^}]*\}")


@pytest.fixture(scope="module")
def sentences() -> set[str | tuple[str, ...]]:
    """Every sentence of the templates and the code, as `make words` finds them."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]
    method_map = [(one["pattern"], one["method"]) for one in mappings["mappings"]]
    options = {one["pattern"]: {"trimmed": "true"} for one in mappings["mappings"]}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None}
    found = extract_from_dir(
        ROOT, method_map, options, keywords, directory_filter=lambda path: "/." not in path
    )
    return {message for _, _, message, _, _ in found}


def read(language: str) -> Catalog:
    with catalogue(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(language: str) -> list[Message]:
    return [one for one in read(language) if one.id]


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_our_pages_speak_six_languages() -> None:
    assert languages() == ("en", "ar", "de", "es", "fr", "it")


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_every_sentence_and_no_other(
    sentences: set[str | tuple[str, ...]], language: str
) -> None:
    assert len(sentences) > 50
    assert {one.id for one in messages(language)} == sentences, "run: make words"


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_in_all_its_plurals(language: str) -> None:
    many = read(language).num_plurals
    for one in messages(language):
        assert not one.fuzzy, one.id
        assert all(text.strip() for text in strings(one)), one.id
        assert len(strings(one)) == (many if one.pluralizable else 1), one.id


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_places_and_the_tags_of_its_sentence(language: str) -> None:
    for one in messages(language):
        sentence = one.id if isinstance(one.id, str) else one.id[1]
        expected = Counter(_PLACE.findall(sentence))
        for text in strings(one):
            found = Counter(_PLACE.findall(text))
            if one.pluralizable:  # "one reader" may do without its number
                found, expected = found | expected, expected | found
            assert found == expected, (one.id, text)


@pytest.mark.parametrize(
    ("language", "every"),
    [
        ("en", "every Sunday at 08:00"),
        ("de", "jeden Sonntag um 08:00 Uhr"),
        ("fr", "chaque dimanche à 08:00"),
        ("ar", "كل أسبوع يوم الأحد الساعة 8:00 ص"),
    ],
)
def test_a_weekly_moment_is_told_in_the_language(language: str, every: str) -> None:
    zone = "Europe/London" if language == "en" else "UTC"
    assert " ".join(Speech(language, zone).every(SUNDAY).split()) == every


def test_a_language_that_we_do_not_have_is_english_through_and_through() -> None:
    dutch = Speech("nl", "Europe/Amsterdam")
    assert (dutch.tag, dutch.direction) == ("en", "ltr")
    assert dutch.day("2026-11-29") == "29 November 2026"
    assert dutch.place == "Amsterdam"


def test_a_language_of_a_country_uses_the_words_of_the_language() -> None:
    austrian = Speech("de-AT", "Europe/Vienna")
    assert austrian.tag == "de-AT"
    assert austrian.gettext("Subscribe") == "Abonnieren"
    assert austrian.place == "Wien"


@pytest.mark.parametrize("language", languages())
def test_every_page_says_its_language_and_its_direction(
    sqlite: Database, tmp_path: Path, language: str
) -> None:
    client = visitor(speaking(sqlite, tmp_path, language))
    way = "rtl" if language == "ar" else "ltr"
    paths = ("/", "/n/sunday", "/archive/sunday", "/archive/sunday/2020-01-05", "/confirm/x")
    for path in (*paths, "/leave/sunday/x", "/nowhere", "/n/monday"):
        assert f'<html lang="{language}" dir="{way}">' in client.get(path).text, path
    words = Speech(language, "Europe/London")
    assert words.gettext("How it works") in client.get("/").text
    assert words.gettext("Not found") in client.get("/nowhere").text


def test_what_a_reader_agrees_to_is_kept_in_the_language_it_was_shown_in(
    sqlite: Database, tmp_path: Path
) -> None:
    client = visitor(speaking(sqlite, tmp_path, "de"))
    shown = client.get("/n/sunday").text
    assert "jeden Sonntag um 08:00 Uhr (Ortszeit London)" in shown


def test_each_of_several_newsletters_is_offered_in_its_own_language(
    sqlite: Database, tmp_path: Path
) -> None:
    german = SCHEDULE.replace("[newsletter]", '[newsletter]\nlanguage = "de"')
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "woche.toml").write_text(german)
    page = visitor(make_house(sqlite, tmp_path)).get("/").text
    assert page.index('lang="en" dir="ltr" data-newsletter="sunday"') < page.index(">Subscribe<")
    assert page.index('lang="de" dir="ltr" data-newsletter="woche"') < page.index(">Abonnieren<")


def test_the_desk_speaks_english_whatever_the_newsletter(sqlite: Database, tmp_path: Path) -> None:
    page = visitor(speaking(sqlite, tmp_path, "ar")).get("/desk/login").text
    assert '<html lang="en" dir="ltr">' in page


def speaking(database: Database, folder: Path, language: str) -> House:
    """The tests' house, whose newsletter is in this language."""
    text = SCHEDULE.replace("[newsletter]", f'[newsletter]\nlanguage = "{language}"')
    return make_house(database, folder, schedule=text)


def test_a_date_is_told_in_the_order_of_its_language() -> None:
    day = dt.date(2026, 11, 29).isoformat()
    assert Speech("en", "Europe/London").day(day) == "29 November 2026"
    assert Speech("en", "America/New_York").day(day) == "November 29, 2026"
    assert Speech("de", "Europe/Berlin").day(day) == "29. November 2026"
