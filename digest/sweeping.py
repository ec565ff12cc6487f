"""Python's search for circles of garbage, made rare while much is made at once.

It begins anew after each few hundred objects and now and then looks at all that there are; a large week is a
million of them, of which some thousand are in circles, and a tenth of its draft was spent on searching.
"""

from __future__ import annotations

import gc
import threading
from types import TracebackType

#: After so many new objects; so many searches among the young to one among those that have stayed, and so on.
Pace = tuple[int, int, int]

_lock = threading.Lock()
#: Of the blocks that run now, in any thread: the rarest one holds.
_inside: list[Pace] = []
_usual: Pace = gc.get_threshold()


class Seldom:
    """For the block. The program has one pace: of several blocks at the same time the last one sets it back."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def __enter__(self) -> None:
        global _usual
        with _lock:
            if not _inside:
                _usual = gc.get_threshold()
            _inside.append(self._pace)
            gc.set_threshold(*max(_inside))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with _lock:
            _inside.remove(self._pace)
            gc.set_threshold(*max(_inside, default=_usual))


#: While a draft is made.
seldom = Seldom((200_000, 20, 100))
