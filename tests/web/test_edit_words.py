"""What editors did, in words."""

from __future__ import annotations

import pytest

from digest.model import (
    ArticleId,
    Change,
    Drop,
    Edit,
    Join,
    Move,
    Place,
    Split,
    StoryWords,
    Together,
    Undo,
    Words,
    Write,
    WriteMail,
)
from digest.web import edit_words
from tests.people import NOW

ONE, TWO = ArticleId(1), ArticleId(2)
TITLES = {ONE: "The ferry"}


def made(change: Change) -> Edit:
    return Edit(version=1, by="Erin", at=NOW, change=change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Move(story=ONE, to=Place.LEAD), "“The ferry” put at the top"),
        (Move(story=ONE, to="Harbour"), "“The ferry” put into Harbour"),
        (Move(story=TWO, to=Place.BRIEFS), "a story put into the briefs"),
        (Drop(story=ONE, reason="x"), "“The ferry” left out"),
        (Join(story=ONE, into=TWO), "“The ferry” told with a story"),
        (Split(story=ONE), "“The ferry” told on its own"),
        (
            Write(story=ONE, what=StoryWords.TITLE, value="x"),
            "the headline of “The ferry” changed",
        ),
        (WriteMail(what=Words.SUBJECT, value="x"), "the subject written"),
        (Undo(), "a change taken back"),
        (
            Together(
                changes=(
                    Write(story=ONE, what=StoryWords.TITLE, value="x"),
                    Write(story=ONE, what=StoryWords.SUMMARY, value="y"),
                )
            ),
            "the headline and the summary of “The ferry” changed",
        ),
        (
            Together(
                changes=(
                    WriteMail(what=Words.SUBJECT, value="x"),
                    WriteMail(what=Words.INTRO, value="y"),
                    WriteMail(what=Words.OUTRO, value="z"),
                )
            ),
            "the subject, the introduction and the closing words written",
        ),
    ],
)
def test_each_change_has_its_words(change: Change, said: str) -> None:
    assert edit_words.done(made(change), TITLES) == said


def test_who_comes_second_reads_what_the_first_one_wrote() -> None:
    wrote = edit_words.clash(made(Write(story=ONE, what=StoryWords.TITLE, value="Ours")))
    assert wrote.startswith(
        "Erin changed the headline meanwhile: “Ours”. That was not overwritten."
    )
    gave_back = edit_words.clash(made(WriteMail(what=Words.INTRO, value="")))
    assert "the introduction meanwhile: as it was made." in gave_back
    assert "a story left out" in edit_words.clash(made(Drop(story=ONE, reason="x")))
