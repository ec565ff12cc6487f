"""Whether two pages look alike: whole pages photographed by one Chromium, pictures replaced by plain ones."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests import browser

WIDTHS = (375, 680)
_SIDES = (300, 200)
#: Chromium draws the same rounded corner in one of a few ways, one grey level apart.
_TAKES = 3


class Camera:
    """Photographs pages of HTML at one width; nothing is loaded from anywhere."""

    def __init__(self, opened: Browser) -> None:
        self._pages = {width: self._page(opened, width) for width in WIDTHS}

    @staticmethod
    def _page(opened: Browser, width: int) -> Page:
        page = opened.new_page(viewport={"width": width, "height": 800})
        page.set_default_timeout(browser.PATIENCE)
        page.route("**/*", _placeholder)
        return page

    def alike(self, one: str, other: str, width: int) -> bool:
        """Whether two pages give the same pixels; a difference is looked at again, _TAKES times."""
        ones, others = set[bytes](), set[bytes]()
        for _ in range(_TAKES):
            ones.add(self.shot(one, width))
            others.add(self.shot(other, width))
            if ones & others:
                return True
        return False

    def shot(self, html: str, width: int) -> bytes:
        """The whole page as PNG: the same pixels give the same bytes."""
        page = self._pages[width]
        page.set_viewport_size({"width": width, "height": 800})
        page.set_content(html, wait_until="load")
        high = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": high})
        return page.screenshot(animations="disabled")


@contextmanager
def camera() -> Iterator[Camera]:
    with sync_playwright() as play:
        opened = browser.launched(play)
        yield Camera(opened)
        opened.close()


def _placeholder(route: Route) -> None:
    """A picture in a colour of its own for each address; everything else is not there."""
    request = route.request
    if request.resource_type == "image" or request.url.startswith("data:"):
        route.fulfill(body=_picture(request.url), content_type="image/png")
    else:
        route.abort()


def _picture(address: str) -> bytes:
    """A PNG of one colour and _SIDES pixels (RFC 2083)."""
    colour = hashlib.sha256(address.encode()).digest()[:3]
    wide, high = _SIDES
    rows = zlib.compress((b"\0" + colour * wide) * high)
    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
