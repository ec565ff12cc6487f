"""The prose of a page: trafilatura finds it, what else the page shows of it is added, what is none of it leaves.

trafilatura's precision mode is the best of thirteen extractors measured on pages of some forty
countries; what it leaves out (the standfirst) and lets in (embeds, links to other articles, captions)
is alike on all sites.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from digest import words
from digest.model import Caption
from digest.sources import edges, furniture, html_text, linked_data, markup, prose
from digest.sources.markup import Markup

#: Fewer characters are no article: the other ways are tried.
_LEAST = 200
#: Elements that an article's second sentence under its headline stands in.
_STANDFIRST = re.compile(
    r"(?:^|[-_\s])(?:stand-?first|dek|sub-?head(?:line|ing)?|sub-?title|post-excerpt|entry-summary|article-excerpt|chapo|perex"
    r"|ingress|entradilla|vorspann|sottotitolo|preamble|manchet\w*|sumario|bajada)(?:$|[-_\s])|__excerpt|-excerpt\b",
    re.IGNORECASE,
)
#: A paragraph of so many words is prose; less than this part of an article's prose is a piece of it.
_PROSE, _PART = 12, 0.55
#: So many words of prose in an article's own element are the article.
_ARTICLE = 120
_LINES = "p, h2, h3, blockquote > span"
#: A block of which so much is links names other articles.
_LINKED = 0.7
#: A picture's credit and the signs in a caption, beside its words, are no more than so many characters.
_CREDIT = 200
#: A standfirst's length in characters, and among how many blocks after the headline it stands.
_SHORTEST, _LONGEST, _BLOCKS = 25, 700, 14


def body_of(
    page: Markup, *, headline: LexborNode | None, title: str, authors: Sequence[str] = ()
) -> tuple[list[str], list[Caption]]:
    """The paragraphs without furniture, and the captions of the page's figures."""
    shown = _captions(page)
    texts = {_fold(caption.text): caption for caption in shown}
    longest = max(map(len, texts), default=-_CREDIT) + _CREDIT
    kept: list[str] = []
    for paragraph in _paragraphs(page):
        if len(paragraph) <= longest and (
            _fold(paragraph) in texts or _fold(furniture.credited(paragraph).text) in texts
        ):
            continue
        kept.append(paragraph)
    paragraphs, captions = furniture.clean(kept, title)
    paragraphs = edges.trimmed(paragraphs, title=title, authors=authors)
    paragraphs = _with_standfirst(paragraphs, page, headline)
    known = {caption.text for caption in captions}
    return paragraphs, [*captions, *(one for one in shown if one.text not in known)]


def _paragraphs(page: Markup) -> list[str]:
    """The body by trafilatura; where it finds nothing, JSON-LD's own text, or the article's paragraphs."""
    paragraphs = prose.lines_of(page.page)
    if sum(map(len, paragraphs)) >= _LEAST:
        return _whole([paragraph.removeprefix("- ") for paragraph in paragraphs], page)
    said = linked_data.text(page.data.get("articleBody"))
    nodes = page.page.css("article p") or page.page.css("main p")
    loose = [html_text.one_line(node.text()) for node in nodes[:500]]
    loose = [line for line in loose if words.count(line) > 5]
    ways = (paragraphs, [said] if said else [], loose)
    return max(ways, key=lambda way: sum(map(len, way)))


def _whole(paragraphs: list[str], page: Markup) -> list[str]:
    """All of an article that is cut into several blocks, where trafilatura took one of them for the whole.

    Also where it took a list of other articles for it, and the article's own element has the prose.
    """
    size, had = sum(map(len, paragraphs)), sum(map(words.count, paragraphs))
    for selector in ("article", "main"):
        holders = page.page.css(selector)[:3]
        if len(holders) != 1:
            continue
        if sum(len(node.text()) for node in holders[0].css(_LINES)) <= size:
            continue
        blocks = list(_blocks(holders[0], page))
        has = sum(count for count in map(words.count, blocks) if count >= _PROSE)
        if has <= had:
            continue
        known = {_fold(paragraph) for paragraph in paragraphs}
        shared = len(known & {_fold(text) for text in blocks})
        is_piece = shared * 2 > len(known) and has * _PART > had
        if is_piece or (shared * 5 < len(known) and has > _ARTICLE):
            return [text for text in blocks if words.count(text) > 2]
    return paragraphs


def _blocks(holder: LexborNode, page: Markup) -> Iterator[str]:
    for node in holder.css(_LINES)[:1000]:
        text = markup.text_of(node)
        if text and not _is_linked(node, text) and not page.is_aside(node):
            yield text


def _is_linked(node: LexborNode, text: str) -> bool:
    """True for what is a link, or inside of one."""
    links = node.css("a")
    if links and sum(len(markup.text_of(link)) for link in links) >= _LINKED * len(text):
        return True
    up = node.parent
    for _ in range(4):
        if up is None or up.tag == "a":
            break
        up = up.parent
    return up is not None and up.tag == "a"


def _captions(page: Markup) -> list[Caption]:
    """Captions in the article's own figures."""
    found: dict[str, Caption] = {}
    for node in page.page.css("figcaption, [class*=caption]")[:60]:
        line = markup.text_of(node)
        if 3 < len(line) < 600 and len(node.css("p")) < 3:
            caption = furniture.caption_of(line) or furniture.credited(line)
            found.setdefault(_fold(caption.text), caption)
    return [caption for fold, caption in found.items() if fold]


def _with_standfirst(paragraphs: list[str], page: Markup, headline: LexborNode | None) -> list[str]:
    """With the sentence that stands between headline and prose, where trafilatura passed it over."""
    standfirst = _standfirst(page, headline) if headline is not None and paragraphs else ""
    fold = _fold(standfirst)
    if not fold or fold in _fold(" ".join(paragraphs)):
        return paragraphs
    return [standfirst, *paragraphs]


def _standfirst(page: Markup, headline: LexborNode | None) -> str:
    """A short block after the headline that the head gives as the description, or that is named so."""
    said = list(_descriptions(page))
    for node in markup.blocks_after(headline, _BLOCKS) if headline is not None else ():
        text = markup.text_of(node)
        if not _SHORTEST < len(text) < _LONGEST or page.is_aside(node):
            continue
        fold = _fold(text)
        name = node.attributes.get("class") or ""
        own = name + " " + ((node.parent.attributes.get("class") or "") if node.parent else "")
        if any(_is_same(fold, one) for one in said) or _STANDFIRST.search(own):
            return text
    return ""


def _descriptions(page: Markup) -> Iterator[str]:
    metas = (page.meta(name) for name in ("og:description", "description", "twitter:description"))
    linked = (
        linked_data.text(page.data.get(key)) for key in ("description", "alternativeHeadline")
    )
    for one in (*metas, *linked):
        if len(one) > _SHORTEST:
            yield _fold(one.rstrip("….["))


def _is_same(fold: str, said: str) -> bool:
    """The same words, or all that a description's cut end leaves of them."""
    if fold == said:
        return True
    return (len(said) > 60 and fold.startswith(said[:-10])) or (
        len(fold) > 60 and said.startswith(fold)
    )


def _fold(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
