"""Frames: what many texts have in common, and what all are asked, makes no copies; what is copied in a frame is one."""

from __future__ import annotations

import random

import pytest

from digest import copies
from digest.frames import Questions
from tests.test_collect import article, reasons, story


def test_what_seventeen_articles_of_the_week_have_in_common_makes_none_of_them_a_copy() -> None:
    frame = story(99, 90)
    framed = [article(number, f"{story(number, 60)} {frame}") for number in range(1, 18)]
    assert reasons(*framed) == {}
    again = article(18, "Updated. " + framed[3].text)
    assert reasons(*framed, again) == {18: "the same text as “Story 4”"}


def test_one_report_that_twenty_papers_print_with_their_own_last_lines_is_told_once() -> None:
    printed = [article(n, f"{story(99)} {story(n, 30)}") for n in range(1, 21)]
    assert reasons(*printed) == dict.fromkeys(range(2, 21), "the same text as “Story 1”")


ASKED = [
    f"What would you do for the {n}th school of our own town if we were to vote for you?"
    for n in range(8)
]


def interview(who: int, *, mark: str = "?") -> str:
    """The same questions, and answers that nobody else gives."""
    answers = (
        " ".join(f"w{n}x{who}x{place}" for place in range(12)).capitalize() + "."
        for n in range(len(ASKED))
    )
    return " ".join(
        f"{asked.replace('?', mark)} {told}" for asked, told in zip(ASKED, answers, strict=True)
    )


def test_candidates_who_were_asked_the_same_questions_are_told_one_by_one() -> None:
    prints = [copies.print_of(interview(who)) for who in (1, 2)]
    assert copies.is_reworked(*prints)
    assert reasons(*(article(who, interview(who)) for who in (1, 2, 3))) == {}
    assert reasons(*(article(who, interview(who, mark=".")) for who in (1, 2))) != {}


def test_one_interview_printed_again_is_told_once() -> None:
    again = "From our other edition. " + interview(1)
    assert reasons(article(1, interview(1)), article(2, again)) == {2: "the same text as “Story 1”"}


def test_questions_alone_are_known_as_copies() -> None:
    quiz = " ".join(ASKED)
    assert reasons(article(1, quiz), article(2, quiz + " Send your answers."))


def test_a_mark_in_place_of_a_lost_quotation_mark_asks_nothing() -> None:
    by = random.Random(1)
    words = [f"w{by.randrange(10**6)}" for _ in range(120)]
    text = " ".join(f"?{word}?" if place % 7 == 3 else word for place, word in enumerate(words))
    whole, part = article(1, text), article(2, " ".join(text.split()[:60]))
    assert reasons(whole, part) == {2: "the same text as “Story 1”"}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Who came? The mayor did. Why? Nobody knows!", {"who came?", "why?"}),
        ("谁来了？市长来了。大家很高兴。", {"谁来了？"}),
        ("من جاء؟ جاء العمدة إلى الميناء.", {"من جاء؟"}),
        ("The ?Port Boat? is late. 3.5 of them?yes.", set()),
        ("Nothing is asked.", set()),
    ],
)
def test_questions_are_known_in_any_script(text: str, asked: set[str]) -> None:
    assert Questions()._told(article(1, text)).questions == asked
