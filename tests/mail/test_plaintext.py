"""Lines of the text part: as wide as they look."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from digest.mail import plaintext


def test_latin_text_wraps_at_spaces() -> None:
    wrapped = plaintext.wrap("word " * 40)
    assert max(map(len, wrapped.splitlines())) <= 72
    assert wrapped.split() == ["word"] * 40


def test_an_indent_counts() -> None:
    lines = plaintext.wrap("word " * 40, "    ").splitlines()
    assert all(line.startswith("    word") and len(line) <= 72 for line in lines)


def test_paragraphs_stay_apart() -> None:
    assert plaintext.wrap("one\nmore\n\n  \n two ") == "one more\n\ntwo"


def test_wide_signs_take_two_columns_and_may_break_anywhere() -> None:
    lines = plaintext.wrap("港" * 50).splitlines()
    assert [len(line) for line in lines] == [36, 14]
    assert plaintext.width(lines[0]) == 72


def test_a_closing_sign_never_begins_a_line() -> None:
    lines = plaintext.wrap("港" * 36 + "。" + "港" * 3).splitlines()
    assert lines[1].startswith("港。")


def test_latin_words_inside_wide_text_stay_whole() -> None:
    lines = plaintext.wrap("港" * 35 + "harbour" + "港").splitlines()
    assert lines == ["港" * 35, "harbour港"]


def test_a_family_is_one_picture_and_is_not_torn_apart() -> None:
    family = "👨\u200d👩\u200d👧"
    lines = plaintext.wrap("x" * 71 + family).splitlines()
    assert lines == ["x" * 71, family]


def test_a_word_longer_than_a_line_is_broken() -> None:
    assert [len(line) for line in plaintext.wrap("x" * 100).splitlines()] == [72, 28]


def test_a_line_of_thai_begins_and_ends_with_a_whole_syllable() -> None:
    lines = plaintext.wrap("ท่าเรือน้ำลึกเปิดใหม่อีกครั้งแล้ว" * 6, columns=20).splitlines()
    assert len(lines) > 5
    for line in lines:
        assert line[0] not in "ะาำๆ"
        assert unicodedata.category(line[0]) == "Lo"
        assert line[-1] not in "เแโใไ"


def test_a_no_break_space_breaks_no_line() -> None:
    lines = plaintext.wrap("word " * 13 + "12\u00a0kilometres").splitlines()
    assert lines[1] == "12\u00a0kilometres"


def test_marks_take_no_column() -> None:
    assert plaintext.width("e\u0301a\u200db") == 3


def test_a_heading_is_underlined_as_wide_as_it_is() -> None:
    assert plaintext.underline("Sport") == "Sport\n====="
    assert plaintext.underline("港口", "-") == "港口\n----"
    assert plaintext.underline("") == "\n"


def test_tidy_leaves_one_blank_line_at_most() -> None:
    assert plaintext.tidy("\n\na  \n\n\n\nb\n\n") == "a\n\nb\n"


@given(st.text(), st.integers(10, 80))
def test_no_line_is_ever_too_wide_and_no_word_is_lost(text: str, columns: int) -> None:
    wrapped = plaintext.wrap(text, columns=columns)
    assert all(plaintext.width(line) <= columns for line in wrapped.split("\n"))
    assert "".join(wrapped.split()) == "".join(text.split())
