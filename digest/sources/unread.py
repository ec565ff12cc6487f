"""Which of a feed's entries still wait for their page: remembered from one poll to the next.

While pages are missing, no validator of the feed is remembered, so that it is answered in full and
the next poll reads what is missing; `PollState.body_hash` then says which entries those are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from digest.model import IncomingArticle
from digest.protocols import PollState

_MARK = " unread "


@dataclass(frozen=True, slots=True)
class Plan:
    """What one poll reads: places of entries, in this order, and the names of those it leaves."""

    places: tuple[int, ...]
    later: tuple[str, ...]


def plan(
    articles: Sequence[IncomingArticle], state: PollState, *, body: bytes | None, most: int
) -> Plan:
    """Pages to read for the excerpts among a feed's articles: those left the last time go first.

    body: the feed's bytes; where they are the last poll's, only what was left then is read. None:
    everything is read again.
    """
    digest, _, names = (state.body_hash or "").partition(_MARK)
    turn = {name: number for number, name in enumerate(names.split())}
    wanted = {p: name_of(one) for p, one in enumerate(articles) if one.is_excerpt and one.url}
    waiting = sorted((p for p in wanted if wanted[p] in turn), key=lambda p: turn[wanted[p]])
    same = bool(turn) and body is not None and digest == _digest(body)
    places = waiting + [p for p in wanted if wanted[p] not in turn and not same]
    later = tuple(wanted[place] for place in places[most:])
    return Plan(tuple(places[:most]), later)


def remembering(state: PollState, left: Sequence[str], *, body: bytes) -> PollState:
    """The state to keep after a poll that left these entries without their pages, in this order."""
    if not left:
        return state
    return PollState(body_hash=_digest(body) + _MARK + " ".join(left), moved=state.moved)


def name_of(article: IncomingArticle) -> str:
    """A short name by which an entry is known again."""
    given = article.source_id or article.url or article.title
    return hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()[:16]


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
