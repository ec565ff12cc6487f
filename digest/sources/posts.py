"""A post as a blog's own program keeps it, in an export or behind its API, to an article."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from digest.model import DateSource, Engagement, Image, IncomingArticle
from digest.sources import furniture, html_text

#: What a list of posts shows of one.
_TEASER = 400
_SHORTCODE = re.compile(
    r"\[/?(?:caption|gallery|embed|audio|video|playlist|contact-form(?:-7)?"
    r"|(?:vc|et_pb|su|fusion|wpforms|gravityform)[\w-]*)\b[^\[\]]{0,2000}\]"
)
_CAPTION = re.compile(
    r"\[caption\b[^\[\]]{0,2000}\](.{0,8000}?)\[/caption\]", re.DOTALL | re.IGNORECASE
)
_PICTURE = re.compile(r"\s*((?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?)\s*", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n\s*")
_MARKED_UP = re.compile(r"<!-- wp:|<p\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a blog's program says of a post; title, html and teaser may hold markup.

    public: False where only the teaser may be shown to everybody.
    """

    id: str | None
    title: str
    html: str
    url: str | None = None
    authors: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    teaser: str = ""
    published: dt.datetime | None = None
    image: Image | None = None
    language: str | None = None
    engagement: tuple[Engagement, ...] = ()
    public: bool = True


def article(post: Post) -> IncomingArticle:
    """The post as an article whose `source` is empty."""
    title = html_text.plain(post.title)
    teaser = html_text.plain(post.teaser)
    html = post.html if post.public else html_text.from_plain(teaser)
    said = html_text.words_of(paragraphed(html), post.url)
    paragraphs, captions = furniture.clean(said.paragraphs, title)
    captions.extend(furniture.credited(line) for line in said.captions)
    sections = named(post.sections)
    return IncomingArticle(
        source="",
        title=title,
        text="\n\n".join(paragraphs),
        source_id=post.id,
        url=html_text.web_address(post.url),
        authors=named(post.authors),
        section=sections[0] if sections else None,
        tags=named((*sections[1:], *post.tags)),
        language=post.language,
        teaser=teaser[:_TEASER] or None,
        published_at=post.published,
        date_source=DateSource.SOURCE if post.published else DateSource.NONE,
        image=post.image or (Image(said.image, said.image_alt) if said.image else None),
        captions=tuple(captions),
        engagement=post.engagement,
        is_excerpt=not post.public,
    )


def named(names: Iterable[object]) -> tuple[str, ...]:
    """Names as plain text, each once; what is no text or empty is left."""
    plain = (html_text.plain(name) for name in names)
    return tuple(dict.fromkeys(name for name in plain if name))


def paragraphed(html: str) -> str:
    """Without shortcodes; blank lines part paragraphs where no markup does, as WordPress shows them."""
    html = _SHORTCODE.sub(" ", _CAPTION.sub(_as_figure, html))
    return html if _MARKED_UP.search(html) else _BLANK_LINE.sub("\n<br><br>\n", html)


def _as_figure(found: re.Match[str]) -> str:
    """WordPress's caption: a picture, then the words under it."""
    inside = found[1]
    picture = _PICTURE.match(inside)
    if picture is None:
        return inside
    words = inside[picture.end() :]
    return f"<figure>{picture[1]}<figcaption>{words}</figcaption></figure>"
