"""How much of each limit of a provider is used now: looked at only, nothing is taken or locked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from digest.delivery.budget import SPREAD_S, Budget
from digest.delivery.budget_text import from_text
from digest.delivery.pace import OWN, Pace, microseconds
from digest.limits import Limit
from digest.store import paces
from digest.store.engine import Session

_MICROSECOND = dt.timedelta(microseconds=1)
#: So many recipient domains are told, those with the least room first.
TOLD = 12


@dataclass(frozen=True, slots=True)
class Gauge:
    """One limit. used: granted within its span; more_at: when one more may leave, where none may now."""

    limit: Limit
    used: int
    more_at: dt.datetime | None = None

    @property
    def share(self) -> float:
        """From 0 to 1; above it where a limit was made smaller."""
        return self.used / self.limit.count

    @property
    def is_spread(self) -> bool:
        """Its messages leave one by one over its span, so what is left of it does not all leave at once."""
        return self.limit.seconds <= SPREAD_S


@dataclass(frozen=True, slots=True)
class WarmingUp:
    """Where a warm-up stands. day: from 1; begun: whether a first message has left; ends_at: of this day."""

    name: str
    day: int
    most: int
    begun: bool
    ends_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Gauges:
    """All limits of one provider. domains: by the name under which recipient domains are counted.

    rate: messages a second of its slow start, None where it has none.
    """

    own: tuple[Gauge, ...] = ()
    domains: tuple[tuple[str, tuple[Gauge, ...]], ...] = ()
    warm_up: WarmingUp | None = None
    rate: int | None = None


def read(session: Session, pace: Pace, *, now: dt.datetime) -> Gauges:
    """How a provider's limits stand at `now`."""
    states = paces.kept(session, pace.provider, now=now)
    budget = from_text(states.get(OWN, ""))
    at = budget.now(microseconds(now))
    rate = budget.rate.now(pace.slow_start, at).rate if pace.slow_start else None
    return Gauges(
        own=_gauges(budget, pace.limits_at(budget, at), now=now),
        domains=_domains(pace, states, now=now),
        warm_up=_warm_up(pace, budget, at, now=now),
        rate=rate,
    )


def _gauges(budget: Budget, limits: Iterable[Limit], *, now: dt.datetime) -> tuple[Gauge, ...]:
    at = budget.now(microseconds(now))
    found = []
    for limit in limits:
        window = budget.window(limit, at)
        used = sum(count for _, count in window.slices)
        full = used >= limit.count
        wait = (window.more_at(limit, at) - at) * _MICROSECOND
        found.append(Gauge(limit, used, now + wait if full else None))
    return tuple(found)


def _domains(
    pace: Pace, states: Mapping[str, str], *, now: dt.datetime
) -> tuple[tuple[str, tuple[Gauge, ...]], ...]:
    """Every domain that has a limit of its own, and of the others those to which mail left lately."""
    if not pace.domains:
        return ()
    named = dict.fromkeys(one.name for one in pace.domains.named)
    others = [name for name in states if name != OWN and name not in named]
    names = [*named, *(others if pace.domains.others else ())]
    found = [
        (name, _gauges(from_text(states.get(name, "")), pace.domains.limits(name), now=now))
        for name in names
    ]
    found.sort(key=lambda one: max((gauge.share for gauge in one[1]), default=0), reverse=True)
    return tuple(found[:TOLD])


def _warm_up(pace: Pace, budget: Budget, at: int, *, now: dt.datetime) -> WarmingUp | None:
    plan = pace.warm_up
    if plan is None:
        return None
    day, ends = pace.warm_up_day(budget, at)
    begun = plan.name in budget.first
    ends_at = now + (ends - at) * _MICROSECOND if begun else None
    return WarmingUp(plan.name, day + 1, plan.cap(day), begun, ends_at)
