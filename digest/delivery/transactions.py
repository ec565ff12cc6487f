"""How a tick of the journal gets to the disk without keeping the wire waiting: what waits waits in a thread."""

from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from typing import NamedTuple

from digest.delivery.ticks import Tick
from digest.errors import Busy
from digest.store.engine import Database, Session


class Acts(NamedTuple):
    """What a tick does: its statements; what follows when they are committed; and when they are not."""

    work: Callable[[Session, Tick], None]
    keep: Callable[[Tick], None]
    undo: Callable[[Tick], None]


async def beside_the_wire(database: Database, acts: Acts, time: Callable[[], float]) -> Tick:
    """A tick on SQLite: its statements run on the loop, since two threads of Python only take turns."""
    with ExitStack() as undo:
        transaction, session = await _begun(database)
        found = Tick(looked=time())
        undo.callback(acts.undo, found)
        try:
            acts.work(session, found)
            await _to_its_end(functools.partial(_commit, database, session, acts, found))
        except BaseException:
            await asyncio.to_thread(transaction.__exit__, *sys.exc_info())
            raise
        transaction.__exit__(None, None, None)
        undo.pop_all()
    return found


async def _begun(database: Database) -> tuple[AbstractContextManager[Session], Session]:
    """A transaction that writes, at once where nobody else does."""
    with suppress(Busy):
        transaction = database.write(wait=False)
        return transaction, transaction.__enter__()
    transaction = database.write()
    return transaction, await asyncio.to_thread(transaction.__enter__)


async def _to_its_end(work: Callable[[], None]) -> None:
    """In a thread, which nobody can cancel: who is cancelled waits, so that no other thread ends its transaction."""
    thread = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(thread)
    except asyncio.CancelledError:
        while not thread.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([thread])
        thread.exception()  # heard: that it was cancelled goes before
        raise


def _commit(database: Database, session: Session, acts: Acts, found: Tick) -> None:
    database.commit_now(session)
    acts.keep(found)


def in_a_thread(database: Database, acts: Acts, time: Callable[[], float]) -> Tick:
    """A tick on PostgreSQL, which is nothing but waiting."""
    with ExitStack() as undo:
        with database.write() as session:
            found = Tick(looked=time())
            undo.callback(acts.undo, found)
            acts.work(session, found)
        undo.pop_all()
    acts.keep(found)
    return found
