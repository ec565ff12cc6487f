"""Copies: who is looked at, as asking every pair would tell."""

from __future__ import annotations

import random

import pytest

from digest import copies
from digest.copies import LEAST, Print, holds, is_reworked, near, near_any, print_of

WORDS = [f"word{number}" for number in range(60)]


def texts(rng: random.Random, count: int, *, line: str) -> list[str]:
    """Short texts of few words, half of them changed from another one, each with the same line at its end."""
    made: list[str] = []
    for _ in range(count):
        words = rng.choices(WORDS, k=rng.randint(5, 60))
        if made and rng.random() < 0.5:
            words = rng.choice(made).removesuffix(line).split()
            for place in rng.sample(range(len(words)), len(words) // rng.randint(3, 9)):
                words[place] = rng.choice(WORDS)
        made.append(" ".join(words) + line)
    return made


def share_a_quarter(one: Print, other: Print) -> bool:
    least = min(len(one.shingles), len(other.shingles))
    shared = len(set(one.shingles.tolist()) & set(other.shingles.tolist()))
    return least >= LEAST and shared * 4 >= least


@pytest.mark.parametrize("common", [1, 4, 64])
@pytest.mark.parametrize("line", ["", " this line stands at the end of every text of our house"])
def test_those_looked_at_are_all_that_share_a_quarter(
    common: int, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_COMMON", common)
    prints = [print_of(text) for text in texts(random.Random(common), 90, line=line)]
    told = 30
    expected = [
        [ahead for ahead in range(place) if share_a_quarter(prints[ahead], prints[place])]
        for place in range(told, len(prints))
    ]
    assert near(iter(prints[:told]), prints[told:]) == expected
    assert any(expected)
    before = {ahead for one in expected for ahead in one if ahead < told}
    assert near_any(iter(prints[:told]), prints[told:]) == sorted(before)
    assert 0 < len(before) < told or line


def test_nothing_ahead_and_nothing_at_all() -> None:
    assert near([], []) == []
    assert near_any([], []) == near_any([print_of("a b c")], []) == []
    assert near([], [print_of("")]) == [[]]
    assert near([print_of("a b c")], [print_of("")]) == [[]]


def test_a_text_holds_and_covers_itself_and_an_empty_one_nothing() -> None:
    text = print_of(" ".join(WORDS[:30]))
    assert holds(text, text)
    assert is_reworked(text, text)
    assert not holds(print_of(""), text)
    assert not is_reworked(print_of(""), text)


def test_half_of_it_in_one_run_is_enough_and_the_same_words_scattered_are_not() -> None:
    whole = print_of(" ".join(WORDS[:40]))
    cut = print_of(" ".join(WORDS[:22]))
    shuffled = print_of(" ".join(random.Random(1).sample(WORDS[:40], 40)))
    assert holds(whole, cut)
    assert not holds(whole, shuffled)
    assert not is_reworked(whole, shuffled)
