"""A request that holds many copies: how it is written, and the key by which it is known again."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from digest.model import Mail, Message

#: So many bytes are joined and written at once.
AT_ONCE = 256 * 1024
#: What another reader's copy may be longer than the first ones, in bytes: names, mostly.
SPARE = 1_000


@dataclass(frozen=True, slots=True)
class Request:
    """One POST.

    body: whole, or in pieces that are joined a few at a time while they are written: most of 20 MB
    are the same few pieces again and again. headers: those of this request only, such as its
    idempotency key.
    """

    body: bytes | Sequence[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else b"".join(self.body)

    @property
    def size(self) -> int:
        return len(self.body) if isinstance(self.body, bytes) else sum(map(len, self.body))

    @property
    def content(self) -> bytes | AsyncIterator[bytes]:
        """For httpx: what is written at once should fit into a processor's cache."""
        if isinstance(self.body, bytes) or self.size <= AT_ONCE:
            return self.data
        return self._written()

    async def _written(self) -> AsyncIterator[bytes]:
        parts: list[bytes] = []
        size = 0
        assert not isinstance(self.body, bytes)
        for piece in self.body:
            parts.append(piece)
            size += len(piece)
            if size >= AT_ONCE:
                yield b"".join(parts)
                parts, size = [], 0
        yield b"".join(parts)


def batch_key(batch: Sequence[Message]) -> str:
    """SHA-256 (hex) of the keys in order: the same composition has the same key, after a crash too."""
    return hashlib.sha256("\n".join(one.key for one in batch).encode()).hexdigest()


@dataclass(slots=True)
class Sizes:
    """How many copies of a mail one request may hold by its bytes, measured once a mail."""

    request: Callable[[Sequence[Message]], Request]
    most_bytes: int
    _mail: Mail | None = None
    _fits: int = 1

    def parts(self, drawn: list[Message]) -> list[list[Message]]:
        """What was drawn, in requests. What was once one request stays one."""
        if len(drawn) == 1 or drawn[0].batch:
            return [drawn]
        if drawn[0].mail is not self._mail:
            self._mail, self._fits = drawn[0].mail, self._measured(drawn)
        return [drawn[at : at + self._fits] for at in range(0, len(drawn), self._fits)]

    def _measured(self, drawn: list[Message]) -> int:
        try:
            one, two = (self.request(drawn[:many]).size for many in (1, 2))
        except Exception:  # told where it is made to be posted
            return len(drawn)
        copy = two - one
        return max(1, (self.most_bytes - (one - copy)) // (copy + SPARE))
