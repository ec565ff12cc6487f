"""Exports of newsletter services: Substack, beehiiv and Buttondown (a table), Medium (pages).

Substack and Buttondown keep each text in a file beside the table, by the post's id or slug.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from urllib.parse import quote, urljoin

from selectolax.lexbor import LexborHTMLParser

from digest.errors import BadInput
from digest.model import Image, IncomingArticle
from digest.sources import dates, html_text, markdown, posts
from digest.sources.items import Item, Items

csv.field_size_limit(50_000_000)
Row = Mapping[str, str]
#: Gives a file of the export by the end of its name; None where there is none.
Find = Callable[[str], str | None]

_HEADS = {
    "substack": {"post_id", "is_published"},
    "beehiiv": {"web_title", "content_html"},
    "buttondown": {"subject", "publish_date"},
}
#: Forms that ask readers to subscribe or to share, which Substack keeps within the text.
_SUBSTACK_FORMS = (
    ".button-wrapper, .subscription-widget-wrap, .subscription-widget, .captioned-button-wrap,"
    " .subscribe-widget, .community-chat, .digest-post-embed"
)
_DRAFT = re.compile(r"(?:^|/)draft_")


def platform_of(table: str) -> str | None:
    """Whose table this is, by its header; None where it is nobody's."""
    head = {name.strip().lower() for name in next(_table(table), [])}
    return next((name for name, wanted in _HEADS.items() if wanted <= head), None)


def items(table: str, find: Find, *, now: dt.datetime, base_url: str | None) -> Items:
    """The posts of a table. base_url: the site's address, where the table holds none."""
    read = {"substack": _substack, "beehiiv": _beehiiv, "buttondown": _buttondown}
    platform = platform_of(table)
    if platform is None:
        raise BadInput("table", "is no table of posts that is known here")
    return [
        Item(_name(row, number), partial(_out, row, read[platform], find, base_url, now))
        for number, row in enumerate(_rows(table), 2)
    ]


def _table(table: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(table.lstrip("\ufeff").replace("\0", "")))


def _rows(table: str) -> Iterator[Row]:
    lines = _table(table)
    head = [name.strip().lower() for name in next(lines, [])]
    for line in lines:
        if any(line):
            yield dict(zip(head, (cell.strip() for cell in line), strict=False))


def _name(row: Row, line: int) -> str:
    title = row.get("title") or row.get("web_title") or row.get("subject")
    return html_text.plain(title) or f"line {line}"


def _out(
    row: Row,
    read: Callable[[Row, Find, str | None], posts.Post | None],
    find: Find,
    base_url: str | None,
    now: dt.datetime,
) -> IncomingArticle | None:
    post = read(row, find, base_url)
    early = post is not None and post.published is not None and post.published > now
    return None if post is None or early else posts.article(post)


def _substack(row: Row, find: Find, base_url: str | None) -> posts.Post | None:
    """Letters, podcasts and threads that are out; of one for payers only its subtitle is shown."""
    if row.get("is_published", "").lower() != "true" or row.get("type") == "page":
        return None
    key = row.get("post_id", "")
    slug = key.partition(".")[2]
    html = find(f"{key}.html")
    return posts.Post(
        id=key,
        title=row.get("title", ""),
        html=_without(html or "", _SUBSTACK_FORMS),
        url=_under(base_url, "p", slug),
        teaser=row.get("subtitle", ""),
        published=dates.moment(row.get("post_date", "")),
        public=row.get("audience", "everyone") in ("everyone", ""),
    )


def _beehiiv(row: Row, find: Find, base_url: str | None) -> posts.Post | None:
    """The web's title and text. A time without a zone is UTC."""
    if row.get("status", "").lower() not in ("confirmed", "published"):
        return None
    tags = [tag.strip() for tag in row.get("content_tags", "").split(";") if tag.strip()]
    url = row.get("url") or None
    picture = html_text.web_address(row.get("thumbnail_url"))
    return posts.Post(
        id=row.get("id") or None,
        title=row.get("web_title") or row.get("email_subject_line", ""),
        html=row.get("content_html", ""),
        url=url,
        sections=tuple(tags[:1]),
        tags=tuple(tags[1:]),
        teaser=row.get("web_subtitle") or row.get("email_preview_text", ""),
        published=dates.moment(row.get("created_at", "")),
        image=Image(picture) if picture else None,
        public=row.get("audience", "free").lower() in ("free", "both", "all", ""),
    )


def _buttondown(row: Row, find: Find, base_url: str | None) -> posts.Post | None:
    """Mails that were sent: those with a date of publication. The text is Markdown."""
    published = dates.moment(row.get("publish_date", ""))
    status = row.get("status", "").lower()
    if published is None or status not in ("", "sent", "imported", "published"):
        return None
    slug, key = row.get("slug", ""), row.get("id", "")
    body = row.get("body") or find(f"{slug}.md") or find(f"{key}.md") or ""
    return posts.Post(
        id=key or slug or None,
        title=row.get("subject", ""),
        html=markdown.html_of(body),
        url=html_text.web_address(row.get("absolute_url")) or _under(base_url, "archive", slug),
        teaser=row.get("description", ""),
        published=published,
    )


def medium_item(name: str, html: str, *, now: dt.datetime) -> IncomingArticle | None:
    """A story of a Medium export; None for a draft. Raises BadInput where it is none."""
    if _DRAFT.search(name):
        return None
    page = LexborHTMLParser(html)
    body = page.css_first("section[data-field=body], .e-content")
    title = page.css_first("h1.p-name, .p-name")
    if body is None or title is None:
        raise BadInput(name, "is no story of Medium")
    when = page.css_first("time.dt-published")
    link = page.css_first("a.p-canonical")
    author = page.css_first("a.p-author")
    teaser = page.css_first("section.p-summary, .p-summary")
    post = posts.Post(
        id=name.rsplit("/", 1)[-1].removesuffix(".html"),
        title=html_text.from_plain(title.text()),
        html=body.html or "",
        url=link.attributes.get("href") if link else None,
        authors=(author.text(),) if author else (),
        teaser=html_text.from_plain(teaser.text()) if teaser else "",
        published=dates.moment((when.attributes.get("datetime") or "") if when else ""),
    )
    early = post.published is not None and post.published > now
    return None if early else posts.article(post)


def is_medium(html: str) -> bool:
    """Whether a page is a story of a Medium export."""
    return "h-entry" in html and "p-name" in html and "e-content" in html


def _without(html: str, selector: str) -> str:
    """The HTML without these elements."""
    page = LexborHTMLParser(html)
    for node in page.css(selector):
        node.decompose()
    return page.body.html or "" if page.body else ""


def _under(base_url: str | None, folder: str, slug: str) -> str | None:
    if not base_url or not slug:
        return None
    return urljoin(base_url.rstrip("/") + "/", f"{folder}/{quote(slug)}")
