"""The parts as a whole: there, clean, without open slots, and short enough for Gmail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.mail.slots import MARK
from digest.model import Rendered
from tests.preflight.broken import MAIL, body, errors, warnings


@pytest.mark.parametrize(
    ("mail", "message"),
    [
        (replace(MAIL, html=""), "HTML part is empty"),
        (replace(MAIL, text=""), "text part is empty"),
        (replace(MAIL, text=MAIL.text.replace(MARK, "x")), "text part has no link to leave"),
        (body(f"{MARK}whoqz"), "HTML holds a slot that nothing will fill"),
        (replace(MAIL, preheader=f"{MARK}x"), "preheader holds a slot"),
        (replace(MAIL, subject="a\x07b"), "The subject holds control characters (U+0007)"),
        (replace(MAIL, text=MAIL.text + "\x00"), "The text holds control characters (U+0000)"),
        (body("it\x92s"), "The HTML holds control characters (U+0092)"),
        (body("it&#146;s"), "control character, written as “&#146;”"),
        (body("it&#x92;s"), "control character, written as “&#x92;”"),
        (replace(MAIL, text=MAIL.text + "\u202e"), "text holds control characters"),
        (body('<img alt="a\\n" width="9" src="https://a.example/p">'), "broken attribute"),
        (body('<a title="\\u{200d}" href="https://a.example">x</a>'), "broken attribute"),
        (body("x" * 102_400), "Gmail cuts it off"),
    ],
)
def test_a_broken_part_forbids_the_approval(mail: Rendered, message: str) -> None:
    assert message in errors(mail)


@pytest.mark.parametrize(
    ("mail", "message"),
    [
        (body("x" * (95_000 - len(MAIL.html.encode()))), "Gmail cuts mails off at 102,400"),
        (replace(MAIL, text=MAIL.text + "caf\ufffd"), "The text holds “\ufffd”"),
    ],
)
def test_what_is_only_odd_is_a_warning(mail: Rendered, message: str) -> None:
    assert errors(mail) == ""
    assert message in warnings(mail)


@pytest.mark.parametrize(
    "html", [" ", "<!-- -->", "<", "\x00", "<?xml version='1.0' encoding='x'?><p>"]
)
def test_what_is_no_page_at_all_is_an_error_and_no_failure(html: str) -> None:
    assert "HTML part has no title" in errors(replace(MAIL, html=html))


def test_a_sign_written_as_a_number_is_no_control_character() -> None:
    assert errors(body("&#8217; &#160; &#x2019; &#1280; &#x80a;")) == ""


def test_a_backslash_in_the_words_is_no_broken_attribute() -> None:
    assert errors(body("<p>C:\\notes and 1 &lt; 2 \\ 3</p>")) == ""
