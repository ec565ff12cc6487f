"""Python's search for circles of garbage, made rare while much is made at once.

It begins anew after each few hundred objects and now and then looks at all that there are; a large week is a
million of them, of which some thousand are in circles, and a tenth of its draft was spent on searching.
"""

from __future__ import annotations

import gc
import threading
from types import TracebackType

#: After so many new objects; so many searches among the young to one among those that have stayed, and so on.
_SELDOM = (200_000, 20, 100)


class _Seldom:
    """For the block; of several at the same time, in threads, the last one sets it back."""

    def __init__(self) -> None:
        self._lock, self._inside, self._usual = threading.Lock(), 0, gc.get_threshold()

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._usual = gc.get_threshold()
                gc.set_threshold(*_SELDOM)
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                gc.set_threshold(*self._usual)


seldom = _Seldom()
