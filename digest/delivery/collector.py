"""Python's garbage collector while pages are served and mail goes out: it does not look at what was there before.

A full look at all that was imported takes 0.2 s, and a desk's week of 200 stories brings one with every fifth change.
While mail goes out it looks less often as well: readers and their messages come and go by the hundred thousand and form
no cycles; looking through them at the usual pace (every 700 objects) cost a sixth of a message's processor time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from digest import sweeping

#: New objects until the youngest are looked through, and how many such rounds until the older ones are.
_SELDOM = sweeping.Seldom((50_000, 20, 20))


def settle() -> None:
    """What is there as the program begins to serve stays, and is not looked at any more."""
    gc.collect()
    gc.freeze()


@contextmanager
def seldom() -> Iterator[None]:
    """For as long as a send runs; afterwards everything is as it was, and what was settled still is."""
    settled = gc.get_freeze_count() > 0
    if not settled:
        gc.freeze()
    try:
        with _SELDOM:
            yield
    finally:
        if not settled:
            gc.unfreeze()
