"""What may leave now, reckoned from what was granted before. Pure; moments are microseconds since 1970.

A limit is kept by the list of what was granted within its span, so no span holds more than its
count, wherever it begins. Spans of up to a minute are also spread out: that is the generic cell rate
algorithm (ITU-T I.371) with a tolerance of SLACK.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from digest.limits import Limit, SlowStart

SECOND = 1_000_000
#: How late a process may come for its share before a spread limit loses it.
SLACK = SECOND // 5
#: Limits up to this span are spread evenly over it.
SPREAD_S = 60
#: A span is remembered in so many slices; what leaves in one slice ends with its last message.
SLICES = 64
#: Of the time in which a span was full so many slices are saved up: about what a tick comes late. With more,
#: each second begins with a heap; with fewer, a limit of 1000/s is not used up to 98 in 100.
KEPT = 5
#: Clocks that differ by less count as one, the fastest; more is a clock that was set back.
SKEW = 5 * SECOND
#: A slow start looks at its results once in this time,
INTERVAL = SECOND
#: halves where more than one in TROUBLE of them was trouble,
TROUBLE = 10
#: and begins anew after so long without mail.
IDLE = 3600 * SECOND


@dataclass(frozen=True, slots=True)
class Window:
    """What one span holds: (when the slice's last message was granted, how many), oldest first.

    paid: the moment up to which the spread rate is used up.
    """

    slices: tuple[tuple[int, int], ...] = ()
    paid: int = 0

    def now(self, limit: Limit, now: int) -> Window:
        """Without what has left the span; nothing in it lies after `now`.

        While it was full little time was saved up (KEPT): else what leaves the span in a heap would be
        followed by a heap, and the two meet at a relay where they are handed over a moment late.
        """
        since = now - limit.seconds * SECOND
        kept = tuple((min(at, now), count) for at, count in self.slices if at > since)
        full_until = min(self._free_at(limit), now) - limit.seconds * SECOND * KEPT // SLICES
        return Window(kept, min(max(self.paid, full_until - _cost(1, limit)), now))

    def room(self, limit: Limit, now: int) -> int:
        """How many more may be granted now."""
        free = max(0, limit.count - sum(count for _, count in self.slices))
        return min(free, spread(self.paid, limit, now)) if limit.seconds <= SPREAD_S else free

    def more_at(self, limit: Limit, now: int) -> int:
        """The first moment at which one may be granted."""
        at = max(now, self._free_at(limit))
        if limit.seconds <= SPREAD_S:
            at = max(at, _begin(self.paid, limit, now) + _cost(1, limit))
        return at

    def _free_at(self, limit: Limit) -> int:
        """When so much has left the span that one more has room in it; 0 where it has now."""
        at, surplus = 0, sum(count for _, count in self.slices) - limit.count
        for ends, count in self.slices:
            if surplus < 0:
                break
            at, surplus = ends + limit.seconds * SECOND, surplus - count
        return at

    def take(self, limit: Limit, count: int, now: int) -> Window:
        """With `count` more granted now."""
        width = max(1, limit.seconds * SECOND // SLICES)
        slices, last = self.slices, self.slices[-1] if self.slices else (-1, 0)
        if last[0] // width == now // width:
            slices, count_here = slices[:-1], last[1] + count
        else:
            count_here = count
        paid = _begin(self.paid, limit, now) + _cost(count, limit)
        return Window((*slices, (now, count_here)), paid)

    def give_back(self, limit: Limit, unused: int, spare: int = 0) -> Window:
        """With fewer: `spare` of what was granted this very moment, `unused` of what was before.

        Of the latter the oldest go: whichever was not used, none that was is forgotten early.
        """
        slices = _less(tuple(reversed(self.slices)), spare)
        slices = _less(tuple(reversed(slices)), unused)
        return Window(slices, self.paid - _cost(unused + spare, limit))


@dataclass(frozen=True, slots=True)
class Rate:
    """A slow start's state. rate: messages a second; begun: when the interval in hand began."""

    rate: int = 0
    paid: int = 0
    begun: int = 0
    good: int = 0
    trouble: int = 0
    used: int = 0

    def now(self, plan: SlowStart, now: int) -> Rate:
        """As it is now: begun anew after an hour without mail, within the plan's bounds."""
        if not self.rate or now - self.used > IDLE:
            return Rate(plan.start, used=now)
        paid, begun, used = (min(one, now) for one in (self.paid, self.begun, self.used))
        return replace(self, rate=min(self.rate, plan.ceiling), paid=paid, begun=begun, used=used)

    @property
    def limit(self) -> Limit:
        return Limit(1, self.rate)

    def take(self, count: int, now: int) -> Rate:
        return replace(
            self, paid=_begin(self.paid, self.limit, now) + _cost(count, self.limit), used=now
        )

    def more_at(self, now: int) -> int:
        """The first moment at which one may be granted."""
        return max(now, _begin(self.paid, self.limit, now) + _cost(1, self.limit))

    def give_back(self, count: int) -> Rate:
        return replace(self, paid=self.paid - _cost(count, self.limit))

    def note(self, plan: SlowStart, good: int, trouble: int, now: int) -> Rate:
        """With more results. An interval that is over doubles the rate, halves it or leaves it.

        It doubles only where the rate was used, at least by half: what was not tried proves nothing.
        """
        begun = self.begun or now
        good, trouble = self.good + good, self.trouble + trouble
        if now - begun < INTERVAL:
            return replace(self, begun=begun, good=good, trouble=trouble, used=now)
        rate = self.rate
        if trouble * TROUBLE > good + trouble:
            rate = max(1, rate // 2)
        elif good * 2 >= rate:
            rate = min(plan.ceiling, rate * 2)
        return replace(self, rate=rate, begun=now, good=0, trouble=0, used=now)


@dataclass(frozen=True, slots=True)
class Budget:
    """What was granted so far of one common budget.

    at: the last moment seen, by whichever process. windows: by their span in seconds. first: when
    each sending domain that warms up had its first message.
    """

    at: int = 0
    windows: dict[int, Window] = field(default_factory=dict)
    rate: Rate = Rate()
    first: dict[str, int] = field(default_factory=dict)

    def now(self, moment: int) -> int:
        """The budget's own time for a caller's `moment`: it never goes back by less than SKEW."""
        return self.at if moment <= self.at < moment + SKEW else moment

    def window(self, limit: Limit, now: int) -> Window:
        return self.windows.get(limit.seconds, Window()).now(limit, now)


def room(budget: Budget, limits: tuple[Limit, ...], now: int) -> int | None:
    """The least room in all windows; None where there are no limits."""
    rooms = [budget.window(limit, now).room(limit, now) for limit in limits]
    return min(rooms, default=None)


def more_at(budget: Budget, limits: tuple[Limit, ...], now: int) -> int:
    """The first moment at which every window has room for one."""
    return max((budget.window(limit, now).more_at(limit, now) for limit in limits), default=now)


def take(budget: Budget, limits: tuple[Limit, ...], count: int, now: int) -> Budget:
    """With `count` more granted in every window; spans without a limit any more are forgotten."""
    windows = {limit.seconds: budget.window(limit, now).take(limit, count, now) for limit in limits}
    return replace(budget, at=now, windows=windows)


def give_back(
    budget: Budget,
    limits: tuple[Limit, ...],
    now: int,
    *,
    unused: int = 0,
    since: int = 0,
    spare: int = 0,
) -> Budget:
    """With fewer granted in every window: see `Window.give_back`. since: no `unused` was granted before.

    A window that may have let go of them already keeps what it holds: that was granted later.
    """
    windows = {}
    for limit in limits:
        held = unused if since > now - limit.seconds * SECOND else 0
        windows[limit.seconds] = budget.window(limit, now).give_back(limit, held, spare)
    return replace(budget, at=now, windows=windows)


def spread(paid: int, limit: Limit, now: int) -> int:
    """How many messages the time since `paid` pays for."""
    return (now - _begin(paid, limit, now)) * limit.count // (limit.seconds * SECOND)


def _begin(paid: int, limit: Limit, now: int) -> int:
    """Time not used is lost, but for one message's and SLACK."""
    return max(paid, now - _cost(1, limit) - SLACK)


def _cost(count: int, limit: Limit) -> int:
    return -(-count * limit.seconds * SECOND // limit.count)


def _less(slices: tuple[tuple[int, int], ...], count: int) -> tuple[tuple[int, int], ...]:
    """Slices with `count` fewer, taken from the first ones."""
    for number, (at, held) in enumerate(slices):
        if held > count:
            return ((at, held - count), *slices[number + 1 :])
        count -= held
    return ()
