"""A feed's entries as articles: text from HTML, the better of content and summary, dates as stated."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from pydantic import TypeAdapter

from digest.model import Caption, DateSource, Engagement, Image, IncomingArticle
from digest.sources import feed_reader, furniture, html_text
from digest.sources.html_text import Words
from digest.sources.parsed_feed import ParsedEntry, ParsedFeed

#: A body from so many characters on is taken for the whole article.
WHOLE_FROM = 1_500
#: What a list of entries shows of an article.
_TEASER = 400


@dataclass(frozen=True, slots=True)
class Offered:
    """An article that a feed offers. whole: the feed holds its full text, as far as can be told."""

    article: IncomingArticle
    whole: bool


_ANSWER = TypeAdapter(tuple[Offered, ...])


def answer(data: bytes, *, url: str | None, content_type: str | None) -> bytes:
    """The feed's articles as JSON, for the child process."""
    feed = feed_reader.read(data, url=url, content_type=content_type)
    return _ANSWER.dump_json(offered(feed))


def offered(feed: ParsedFeed) -> tuple[Offered, ...]:
    """Every entry as an article whose `source` is empty; an entry with nothing in it is left."""
    return tuple(
        _offered(entry, feed)
        for entry in feed.entries
        if entry.title or entry.content or entry.summary
    )


def _offered(entry: ParsedEntry, feed: ParsedFeed) -> Offered:
    content = html_text.words_of(entry.content, entry.url)
    summary = html_text.words_of(entry.summary, entry.url)
    said = max(content, summary, key=lambda found: len(found.text))
    text, captions, is_cut = _body(said, entry.title)
    teaser, _, _ = _body(summary, entry.title)
    published = entry.published or entry.updated
    url = html_text.web_address(entry.url)
    article = IncomingArticle(
        source="",
        title=entry.title,
        text=text,
        source_id=entry.id or entry.url or _made_id(entry),
        url=url,
        authors=entry.authors,
        section=entry.tags[0] if entry.tags else None,
        tags=entry.tags[1:],
        language=entry.language or feed.language,
        teaser=teaser[:_TEASER] or None,
        published_at=published,
        date_source=DateSource.SOURCE if published else DateSource.NONE,
        image=_image(entry, said),
        captions=captions,
        engagement=_engagement(entry),
    )
    has_content = said is content and bool(entry.content)
    return Offered(article, not is_cut and (has_content or len(text) >= WHOLE_FROM))


def _made_id(entry: ParsedEntry) -> str:
    """A name for an entry that has neither id nor link: the same as long as title and date are."""
    published = entry.published.astimezone(dt.UTC) if entry.published else None
    given = f"{entry.title}\n{published}\n{entry.summary[:200] if not entry.title else ''}"
    return "sha256:" + hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()


def _body(said: Words, title: str) -> tuple[str, tuple[Caption, ...], bool]:
    """The text without furniture, the captions, and whether it was cut short."""
    paragraphs = furniture.without_source_line(said.paragraphs, title)
    is_cut = False
    if paragraphs:
        paragraphs[-1], is_cut = furniture.without_cut(paragraphs[-1])
    kept, captions = furniture.clean(paragraphs, title)
    captions.extend(
        furniture.caption_of(line) or furniture.credited(line) for line in said.captions
    )
    return "\n\n".join(filter(None, kept)), tuple(captions), is_cut


def _image(entry: ParsedEntry, said: Words) -> Image | None:
    if said.image and said.image == (entry.image or said.image):
        return Image(said.image, said.image_alt, weight=entry.image_bytes)
    return Image(entry.image, weight=entry.image_bytes) if entry.image else None


def _engagement(entry: ParsedEntry) -> tuple[Engagement, ...]:
    return () if entry.comments is None else (Engagement("comments", entry.comments),)


def not_after(article_date: dt.datetime | None, now: dt.datetime) -> bool:
    """True unless a date lies more than a day ahead: then it is no date of publication."""
    return article_date is None or article_date <= now + dt.timedelta(days=1)
