"""Compressed answers undone in pieces of bounded size, so that a bomb never goes off.

Only what can be undone so is asked for: gzip and deflate, once (RFC 9110 §8.4.1).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from digest.errors import FetchError

_PIECE = 64 * 1024


def inflater(coding: str, asked: str) -> Inflater | None:
    """What undoes a Content-Encoding; None for none. Raises FetchError for one not asked for."""
    name = coding.strip().lower()
    if name in ("", "identity"):
        return None
    if name not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(asked, f"compressed in a way that was not asked for: {coding[:60]}")
    return Inflater(asked)


class Inflater:
    """gzip or deflate, undone in pieces of bounded size; some servers send deflate bare."""

    def __init__(self, asked: str) -> None:
        self._asked = asked
        self._stream = zlib.decompressobj(wbits=47)
        self._begun = False

    def feed(self, raw: bytes) -> Iterator[bytes]:
        """gzip may hold several members in a row (RFC 1952 §2.2); padding after it is ignored."""
        while raw:
            if self._stream.eof:
                if not raw.startswith(b"\x1f\x8b"):
                    return
                self._stream = zlib.decompressobj(wbits=31)
            piece, raw = self._step(raw)
            if piece:
                yield piece

    def last(self) -> bytes:
        """What the stream still held back. Raises FetchError unless its own end was seen."""
        piece = b"" if self._stream.eof else self._stream.flush()
        if self._begun and not self._stream.eof:
            raise FetchError(self._asked, "the compressed answer ends too early")
        return piece

    def _step(self, raw: bytes) -> tuple[bytes, bytes]:
        """A piece of what `raw` holds, and what is left of `raw`."""
        try:
            piece = self._stream.decompress(raw, _PIECE)
        except zlib.error as error:
            if self._begun:
                raise FetchError(self._asked, "the compressed answer is broken") from error
            self._begun, self._stream = True, zlib.decompressobj(wbits=-15)
            return b"", raw
        self._begun = True
        return piece, self._stream.unconsumed_tail or self._stream.unused_data
