"""Cells that are safe in a spreadsheet, and the same again when they come back."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.cells import plain, safe

FORMULA = "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize("first", list(FORMULA))
def test_what_begins_a_formula_is_disarmed(first: str) -> None:
    assert safe(f"{first}1+1") == f"'{first}1+1"


@pytest.mark.parametrize("text", ["", "Ann", "O'Neil", "'t Hart", "a=b", "1-2", "'", "''"])
def test_what_begins_none_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    "ahead", ["\x7f", "\x85", "\xad", "\u061c", "\u180e", "\u2028", "\u2066", "\U000e0001"]
)
def test_a_sign_that_nobody_sees_ahead_of_it_hides_no_formula(ahead: str) -> None:
    for text in (f"{ahead}=1+1", f" {ahead}'=1+1"):
        assert plain(safe(text)) == text
    assert safe(f"{ahead}=1+1") == f"'{ahead}=1+1"


TRICKY = st.text(
    alphabet=st.sampled_from("'=+-@\t\r\n＝＠ \u200b\ufeff\xa0\x7f\xad\u2066a1é"), max_size=8
)


@given(st.one_of(TRICKY, st.text(max_size=20)))
def test_no_cell_begins_a_formula_and_each_comes_back_as_it_was(text: str) -> None:
    cell = safe(text)
    seen = "".join(one for one in cell if unicodedata.category(one) not in ("Cf", "Cc", "Zs"))
    assert not cell.startswith(tuple(FORMULA))
    assert not seen.startswith(tuple(FORMULA))
    assert plain(cell) == text
