"""Notices while sends are on their way: who signs up in the middle of one waits a second, not an hour."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

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
    try:
        with house.database.read() as session:
            owner, now = owner_of(house.flight), house.clock()
            due = notices.any_due(session, owner=owner, now=now)
        return await notices.send_due(house, stop=stop) if due else 0
    except DigestError as error:
        log.warning("notices could not be sent now", why=str(error))
    except Exception:
        log.exception("notices failed")
    return 0


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
    return asyncio.run(send_now(house, stop=stop))
