"""The House in a real browser: nothing grave for axe in either scheme, and nothing sticks out at 320 pixels."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from digest.store import editors
from digest.store.engine import Database
from tests.browser import PATIENCE
from tests.houses import SCHEDULE
from tests.web.served import served
from tests.web.test_in_a_browser import browser
from tests.web.test_provider_pages import paced, rest
from tests.web.test_readers_in_a_browser import axe, grave
from tests.web.test_source_pages import fail, with_feed

__all__ = ["browser"]
pytestmark = pytest.mark.browser

LONG = "https://gazette.example/" + "a-very-long-part-of-an-address-" * 4


def test_axe_finds_nothing_grave_and_nothing_sticks_out_on_a_small_screen(
    browser: Browser, sqlite: Database, tmp_path: Path
) -> None:
    made = paced(with_feed(sqlite, tmp_path, LONG))
    fail(made, f"{LONG}: answered 404 Not Found")
    rest(made, why="535 5.7.8 " + "x" * 80)
    broken = SCHEDULE.replace("minimum_stories = 2", "minimum_stories = 0")
    (made.schedules_folder / "broken.toml").write_text(broken)
    with sqlite.write() as session:
        erin = editors.add(session, "e@example.net", name="Erin", role="admin", now=made.clock())
        secret, _ = editors.open_session(session, erin, now=made.clock())
    source = axe()
    with served(made) as house:
        context = browser.new_context(
            base_url=house.public_url,
            viewport={"width": 320, "height": 800},
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": "desk", "value": secret, "url": house.public_url}])
        page = context.new_page()
        for path in ("/desk/house", "/desk/house/sources", "/desk/house/providers"):
            page.goto(path)
            assert grave(page, source) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        context.close()
