"""The links of a final draft, asked by the guarded client beside everything else: nothing ever waits for it.

Each link is asked once for all editions of an issue, from the final draft on; what does not open, again every hour
until the issue is sent. What comes of it are warnings: a network that is away forbids no approval.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Protocol
from urllib.parse import urlsplit

from digest import logs, preflight
from digest.model import Issue, IssueId, IssueStatus, LinkAnswer, LinkState
from digest.preflight import Finding
from digest.schedules import Schedule
from digest.sources import presence
from digest.store import issues, link_answers
from digest.store.engine import Database

log = logs.get(__name__)

#: Links in one look, and hosts at once; a host is asked for one link after the other.
MOST, AT_ONCE = 120, 8
#: A host that was silent so often in a row is left alone until the next time.
PATIENCE = 2
#: Whose links are asked.
OPEN = frozenset({IssueStatus.DRAFT, IssueStatus.HELD, IssueStatus.APPROVED})
#: The links of so many editions are remembered by a process.
REMEMBERED = 64

Ask = Callable[[str], tuple[LinkState, str]]
_LINKS: dict[tuple[IssueId, str], frozenset[str]] = {}


class CheckingHouse(Protocol):
    """What asking needs of a house."""

    @property
    def database(self) -> Database: ...

    @property
    def schedules(self) -> Mapping[str, Schedule]: ...

    @property
    def public_url(self) -> str: ...

    @property
    def fetch_allow(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Looked:
    """How the links of an edition stand. of: how many it has. asked: how many were. at: the oldest answer."""

    findings: tuple[Finding, ...] = ()
    of: int = 0
    asked: int = 0
    refused: int = 0
    at: dt.datetime | None = None


# ---------------------------------------------------------------- asking


def look(house: CheckingHouse, *, now: dt.datetime) -> int:
    """Ask for what is due of every final draft; says how many links were asked. Harmless to repeat."""
    asked = 0
    for key in house.schedules:
        with house.database.read() as session:
            found = issues.unfinished(session, key, bare=True)
        for issue in found:
            if issue.status in OPEN and issue.edition and not issue.is_early:
                asked += _look_at(house, issue, most=MOST - asked, now=now)
    return asked


def _look_at(house: CheckingHouse, issue: Issue, *, most: int, now: dt.datetime) -> int:
    urls, since = _links(house, issue), issue.moments.draft_at
    with house.database.write() as session:
        due = link_answers.claim(session, issue.id, urls, since=since, now=now, most=most)
    if not due:
        return 0

    def ask(url: str) -> tuple[LinkState, str]:
        return presence.answer_of(url, house.fetch_allow)

    found = [LinkAnswer(url, *answer, now) for url, answer in answers(due, ask).items()]
    with house.database.write() as session:
        link_answers.keep(session, issue.id, found)
    states = [one.state for one in found]
    counts = {state.value: states.count(state) for state in LinkState if state in states}
    log.info("links asked", issue=f"{issue.newsletter}/{issue.period}", **counts)
    return len(found)


def _links(house: CheckingHouse, bare: Issue) -> frozenset[str]:
    """Those of an issue that was read without its content, which is read where its links are not known yet."""
    assert bare.edition is not None
    known = _LINKS.get((bare.id, bare.edition.checksum))
    if known is not None:
        return known
    with house.database.read() as session:
        issue = issues.by_id(session, bare.id)
    whole = issue.content is not None and issue.edition is not None
    return links_of(issue, house.public_url) if whole else frozenset()


def answers(urls: Iterable[str], ask: Ask) -> dict[str, tuple[LinkState, str]]:
    """Each link's answer: several hosts at once, the links of one host in turn."""
    hosts: dict[str, list[str]] = {}
    for url in urls:
        hosts.setdefault(_host(url), []).append(url)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="links") as threads:
        found = threads.map(lambda one: _in_turn(one, ask), hosts.values())
        return dict(chain.from_iterable(found))


def _in_turn(urls: Sequence[str], ask: Ask) -> list[tuple[str, tuple[LinkState, str]]]:
    """A host that says nothing again and again is believed to say nothing to the rest."""
    found: list[tuple[str, tuple[LinkState, str]]] = []
    silent = 0
    for url in urls:
        answer = found[-1][1] if silent >= PATIENCE else ask(url)
        silent = silent + 1 if answer[0] is LinkState.SILENT else 0
        found.append((url, answer))
    return found


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


# ---------------------------------------------------------------- telling


def standing(house: CheckingHouse, issue: Issue) -> Looked:
    """What is known of the links of the current edition."""
    if issue.content is None or issue.edition is None:
        return Looked()
    urls = links_of(issue, house.public_url)
    with house.database.read() as session:
        found = [one for one in link_answers.of_issue(session, issue.id) if one.url in urls]
    told = preflight.placed(preflight.answers.check(found), issue.content)
    return Looked(
        findings=tuple(told),
        of=len(urls),
        asked=len(found),
        refused=sum(one.state is LinkState.REFUSED for one in found),
        at=min((one.asked_at for one in found), default=None),
    )


def links_of(issue: Issue, public_url: str) -> frozenset[str]:
    """The links of the current edition that can be asked for."""
    assert issue.content is not None
    assert issue.edition is not None
    key = issue.id, issue.edition.checksum
    if key not in _LINKS:
        for old in list(_LINKS)[:-REMEMBERED]:
            _LINKS.pop(old, None)
        _LINKS[key] = preflight.outward(issue.content, issue.edition.rendered, public_url)
    return _LINKS[key]
