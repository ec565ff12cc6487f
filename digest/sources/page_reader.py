"""Bytes of a page to an article: trafilatura for the body, our own reading of the markup for the rest."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

from pydantic import TypeAdapter
from selectolax.lexbor import LexborHTMLParser

from digest.errors import BadInput
from digest.model import IncomingArticle
from digest.sources import (
    decoding,
    dumps,
    html_text,
    languages,
    markup,
    metadata,
    page_body,
    reactions,
)

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|div|p|article|table|h1|meta|title|br)\b", re.IGNORECASE
)
_BOMS = (b"\xff\xfe", b"\xfe\xff")

_ANSWER = TypeAdapter(IncomingArticle)  # a seventh of a page's time, were it made for each


def answer(data: bytes, *, url: str | None, content_type: str | None, item: str) -> bytes:
    """`read` as JSON, for the child process."""
    found = read(data, url=url, content_type=content_type, item=item)
    return _ANSWER.dump_json(found)


def read(
    data: bytes,
    *,
    url: str | None = None,
    content_type: str | None = None,
    item: str = "page",
) -> IncomingArticle:
    """The article of a page or of a page's plain text; its `source` is empty.

    Raises BadInput where there is no article in it.
    """
    if not data.strip():
        raise BadInput(item, "the file is empty")
    text = decoding.decode(data, content_type)
    if not data.startswith(_BOMS) and not _MARKUP.search(data[:20_000]):
        return replace(dumps.read(text, item=item), url=html_text.web_address(url))
    return _read_html(text, url, item)


def _read_html(html: str, url: str | None, item: str) -> IncomingArticle:
    page = LexborHTMLParser(html)
    found = markup.markup_of(page)
    facts = metadata.facts_of(found, url)
    paragraphs, captions = page_body.body_of(
        found, headline=facts.headline, title=facts.title, authors=facts.authors
    )
    if not facts.title and not paragraphs:
        raise BadInput(item, "there is no article on the page")
    return IncomingArticle(
        source="",
        title=facts.title,
        text="\n\n".join(paragraphs),
        url=facts.url,
        authors=facts.authors,
        section=facts.section,
        tags=facts.tags,
        language=languages.language_of(" ".join(paragraphs), facts.languages),
        teaser=facts.teaser,
        published_at=facts.published_at,
        date_source=facts.date_source,
        image=facts.image,
        captions=tuple(captions),
        read_seconds=reactions.read_seconds_of(page),
        engagement=reactions.engagement_of(page, found.data),
    )
