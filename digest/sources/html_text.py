"""Foreign HTML made harmless, its links made whole, and its words taken out of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import nh3

SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_LINKS = frozenset({"href", "src", "cite", "longdesc", "action", "poster", "data", "background"})
_BLOCK_NAMES = """p div section article aside header footer main nav ul ol li dl dt dd table thead tbody tr
    blockquote pre h1 h2 h3 h4 h5 h6 figure figcaption hr address form center details summary
    caption hgroup"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_SILENT = frozenset({"rt", "rp", "nav", "button", "svg", "template"})
_CAPTIONS = frozenset({"figcaption"})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_INVISIBLE = re.compile(r"[\u200b\u2060\ufeff\u00ad]")
_TAG = re.compile(r"<[a-zA-Z/!]|&[#\w]+;")


@dataclass(slots=True)
class Words:
    """What an HTML text says: its paragraphs in order, captions apart, and its first picture."""

    paragraphs: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    image: str | None = None
    image_alt: str = ""

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


def web_address(link: object, base: str | None = None) -> str | None:
    """The whole http(s) address of a link, or None where it is none (`javascript:`, `data:` …)."""
    if not isinstance(link, str) or not link.strip():
        return None
    try:
        whole = urljoin(base or "", _INVISIBLE.sub("", _CONTROL.sub("", link)).strip())
        parts = urlsplit(whole)
        allowed = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return whole.replace(" ", "%20") if allowed else None


def link_as_given(link: object, base: str | None = None) -> str | None:
    """`web_address`; where nobody knows a base, a relative link as it stands."""
    found = web_address(link, base)
    if found or not isinstance(link, str) or base:
        return found
    bare = one_line(link)
    relative = bool(bare) and not re.match(r"[^/?#]*:", bare) and not bare.startswith("//")
    return bare if relative else None


def clean(html: str, base: str | None = None) -> str:
    """HTML that may be shown: nothing that acts, and no relative link where `base` is known."""
    return nh3.clean(_CONTROL.sub("", html), attribute_filter=_link_filter(base), link_rel=None)


def words_of(html: str, base: str | None = None) -> Words:
    """The paragraphs, captions and first picture of an HTML text."""
    reader = _Reader()
    reader.feed(clean(html, base))
    reader.close()
    reader.end_block()
    return reader.found


def plain(text: object) -> str:
    """One line of plain text from a title or name that may hold tags and entities."""
    if not isinstance(text, str):
        return ""
    if _TAG.search(text):
        text = unescape(nh3.clean(text, tags=set()))
    return one_line(text)


def one_line(text: str) -> str:
    """Without controls and invisible signs, runs of white space as one space."""
    return " ".join(_INVISIBLE.sub("", _CONTROL.sub("", text)).split())


def from_plain(text: str) -> str:
    """Plain text as HTML, paragraphs kept."""
    parts = [part for part in re.split(r"\n\s*\n", text) if part.strip()]
    return "".join(f"<p>{escape(part.strip())}</p>" for part in parts)


def _link_filter(base: str | None) -> Callable[[str, str, str], str | None]:
    def judge(tag: str, name: str, value: str) -> str | None:
        if name not in _LINKS:
            return value
        try:
            whole = urljoin(base or "", value.strip())
            scheme = urlsplit(whole).scheme.lower()
        except ValueError:
            return None
        return whole if scheme in SCHEMES or not scheme else None

    return judge


class _Reader(HTMLParser):
    """Reads what `clean` wrote: harmless, closed tags, so events are enough."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Words()
        self._pieces: list[str] = []
        self._silent = self._caption = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self._see(dict(attrs))
        elif tag == "br":
            self._pieces.append("\n")
        if tag in _BLOCKS:
            self.end_block()
        self._silent += tag in _SILENT
        self._caption += tag in _CAPTIONS

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._pieces.append(" ")
        if tag in _BLOCKS:
            self.end_block()
        self._silent -= tag in _SILENT
        self._caption -= tag in _CAPTIONS

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._pieces.append(re.sub(r"\s+", " ", data))

    def end_block(self) -> None:
        """The paragraphs gathered so far; two line breaks in a row part them too."""
        gathered, self._pieces = "".join(self._pieces), []
        target = self.found.captions if self._caption > 0 else self.found.paragraphs
        for part in re.split(r"\n\s*\n", gathered):
            line = one_line(part)
            if line:
                target.append(line)

    def _see(self, attributes: dict[str, str | None]) -> None:
        address = web_address(attributes.get("src"))
        tiny = attributes.get("width") in ("0", "1") or attributes.get("height") in ("0", "1")
        if address and not tiny and self.found.image is None:
            self.found.image, self.found.image_alt = address, plain(attributes.get("alt") or "")
