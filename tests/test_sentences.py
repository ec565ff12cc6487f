"""Sentences: every mark that ends one and every mark that does not, with exact places in the text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sentences import paragraphs, split

PIECES = st.sampled_from(
    [
        "The ferry left",
        "Dr",
        "J",
        "U.S",
        ".",
        "!",
        "?",
        "…",
        "。",
        "؟",
        "।",
        '"',
        "”",
        "“",
        " ",
        "\n",
        "\n\n",
        "a.m",
        "3",
        "he said",
        "- item",
        "今日は",
        "हाँ",
        "\u00a0",
        "\r\n",
        "No",
        "Nov",
        "「",
        "」",
    ]
)


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in split(text)]


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join)))
def test_every_sentence_is_its_own_slice_and_nothing_is_lost_between_them(text: str) -> None:
    found = split(text)
    end = 0
    for sentence in found:
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text == sentence.text.strip() != ""
        assert text[end : sentence.start].strip() == ""
        end = sentence.end
    assert text[end:].strip() == ""


@settings(deadline=None)
@given(st.lists(PIECES).map(" ".join))
def test_paragraphs_follow_each_other_from_the_first_character_on(text: str) -> None:
    found = paragraphs(text)
    assert all(a[1] <= b[0] for a, b in pairwise(found))
    assert "".join(text[a:b] for a, b in found).split() == text.split()


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Ellery met Mrs. Quay and Prof. Hart at noon.",
        "J. K. Marrow and George W. Lane wrote it.",
        "The U.S. Senate and the U.K. Parliament agreed.",
        "It opened at 8 a.m. Monday and closed at 5 p.m. GMT.",
        "Ellery Inc. Chairman Ann Ferris resigned.",
        "The levy rose 3.5 percent to $1.25 million.",
        "Trains, e.g. Expresses, stop at No. 7 St. James Street.",
        "She was born on Jan. 5 and left on Sept. 19.",
        "He asked (why? nobody knew) and left.",
        "Wait... it goes on.",
        "The F.B.I. Director resigned.",
        '"Why now?" Ann Ferris asked.',
        "Am 3. Oktober feiert die Stadt z.B. Hochzeit.",
        "「行きます。」と彼は言った。",
    ],
)
def test_this_is_one_sentence(text: str) -> None:
    assert texts(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The levy fell. It rose.", ["The levy fell.", "It rose."]),
        ("He moved to the U.S. The end came.", ["He moved to the U.S.", "The end came."]),
        ("It shut at 5 p.m. Police came.", ["It shut at 5 p.m.", "Police came."]),
        ("Was it J. Lane? No. It was not.", ["Was it J. Lane?", "No.", "It was not."]),
        ('"It is over." She left.', ['"It is over."', "She left."]),
        ("“We won!” The crowd sang.", ["“We won!”", "The crowd sang."]),
        ("Sales rose in 2024. Costs fell.", ["Sales rose in 2024.", "Costs fell."]),
        ("It was plan B. The mayor knew.", ["It was plan B.", "The mayor knew."]),
        ("Gone… Nobody came.", ["Gone…", "Nobody came."]),
        ("今日は晴れです。明日は雨！", ["今日は晴れです。", "明日は雨！"]),
        ("هل عاد؟ نعم. انتهى", ["هل عاد؟", "نعم.", "انتهى"]),
        ("यह घर है। वह नदी है॥ बस", ["यह घर है।", "वह नदी है॥", "बस"]),
        ("¿Qué pasa? ¡Nada! Bien.", ["¿Qué pasa?", "¡Nada!", "Bien."]),
        ("1. Open the gate. 2. Close it.", ["1. Open the gate.", "2. Close it."]),
    ],
)
def test_sentences_end_where_they_end(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_a_headline_above_the_text_is_a_sentence_of_its_own() -> None:
    assert texts("Harbour levy falls\nThe levy fell.") == ["Harbour levy falls", "The levy fell."]


def test_a_wrapped_paragraph_is_read_across_its_lines() -> None:
    text = (
        "The council of Port Ellery voted on Tuesday for a lower levy, and\n"
        "so it ends after many a year of quarrels. Mayor Ann\nFerris was glad, and her deputy said nothing at all to anyone.\n"
    )
    first, second = texts(text)
    assert first.endswith("quarrels.")
    assert second.startswith("Mayor Ann\nFerris")


def test_a_line_that_goes_on_in_lower_case_is_one_sentence_with_the_next() -> None:
    assert texts("The levy\nfell.\n\nIt rose.") == ["The levy\nfell.", "It rose."]


def test_list_items_stand_alone() -> None:
    assert texts("- one thing\n- another thing") == ["- one thing", "- another thing"]


def test_twenty_thousand_words_without_a_full_stop_are_one_sentence() -> None:
    assert len(split("word " * 20_000)) == 1


@pytest.mark.parametrize(
    "piece", [".", " ", "\n", ". ", '."', "\n ", "。", "。」", "A", "- \n", "\t.\u00a0"]
)
def test_long_runs_of_anything_are_split_like_short_ones(piece: str) -> None:
    text = piece * 100_000 + "The end."
    assert text.endswith(split(text)[-1].text)
