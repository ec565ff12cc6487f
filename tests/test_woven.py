"""Woven: what was rewritten in part keeps its order and place; what two reports share does not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import chain

import numpy as np
import pytest

from digest import copies, woven
from digest.copies import Print, holds, is_reworked, print_of
from tests.test_collect import article, reasons


def sentence(seed: str, length: int = 20) -> str:
    """Words that no other seed has."""
    by = random.Random(seed)
    return " ".join(f"w{by.randrange(10**6)}x{seed}" for _ in range(length)) + "."


def text(sentences: Sequence[str]) -> str:
    return " ".join(sentences)


ORIGINAL = [sentence(f"original{n}") for n in range(12)]
KEPT = (1, 4, 7, 10)


def rewritten(kept: Sequence[int], *, length: int = 20) -> list[str]:
    """The original with all other sentences told anew, in so many words."""
    return [
        one if place in kept else sentence(f"anew{place}", length)
        for place, one in enumerate(ORIGINAL)
    ]


def are_copies(one: Sequence[str], other: Sequence[str]) -> bool:
    prints = print_of(text(one)), print_of(text(other))
    return holds(*prints) or holds(*reversed(prints)) or is_reworked(*prints)


@pytest.mark.parametrize("length", [12, 20, 22])
def test_a_third_that_was_kept_in_its_place_makes_a_copy_whatever_the_rest_is_as_long_as(
    length: int,
) -> None:
    assert are_copies(ORIGINAL, rewritten(KEPT, length=length))
    assert are_copies(rewritten(KEPT, length=length), ORIGINAL)


def test_it_is_left_out_of_the_week() -> None:
    pair = article(1, text(ORIGINAL)), article(2, text(rewritten(KEPT)))
    assert reasons(*pair) == {2: "the same text as “Story 1”"}


def test_a_quarter_that_was_kept_does_not() -> None:
    assert not are_copies(ORIGINAL, rewritten((1, 5, 9)))


def test_the_same_sentences_in_another_order_do_not() -> None:
    other = rewritten(())
    for place, kept in zip(KEPT, (7, 1, 10, 4), strict=True):
        other[place] = ORIGINAL[kept]
    assert not are_copies(ORIGINAL, other)


def test_one_statement_that_two_reports_print_in_full_does_not() -> None:
    assert not are_copies(ORIGINAL, rewritten((4, 5, 6, 7)))


def test_the_background_at_the_end_of_two_reports_does_not() -> None:
    assert not are_copies(ORIGINAL, rewritten((8, 9, 10, 11)))


def test_a_statement_and_the_background_do_not() -> None:
    assert not are_copies(ORIGINAL, rewritten((3, 4, 10, 11)))


def test_two_reports_that_go_their_own_ways_through_one_press_release_do_not() -> None:
    own = [sentence(f"own{n}") for n in range(12)]
    other = [ORIGINAL[1], *own[:7], ORIGINAL[4], ORIGINAL[7], *own[7:9], ORIGINAL[10]]
    assert not are_copies(ORIGINAL, other)


def test_two_interviews_with_one_speaker_whose_answers_both_quote_are_two() -> None:
    answers = [sentence(f"answer{n}", 12) for n in range(4)]
    first = [x for n, a in enumerate(answers) for x in (sentence(f"a{n}", 30), a)]
    second = [x for n, a in enumerate(answers) for x in (sentence(f"b{n}", 34), a)]
    assert not are_copies(first, second)


def test_a_live_page_of_another_day_with_the_same_frame_is_another() -> None:
    frame = [sentence(f"frame{n}", 14) for n in range(3)]
    days = [
        [frame[0], *(sentence(f"{day}at{n}") for n in range(9)), frame[1], frame[2]]
        for day in ("monday", "tuesday")
    ]
    assert not are_copies(*days)


def test_a_live_page_that_grew_is_told_in_full_by_its_last_state() -> None:
    early, late = ORIGINAL[:5], ORIGINAL
    assert reasons(article(1, text(early)), article(2, text(late))) == {
        1: "told in full in “Story 2”"
    }


def row(units: Sequence[int]) -> Print:
    return print_of(" ".join(f"u{unit}" for unit in units))


@pytest.mark.parametrize("seed", range(4))
def test_pieces_are_the_longest_that_stand_in_one_order(seed: int) -> None:
    by = random.Random(seed)
    runs = [list(range(100 * n, 100 * n + by.randint(8, 20))) for n in range(6)]
    moved = runs[:2] + runs[3:5] + [runs[2]] + runs[5:]
    one, other = row([*chain(*runs)]), row([*chain(*moved)])
    found = woven._in_order(woven._pieces(one.row, other.row, 3))
    assert [piece.one for piece in found] == sorted(piece.one for piece in found)
    assert [piece.other for piece in found] == sorted(piece.other for piece in found)
    sizes = [len(run) for run in runs]
    least = min(sizes[2], sizes[3] + sizes[4])
    assert sum(piece.size for piece in found) == sum(sizes) - least


def test_nothing_is_alike_in_texts_that_share_nothing_or_are_nothing() -> None:
    empty = np.empty(0, np.uint64)
    assert not woven.are_alike(empty, empty, 3, 8)
    assert not woven.are_alike(row(range(40)).row, row(range(100, 140)).row, 3, 8)
    assert not woven.are_alike(row(range(40)).row, empty, 3, 8)


def test_what_stands_twice_in_a_text_is_no_anchor() -> None:
    one = row([*range(30), *range(30)])
    assert woven._pieces(one.row, row(range(30)).row, 3) == []
    assert copies.holds(one, row(range(30)))
