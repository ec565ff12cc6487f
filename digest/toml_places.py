"""Where each key and value of a TOML text stands, so that a fault can name its line.

`tomllib` tells values and forgets lines. This reads text that tomllib has accepted; it follows
https://toml.io/en/v1.0.0 as far as needed to tell keys, strings, arrays and tables apart.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")
#: The four kinds of strings, the long ones first. Up to two quotes may stand before the closing ones.
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}(?!")' r"|'''.*?'{3,5}(?!')" r'|"(?:\\.|[^"\\])*"' r"|'[^']*'",
    re.DOTALL,
)


def lines_of(text: str) -> dict[Path, int]:
    """The line (from 1) of every key and array element, by its path as tomllib's data has it."""
    reader = _Reader(text)
    reader.document()
    return reader.found


def line_of(text: str, path: Path) -> int | None:
    """The line (from 1) where `path` stands in TOML text; its table's line where the key is absent."""
    found = lines_of(text)
    return next((found[path[:n]] for n in range(len(path), 0, -1) if path[:n] in found), None)


def spoken(path: Path, data: Mapping[str, object]) -> str:
    """A path for people: `sources[site].kind`; `sources (1st).kind` where the table has no `key`."""
    told = ""
    here: object = data
    for part in path:
        here = _step(here, part)
        if isinstance(part, int):
            key = here.get("key") if isinstance(here, Mapping) else None
            named = isinstance(key, str) and _BARE_KEY.fullmatch(key)
            told += f"[{key}]" if named else f" ({_ordinal(part + 1)})"
        else:
            bare = _BARE_KEY.fullmatch(part)
            told += f".{part}" if bare else f".{json.dumps(part, ensure_ascii=False)}"
    return told.removeprefix(".")


def _step(data: object, part: str | int) -> object:
    """What lies one part further; None where there is nothing."""
    if isinstance(data, Mapping):
        return data.get(part)
    return data[part] if isinstance(data, list) and isinstance(part, int) else None


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 < number % 100 < 14 else ending}"


class _Reader:
    """One pass over a valid text."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Path, int] = {}
        #: How many tables each array of tables has so far.
        self.tables: dict[Path, int] = {}

    def document(self) -> None:
        here: Path = ()
        while self._blank():
            here = self._header() if self.text[self.at] == "[" else self._pair(here)

    def _header(self) -> Path:
        line = self._line
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        *above, last = self._key()
        self.at += 2 if many else 1
        here: Path = ()
        for part in above:
            here = self._newest((*here, part))
            self.found.setdefault(here, line)
        here = (*here, last)
        if many:
            self.tables[here] = self.tables.get(here, -1) + 1
            self.found.setdefault(here, line)
            here = (*here, self.tables[here])
        self.found.setdefault(here, line)
        return here

    def _newest(self, path: Path) -> Path:
        return (*path, self.tables[path]) if path in self.tables else path

    def _pair(self, here: Path) -> Path:
        """One `key = value`; gives `here` back."""
        line, path = self._line, here
        for part in self._key():
            path = (*path, part)
            self.found.setdefault(path, line)
        self.at += 1  # the equals sign
        self._value(path)
        return here

    def _key(self) -> list[str]:
        """A key with dots, up to what follows it."""
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            quoted = _STRING.match(self.text, self.at)
            word = self._skip(_STRING if quoted else _BARE_KEY)
            parts.append(_word(word) if quoted else word)
            self._skip(_SPACE)
            if self.text[self.at : self.at + 1] != ".":
                return parts
            self.at += 1

    def _value(self, path: Path) -> None:
        self._skip(_SPACE)
        first = self.text[self.at : self.at + 1]
        if first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._skip(_STRING if first in ('"', "'") else _BARE_VALUE)

    def _array(self, path: Path) -> None:
        self.at += 1
        number = 0
        while self._blank() and self.text[self.at] != "]":
            self.found[(*path, number)] = self._line
            self._value((*path, number))
            number += 1
            self._comma()
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self._blank() and self.text[self.at] != "}":
            self._pair(path)
            self._comma()
        self.at += 1

    def _comma(self) -> None:
        if self._blank() and self.text[self.at] == ",":
            self.at += 1

    def _blank(self) -> bool:
        """Skip white space and comments; True while something follows."""
        self._skip(_BLANK)
        return self.at < len(self.text)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"line {self._line} is no TOML")
        self.at = match.end()
        return match[0]

    @property
    def _line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1


def _word(quoted: str) -> str:
    """What a quoted key says."""
    [(word, _)] = tomllib.loads(f"{quoted} = 0").items()
    return word
