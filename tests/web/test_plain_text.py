"""HTML from a site becomes paragraphs and nothing else."""

from __future__ import annotations

import pytest

from digest.web.plain_text import paragraphs, plain_text


def test_blocks_become_paragraphs_and_inline_elements_words() -> None:
    markup = "<h2>The quay</h2><p>It <em>opens</em>\n today.</p><ul><li>One</li><li>Two</li></ul>"
    assert plain_text(markup) == "The quay\n\nIt opens today.\n\nOne\n\nTwo"


def test_scripts_styles_and_captions_go_with_what_is_in_them() -> None:
    markup = (
        "<p>Stays.</p><script>alert('x')</script><style>p{}</style>"
        "<figure><img src=x><figcaption>A boat</figcaption></figure><p>Too.</p>"
    )
    assert plain_text(markup) == "Stays.\n\nToo."


def test_entities_become_characters_and_stay_text() -> None:
    assert plain_text("<p>Salt &amp; pepper &lt;b&gt;</p>") == "Salt & pepper <b>"


def test_an_unclosed_or_nested_mess_still_gives_its_words() -> None:
    assert plain_text("<p>One<p>Two<div>Three<table><tr><td>Four") == "One\n\nTwo\n\nThree\n\nFour"


@pytest.mark.parametrize("dirt", ["\x00", "\x0b", "\u2028", "\u202e", "\x1b"])
def test_control_characters_are_no_text(dirt: str) -> None:
    assert dirt not in plain_text(f"<p>a{dirt}b</p>")
    assert dirt not in paragraphs(f"a{dirt}b")


def test_plain_text_keeps_its_paragraphs_and_folds_the_rest() -> None:
    assert paragraphs(" One \r\n two \r\n\r\n\r\n three\n") == "One two\n\nthree"
