"""The source text is told whole, with each sentence of the summary marked in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digest.model import Sentence
from digest.web.quoting import Piece, paragraphs


def test_a_sentence_is_marked_where_it_stands() -> None:
    text = "One. Two.\n\nThree. Four."
    found = paragraphs(text, [Sentence("Three.", 11, 17), Sentence("Two.", 5, 9)])
    assert found == [
        [Piece("One. "), Piece("Two.", 2)],
        [Piece("Three.", 1), Piece(" Four.")],
    ]


def test_a_sentence_over_a_line_end_is_marked_on_both_lines() -> None:
    found = paragraphs("a b\nc d", [Sentence("b\nc", 2, 5)])
    assert found == [[Piece("a "), Piece("b", 1)], [Piece("c", 1), Piece(" d")]]


SPANS = st.tuples(st.integers(0, 60), st.integers(0, 60))


@given(st.text(alphabet="ab. \n", max_size=60), st.lists(SPANS, max_size=4))
def test_no_letter_is_lost_wherever_the_marks_are(text: str, spans: list[tuple[int, int]]) -> None:
    marks = [Sentence("", start, end) for start, end in spans]
    told = "".join(piece.text for one in paragraphs(text, marks) for piece in one)
    assert told.split() == text.split() or told.replace(" ", "") == "".join(text.split())
