"""SES's template language, of which inline templates have `{{name}}` and nothing else.

What is filled in is not escaped, says SES:
https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-advanced.html; other commands are
refused ("Template contains unsupported operations"). Underneath is Handlebars.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from json.encoder import encode_basestring

from digest.mail.slots import SLOTS, plain
from digest.providers import json_pieces
from digest.providers.json_pieces import Filler, place

#: A slot, or signs that SES's template language might take for a command or for the escape of one.
_SPECIAL = re.compile("(" + "|".join(SLOTS.values()) + r")|([\\{}]+)")
_SLOT_NAMES = {sentinel: name for name, sentinel in SLOTS.items()}


class Template:
    """SES's template language: `{{name}}` and nothing else, and nothing in it is escaped.

    Braces and backslashes of the content that might mean something there are data as well.
    """

    def __init__(self) -> None:
        self._slots: dict[str, str] = {}
        self.values: dict[str, str] = {}

    def put(self, content: str, part: str) -> str:
        """The content as a template that renders to itself, its slots as names."""
        pieces: list[str] = []
        end = 0
        found = list(_SPECIAL.finditer(content))
        slots = {edge for one in found if one[1] for edge in one.span()}
        for one in found:
            pieces.append(content[end : one.start()])
            end = one.end()
            if one[1]:
                pieces.append(self._slot(f"{part}:{_SLOT_NAMES[one[1]]}"))
            elif "{{" in one[2] or slots.intersection(one.span()):
                pieces.append(self._signs(one[2]))
            else:
                pieces.append(one[2])
        return "".join([*pieces, content[end:]])

    def _slot(self, fills: str) -> str:
        name = self._slots.setdefault(fills, f"s{len(self._slots)}")
        self.values.setdefault(name, "")
        return f"{{{{{name}}}}}"

    def _signs(self, signs: str) -> str:
        known = {value: name for name, value in self.values.items() if value}
        name = known.get(signs) or f"b{len(self.values)}"
        self.values[name] = signs
        return f"{{{{{name}}}}}"

    def data(self) -> str:
        """One reader's data, JSON within JSON."""
        filled = {name: place(f"data{fills}") for fills, name in self._slots.items()}
        return json_pieces.written({**self.values, **filled}).decode()

    def fillers(self) -> dict[str, Filler]:
        own: dict[str, Filler] = {}
        for slot in SLOTS:
            own[f"datatext:{slot}"] = _within_json(slot, plain)
            own[f"datahtml:{slot}"] = _within_json(slot, html.escape)
        return own


def _within_json(slot: str, written: Callable[[str], str]) -> Filler:
    return lambda message: encode_basestring(written(message.values[slot]))[1:-1]
