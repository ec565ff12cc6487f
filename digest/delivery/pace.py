"""The pace: how many messages may leave now, of a budget that all processes share in the database.

Every call works in the caller's own write session and holds the budget's row until it commits:
call it last. No span of a limit ever holds more granted messages than its count. Time is the
caller's; where clocks differ, the fastest counts, and what goes back by less than five seconds
stands still. A machine whose clock is ahead by up to that may, when it joins, let SLACK's worth of
a limit of up to a minute leave early, once; longer spans by as much as its clock is ahead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from digest.delivery import budget as budgets
from digest.delivery.budget import SECOND, Budget
from digest.delivery.budget_text import from_text, to_text
from digest.limits import DAY_S, DomainLimits, Limit, SlowStart, WarmUp
from digest.store import paces
from digest.store.engine import Session
from digest.store.paces import Kept

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
#: A provider's own budget, beside those of recipient domains.
OWN = ""
#: What no domain needs any more is looked for once in this time, in microseconds.
_FORGET_EVERY = 3600 * SECOND


@dataclass(frozen=True, slots=True)
class Grant:
    """So many messages may leave now; where fewer than were wanted, more may from `again_at` on."""

    count: int
    again_at: dt.datetime | None = None


class Pace:
    """How fast one provider may be handed mail. Holds no state but when it last tidied up."""

    def __init__(
        self,
        provider: str,
        limits: tuple[Limit, ...] = (),
        domains: DomainLimits | None = None,
        warm_up: WarmUp | None = None,
        slow_start: SlowStart | None = None,
    ) -> None:
        self.provider, self.limits, self.warm_up = provider, limits, warm_up
        self.domains, self.slow_start = domains or DomainLimits(), slow_start
        self._forgot = 0

    @property
    def is_free(self) -> bool:
        """True where nothing limits anything: then there is nothing to ask."""
        return not self.domains and self._any_rate

    @property
    def _any_rate(self) -> bool:
        return not (self.limits or self.warm_up or self.slow_start)

    def grant(self, session: Session, *, wanted: int, now: dt.datetime) -> Grant:
        """How many of `wanted` messages this process may hand over; they are taken from the budget."""
        if self._any_rate or wanted <= 0:
            return Grant(max(wanted, 0))
        budget, moment = self._budget(session), microseconds(now)
        at = budget.now(moment)
        count = min(wanted, self._room(budget, at))
        if count:
            budget = self._take(budget, count, at)
            self._keep(session, budget)
        if count == wanted:
            return Grant(count)
        return Grant(count, _again(self._more_at(budget, at), at, now))

    def used_up(self, session: Session, *, now: dt.datetime) -> str:
        """The limit that lets nobody leave for the longest, with its setting; empty where none stops anybody."""
        budget = self._budget(session)
        at = budget.now(microseconds(now))
        full = [
            (budget.window(limit, at).more_at(limit, at), limit)
            for limit in self.limits_at(budget, at)
            if not budget.window(limit, at).room(limit, at)
        ]
        if not full:
            return ""
        limit = max(full, key=lambda one: one[0])[1]
        if limit in self.limits or self.warm_up is None:
            return f"{limit} (DIGEST_LIMITS)"
        day = self.warm_up_day(budget, at)[0] + 1
        return f"{limit.count} on day {day} of the warm-up (DIGEST_WARM_UP)"

    def give_back(
        self,
        session: Session,
        *,
        now: dt.datetime,
        unused: int = 0,
        since: dt.datetime = _EPOCH,
        spare: int = 0,
    ) -> None:
        """Of what was granted to this process so many were not handed over, and will not be.

        spare: of what `grant` gave in this very session, at the same `now`; unused: of earlier ones,
        none of them before `since`. Limits of a shorter span than that have forgotten them by themselves.
        """
        if self._any_rate or unused + spare <= 0:
            return
        budget = self._budget(session)
        at = budget.now(microseconds(now))
        budget = budgets.give_back(
            budget,
            self.limits_at(budget, at),
            at,
            unused=unused,
            since=microseconds(since),
            spare=spare,
        )
        if self.slow_start:
            rate = budget.rate.now(self.slow_start, at).give_back(unused + spare)
            budget = replace(budget, rate=rate)
        self._keep(session, budget)

    def limited(self, domain: str) -> str | None:
        """The name under which a recipient domain is counted; None where it has no limit."""
        return self.domains.group(domain)

    def grant_domains(
        self, session: Session, wanted: Mapping[str, int], *, now: dt.datetime
    ) -> dict[str, Grant]:
        """How many may leave to each domain (or to a name that `limited` gave), where it has a limit.

        Domains of one name share its budget, in the order given.
        """
        names = {domain: name for domain in wanted if (name := self.limited(domain))}
        if not names:
            return {}
        moment = microseconds(now)
        before = self._domain_budgets(session, set(names.values()))
        after, granted = dict(before), {}
        for domain, name in names.items():
            budget, limits = after[name], self.domains.limits(name)
            at = budget.now(moment)
            count = min(max(wanted[domain], 0), budgets.room(budget, limits, at) or 0)
            if count:
                budget = after[name] = budgets.take(budget, limits, count, at)
            more_at = budgets.more_at(budget, limits, at)
            granted[domain] = Grant(
                count, None if count >= wanted[domain] else _again(more_at, at, now)
            )
        self._keep_domains(session, before, after, now)
        return granted

    def give_back_domains(
        self, session: Session, unused: Mapping[str, int], *, now: dt.datetime, since: dt.datetime
    ) -> None:
        """Of what was granted for each domain (or name), none before `since`, so many were not handed over."""
        names = {domain: name for domain in unused if (name := self.limited(domain))}
        if not names:
            return
        before = self._domain_budgets(session, set(names.values()))
        after = dict(before)
        for domain, name in names.items():
            limits, at = self.domains.limits(name), after[name].now(microseconds(now))
            after[name] = budgets.give_back(
                after[name], limits, at, unused=max(unused[domain], 0), since=microseconds(since)
            )
        self._keep_domains(session, before, after, now)

    def note(self, session: Session, *, good: int, trouble: int, now: dt.datetime) -> None:
        """Tell what became of messages, for the slow start.

        trouble: deferrals (4xx, 421, 429) and connections turned away; not a reader's refusal.
        """
        if self.slow_start is None or good + trouble <= 0:
            return
        budget = self._budget(session)
        at = budget.now(microseconds(now))
        rate = budget.rate.now(self.slow_start, at).note(self.slow_start, good, trouble, at)
        self._keep(session, replace(budget, at=at, rate=rate))

    def _room(self, budget: Budget, at: int) -> int:
        found = budgets.room(budget, self.limits_at(budget, at), at)
        rooms = [] if found is None else [found]
        if self.slow_start:
            rate = budget.rate.now(self.slow_start, at)
            rooms.append(budgets.spread(rate.paid, rate.limit, at))
        return min(rooms)

    def _take(self, budget: Budget, count: int, at: int) -> Budget:
        taken = budgets.take(budget, self.limits_at(budget, at), count, at)
        if self.slow_start:
            taken = replace(taken, rate=budget.rate.now(self.slow_start, at).take(count, at))
        if self.warm_up:
            taken = replace(taken, first={self.warm_up.name: at} | budget.first)
        return taken

    def _more_at(self, budget: Budget, at: int) -> int:
        found = budgets.more_at(budget, self.limits_at(budget, at), at)
        if self.slow_start:
            found = max(found, budget.rate.now(self.slow_start, at).more_at(at))
        if self.warm_up and found > (tomorrow := self.warm_up_day(budget, at)[1]):
            return tomorrow
        return found

    def limits_at(self, budget: Budget, at: int) -> tuple[Limit, ...]:
        """The limits as they are at a moment: a warm-up is one more, of 24 hours, that grows."""
        if self.warm_up is None:
            return self.limits
        cap = self.warm_up.cap(self.warm_up_day(budget, at)[0])
        counts = {one.seconds: one.count for one in self.limits}
        counts[DAY_S] = min(cap, counts.get(DAY_S, cap))
        return tuple(Limit(*one) for one in sorted(counts.items()))

    def warm_up_day(self, budget: Budget, at: int) -> tuple[int, int]:
        """Which day of the warm-up it is, from 0, and when the next begins."""
        assert self.warm_up is not None
        first = budget.first.get(self.warm_up.name, at)
        day = max(0, at - first) // (DAY_S * SECOND)
        return day, first + (day + 1) * DAY_S * SECOND

    def _budget(self, session: Session) -> Budget:
        return from_text(paces.locked(session, self.provider, [OWN])[OWN])

    def _keep(self, session: Session, budget: Budget) -> None:
        paces.put(session, self.provider, {OWN: Kept(to_text(budget), None)})

    def _domain_budgets(self, session: Session, names: set[str]) -> dict[str, Budget]:
        """The budgets of names. The provider's own row is locked with them and first, as by `grant`:

        so processes that need names in different orders, one call after another, never wait in a ring.
        """
        found = paces.locked(session, self.provider, {OWN, *names})
        return {name: from_text(found[name]) for name in names}

    def _keep_domains(
        self,
        session: Session,
        before: Mapping[str, Budget],
        after: Mapping[str, Budget],
        now: dt.datetime,
    ) -> None:
        kept = {}
        for name, budget in after.items():
            if budget != before[name]:
                longest = max(one.seconds for one in self.domains.limits(name))
                kept[name] = Kept(to_text(budget), now + dt.timedelta(seconds=longest + 60))
        paces.put(session, self.provider, kept)
        moment = microseconds(now)
        if not self._forgot <= moment < self._forgot + _FORGET_EVERY:
            paces.forget(session, now=now)
            self._forgot = moment


def microseconds(moment: dt.datetime) -> int:
    """Since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def _again(more_at: int, at: int, now: dt.datetime) -> dt.datetime:
    """A moment of the budget's time in the caller's, and never the present one."""
    return now + max(1, more_at - at) * _MICROSECOND
