"""A real browser without JavaScript takes a file of readers over at the desk, finds one and unsubscribes them; and axe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from digest.bootstrap import House
from digest.store.engine import Database
from tests import left_out
from tests.browser import PATIENCE
from tests.houses import SCHEDULE, make_house
from tests.mail_checkers import fetch, pages
from tests.web.people import later, seated
from tests.web.served import served
from tests.web.test_finding import SEGMENTS
from tests.web.test_in_a_browser import browser
from tests.web.test_public import ALICE, add

__all__ = ["browser"]

pytestmark = pytest.mark.browser

LIST = "email,name,status\nbob@r.example,Bob Quay,subscribed\nno address,,subscribed\n"


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> Iterator[House]:
    with served(make_house(sqlite, tmp_path, schedule=SCHEDULE + SEGMENTS)) as made:
        add(made, ALICE, confirmed=True)
        yield made


def opened(browser: Browser, house: House, *, script: bool) -> Page:
    """A page of an admin's browser on a phone; without motion: a colour that is still changing is none."""
    context = browser.new_context(
        base_url=house.public_url,
        java_script_enabled=script,
        viewport={"width": 375, "height": 800},
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    secret = seated(house).cookies["desk"]
    context.add_cookies([{"name": "desk", "value": secret, "url": house.public_url}])
    return context.new_page()


def test_a_file_is_taken_over_its_reader_found_and_unsubscribed(
    browser: Browser, house: House, tmp_path: Path
) -> None:
    page = opened(browser, house, script=False)
    (tmp_path / "list.csv").write_text(LIST)
    page.goto("/desk/house/imports")
    page.get_by_label("An export of Mailchimp").set_input_files(tmp_path / "list.csv")
    page.get_by_role("button", name="Look at it").click()
    until(page, "What would become of 2 rows")
    page.get_by_label("We hold these readers’ consent").check()
    page.get_by_role("button", name="Take them over").click()
    until(page, "What came of 2 rows")
    page.get_by_role("link", name="Readers", exact=True).first.click()
    page.get_by_label("Address, name, or a part of either").fill("quay")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="bob@r.example").click()
    later(house, minutes=1)
    page.get_by_text("They asked to leave").click()
    page.get_by_label("They asked for it").check()
    page.get_by_role("button", name="Unsubscribe them").click()
    expect(page.get_by_text("Left on request, at the desk")).to_be_visible()
    page.context.close()


def until(page: Page, words: str) -> None:
    """Press the link that looks again until the page says this."""
    said = page.get_by_role("heading", name=words)
    again = page.get_by_role("link", name="Look again")
    expect(said.or_(again)).to_be_visible()
    while not said.is_visible():
        again.click()
        expect(said.or_(again)).to_be_visible()


def test_axe_finds_nothing_grave_on_the_pages_about_readers(
    browser: Browser, house: House, tmp_path: Path
) -> None:
    try:
        axe = pages.axe_source()
    except fetch.Missing as error:
        left_out.because(str(error))
    page = opened(browser, house, script=True)
    (tmp_path / "list.csv").write_text(LIST)
    page.goto("/desk/house/imports")
    page.get_by_label("An export of Mailchimp").set_input_files(tmp_path / "list.csv")
    page.get_by_role("button", name="Look at it").click()
    found = {}
    expect(page.get_by_role("heading", name="What would become of 2 rows")).to_be_visible()
    found["dry run"] = pages.grave_here(page, axe)
    page.get_by_label("We hold these readers’ consent").check()
    page.get_by_role("button", name="Take them over").click()
    expect(page.get_by_role("heading", name="What came of 2 rows")).to_be_visible()
    for path in (
        "/desk/readers",
        "/desk/readers/search",
        "/desk/readers/1",
        "/desk/readers/1/erase",
        "/desk/house/imports",
        "/desk/house/imports/1",
        "/desk/house/suppressions",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, path
        found[path] = pages.grave_here(page, axe)
    page.context.close()
    assert {path: faults for path, faults in found.items() if any(faults.values())} == {}
