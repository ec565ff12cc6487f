"""Topics: sections for articles whose site has none."""

from __future__ import annotations

from typing import Any

import pytest

from digest.topics import with_sections
from tests.articles import stored

TOPICS = {"Sport": ("football", "regatta"), "Town": ("council", "planning")}


def section(**changes: Any) -> str | None:
    return with_sections([stored(**{"section": None, **changes})], TOPICS)[0].section


@pytest.mark.parametrize(
    "changes",
    [
        {"tags": ("Football",)},
        {"url": "https://gazette.example/football/2026/cup-final"},
        {"title": "Footballs stolen from the yard"},
        {"text": "The regatta was won by a postman."},
    ],
)
def test_a_topic_is_found_in_tags_address_title_and_lead(changes: dict[str, Any]) -> None:
    assert section(**changes) == "Sport"


def test_a_tag_says_more_than_a_word_of_the_lead() -> None:
    assert section(tags=("council",), text="A football was found.") == "Town"


def test_the_last_part_of_an_address_is_no_topic() -> None:
    assert section(url="https://gazette.example/news/football", title="A", text="B") is None


def test_what_has_a_section_keeps_it_and_what_fits_nowhere_has_none() -> None:
    assert section(section="Harbour", tags=("football",)) == "Harbour"
    assert section(title="Gulls", text="Gulls came.") is None


def test_without_topics_nothing_changes() -> None:
    week = [stored(section=None)]
    assert with_sections(week, {}) == week


def test_a_broken_address_is_no_topic() -> None:
    assert section(url="http://[half", title="A", text="B") is None
