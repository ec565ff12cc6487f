"""A page as parsed: its tree, its meta elements by name, its JSON-LD, and which parts are not the article's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.sources import html_text, linked_data
from digest.sources.linked_data import Node

#: Elements that hold other things than the page's article.
_ASIDE_TAGS = frozenset({"footer", "nav", "aside", "template", "noscript"})
#: Names of elements that do: readers' words, other articles, the frame of the site.
_ASIDE_NAME = re.compile(
    r"(?:^|\s)(?:(?:(?:user|reader|article|post|entry|disqus)[-_]?)?"
    r"(?:comment(?!ator|ary)|kommentar|related|recommend)|respond(?:-|_|\s|$)|side-?bar(?!-(?:grid|layout))|footer|widget(?:s|-|_)"
    r"|most-?(?:read|popular)|trending|popular-|more-(?:news|stories|articles|from)|outbrain|taboola|newsletter"
    r"|breadcrumb)",
    re.IGNORECASE,
)
#: Elements inside a line.
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "var",
    ]
)
_SILENT = frozenset(["script", "style", "noscript", "option", "button", "template", "rt", "rp"])
_BLOCKS = frozenset(
    [
        "p",
        "h2",
        "h3",
        "h4",
        "h5",
        "div",
        "section",
        "ul",
        "ol",
        "li",
        "header",
        "blockquote",
        "figure",
        "table",
        "article",
        "main",
    ]
)
_CLOSING = frozenset(",.;:!?)]»”’")
#: Two signs of scripts without spaces: kana, Chinese characters, their punctuation.
_UNSPACED = re.compile("[\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60]{2}")
#: The lines beside the headline: so many before it and after it; a paragraph this long is prose.
_BEFORE, _AFTER, _PROSE = 4, 16, 400
#: So many pieces of text before the headline are more than its lines have.
_TEXTS = 200
#: How far up an element's ancestors are asked.
_HEIGHT = 40


@dataclass(frozen=True, slots=True)
class Markup:
    """A parsed page with its meta elements by name (lower case) and its JSON-LD.

    data: the node of JSON-LD that describes the article; nodes: every node. asides: what is known of
    elements by their place in memory, since paragraphs share the way up.
    """

    page: LexborHTMLParser
    metas: dict[str, list[str]]
    data: Node
    nodes: tuple[Node, ...] = ()
    asides: dict[int, bool] = field(default_factory=dict, compare=False, repr=False)

    def meta(self, *names: str) -> str:
        """The first of these meta elements that says anything."""
        return next((value for name in names for value in self.metas.get(name, ())), "")

    def is_aside(self, node: LexborNode) -> bool:
        """True inside of comments, lists of other articles, side bars and the like."""
        passed: list[int] = []
        up: LexborNode | None = node
        verdict = False
        while up is not None and up.tag not in ("body", "html") and len(passed) < _HEIGHT:
            passed.append(up.mem_id)
            known = self.asides.get(up.mem_id)
            verdict = _is_set_aside(up) if known is None else known
            if verdict or known is not None:
                break
            up = up.parent
        self.asides.update(dict.fromkeys(passed, verdict))
        return verdict


def markup_of(page: LexborHTMLParser) -> Markup:
    """Read the head once. One element may carry several names (`dc:title og:title`)."""
    metas: dict[str, list[str]] = {}
    for node in page.css("meta[content]")[:400]:
        given = node.attributes
        told = [given.get(key) or "" for key in ("property", "name", "itemprop", "http-equiv")]
        value = html_text.plain(given.get("content") or "")[:5000]
        for name in _names(next((one for one in told if one.strip()), "")) if value else ():
            metas.setdefault(name, []).append(value)
    scripts = (node.text() for node in page.css('script[type*="ld+json"]')[:50])
    nodes = linked_data.nodes_of(scripts)
    return Markup(page, metas, linked_data.article_of(nodes), nodes)


def _is_set_aside(node: LexborNode) -> bool:
    """True for an element that by its tag or name holds other things than the article.

    Names tell of layouts too ("related-and-article"): what the main heading stands in is none.
    """
    if node.tag in _ASIDE_TAGS:
        return True
    given = node.attributes
    name, own = given.get("class"), given.get("id")
    named = (name and _ASIDE_NAME.search(name)) or (own and _ASIDE_NAME.search(own))
    return bool(named) and node.css_first("h1") is None


def lines_beside(headline: LexborNode) -> tuple[list[str], list[str]]:
    """The lines before the headline (nearest last) and after it, up to the first long paragraph."""
    before: list[str] = []
    after: list[str] = []
    for line, passed in _lines(headline):
        (after if passed else before).append(line)
        if passed and (len(after) > _AFTER or len(line) > _PROSE):
            break
    return before[-_BEFORE:], after


def _lines(headline: LexborNode) -> Iterator[tuple[str, bool]]:
    """Lines of text near the headline, one a block element, and whether each stands after it."""
    pieces: list[str] = []
    block, passed, end = 0, False, 0
    for node in chain(_texts_before(headline), _from(headline)):
        if node.mem_id == headline.mem_id:
            end = node.mem_id
        if node.tag != "-text" or _is_silent(node.parent):
            continue
        here = _block_of(node)
        if here != block and pieces:
            if line := html_text.one_line(joined(pieces)):
                yield line, passed
            pieces = []
            passed = passed or bool(end and here != end)
        block = here
        pieces.append(node.text() or "")
    if line := html_text.one_line(joined(pieces)):
        yield line, passed


def _from(node: LexborNode) -> Iterator[LexborNode]:
    """A node and all that follows, in the order of the document."""
    one: LexborNode | None = node
    while one is not None:
        yield one
        below = one.first_child
        while below is None and one is not None:
            below, one = one.next, one.parent
        one = below


def _texts_before(headline: LexborNode) -> list[LexborNode]:
    """Texts before the headline in the order of the document, enough for the lines that are asked for."""
    found: list[LexborNode] = []
    blocks: set[int] = set()
    one: LexborNode | None = headline
    while one is not None and len(blocks) <= _BEFORE + 1 and len(found) < _TEXTS:
        before = one.prev
        while before is not None and before.last_child is not None:
            before = before.last_child
        one = one.parent if before is None else before
        if (
            one is not None
            and one.tag == "-text"
            and not _is_silent(one.parent)
            and one.text().strip()
        ):
            found.append(one)
            blocks.add(_block_of(one))
    return found[::-1]


def _block_of(node: LexborNode) -> int:
    up = node.parent
    while up is not None and up.tag in _INLINE:
        up = up.parent
    return up.mem_id if up is not None else 0


def _is_silent(node: LexborNode | None) -> bool:
    return node is None or node.tag in _SILENT


def blocks_after(headline: LexborNode, most: int) -> Iterator[LexborNode]:
    """The innermost blocks after the headline that say anything, so many of them."""
    told = (
        node
        for node in islice(_from(headline), 1, None)
        if node.tag in _BLOCKS and not _has_blocks(node) and text_of(node)
    )
    yield from islice(told, most)


def _has_blocks(node: LexborNode) -> bool:
    return any(child.tag in _BLOCKS or _has_blocks(child) for child in node.iter())


def text_of(node: LexborNode) -> str:
    """An element's words on one line, without the reading aids of ruby."""
    return html_text.one_line(joined(_pieces(node)))


def joined(pieces: Iterable[str]) -> str:
    """Pieces of a line with spaces between them, but none ahead of a comma, and none in Chinese or Japanese."""
    text = ""
    for piece in filter(None, pieces):
        is_close = piece[0] in _CLOSING or _UNSPACED.fullmatch(text[-1:] + piece[0])
        text += piece if is_close else f" {piece}"
    return text


def _pieces(node: LexborNode) -> Iterator[str]:
    for one in node.traverse(include_text=True):
        if one.tag == "-text" and not _is_silent(one.parent):
            yield one.text() or ""


def _names(told: str) -> Iterator[str]:
    """A meta element's names; only such with a colon stand several in one."""
    whole = " ".join(told.lower().split())
    parts = whole.split()
    yield from parts if len(parts) > 1 and all(":" in part for part in parts) else (whole,)
