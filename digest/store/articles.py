"""Articles: saved as they come, edits kept as revisions, signals of readers kept as they change.

An article is known by its (source, source_id), else by its URL's key within the source.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from digest.errors import BadInput, Conflict, NotFound
from digest.model import Article, ArticleId, Engagement, IncomingArticle, Window
from digest.store import figures
from digest.store.incoming import bounded, checked
from digest.store.tables import ArticleRevisionRow, ArticleRow
from digest.urls import url_key

Outcome = Literal["new", "revised", "unchanged"]

#: What stands in columns of its own; all else of an `IncomingArticle` is the document `content`.
_COLUMNS = frozenset({"source", "source_id", "url", "title", "text", "engagement"})
_ARTICLE = TypeAdapter(Article)
_INCOMING = TypeAdapter(IncomingArticle)
#: So many rows are made articles of at a time.
_AT_ONCE = 500
#: How often a save tries again when another process was saving the same article.
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of an article that was offered."""

    id: ArticleId
    outcome: Outcome


class Revision(NamedTuple):
    """One state of an article's words. seen_at: when we first saw it."""

    revision: int
    title: str
    seen_at: dt.datetime


def save(session: Session, incoming: IncomingArticle, *, now: dt.datetime) -> Saved:
    """Keep an article: a new one, an edit, or only its newest signals. Raises BadInput.

    Safe with others saving the same article at the same time: one inserts, the rest find it.
    """
    article = checked(incoming)
    for _ in range(_TRIES):
        try:
            with session.begin_nested():
                saved = _save(session, article, now=now)
                is_new = saved.outcome == "new"
                figures.note(session, saved.id, article.engagement, now=now, is_new=is_new)
        except IntegrityError:
            continue  # another process inserted it between our look and our insert: look again
        except (DataError, OverflowError) as error:
            raise BadInput(article.title[:100], f"no database holds it: {error}") from error
        return saved
    raise Conflict(f"an article of {incoming.source!r} could not be saved: others kept changing it")


def get(session: Session, article_id: ArticleId) -> Article:
    """One article. Raises NotFound."""
    found = _load(session, col(ArticleRow.id) == article_id)
    if not found:
        raise NotFound(f"there is no article {article_id}")
    return found[0]


def by_ids(session: Session, ids: Collection[ArticleId]) -> list[Article]:
    """These articles in order of time; a number that is nobody's is left."""
    return _load(session, col(ArticleRow.id).in_(ids)) if ids else []


def page(
    session: Session, *, source: str = "", below: int | None = None, size: int = 50
) -> tuple[list[Article], int | None]:
    """The newest articles by their numbers, below one; and where the next page begins, where there is one."""
    asked = select(col(ArticleRow.id)).order_by(col(ArticleRow.id).desc()).limit(size + 1)
    if source:
        asked = asked.where(col(ArticleRow.source) == source)
    if below is not None:
        asked = asked.where(col(ArticleRow.id) < below)
    ids = [ArticleId(one) for one in session.scalars(asked) if one is not None]
    found = sorted(by_ids(session, ids[:size]), key=lambda one: -one.id)
    return found, ids[size - 1] if len(ids) > size else None


def by_url(session: Session, url: str) -> Article | None:
    """The newest article at this address, however it is spelled; None where there is none."""
    key = url_key(url)
    found = _load(session, col(ArticleRow.url_key) == key) if key else []
    return found[-1] if found else None


def in_window(
    session: Session,
    sources: Sequence[str],
    window: Window,
    *,
    late_since: dt.datetime | None = None,
    told: Collection[ArticleId] = (),
) -> list[Article]:
    """The window's articles in order of time, each page once, with the newest figure of each signal.

    An article counts for the moment that it had at first sight, whatever date an edit gives it.
    late_since: also those of [late_since, window.start) that were first seen in this window and
    that no source had shown before. told: articles that the issue before tells; they are not late.
    Where two sources gave the same page, the one named first in `sources` speaks for it.
    """
    counts = _within(col(ArticleRow.happened_at), window)
    if late_since is not None:
        before = Window(late_since, window.start)
        counts = or_(counts, _late(sources, window, before=before, told=told))
    found = _load(session, col(ArticleRow.source).in_(sources), counts)
    return _each_page_once(found, sources)


