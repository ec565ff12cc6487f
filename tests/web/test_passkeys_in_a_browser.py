"""Passkeys in a real browser, with Chromium's own virtual authenticator: added, logged in with, asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from digest.bootstrap import House
from digest.store import editors, events
from digest.store.engine import Database
from tests import browser
from tests.houses import make_house
from tests.web.people import later
from tests.web.served import served
from tests.web.test_readers_in_a_browser import axe, grave

pytestmark = pytest.mark.browser


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> Iterator[House]:
    """Served at localhost: browsers know passkeys for names only."""
    with served(make_house(sqlite, tmp_path), host="localhost") as made:
        yield made


@pytest.fixture
def page(house: House) -> Iterator[Page]:
    """Erin's browser, logged in; her device verifies her and keeps passkeys."""
    with house.database.write() as session:
        erin = editors.add(session, "erin@example.net", name="Erin", now=house.clock())
        secret, _ = editors.open_session(session, erin, now=house.clock())
    with sync_playwright() as play:
        chrome = browser.launched(play)
        context = chrome.new_context()
        context.set_default_timeout(browser.PATIENCE)
        context.add_cookies([{"name": "desk", "value": secret, "url": house.public_url}])
        made = context.new_page()
        device = context.new_cdp_session(made)
        device.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
        options |= {"hasUserVerification": True, "isUserVerified": True}
        device.send(
            "WebAuthn.addVirtualAuthenticator",
            {"options": options | {"automaticPresenceSimulation": True}},
        )
        yield made
        chrome.close()


def test_a_passkey_is_added_logs_in_and_proves_it_again(house: House, page: Page) -> None:
    page.goto(f"{house.public_url}/desk/me")
    page.get_by_label("What you call this device").fill("Erin’s laptop")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("Erin’s laptop").wait_for()

    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{house.public_url}/desk")

    later(house, minutes=16)
    page.goto(f"{house.public_url}/desk/house/editors")
    page.get_by_label("Email address").fill("frank@example.net")
    page.get_by_role("button", name="Invite").click()
    page.get_by_role("heading", name="Is it you?").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{house.public_url}/desk/house/editors")
    page.get_by_label("Email address").fill("frank@example.net")
    page.get_by_role("button", name="Invite").click()
    page.get_by_role("heading", name="frank@example.net").wait_for()

    with house.database.read() as session:
        acts = [one.action for one in events.each(session, events.Wanted())]
        assert editors.by_email(session, "frank@example.net") is not None
    assert acts == ["added a passkey", "logged out", "logged in", "logged in", "made editor"]


def test_a_device_that_holds_nothing_for_us_is_told_so_and_the_link_stays(
    house: House, page: Page
) -> None:
    page.context.clear_cookies()
    page.goto(f"{house.public_url}/desk/login")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("It was cancelled, or took too long.").wait_for()
    assert page.get_by_role("button", name="Send me a link").is_enabled()


def test_axe_finds_nothing_grave_and_nothing_sticks_out_on_a_small_screen(
    house: House, page: Page
) -> None:
    source = axe()
    page.set_viewport_size({"width": 320, "height": 800})
    page.emulate_media(reduced_motion="reduce")
    with house.database.write() as session:
        editors.add(
            session, f"{'long.' * 12}name@correspondents.gazette.example", now=house.clock()
        )
        data = {"checksum": "ab" * 32, "why": "a-word-that-nobody-breaks-" * 4}
        events.record(session, at=house.clock(), actor="editor:1", action="held", data=data)
    for path in ("me", "house/editors", "house/audit", "fresh?then=/desk/house/editors", "login"):
        page.goto(f"{house.public_url}/desk/{path}")
        assert grave(page, source) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    page.goto(f"{house.public_url}/desk/me")
    page.get_by_role("button", name="Set up an app").click()
    assert grave(page, source) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
