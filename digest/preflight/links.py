"""Where the mail leads and what it loads: every address, in attributes, styles and Outlook's comments."""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import lxml.etree
from lxml.html import HtmlElement

from digest.mail.slots import SLOTS
from digest.preflight.findings import Finding, Item, error, warning

#: Services that hide where a link leads; filters count it against the mail.
SHORTENERS = frozenset(
    {"bit.ly", "buff.ly", "cutt.ly", "dlvr.it", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "rb.gy"}
    | {"rebrand.ly", "shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "trib.al", "v.gd"}
)

_LOADED = "//@src | //@background | //@poster"
_STYLED = re.compile(r"url\(\s*['\"]?([^'\")]*)", re.IGNORECASE)
_IN_COMMENT = re.compile(r"\s(href|src|background)\s*=\s*[\"']([^\"']*)", re.IGNORECASE)
_IN_TEXT = re.compile(r"https?://[^\s<>\"“”]+", re.IGNORECASE)
_CLOSING = ".,;:!?)]}'’"
#: A text that reads as an address: what a reader believes to open.
_ADDRESS = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?:[/?#:]\S*)?", re.IGNORECASE)
_SOURCE = "Correct the address at its source, or in the template, and build again."


def check(page: HtmlElement, text: str, public_url: str) -> Iterator[Finding]:
    """The parsed HTML part and the text part. public_url: the server's own address."""
    links, loaded = _followed(page), _loaded(page)
    local = _is_local(public_url)
    if not (local or public_url.startswith("https:")):  # RFC 8058 §3.1
        yield error(
            "The link to leave is not https: Gmail and Yahoo show no button for it, and count that.",
            "Set DIGEST_PUBLIC_URL to an address with https.",
            item=Item.HEADER,
        )
    for url in sorted(links | loaded):
        yield from _judged(url, local)
    for url in sorted(loaded):
        if url.lower().startswith("http:"):
            yield error(f"A picture is not loaded by https: {_shown(url)}.", _SOURCE, url=url)
    yield from _disguised(page)
    yield from _unequal(page, links, text)


def outward(page: HtmlElement, public_url: str) -> frozenset[str]:
    """The web addresses of others that readers may follow, or whose pictures are loaded: those that can be asked for."""
    found = (url.strip() for url in _followed(page) | _loaded(page))
    return frozenset(
        url
        for url in found
        if url.lower().startswith(("http:", "https:"))
        and not (_is_local(url) or url.startswith(f"{public_url}/"))
    )


def unrouted(codes: Iterable[str]) -> Iterator[Finding]:
    """Links by way of us that belong to no story of the issue."""
    for code in sorted(codes):
        yield error(f"A link by way of this server leads nowhere: {code}.", _SOURCE)


def _followed(page: HtmlElement) -> set[str]:
    """What a reader may follow; the slots are filled later."""
    found = {
        str(a.get("href")).strip() for a in page.iter("a", "area") if a.get("href") is not None
    }
    every = found | set(_commented(page, "href"))
    return {link for link in every if not link.startswith(tuple(SLOTS.values()))}


def _loaded(page: HtmlElement) -> set[str]:
    """What a mail program loads by itself."""
    found = {str(img.get("src") or "").strip() for img in page.iter("img")}
    found |= {str(value).strip() for value in page.xpath(_LOADED) if value}
    styles = (*page.xpath("//@style"), *(style.text or "" for style in page.iter("style")))
    found |= {url.strip() for style in styles if "(" in style for url in _STYLED.findall(style)}
    return found | set(_commented(page, "src", "background"))


def _commented(page: HtmlElement, *names: str) -> Iterator[str]:
    """What stands in comments for Outlook."""
    for comment in page.iter(lxml.etree.Comment):
        for name, value in _IN_COMMENT.findall(comment.text or ""):
            if name.lower() in names:
                yield value.strip()


@functools.lru_cache(
    maxsize=2048
)  # a draft is looked over after each change, and its addresses stay
def _judged(url: str, local_too: bool) -> tuple[Finding, ...]:
    """One address. local_too: the server is on this computer itself, as when somebody tries it."""
    return tuple(_judge(url, local_too))


def _judge(url: str, local_too: bool) -> Iterator[Finding]:
    shown = _shown(url)
    scheme = urlsplit(url).scheme.lower() if _splits(url) else "?"
    if scheme not in ("http", "https", "mailto", ""):
        yield error(
            f"A link of the kind {scheme!r} may not be in a mail: {shown}.", _SOURCE, url=url
        )
    elif scheme == "":
        yield error(
            f"A link without a server leads nowhere from a mail: {shown}.", _SOURCE, url=url
        )
    elif scheme != "mailto" and _is_local(url):
        say = warning if local_too else error
        yield say(
            f"Only this computer can open {shown}.",
            "Set DIGEST_PUBLIC_URL to the address that readers know, or correct the story's.",
            url=url,
        )
    elif scheme != "mailto":
        yield from _host(url)


def _host(url: str) -> Iterator[Finding]:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    if host in SHORTENERS:
        yield warning(
            f"A link is shortened, and filters mistrust that: {_shown(url)}.",
            "Link to the page itself.",
            url=url,
        )
    elif _number(host) is not None:
        yield warning(
            f"A link leads to a number instead of a name: {_shown(url)}.",
            "Link to the name: filters take numbers for somebody who hides.",
            url=url,
        )


def _disguised(page: HtmlElement) -> Iterator[Finding]:
    """Links that say one address and open another."""
    for a in page.iter("a"):
        said = _ADDRESS.fullmatch(a.text_content().strip())
        if not said:
            continue
        url = str(a.get("href") or "")
        host = (urlsplit(url).hostname or "") if _splits(url) else ""
        if host and not _same_site(said[1].lower(), host):
            yield warning(
                f"A link says {said[1][:60]} and opens {host[:60]}, as forged mails do.",
                "Say in words where it leads.",
                url=url,
            )


def _same_site(said: str, host: str) -> bool:
    said, host = said.removeprefix("www."), host.removeprefix("www.")
    return said == host or host.endswith(f".{said}") or said.endswith(f".{host}")


def _unequal(page: HtmlElement, links: set[str], text: str) -> Iterator[Finding]:
    """What one part links and the other does not."""
    linked = {_plain(url) for url in links if url.lower().startswith(("http:", "https:"))}
    in_text = _addresses(text)
    missing = sorted(linked - in_text)
    if missing:
        yield warning(
            f"The text part does not have every link of the HTML part: {_some(missing)}.",
            "Add them to its template.",
            item=Item.TEXT,
        )
    more = sorted(in_text - linked - _addresses(page.text_content()))
    if more:
        yield warning(
            f"The HTML part does not have every link of the text part: {_some(more)}.",
            "Add them to its template.",
        )


def _addresses(text: str) -> set[str]:
    return {_plain(url) for url in _IN_TEXT.findall(text)}


def _plain(url: str) -> str:
    """Without the signs that end a sentence, which nobody can tell from those of an address."""
    return url.rstrip(_CLOSING)


def _some(urls: Iterable[str]) -> str:
    found = [_shown(url) for url in urls]
    return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")


def _shown(url: str) -> str:
    return f"“{url[:80]}”" if url else "(empty)"


def _splits(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_local(url: str) -> bool:
    """True for an address that means the reader's own computer or a network that is not public."""
    host = (urlsplit(url).hostname or "") if _splits(url) else ""
    number = _number(host)
    if number is not None:
        return not number.is_global
    return "." not in host or host.rsplit(".", 1)[1] in ("localhost", "local", "internal")
