"""The dictionary of the gate: what it knows, and that its file is one that look-ups can trust."""

from __future__ import annotations

from importlib import resources

import pytest

from digest.facts import meanings
from digest.facts.reading import stem


@pytest.mark.parametrize(
    ("word", "says"),
    [("lorry", "vehicle"), ("donate", "give"), ("motorcar", "car"), ("resign", "vacate")],
)
def test_what_says_the_same_or_more_generally_is_known(word: str, says: str) -> None:
    assert stem(says) in meanings.meant(stem(word))


def test_what_is_more_special_is_not_said_by_the_general() -> None:
    assert stem("lorry") not in meanings.meant(stem("vehicle"))


def test_opposites_are_known_and_say_no_such_thing() -> None:
    assert stem("decrease") in meanings.opposite(stem("increase"))
    assert stem("decrease") not in meanings.meant(stem("increase"))


def test_a_word_that_the_dictionary_lacks_means_nothing_else() -> None:
    assert not meanings.is_word("xyzzy")
    assert meanings.meant("xyzzy") == frozenset()


def test_the_file_is_sorted_and_of_four_columns_as_stems_are_today() -> None:
    text = (resources.files("digest.facts") / "meanings.txt").read_text(encoding="utf-8")
    lines = text.removesuffix("\n").split("\n")
    assert lines == sorted(lines)
    assert {line.count("\t") for line in lines} == {3}
    heads = {line.split("\t")[0] for line in lines}
    assert {stem(word) for word in ("resign", "vaccine", "election", "storm")} <= heads
