"""What the delivery room asks of the house; `bootstrap.House` has it all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from digest.delivery.compile import Returns
from digest.delivery.dkim import Signer
from digest.delivery.pace import Pace
from digest.delivery.rests import Rests
from digest.protocols import Provider
from digest.schedules import Schedule
from digest.store.engine import Database


class DeliveryHouse(Protocol):
    """The parts of a house that sending needs. flight: the folder of the state maps."""

    @property
    def database(self) -> Database: ...

    @property
    def schedules(self) -> Mapping[str, Schedule]: ...

    @property
    def provider(self) -> Provider: ...

    @property
    def providers(self) -> tuple[Provider, ...]:
        """In the order in which they take over from each other; `provider` is the first."""

    @property
    def rests(self) -> Rests:
        """Until when which provider is left alone: kept while the program runs."""

    def pace_of(self, provider: str) -> Pace:
        """How fast a provider may be handed mail."""

    @property
    def connections_in_all(self) -> int:
        """How many connections all workers together may have to one provider; 0 is without limit."""

    @property
    def key(self) -> bytes: ...

    @property
    def public_url(self) -> str: ...

    @property
    def returns(self) -> Returns:
        """Where bounces go."""

    @property
    def signer(self) -> Signer | None:
        """What signs the mail that leaves as raw MIME; None where nobody does, or a relay does."""

    @property
    def flight(self) -> Path: ...

    @property
    def retry_base_s(self) -> float: ...

    @property
    def give_up_s(self) -> float: ...

    def clock(self) -> dt.datetime:
        """The time now, in UTC."""
