"""Bytes of a page to an article: trafilatura for the body, our own reading of the markup for the rest."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import trafilatura
from pydantic import TypeAdapter
from selectolax.lexbor import LexborHTMLParser

from digest import words
from digest.errors import BadInput
from digest.model import Caption, IncomingArticle
from digest.sources import (
    decoding,
    dumps,
    furniture,
    html_text,
    languages,
    linked_data,
    markup,
    metadata,
    reactions,
)
from digest.sources.markup import Markup

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

#: Fewer characters are no article: the other ways are tried.
_LEAST = 200
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|div|p|article|table|h1|meta|title|br)\b", re.IGNORECASE
)
_BOMS = (b"\xff\xfe", b"\xfe\xff")


def answer(data: bytes, *, url: str | None, content_type: str | None, item: str) -> bytes:
    """`read` as JSON, for the child process."""
    found = read(data, url=url, content_type=content_type, item=item)
    return TypeAdapter(IncomingArticle).dump_json(found)


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
    paragraphs, captions = furniture.clean(_paragraphs(html, found), facts.title)
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
        captions=(*captions, *_figure_captions(page, captions)),
        read_seconds=reactions.read_seconds_of(page),
        engagement=reactions.engagement_of(page, found.data),
    )


def _paragraphs(html: str, page: Markup) -> list[str]:
    """The body by trafilatura; where it finds nothing, JSON-LD's own text, or the article's paragraphs."""
    found = trafilatura.extract(
        html,
        favor_precision=True,
        include_comments=False,
        include_tables=False,
        deduplicate=False,
    )
    paragraphs = [line for raw in (found or "").splitlines() if (line := html_text.one_line(raw))]
    if sum(map(len, paragraphs)) >= _LEAST:
        return [paragraph.removeprefix("- ") for paragraph in paragraphs]
    said = linked_data.text(page.data.get("articleBody"))
    nodes = page.page.css("article p") or page.page.css("main p")
    loose = [html_text.one_line(node.text()) for node in nodes[:500]]
    loose = [line for line in loose if words.count(line) > 5]
    ways = (paragraphs, [said] if said else [], loose)
    return max(ways, key=lambda way: sum(map(len, way)))


def _figure_captions(page: LexborHTMLParser, known: list[Caption]) -> list[Caption]:
    """Captions in the article's own figures."""
    texts = {caption.text for caption in known}
    found: list[Caption] = []
    for node in page.css("article figcaption")[:30]:
        line = html_text.one_line(node.text(separator=" "))
        caption = furniture.caption_of(line) or furniture.credited(line)
        if line and caption.text not in texts:
            texts.add(caption.text)
            found.append(caption)
    return found
