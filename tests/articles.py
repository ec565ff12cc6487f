"""Articles for tests: change what matters to the test, leave the rest."""

from __future__ import annotations

import datetime as dt
from typing import Any

from digest.model import Article, ArticleId, DateSource, IncomingArticle

#: Wednesday noon in the week that tests/people.py ends on Saturday.
WEDNESDAY = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)

TEXT = (
    "The ferry to Port Ellery will run every hour from Monday, the harbour office said.\n\n"
    "The last boat leaves at ten in the evening. Tickets cost the same as before."
)


def incoming(title: str = "The ferry runs every hour", **changes: Any) -> IncomingArticle:
    """An article as a source gives it; its `source_id` and URL follow from the title."""
    slug = "-".join(title.lower().split())
    values: dict[str, Any] = {
        "source": "site",
        "title": title,
        "text": TEXT,
        "source_id": f"id-{slug}",
        "url": f"https://gazette.example/{slug}",
        "section": "Harbour",
        "authors": ("Ann Ferris",),
        "language": "en",
        "published_at": WEDNESDAY,
        "date_source": DateSource.SOURCE,
    }
    return IncomingArticle(**{**values, **changes})


def stored(title: str = "The ferry runs every hour", *, id: int = 1, **changes: Any) -> Article:
    """An article as the store gives it back."""
    given = incoming(
        title, **{k: v for k, v in changes.items() if k not in ("first_seen_at", "revision")}
    )
    values = {name: getattr(given, name) for name in IncomingArticle.__slots__}
    return Article(
        id=ArticleId(id),
        first_seen_at=changes.get("first_seen_at", WEDNESDAY),
        revision=changes.get("revision", 1),
        **values,
    )
