"""Bytes of a page to text: by its mark, as UTF-8 if it is, as server or page say, else by its bytes.

UTF-8 comes before what is said: bytes that happen to be valid UTF-8 are nothing else, while pages
that call themselves something else are common.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_HTTP = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
#: What browsers read under these names (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
#: Fewer bytes above ASCII than this share: a western text with a few accents.
_FEW = 0.1


def decode(data: bytes, content_type: str | None = None) -> str:
    """The text; a byte that fits nowhere becomes U+FFFD."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, "replace").lstrip("\ufeff")
    told = _HTTP.search(content_type or "")
    page = _META.search(data[:4096])
    said = [found[1] for found in (told,) if found]
    said += [found[1].decode("ascii") for found in (page,) if found]
    escapes = b"\x1b" in data  # ISO-2022-JP is all ASCII
    for name in [*said, "utf-8"] if escapes else ["utf-8", *said]:
        text = _strictly(data, name)
        if text is not None:
            return text
    return _guessed(data)


def _strictly(data: bytes, name: str) -> str | None:
    """Decoded, or None where the name is unknown, no text's, or the bytes do not fit it."""
    try:
        found = codecs.lookup(name)
        if not found._is_text_encoding or found.name.startswith("utf-16"):
            return None  # a page that says UTF-16 in ASCII letters is not in it
        return data.decode(_MEANT.get(found.name, found.name))
    except (LookupError, UnicodeDecodeError, ValueError):
        return None


def _guessed(data: bytes) -> str:
    high = sum(1 for byte in data[:100_000] if byte > 127)
    if high < _FEW * len(data[:100_000]):
        utf = data.decode("utf-8", "replace")
        is_utf = utf.count("\ufffd") * 20 < high
        return utf if is_utf else data.decode("cp1252", "replace")
    best = from_bytes(data[:100_000]).best()
    return data.decode(best.encoding if best else "utf-8", "replace")
