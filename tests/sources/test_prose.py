from __future__ import annotations

from typing import Any

import pytest
import trafilatura
from selectolax.lexbor import LexborHTMLParser

from digest.sources import prose

SENTENCES = [
    f"The ferry number {n} left the quay at {n} o'clock with all the goats of the mole on board, as on every day."
    for n in range(1, 31)
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each extraction was a fast one, without trafilatura's rivals."""
    found: list[bool] = []
    extract = trafilatura.bare_extraction

    def watched(*given: Any, fast: bool, **options: Any) -> Any:
        found.append(fast)
        return extract(*given, fast=fast, **options)

    monkeypatch.setattr(trafilatura, "bare_extraction", watched)
    return found


def page(body: str) -> LexborHTMLParser:
    return LexborHTMLParser(f"<html><head><title>Goats</title></head><body>{body}</body></html>")


def paragraphs(first: int = 0, last: int = 30) -> str:
    return "".join(f"<p>{one}</p>" for one in SENTENCES[first:last])


def test_an_article_that_its_rules_find_whole_is_read_once(asked: list[bool]) -> None:
    menu = "".join(f"<li><a href='/{n}'>Another story {n}</a></li>" for n in range(40))
    found = page(f"<nav><ul>{menu}</ul></nav><article><h1>Goats</h1>{paragraphs()}</article>")
    assert [one for one in prose.lines_of(found) if one in SENTENCES] == SENTENCES
    assert asked == [True]


def test_a_short_answer_is_compared_with_the_rivals(asked: list[bool]) -> None:
    found = page(f"<article><h1>Goats</h1>{paragraphs(0, 1)}</article>")
    assert prose.lines_of(found)[-1] == SENTENCES[0]
    assert asked == [True, False]


def test_a_piece_of_a_much_longer_text_is_compared_with_the_rivals(asked: list[bool]) -> None:
    piece = f"<div class='article-body'>{paragraphs(0, 10)}</div>"
    found = page(f"<main>{piece}<section>{paragraphs(10, 30)}</section></main>")
    prose.lines_of(found)
    assert asked == [True, False]


def test_what_is_never_prose_is_gone_and_the_page_stays_as_it_is() -> None:
    noise = (
        "<svg><title>An icon</title></svg><button>Press me now</button><aside><p>Read this too.</p></aside>"
        "<noscript><p>Turn on scripts.</p></noscript><script>var a = 'goats';</script>"
    )
    found = page(f"<article><h1>Goats</h1>{paragraphs(0, 15)}{noise}{paragraphs(15)}</article>")
    before = found.html
    lines = prose.lines_of(found)
    assert [line for line in lines if line != "Goats"] == SENTENCES
    assert found.html == before


def test_a_page_without_any_text_has_no_lines() -> None:
    assert prose.lines_of(page("<script>var a = 1;</script>")) == []
    assert prose.lines_of(LexborHTMLParser("")) == []
