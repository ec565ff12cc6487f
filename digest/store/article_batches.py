"""Articles saved many at a time: what is new goes in together, what is known and the same costs no statement.

The rest, edits and what others save at this moment, goes the way of one article (`articles.save`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import and_, insert, or_, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session, col

from digest.errors import BadInput, Conflict
from digest.model import ArticleId, IncomingArticle
from digest.store import articles
from digest.store.articles import Saved
from digest.store.incoming import bounded, checked
from digest.store.tables import ArticleRow, EngagementRow
from digest.urls import url_key

#: A source's name, how an article is known ("id" or "url"), and by what.
_Name = tuple[str, str, str]


class _Offer(NamedTuple):
    """An article that may be stored, and the key of its URL."""

    article: IncomingArticle
    key: str | None

    @property
    def names(self) -> Iterator[_Name]:
        """Everything that it is known by; its source's own id goes first."""
        for kind, value in (("id", bounded(self.article.source_id)), ("url", self.key)):
            if value is not None:
                yield self.article.source, kind, value


def save_all(
    session: Session, incoming: Sequence[IncomingArticle], *, now: dt.datetime
) -> list[Saved | BadInput]:
    """What became of each article, in their order; one that cannot be stored stops no other."""
    found: dict[int, Saved | BadInput] = {}
    offers: dict[int, _Offer] = {}
    for number, article in enumerate(incoming):
        try:
            clean = checked(article)
        except BadInput as error:
            found[number] = error
        else:
            offers[number] = _Offer(clean, bounded(url_key(clean.url)) if clean.url else None)
    known = _known(session, offers.values())
    found |= _same(offers, known)
    found |= _inserted(session, dict(_new(offers, known)), now=now)
    for number in sorted(offers.keys() - found.keys()):  # of two of one name the later one stays
        found[number] = _one(session, incoming[number], now=now)
    return [found[number] for number in range(len(incoming))]


def _one(session: Session, article: IncomingArticle, *, now: dt.datetime) -> Saved | BadInput:
    try:
        return articles.save(session, article, now=now)
    except BadInput as error:
        return error
    except Conflict as error:
        return BadInput(article.title, str(error))


def _known(session: Session, offers: Iterable[_Offer]) -> Mapping[_Name, ArticleRow]:
    """The stored articles that any of these may be, by each of their names."""
    names = set(chain.from_iterable(offer.names for offer in offers))
    if not names:
        return {}
    ids, keys = ([value for _, kind, value in names if kind == one] for one in ("id", "url"))
    # the source in both halves: only so SQLite finds either by its index, else it reads all that the source ever gave
    here = col(ArticleRow.source).in_({source for source, _, _ in names})
    by_id, by_url = col(ArticleRow.source_id).in_(ids), col(ArticleRow.url_key).in_(keys)
    asked = (
        select(ArticleRow)
        .where(or_(and_(here, by_id), and_(here, by_url)))
        .execution_options(populate_existing=True)
    )
    found: dict[_Name, ArticleRow] = {}
    for row in session.scalars(asked):
        for kind, value in (("id", row.source_id), ("url", row.url_key)):
            if value is not None:
                found[row.source, kind, value] = row
    return found


def _same(
    offers: Mapping[int, _Offer], known: Mapping[_Name, ArticleRow]
) -> dict[int, Saved | BadInput]:
    """Those that are stored as they are and have no figure to note, and that no other of the batch changes."""
    found: dict[int, Saved | BadInput] = {}
    named = Counter(chain.from_iterable(offer.names for offer in offers.values()))
    for number, offer in offers.items():
        row = next((known[name] for name in offer.names if name in known), None)
        if row is None or row.id is None or row.gone_at or offer.article.engagement:
            continue
        if any(named[name] > 1 for name in offer.names):
            continue
        values = articles.values_of(offer.article, offer.key, stored=row)
        values["source_id"] = values["source_id"] or row.source_id
        if all(getattr(row, name) == value for name, value in values.items()):
            found[number] = Saved(ArticleId(row.id), "unchanged")
    return found


def _new(
    offers: Mapping[int, _Offer], known: Mapping[_Name, ArticleRow]
) -> Iterator[tuple[int, _Offer]]:
    """Those that nothing stored and none before them in the batch is the same article as."""
    seen: set[_Name] = set()
    for number, offer in offers.items():
        names = set(offer.names)
        if names and not names & seen and names.isdisjoint(known):
            yield number, offer
        seen |= names


def _inserted(
    session: Session, offers: Mapping[int, _Offer], *, now: dt.datetime
) -> dict[int, Saved | BadInput]:
    """New articles and their figures put in together; none where one of them was refused."""
    if not offers:
        return {}
    rows = [articles.first_row(offer.article, offer.key, now=now) for offer in offers.values()]
    try:
        with session.begin_nested():
            ids = _put(session, offers, rows)
            figures = list(_figures(offers, ids, now=now))
            if figures:
                session.execute(insert(EngagementRow), figures)
    except (IntegrityError, DataError, OverflowError):
        return {}  # each by itself: one of them is at fault, or another process was faster
    return {number: Saved(one, "new") for number, one in ids.items()}


def _put(
    session: Session, offers: Mapping[int, _Offer], rows: list[dict[str, Any]]
) -> dict[int, ArticleId]:
    """The new articles' ids, told apart by their names: rows come back in any order."""
    back = insert(ArticleRow).returning(
        col(ArticleRow.id),
        col(ArticleRow.source),
        col(ArticleRow.source_id),
        col(ArticleRow.url_key),
    )
    ids: dict[_Name, ArticleId] = {}
    for one, source, source_id, key in session.execute(back, rows):
        for kind, value in (("id", source_id), ("url", key)):
            ids[source, kind, value] = ArticleId(one)
    return {number: ids[next(offer.names)] for number, offer in offers.items()}


def _figures(
    offers: Mapping[int, _Offer], ids: Mapping[int, ArticleId], *, now: dt.datetime
) -> Iterator[dict[str, Any]]:
    for number, offer in offers.items():
        for signal in {one.kind: one for one in offer.article.engagement}.values():
            yield {
                "article_id": ids[number],
                "kind": signal.kind,
                "value": signal.value,
                "unit": signal.unit.value,
                "n": signal.n,
                "taken_at": signal.taken_at or now,
            }
