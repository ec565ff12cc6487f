"""At 320 pixels, and so at 400 % zoom, no page scrolls sideways and no words are covered; the test of it sees what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from digest.bootstrap import House
from digest.store.engine import Database
from tests.browser import PATIENCE
from tests.houses import make_house
from tests.web import reflow
from tests.web.people import PERIOD, put_draft, seated, send
from tests.web.served import served
from tests.web.test_in_a_browser import browser

__all__ = ["browser"]
pytestmark = pytest.mark.browser

ISSUE = f"/desk/sunday/{PERIOD}"


@pytest.fixture
def page(browser: Browser, sqlite: Database, tmp_path: Path) -> Iterator[Page]:
    with served(make_house(sqlite, tmp_path)) as house:
        put_draft(house)
        context = browser.new_context(base_url=house.public_url, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        client = seated(house, "publisher")
        cookie = {"name": "desk", "value": str(client.cookies["desk"]), "url": house.public_url}
        context.add_cookies([cookie])  # type: ignore[list-item]
        shown = context.new_page()
        shown.house = house  # type: ignore[attr-defined]
        yield shown
        context.close()


def house_of(page: Page) -> House:
    found: House = page.house  # type: ignore[attr-defined]
    return found


def test_every_page_is_whole_at_400_per_cent(page: Page) -> None:
    house, found = house_of(page), {}
    page.goto(ISSUE)
    approval = page.locator("[name=checksum]").input_value()
    paths = ["/", "/n/sunday", "/archive/sunday", "/desk", "/desk/readers", "/desk/login"]
    paths += [ISSUE, f"{ISSUE}/story/1", f"{ISSUE}/approval/{approval}", "/desk/upload", "/nowhere"]
    for path in paths:
        page.goto(path)
        found[path] = reflow.faults(page)
    send(house)
    for path in (ISSUE, f"/archive/sunday/{PERIOD}"):
        page.goto(path)
        found[f"{path}, sent"] = reflow.faults(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p style='width:400px'>wide", "the page is"),
        (
            "<p>words</p><div style='position:fixed;inset:0;background:#fff'>over",
            "covered: P “words”",
        ),
        (
            "<p style='width:50px;overflow:hidden;white-space:nowrap'>many words in a line",
            "cut off",
        ),
    ],
)
def test_what_is_too_wide_covered_or_cut_is_seen(browser: Browser, html: str, fault: str) -> None:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.set_content(f"<meta name=viewport content='width=device-width'><main>{html}")
    assert any(one.startswith(fault) for one in reflow.faults(page))
    page.close()
