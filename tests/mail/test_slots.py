"""Slots: filled for a preview, escaped for where they stand."""

from __future__ import annotations

import pytest

from digest.mail.slots import SLOTS, fill
from digest.model import Rendered

SLOT = SLOTS["leave_url"]
RENDERED = Rendered(
    subject="S",
    preheader="P",
    html=f'<a href="{SLOT}">x</a>',
    text=f"Leave:\n{SLOT}\n",
    checksum="c",
)


def test_a_value_is_escaped_for_its_part() -> None:
    filled = fill(RENDERED, {"leave_url": 'https://a.example/?a=1&b="2"'})
    assert filled.html == '<a href="https://a.example/?a=1&amp;b=&quot;2&quot;">x</a>'
    assert filled.text == 'Leave:\nhttps://a.example/?a=1&b="2"\n'
    assert filled.checksum == "c"


def test_a_value_cannot_begin_a_line_of_its_own_in_the_text() -> None:
    filled = fill(RENDERED, {"leave_url": "https://a.example\r\nBcc: x"})
    assert filled.text == "Leave:\nhttps://a.exampleBcc: x\n"


@pytest.mark.parametrize("values", [{}, {"leave_url": "x", "name": "y"}])
def test_slots_and_values_must_match(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="do not match"):
        fill(RENDERED, values)


def test_sentinels_survive_everything_that_a_mail_does_to_text() -> None:
    assert all(s.isascii() and s.isalnum() and len(s) < 40 for s in SLOTS.values())
