"""Lists of ids as a few bytes: the steps from one to the next, compressed. Ids must ascend."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from itertools import accumulate, pairwise


def pack(ids: Sequence[int]) -> bytes:
    """500 neighbouring ids take some 20 bytes, scattered ones about two bytes each."""
    steps = [later - earlier for earlier, later in pairwise((0, *ids))]
    return zlib.compress(struct.pack(f"<{len(steps)}q", *steps))


def unpack(packed: bytes) -> tuple[int, ...]:
    """The ids again, in order."""
    steps = zlib.decompress(packed)
    return tuple(accumulate(struct.unpack(f"<{len(steps) // 8}q", steps)))
