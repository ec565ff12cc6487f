"""The prose of a page by trafilatura: by its own rules, and by its rivals where those may know better.

trafilatura asks two other extractors about every page, which is half of its time, and takes their
answer where its own is short, a piece of a much longer text, or not clean. So its own rules go first
here, and all of it follows where one of these may be so: on one page in ten. Elements that are never
prose are taken out by selectolax, in a tenth of the time that trafilatura's own steps take to pass them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

import trafilatura
from selectolax.lexbor import LexborHTMLParser

from digest.sources import html_text

#: What other sites' posts and readers' words stand in.
_FOREIGN = (
    "blockquote[class*='twitter-'], blockquote[class*='instagram-media'], blockquote[class*='tiktok-embed'], "
    "blockquote[class*='bluesky-embed'], blockquote[class*='mastodon-embed'], blockquote[class*='reddit-'], "
    "#comments, #disqus_thread, #respond, .comments, [class*='comments-area'], [class*='comment-list'], "
    "[class*='comments-list'], [class*='commentlist'], [class*='comments-section'], [class*='comment-section'], "
    "[class*='comment-widget'], [class*='comments-container'], [class*='comments-wrapper']"
)
#: Never prose, whatever stands in them.
_MUTE = ("script", "style", "svg", "iframe", "canvas", "object", "embed", "link")
#: What trafilatura's own rules drop as well, and its rivals look at.
_DROPPED = (
    *("head", "nav", "aside", "footer", "menu", "noscript", "button", "label", "input", "select"),
    *("textarea", "fieldset", "datalist", "picture", "source", "audio", "video", "track", "map"),
    *("area", "time", "dialog", "frameset", "frame", "noindex", "progress", "rp", "rt"),
)
#: Left in an answer, these show that it is not clean.
_UNCLEAN = ("aside", "button", "fieldset", "figure", "footer", "label", "nav", "option", "time")
#: In characters: an answer shorter than this is always doubted, one longer than that by paragraphs alone.
_FEW, _MANY = 250, 1_000
#: The rivals' answer is taken where it has so many times the characters.
_MORE = 2
#: A paragraph of prose has so many characters.
_LONG = 80


class _Page(NamedTuple):
    """A page for trafilatura: its tree, all that it shows, and how many characters of that are prose."""

    tree: Any
    shown: str
    prose: int


def lines_of(page: LexborHTMLParser) -> list[str]:
    """The lines of the page's main text."""
    lean = _without(page, (*_MUTE, *_DROPPED))
    found = _extracted(lean, fast=True)
    if found is None or _is_doubtful(found, lean):
        found = _extracted(_without(page, _MUTE), fast=False) or found
    said = unicodedata.normalize("NFC", found.text or "") if found else ""
    return [line for raw in said.splitlines() if (line := html_text.one_line(raw))]


def _without(page: LexborHTMLParser, names: Sequence[str]) -> _Page:
    """The page without these elements and without what others wrote."""
    copy = page.clone()
    copy.strip_tags(list(names))
    for node in copy.css(_FOREIGN):
        if node.css_first("h1") is None:
            node.decompose()
    sizes = [len(node.text()) for node in copy.css("p")]
    shown = copy.body.text() if copy.body else ""
    prose = sum(size for size in sizes if size >= _LONG)
    return _Page(trafilatura.load_html(copy.html or ""), shown, prose)


def _extracted(page: _Page, *, fast: bool) -> Any:
    """trafilatura's own document, its text in lines; None where it has none. fast: without its rivals."""
    if page.tree is None:
        return None
    return trafilatura.bare_extraction(
        page.tree,
        fast=fast,
        favor_precision=True,
        include_comments=False,
        include_tables=True,
        deduplicate=False,
    )


def _is_doubtful(found: Any, page: _Page) -> bool:
    """True where trafilatura's rivals may know better."""
    size = len(found.text or "")
    if size < _FEW or next(found.body.iter(*_UNCLEAN), None) is not None:
        return True
    if found.body.find(".//p") is None:
        return True
    if len(" ".join(page.shown.split())) <= _MORE * size:
        return False
    return size < _MANY or page.prose > _MORE * size
