"""Header fields in ASCII (RFC 2047), for providers that copy into the header what they are given."""

from __future__ import annotations

import base64
import re

from digest.mail.slots import plain

#: Bytes in one encoded word: base64 makes 60 letters of 45, and `=?utf-8?B?…?=` adds 12 of the 75.
_WORD_BYTES = 45
#: What a display name may hold without quotes (RFC 5322 §3.2.3); it never begins or ends in a space.
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
#: A field that ends in an address or an identifier: only the words before it may be encoded.
_NAMED = re.compile(r"(?s)(.*\S)\s*(<[^<>]*>)")


def field(text: str) -> str:
    """A field's value on one line: as it is where it is ASCII, else its words encoded."""
    text = " ".join(plain(text.replace("\t", " ")).split())
    if text.isascii():
        return text
    named = _NAMED.fullmatch(text)
    return f"{_encoded(named[1])} {named[2]}" if named else _encoded(text)


def mailbox(name: str, address: str) -> str:
    """`Alice <alice@reader.example>`; the address alone where there is no name."""
    if not name:
        return address
    name = " ".join(plain(name).split())
    if not name:
        return address
    if not name.isascii() or "=?" in name:
        return f"{_encoded(name)} <{address}>"
    if _ATOMS.fullmatch(name):
        return f"{name} <{address}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'


def _encoded(text: str) -> str:
    """Encoded words of whole characters, which readers join without the spaces (RFC 2047 §6.2)."""
    words, piece = list[bytes](), b""
    for sign in text:
        data = sign.encode("utf-8", "replace")
        if len(piece) + len(data) > _WORD_BYTES:
            words.append(piece)
            piece = b""
        piece += data
    return " ".join(f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in (*words, piece))
