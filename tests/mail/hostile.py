"""Documents that nobody would write: our own mails with pieces lost, doubled, swapped and poisoned."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

#: What is put in at any place: spellings that break parsers, and characters that break attributes.
POISON: tuple[str, ...] = (
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE html>",
    "<?xml version='1.0'?>",
    "<plaintext>",
    "<script>if (a < b) {}</script>",
    "<mj-foo>",
    "<mj-carousel><mj-carousel-image src='x' /></mj-carousel>",
    "<mj-include path='/etc/passwd' />",
    "<mj-raw position='file-start'>x</mj-raw>",
    "<mj-style inline='inline'>p { color: red; @import url(http://a.example/x.css) }</mj-style>",
    "<mj-style inline='inline'></mj-style>",
    "<mj-image width='-9999999999999px' />",
    "<mj-image width='99999999999999999999px' src='x' />",
    "<mj-column width='0%'>",
    "<mj-column width='1e309px'>",
    "<mj-attributes><mj-all padding='x' /></mj-attributes>",
    "<mj-breakpoint width='999999999999px' />",
    "<mj-section>",
    "</mj-section>",
    "<mj-text font-size='\u0663px'>",
    "<p/>",
    "<br>",
    "<a href=x y>",
    "<a href='\"'>",
    '<a href="\\">',
    "<a \\>",
    "<a =>",
    "<a\x00b>",
    '"',
    "'",
    "\\",
    "\\u{200d}",
    "&",
    "&#0;",
    "&#xD800;",
    "&#99999999999;",
    "&nbsp;",
    "&amp;amp;",
    "{{7*7}}",
    "{% if %}",
    "\x00",
    "\r",
    "\u2028",
    "\ufeff",
    "\ufffe",
    "\u0301" * 40,
    "👨‍👩‍👧‍👦",
    "می‌خواهم",
    "\u202egnp.exe",
    "<div>" * 60,
    "<mj-section><mj-column>" * 40,
    "<" * 3_000,
    "<a " * 500,
    '<a b="' * 300,
    "<!--" * 500,
    " " * 5_000,
    "x" * 20_000,
    "<b>" * 30 + "</b>" * 30,
)


def documents(seeds: Sequence[str], count: int, *, seed: int) -> Iterator[str]:
    """`count` documents; the same ones for the same `seed`."""
    dice = random.Random(seed)
    for number in range(count):
        if number % 10 == 9:
            yield "".join(dice.choices(POISON, k=dice.randint(1, 12)))
        else:
            yield _changed(dice.choice(seeds), dice)


def _changed(text: str, dice: random.Random) -> str:
    for _ in range(dice.randint(1, 4)):
        text = dice.choice(_CHANGES)(text, dice)
    return text


def _cut(text: str, dice: random.Random) -> str:
    start = dice.randrange(len(text) + 1)
    return text[:start] + text[start + dice.randint(1, 40) :]


def _ended(text: str, dice: random.Random) -> str:
    return text[: dice.randrange(len(text) + 1)]


def _doubled(text: str, dice: random.Random) -> str:
    start = dice.randrange(len(text) + 1)
    return text[: start + dice.randint(1, 60)] + text[start:]


def _poisoned(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice(POISON) + text[at:]


def _in_a_value(text: str, dice: random.Random) -> str:
    """Poison where an attribute begins."""
    places = text.split('="')
    at = dice.randrange(len(places))
    return '="'.join([*places[:at], dice.choice(POISON) + places[at], *places[at + 1 :]])


def _flipped(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + chr(dice.choice((*range(0x20, 0x7F), 0xA0, 0x301, 0x200D))) + text[at + 1 :]


_CHANGES = (_cut, _ended, _doubled, _poisoned, _poisoned, _in_a_value, _in_a_value, _flipped)
