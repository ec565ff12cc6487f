"""What an editor wrote is held against the article: a warning where it does not stand there, silence where it does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.facts import gate
from digest.model import Summary
from digest.preflight import told
from tests.articles import stored
from tests.issues import story

ARTICLE = stored("The ferry runs every hour")
TRUE = "The ferry to Port Ellery will run every hour from Monday."


@pytest.mark.parametrize(
    ("written", "found"),
    [(TRUE, 0), ("Mayor Quentin Blake closed the harbour for 17 years.", 1), ("", 0)],
)
def test_only_what_the_article_does_not_say_is_doubted(written: str, found: int) -> None:
    printed = replace(story(), summary=Summary(written, (), "editor"))
    assert len(list(told.check(printed, ARTICLE, language="en"))) == found


def test_an_article_without_a_text_doubts_nothing() -> None:
    silent = replace(ARTICLE, text="", teaser="")
    printed = replace(story(), summary=Summary("Anything at all in 1999.", (), "editor"))
    assert list(told.check(printed, silent, language="en")) == []


def test_what_was_held_against_its_article_once_is_not_at_each_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def counted(summary: str, source: str, **given: str) -> tuple[gate.Doubt, ...]:
        asked.append(summary)
        return ()

    monkeypatch.setattr(gate, "check", counted)
    one, other = (
        replace(story(), summary=Summary(words, (), "editor"))
        for words in ("A ferry runs at night.", "A ferry runs at noon.")
    )
    for printed in (one, other, one, one):
        list(told.check(printed, ARTICLE, language="en"))
    told._doubts.cache_clear()  # the counted answers are nobody else's
    assert asked == [one.summary.text, other.summary.text]
