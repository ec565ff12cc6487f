"""Likeness: what two articles share that few others have."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from digest.likeness import Text, connected, is_telling, of, read
from tests.people import NOW

FLOOD = "The river Ell burst its banks at Hessock on Monday and 212 homes were left without power."
AFTER = "Some 212 homes at Hessock have power again after the river Ell burst its banks on Monday."
FLOOD_FAR = (
    "The river Marl burst its banks at Denholm on Monday and 97 homes were left without power."
)


def like(*texts: str) -> float:
    return float(of([read("", text, None) for text in texts]).like[0, 1])


def test_names_and_numbers_tell_two_events_of_one_kind_apart() -> None:
    assert like(FLOOD, AFTER) > like(FLOOD, FLOOD_FAR)


def test_likeness_is_the_same_both_ways_and_never_above_one() -> None:
    pairs = of([read("", text, None) for text in (FLOOD, AFTER, FLOOD_FAR, FLOOD)])
    assert np.array_equal(pairs.like, pairs.like.T)
    assert np.array_equal(pairs.may, pairs.may.T)
    assert 0.8 < pairs.like[0, 3] <= 1
    assert pairs.may[0, 3]


def test_days_apart_it_is_another_event() -> None:
    texts = [read("", FLOOD, NOW), read("", FLOOD, NOW + dt.timedelta(days=7))]
    pairs = of(texts)
    assert pairs.like[0, 1] == 0
    assert not pairs.may[0, 1]


def test_a_text_without_any_word_is_like_nothing() -> None:
    assert like("", "") == 0
    assert like("…", FLOOD) == 0


def test_a_common_word_tells_nothing_and_a_rare_one_does() -> None:
    assert is_telling("kestrel")
    assert not is_telling("government")
    assert not is_telling("1912")
    assert not is_telling("port_ellery")


def test_two_names_in_a_row_are_one_name_more() -> None:
    found: Text = read("", "Port Ellery and Ellery", None)
    assert "port_ellery" in found.weights
    assert "ellery_ellery" not in found.weights


def test_the_title_and_the_first_words_weigh_most() -> None:
    found = read("Kestrel", "Gull " + "the " * 100 + "heron", None)
    assert found.weights["kestrel"] >= found.weights["gull"] > found.weights["heron"]


@pytest.mark.parametrize("language", ["ja", "ar"])
def test_texts_without_capitals_are_compared_by_their_words(language: str) -> None:
    same = {
        "ja": (
            "エレリー港の渡し船は月曜日から一時間ごとに出る",
            "月曜日からエレリー港の渡し船が一時間ごとに出る",
        ),
        "ar": (
            "العبّارة إلى ميناء إيليري كل ساعة من الاثنين",
            "كل ساعة من الاثنين العبّارة إلى ميناء إيليري",
        ),
    }[language]
    assert like(*same) > 0.5


def test_parts_of_the_graph_are_found_without_those_that_stand_alone() -> None:
    near = np.zeros((5, 5), dtype=bool)
    near[0, 3] = near[3, 0] = near[3, 4] = near[4, 3] = True
    assert list(connected(near)) == [[0, 3, 4]]