def measured(session: Session, sources: Sequence[str], window: Window) -> list[Article]:
    """The window's articles with the newest figures, for what readers made of them; they have no text.

    What is known of each: title, address, section, authors and dates.
    """
    inside = (col(ArticleRow.source).in_(sources), _within(col(ArticleRow.happened_at), window))
    signals = figures.newest(session, *inside)
    content = col(ArticleRow.content)
    asked = select(
        *(getattr(ArticleRow, name) for name in ("id", "source", "url", "title", "first_seen_at")),
        content["section"].as_string().label("section"),
        content["authors"].label("authors"),
        content["published_at"].as_string().label("stated"),
    ).where(*inside)
    found = [
        Article(
            id=row.id,
            source=row.source,
            url=row.url,
            title=row.title,
            text="",
            section=row.section,
            authors=tuple(row.authors or ()),
            published_at=_moment(row.stated),
            first_seen_at=row.first_seen_at,
            engagement=signals[row.id],
        )
        for row in session.execute(asked.execution_options(yield_per=_AT_ONCE))
    ]
    return sorted(found, key=lambda article: (article.when, article.id))


def exists_in_window(session: Session, sources: Sequence[str], window: Window) -> bool:
    """True where the window has an article of its own; late ones of the week before do not count."""
    inside = (col(ArticleRow.source).in_(sources), _within(col(ArticleRow.happened_at), window))
    return bool(session.scalar(select(exists().where(*inside))))


def count(session: Session, sources: Sequence[str]) -> int:
    """How many articles these sources gave, ever."""
    asked = select(func.count()).select_from(ArticleRow)
    return session.scalar(asked.where(col(ArticleRow.source).in_(sources))) or 0


def revisions(session: Session, article_id: ArticleId) -> list[Revision]:
    """Every state of an article's words, oldest first; the last one is the current one."""
    old = session.execute(
        select(
            col(ArticleRevisionRow.revision),
            col(ArticleRevisionRow.title),
            col(ArticleRevisionRow.seen_at),
        )
        .where(col(ArticleRevisionRow.article_id) == article_id)
        .order_by(col(ArticleRevisionRow.revision))
    )
    current = session.execute(
        select(col(ArticleRow.revision), col(ArticleRow.title), col(ArticleRow.changed_at)).where(
            col(ArticleRow.id) == article_id
        )
    )
    return [Revision(*row) for row in (*old, *current)]


# ---------------------------------------------------------------- saving


def _save(session: Session, article: IncomingArticle, *, now: dt.datetime) -> Saved:
    key = bounded(url_key(article.url)) if article.url else None
    row = _known(session, article, key)
    if row is None:
        return Saved(_insert(session, article, key, now=now), "new")
    assert row.id is not None
    values = values_of(article, key, stored=row)
    if _taken(session, row, values["url_key"]):
        values["url_key"] = row.url_key
    values["source_id"] = values["source_id"] or row.source_id
    outcome: Outcome = "unchanged"
    values["gone_at"] = None
    if values["content_hash"] != row.content_hash:
        _keep_revision(session, row)
        values |= {"revision": row.revision + 1, "changed_at": now}
        outcome = "revised"
    if any(getattr(row, name) != value for name, value in values.items()):
        session.execute(update(ArticleRow).where(col(ArticleRow.id) == row.id).values(**values))
        session.expire(row)
    return Saved(ArticleId(row.id), outcome)


