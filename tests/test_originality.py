"""Originality: boilerplate is known by standing in several stories."""

from __future__ import annotations

from digest.originality import shared
from tests.articles import stored

BOILERPLATE = " The Gazette is a paper of the town and has been printed every week since 1871."


def test_text_of_its_own_is_all_its_own() -> None:
    texts = [
        "Gulls took the mayor's hat at noon on the pier.",
        "The library opens on Mondays again.",
    ]
    assert shared([stored(text=text) for text in texts]) == [0.0, 0.0]


def test_what_stands_in_two_stories_is_counted_in_both() -> None:
    long = " ".join(f"word{n}" for n in range(40))
    first, second = shared([stored(text=long + BOILERPLATE), stored(text="Brief." + BOILERPLATE)])
    assert 0.1 < first < 0.5 < second


def test_a_row_that_one_story_repeats_is_still_its_own() -> None:
    assert shared([stored(text="one two three four five six seven " * 9)]) == [0.0]


def test_short_and_empty_texts_share_nothing() -> None:
    assert shared([stored(text=""), stored(text="Two words"), stored(text="Two words")]) == [
        0,
        0,
        0,
    ]


def test_scripts_without_spaces_are_compared_too() -> None:
    text = "港口办公室说渡轮从星期一开始每小时开行一次票价不变"
    assert shared([stored(text=text), stored(text=text)]) == [1.0, 1.0]
