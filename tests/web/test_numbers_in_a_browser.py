"""The numbers in a real browser: the policy lets the charts be, axe finds nothing, a telephone is wide enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from digest.clicks import Kind
from digest.store import editors
from digest.store.engine import Database
from tests.browser import PATIENCE
from tests.houses import make_house
from tests.past_issues import period_of, put_sent
from tests.sample_issue import content
from tests.web.served import served
from tests.web.test_clicks import COUNTED
from tests.web.test_in_a_browser import browser
from tests.web.test_numbers import LATER, set_clock
from tests.web.test_readers_in_a_browser import axe, grave

__all__ = ["browser"]
pytestmark = pytest.mark.browser


def test_axe_finds_nothing_in_numbers_and_320_pixels_are_enough(
    browser: Browser, sqlite: Database, tmp_path: Path
) -> None:
    made = make_house(sqlite, tmp_path, schedule=COUNTED)
    week = content(period=period_of(0))
    put_sent(made, 0, week, {story.article_id: {Kind.HUMAN: 9} for story in week.stories})
    set_clock(made, LATER)
    with served(made) as house:
        with house.database.write() as session:
            seat = editors.add(
                session, "erin@example.net", name="Erin", role="viewer", now=house.clock()
            )
            secret, _ = editors.open_session(session, seat, now=house.clock())
        context = browser.new_context(base_url=house.public_url, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": "desk", "value": secret, "url": house.public_url}])
        page, source = context.new_page(), axe()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        for path in ("/desk/sunday/numbers", f"/desk/sunday/{period_of(0)}"):
            page.set_viewport_size({"width": 320, "height": 800})
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
            bar = page.locator("svg.chart rect.bar").first
            assert bar.evaluate("one => getComputedStyle(one).fill") != "rgb(0, 0, 0)", (
                "without its sheet it is black"
            )
            assert grave(page, source) == [], path
        context.close()
    assert [one for one in complaints if "Content Security Policy" in one] == []
