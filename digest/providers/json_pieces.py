"""A JSON text with places for each reader's values: escaped once a mail, joined once a reader.

Writing 40 KB of HTML as JSON for each reader would be most of the work of sending; the pieces between
the places are the same for all readers, so they are written once.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring

from digest.mail.slots import HEAD_SLOTS, MARK, SLOTS, plain
from digest.model import Mail, Message

#: What stands in a place: text of one reader, not yet escaped for JSON.
Filler = Callable[[Message], str]

_PLACE = re.compile(MARK + "([a-z]+:[a-z_]+?)qz")


def place(name: str) -> str:
    """The word that stands for a place, such as `to:address`; no content can hold it."""
    return f"{MARK}{name}qz"


#: The places that every provider needs; one of a slot is called `html:<slot>`, `text:` or `head:`.
FILLERS: dict[str, Filler] = {
    "to:address": lambda message: message.recipient,
    "to:name": lambda message: plain(message.name),
    "to:mailbox": lambda message: mailbox(message.name, message.recipient),
    "id:key": lambda message: message.key,
    "id:ref": lambda message: message.ref,
    "id:message": lambda message: f"<{message.key}@{message.mail.domain}>",
}


def in_html(text: str) -> str:
    """HTML whose slots are places."""
    return _with_places("html", text)


def in_text(text: str) -> str:
    """The text part, its slots as places."""
    return _with_places("text", text)


def fields(mail: Mail) -> list[tuple[str, str]]:
    """The mail's own header fields, their slots as places."""
    return [(name, _with_places("head", value)) for name, value in mail.fields]


def mailbox(name: str, address: str) -> str:
    """`"Alice" <alice@reader.example>`, on one line (RFC 5322 §3.4), in UTF-8 as JSON APIs take it."""
    shown = " ".join(plain(name).split())
    if not shown:
        return address
    shown = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{shown}" <{address}>'


def _with_places(kind: str, text: str) -> str:
    for name, sentinel in (SLOTS | HEAD_SLOTS if kind == "head" else SLOTS).items():
        text = text.replace(sentinel, place(f"{kind}:{name}"))
    return text


@dataclass(frozen=True, slots=True)
class Pieces:
    """A compiled JSON text: what `fillers` say of a message goes between the pieces."""

    pieces: tuple[bytes, ...]
    fillers: tuple[tuple[int, Filler], ...]

    def of(self, message: Message) -> list[bytes]:
        """One reader's JSON, to be joined."""
        pieces = list(self.pieces)
        for at, fill in self.fillers:
            pieces[at] = encode_basestring(fill(message))[1:-1].encode()
        return pieces


def compiled(value: object, own: Mapping[str, Filler] | None = None) -> Pieces:
    """The JSON of `value`, whose texts may hold places. own: fillers of this provider, which go first.

    Raises KeyError for a place that nobody fills.
    """
    found = _PLACE.split(written(value).decode())
    pieces: list[bytes] = []
    fillers: list[tuple[int, Filler]] = []
    for number, part in enumerate(found):
        if number % 2:
            fillers.append((number, _filler(part, own or {})))
            pieces.append(b"")
        else:
            pieces.append(part.encode())
    return Pieces(tuple(pieces), tuple(fillers))


def array(pieces: Pieces, batch: Iterable[Message]) -> list[bytes]:
    """A JSON list with an object for each message, to be joined."""
    found = [b"["]
    for message in batch:
        found += pieces.of(message)
        found.append(b",")
    found[-1] = b"]"
    return found


def written(value: object) -> bytes:
    """JSON in UTF-8, as short as it can be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _filler(name: str, own: Mapping[str, Filler]) -> Filler:
    if name in own:
        return own[name]
    kind, _, slot = name.partition(":")
    if kind == "html":
        return lambda message: html.escape(message.values[slot])
    if kind in ("text", "head"):
        return lambda message: plain(message.values[slot])
    return FILLERS[name]