def _known(session: Session, article: IncomingArticle, key: str | None) -> ArticleRow | None:
    """The stored article, locked until the transaction ends; its source's own id goes first."""
    for column, value in (("source_id", bounded(article.source_id)), ("url_key", key)):
        if value is None:
            continue
        asked = (
            select(ArticleRow)
            .where(col(ArticleRow.source) == article.source, getattr(ArticleRow, column) == value)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found = session.scalars(asked).one_or_none()
        if found is not None:
            return found
    return None


def _taken(session: Session, row: ArticleRow, key: str | None) -> bool:
    """True where another article of the source has this URL already."""
    if key is None or key == row.url_key:
        return False
    asked = select(col(ArticleRow.id)).where(
        col(ArticleRow.source) == row.source,
        col(ArticleRow.url_key) == key,
        col(ArticleRow.id) != row.id,
    )
    return session.scalar(asked) is not None


def _insert(
    session: Session, article: IncomingArticle, key: str | None, *, now: dt.datetime
) -> ArticleId:
    statement = insert(ArticleRow).values(**first_row(article, key, now=now))
    new_id: int = session.scalars(statement.returning(col(ArticleRow.id))).one()  # type: ignore[assignment]
    return ArticleId(new_id)


def first_row(article: IncomingArticle, key: str | None, *, now: dt.datetime) -> dict[str, Any]:
    """The columns of an article that is stored for the first time; `key`: its URL's."""
    return {
        "source": article.source,
        "revision": 1,
        "happened_at": article.published_at or now,
        "first_seen_at": now,
        "changed_at": now,
        **values_of(article, key),
    }


def values_of(
    article: IncomingArticle, key: str | None, *, stored: ArticleRow | None = None
) -> dict[str, Any]:
    """What an edit may change: all but what was fixed at first sight.

    A feed's excerpt leaves the full text that is stored, and what its page said, as they are.
    """
    body, document = article.text, _document(article)
    if stored and article.is_excerpt and not stored.content.get("is_excerpt"):
        body, document = stored.body, stored.content
    return {
        "source_id": bounded(article.source_id),
        "url": article.url,
        "url_key": key,
        "title": article.title,
        "body": body,
        "content": document,
        "content_hash": _hash(article.title, body, document),
    }


def _document(article: IncomingArticle) -> dict[str, Any]:
    document: dict[str, Any] = _INCOMING.dump_python(article, mode="json", exclude=set(_COLUMNS))
    if not article.is_excerpt:
        del document["is_excerpt"]
    if article.zone_s is None:
        del document["zone_s"]
    return document


def _hash(title: str, body: str, document: dict[str, Any]) -> str:
    """SHA-256 (hex) of everything whose change is an edit; signals of readers are none, nor is a zone."""
    said = {name: value for name, value in document.items() if name not in ("is_excerpt", "zone_s")}
    canonical = json.dumps([title, body, said], ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _keep_revision(session: Session, row: ArticleRow) -> None:
    session.execute(
        insert(ArticleRevisionRow).values(
            article_id=row.id,
            revision=row.revision,
            title=row.title,
            body=row.body,
            content=row.content,
            seen_at=row.changed_at,
        )
    )


# ---------------------------------------------------------------- reading


def _within(column: Any, window: Window) -> ColumnElement[bool]:
    return and_(column >= window.start, column < window.end)


def _late(
    sources: Sequence[str], window: Window, *, before: Window, told: Collection[ArticleId]
) -> ColumnElement[bool]:
    """Happened before this window, first seen in it, and neither told nor shown elsewhere before."""
    other = aliased(ArticleRow)
    shown = exists().where(
        col(other.source).in_(sources),
        col(other.url_key) == col(ArticleRow.url_key),
        or_(col(other.first_seen_at) < window.start, col(other.id).in_(told)),
    )
    return and_(
        _within(col(ArticleRow.happened_at), before),
        _within(col(ArticleRow.first_seen_at), window),
        col(ArticleRow.id).not_in(told),
        ~shown,
    )


def _load(session: Session, *conditions: ColumnElement[bool]) -> list[Article]:
    """Articles with their newest signals, by (when, id), in two queries."""
    asked = select(ArticleRow).where(*conditions)
    rows = session.scalars(asked.order_by(col(ArticleRow.happened_at), col(ArticleRow.id))).all()
    signals = figures.newest(session, *conditions) if rows else {}
    return [_article(row, signals.get(row.id or 0, ())) for row in rows]


def _article(row: Any, signals: tuple[Engagement, ...]) -> Article:
    return _ARTICLE.validate_python(
        {
            **row.content,
            "id": row.id,
            "source": row.source,
            "source_id": row.source_id,
            "url": row.url,
            "title": row.title,
            "text": row.body,
            "revision": row.revision,
            "gone_at": row.gone_at,
            "first_seen_at": row.first_seen_at,
            "published_at": _moment(row.content.get("published_at")),
            "engagement": signals,
        }
    )


def _moment(stated: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(stated) if stated else None


def _each_page_once(found: list[Article], sources: Sequence[str]) -> list[Article]:
    order = {source: place for place, source in reversed(list(enumerate(sources)))}
    speaks: dict[str, Article] = {}
    for article in found:
        key = (url_key(article.url) if article.url else None) or f"id:{article.id}"
        other = speaks.get(key)
        if other is None or order[article.source] < order[other.source]:
            speaks[key] = article
    chosen = {article.id for article in speaks.values()}
    return [article for article in found if article.id in chosen]
