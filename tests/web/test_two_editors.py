"""Two editors at one issue, each in a browser, at once: a short run of `bench/two_editors.py`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from bench import two_editors
from bench.two_editors import Editor, Seen
from digest.store.engine import Database
from tests.web.served import served
from tests.web.test_in_a_browser import browser

__all__ = ["browser"]
pytestmark = pytest.mark.browser


def test_nothing_is_lost_and_both_see_the_same_in_the_end(
    sqlite: Database, tmp_path: Path, browser: Browser
) -> None:
    seen = Seen()
    with served(two_editors.a_house(tmp_path, sqlite, 8)) as house:
        both = []
        for number, name in enumerate(("Erin", "Frank")):
            page = browser.new_context(base_url=house.public_url).new_page()
            two_editors.seat(house, page, name)
            both.append(Editor(name, page, random.Random(number), seen))
        two_editors.at_once(both, seconds=120, acts=10, seed=3)
        assert two_editors.wrong(house, both, seen) == []
        for one in both:
            one.page.context.close()
    assert seen.done
