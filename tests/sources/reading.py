"""A page parsed as the readers of its head and its body get it."""

from __future__ import annotations

import json

from selectolax.lexbor import LexborHTMLParser

from digest.sources import headlines, markup
from digest.sources.headlines import Headline
from digest.sources.markup import Markup


def page(head: str = "", body: str = "") -> Markup:
    """A page of a head and a body."""
    return markup.markup_of(
        LexborHTMLParser(f"<html><head>{head}</head><body>{body}</body></html>")
    )


def linked(**data: object) -> str:
    """A page's JSON-LD."""
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **data})}</script>'


def headline(found: Markup, site: str = "", url: str | None = None) -> Headline:
    """Its headline."""
    return headlines.headline_of(found, site, url)
