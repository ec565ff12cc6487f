"""A provider tried without sending anything: what was found well, or what was not and what to do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from digest import remedies
from digest.errors import DeliveryError
from digest.protocols import Triable

#: How long a provider is tried, in seconds.
TRIAL_S = 30.0


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it. remedy: what to look at where it is not fine; empty where nobody knows."""

    fine: bool
    words: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.words}: {self.remedy}" if self.remedy else self.words


async def tried(name: str, provider: Triable) -> Tried:
    """Ask a provider for a connection as for mail."""
    try:
        async with asyncio.timeout(TRIAL_S):
            return Tried(True, await provider.tried())
    except TimeoutError:
        reason = f"no reply within {TRIAL_S:.0f} s"
    except DeliveryError as error:
        reason = error.reply
    return Tried(False, reason, remedies.remedy(reason, name))
