"""Thousands of texts at once give the table that each text read by itself would."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import likeness, many_texts
from digest.unit_table import UnitTable

SOME = (
    "Ada Quill quill QUILL the harbour harbours Harbour 12 2026 éclair É Port Ellery's port a x1 Ⅷ ß - ."
    " 渡轮从星期一 港口 ไทย"
)
WORDS = st.sampled_from(SOME.split())
TEXT = st.lists(WORDS, max_size=25).map(" ".join)


def assert_same(one: UnitTable, other: UnitTable) -> None:
    for field in fields(UnitTable):
        here, there = getattr(one, field.name), getattr(other, field.name)
        assert np.array_equal(here, there), field.name


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=12), st.integers(1, 5))
def test_the_table_is_that_of_texts_read_one_by_one(
    texts: list[tuple[str, str]], at_once: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(many_texts, "_AT_ONCE", at_once)
        found = likeness.table_of(iter(texts))
    assert_same(found, UnitTable.of(likeness.read(*one, None) for one in texts))


def test_long_texts_count_by_their_first_words() -> None:
    texts = [
        ("Ferry " * n, " ".join(f"Word{n % 7} other{n}" for n in range(200))) for n in (0, 3, 180)
    ]
    assert_same(likeness.table_of(texts), UnitTable.of(likeness.read(*one, None) for one in texts))


def test_no_texts_make_an_empty_table() -> None:
    assert likeness.table_of([]).size == 0
