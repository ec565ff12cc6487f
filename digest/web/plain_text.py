"""Plain text of an article that came as HTML: paragraphs, and nothing that could do anything."""

from __future__ import annotations

import html
import re

import nh3

#: Elements that end a paragraph; all others are only words in it.
_BLOCKS = frozenset(
    {
        "p",
        "div",
        "section",
        "article",
        "blockquote",
        "ul",
        "ol",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "pre",
        "table",
        "tr",
        "td",
        "th",
        "dl",
        "dt",
        "dd",
    }
)
_DROPPED = frozenset(
    {"script", "style", "noscript", "template", "iframe", "object", "figure", "figcaption", "form"}
)


def plain_text(markup: str) -> str:
    """Plain text of an article's HTML: paragraphs apart by a blank line, no captions, no scripts."""
    clean = nh3.clean(
        markup, tags=set(_BLOCKS | {"br"}), attributes={}, clean_content_tags=set(_DROPPED)
    )
    lines = re.sub(r"\s+", " ", clean)
    broken = re.sub(r"</?(?!br)[a-z0-9]+>", "\n\n", re.sub(r"<br>", "\n", lines))
    return paragraphs(html.unescape(broken))


def paragraphs(text: str) -> str:
    """Control characters out, white space folded, one blank line between paragraphs."""
    plain = "".join(c if c.isprintable() or c in "\n" else " " for c in text.replace("\r\n", "\n"))
    found = (" ".join(part.split()) for part in re.split(r"\n\s*\n", plain))
    return "\n\n".join(part for part in found if part)
