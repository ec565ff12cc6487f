"""Clicks judged: a person's, or a machine's that opens links to see whether they are harmless.

Nobody is known here: a visit comes with two keyed hashes that are forgotten within a day, and what goes out is
a count for each link and kind. A visit is judged a minute after it came, since a machine shows itself by what it
opens next. The rules are in docs/numbers.md, with what each one misses.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

#: Seconds until a visit is judged; what came from the same place in them speaks for or against it.
HOLD = 60.0
#: Different links of one edition that no hand opens in so many seconds: (links, seconds), at most all there are.
BURST, SWEEP = (5, 10.0), (10, HOLD)
#: The same for a whole network, where many people may read at once: nearly every link there is.
CROWD, CROWD_SHARE = 8, 0.8
#: So many seconds a place that was a machine once is taken for one.
REMEMBER = 600.0
#: Seconds after a send began in which nobody can have read the mail yet.
EARLY = 60.0
#: Visits that wait, places that are watched and clicks that are remembered, at the most: memory has an end also in a flood.
MOST_WAITING, MOST_PLACES, MOST_SEEN = 100_000, 100_000, 500_000


class Kind(StrEnum):
    """What a visit was taken for."""

    HUMAN = "human"
    REPEAT = "repeat"  # the same browser at the same link on the same day
    PREFETCH = "prefetch"  # its own header says that nobody has clicked
    AGENT = "agent"  # it names itself as a program, or asked as only programs do
    BURST = "burst"  # one place opened many links at once
    EARLY = "early"  # before anybody can have read the mail

    @property
    def is_machine(self) -> bool:
        return self not in (Kind.HUMAN, Kind.REPEAT)


#: What a programme for fetching ahead says of itself.
#: https://developer.mozilla.org/docs/Web/HTTP/Headers/Sec-Purpose
_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")
#: Of those that look at mail and are in no list of crawlers, since they are none.
_SCANNERS = (
    *("safelinks", "barracuda", "proofpoint", "mimecast", "symantec", "messagelabs", "trendmicro"),
    *("fireeye", "forcepoint", "cloudmark", "sophos", "urldefense", "linkprotect", "bitdefender"),
    *("kaspersky", "mailguard", "mailcontrol", "spamassassin", "rspamd", "scanner", "virustotal"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody opened a link. at: in seconds. links: how many the edition has. began: its send.

    browser: a keyed hash of address and user agent; network: one of the shortened address. told: what the
    request said of itself, if that decides.
    """

    at: float
    issue: int
    code: str
    links: int
    began: float
    browser: bytes
    network: bytes
    told: Kind | None = None


def told(headers: Mapping[str, str], *, is_crawler: bool) -> Kind | None:
    """What a request says of itself. headers: by names in small letters. is_crawler: a list knows its agent."""
    said = [headers.get(name, "").lower() for name in _PURPOSES]
    if any("prefetch" in one or "preview" in one or "prerender" in one for one in said):
        return Kind.PREFETCH
    agent = headers.get("user-agent", "").lower()
    if is_crawler or not agent or any(name in agent for name in _SCANNERS):
        return Kind.AGENT
    # Fetch metadata: a click goes to a page; what a script or a picture loads is none
    goes_there = headers.get("sec-fetch-mode", "navigate") == "navigate"
    return None if goes_there else Kind.PREFETCH


class Judge:
    """Takes visits and gives counts back. Times come from outside and only grow."""

    def __init__(self) -> None:
        self._waiting: deque[Visit] = deque()
        self._opened: dict[tuple[bytes, int], dict[str, float]] = {}
        self._machines: dict[tuple[bytes, int], float] = {}
        self._seen: dict[tuple[bytes, int, str], None] = {}

    @property
    def is_idle(self) -> bool:
        """Nothing waits to be judged."""
        return not self._waiting

    def take(self, visit: Visit) -> None:
        """Keep a visit until it can be judged."""
        self._waiting.append(visit)
        for place in _places(visit):
            if place in self._machines:
                self._machines[place] = visit.at
            else:
                self._look(place, visit)

    def asks_as_programs_do(self, browser: bytes, issue: int, *, at: float) -> None:
        """A HEAD: no browser sends one for a click, so all that this place opens is a program's."""
        self._machines[(browser, issue)] = at

    def ripe(self, now: float, *, all_of_them: bool = False) -> Counter[tuple[int, str, Kind]]:
        """How many visits of each kind each link (issue, code) had, of those that can be judged by now."""
        found: Counter[tuple[int, str, Kind]] = Counter()
        while self._waiting and (
            all_of_them or self._waiting[0].at <= now - HOLD or len(self._waiting) > MOST_WAITING
        ):
            visit = self._waiting.popleft()
            found[(visit.issue, visit.code, self._judged(visit))] += 1
        self._forget(now)
        return found

    def new_day(self) -> None:
        """Forget every browser: hashes are of another key from now on."""
        self._seen.clear()
        self._opened.clear()
        self._machines.clear()

    def _judged(self, visit: Visit) -> Kind:
        if visit.told:
            return visit.told
        if any(place in self._machines for place in _places(visit)):
            return Kind.BURST
        if visit.at < visit.began + EARLY:
            return Kind.EARLY
        key = (visit.browser, visit.issue, visit.code)
        if key in self._seen:
            return Kind.REPEAT
        self._seen[key] = None
        if len(self._seen) > MOST_SEEN:
            self._seen.pop(next(iter(self._seen)))
        return Kind.HUMAN

    def _look(self, place: tuple[bytes, int], visit: Visit) -> None:
        """Whether a place has just shown that it is a machine."""
        opened = self._opened.setdefault(place, {})
        opened[visit.code] = visit.at
        if len(self._opened) > MOST_PLACES:
            self._opened.pop(next(iter(self._opened)))
        is_network = place[0] == visit.network
        for many, span in _crowd(visit.links) if is_network else _hand(visit.links):
            since = visit.at - span
            if len(opened) >= many and sum(at >= since for at in opened.values()) >= many:
                self._machines[place] = visit.at
                self._opened.pop(place, None)
                return

    def _forget(self, now: float) -> None:
        for place in [one for one, at in self._machines.items() if at < now - REMEMBER]:
            del self._machines[place]
        for place in [one for one, at in self._opened.items() if max(at.values()) < now - HOLD]:
            del self._opened[place]


def _hand(links: int) -> tuple[tuple[float, float], ...]:
    """So many different links of an edition in so many seconds are more than one person opens."""
    return tuple(
        (max(fewest, min(many, links)), span) for fewest, (many, span) in ((3, BURST), (4, SWEEP))
    )


def _crowd(links: int) -> tuple[tuple[float, float], ...]:
    return ((max(CROWD, CROWD_SHARE * links), BURST[1]),)


def _places(visit: Visit) -> Iterator[tuple[bytes, int]]:
    yield visit.browser, visit.issue
    yield visit.network, visit.issue
