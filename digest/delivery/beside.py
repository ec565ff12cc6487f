"""Notices while sends are on their way: who signs up in the middle of one waits a second, not an hour."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from digest import logs
from digest.delivery import notices
from digest.delivery.house import DeliveryHouse
from digest.delivery.owner import owner_of
from digest.errors import DigestError

log = logs.get(__name__)

#: How often new notices are looked for while a send is on its way.
EVERY_S = 0.5


async def send_now(house: DeliveryHouse, *, stop: Callable[[], bool]) -> int:
    """Every notice that is due; how many were settled. What fails is logged: they wait, and no send for them."""
    return await _send(house, stop) if _are_due(house) else 0


async def _send(house: DeliveryHouse, stop: Callable[[], bool]) -> int:
    settled = 0
    with _logged():
        settled = await notices.send_due(house, stop=stop)
    return settled


def _are_due(house: DeliveryHouse) -> bool:
    due = False
    with _logged(), house.database.read() as session:
        due = notices.any_due(session, owner=owner_of(house.flight), now=house.clock())
    return due


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except DigestError as error:
        log.warning("notices could not be sent now", why=str(error))
    except Exception:
        log.exception("notices failed")


async def send_until(over: asyncio.Event, house: DeliveryHouse, *, stop: Callable[[], bool]) -> int:
    """Look again and again until it is over; how many were settled.

    In a thread with a loop of its own: each notice is written at once, and on this loop that would
    wait for a tick that waits for this loop.
    """
    settled = 0
    while not over.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EVERY_S):
                await over.wait()
        if not over.is_set():
            settled += await asyncio.to_thread(_look, house, stop)
    return settled


def _look(house: DeliveryHouse, stop: Callable[[], bool]) -> int:
    """A loop is made only where there is something to send: it costs more than the question."""
    return asyncio.run(_send(house, stop)) if _are_due(house) else 0
