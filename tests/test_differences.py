from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digest.differences import Piece, marked


def test_what_went_and_what_came_stand_between_what_stayed() -> None:
    assert marked("The boat left at ten.", "The boat left at noon.") == (
        Piece("same", "The boat left at"),
        Piece("gone", "ten."),
        Piece("new", "noon."),
    )


def test_the_same_words_are_no_change_however_they_are_spaced() -> None:
    assert marked("One  two\n\nthree", "One two three") == ()


def test_what_stayed_far_from_a_change_is_left_out() -> None:
    words = " ".join(f"w{number}" for number in range(200))
    (same, new) = marked(words, f"{words} end")
    assert new == Piece("new", "end")
    assert same.text == "… " + " ".join(f"w{number}" for number in range(188, 200))


def test_long_texts_are_compared_by_paragraphs_and_told_up_to_a_bound() -> None:
    old = "\n\n".join(f"paragraph {number} " + "word " * 50 for number in range(100))
    pieces = marked(old, old.replace("paragraph 7 ", "section 7 ") + "\n\n" + "more " * 3_000)
    assert [piece.kind for piece in pieces][:3] == ["same", "gone", "new"]
    assert sum(len(piece.text) for piece in pieces) < 6_000


@given(st.text("ab \n", max_size=60), st.text("ab \n", max_size=60))
def test_nothing_is_told_exactly_where_the_words_are_the_same(old: str, new: str) -> None:
    assert bool(marked(old, new)) == (old.split() != new.split())
