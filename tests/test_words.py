"""Words: counted alike in scripts with and without spaces, and told apart by what they carry."""

from __future__ import annotations

import pytest

from digest import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("The levy fell.", 3), ("one – two", 2), ("今日は晴れ", 3), ("Ellery 今日は晴れ", 4)],
)
def test_words_are_counted_and_two_signs_of_an_unspaced_script_make_one(
    text: str, expected: int
) -> None:
    assert words.count(text) == expected


def test_two_hundred_and_thirty_eight_words_take_a_minute() -> None:
    assert words.seconds(238) == 60


@pytest.mark.parametrize(
    ("one", "other"),
    [("levies", "levy"), ("Ferry's", "ferry"), ("sailed", "sailing"), ("boats", "boat")],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert words.stem(one) == words.stem(other)


def test_short_and_foreign_words_keep_their_form() -> None:
    assert [words.stem(w) for w in ("bus", "Straßes", "press")] == ["bus", "straßes", "press"]


def test_matter_leaves_grammar_out_and_pairs_the_signs_of_unspaced_scripts() -> None:
    assert words.matter("The levy was in Ellery") == ["levy", "ellery"]
    assert words.matter("港の税金") == ["港の", "の税", "税金"]
