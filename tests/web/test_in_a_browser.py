"""A real browser without JavaScript walks through the house, by mouse, at phone width, in the dark."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from digest.audience.addresses import parse
from digest.audience.tokens import leave_token
from digest.bootstrap import House
from digest.model import IssueStatus
from digest.store import issues, subscribers
from digest.store.engine import Database
from digest.web import sessions
from tests.browser import PATIENCE, launched
from tests.houses import make_house
from tests.queue_of import arrived
from tests.web.people import (
    PERIOD,
    content_of,
    later,
    put_draft,
    rendered_of,
    send,
    set_clock,
    the_issue,
)
from tests.web.served import served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = launched(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> Iterator[House]:
    with served(make_house(sqlite, tmp_path)) as made:
        yield made


@pytest.fixture
def page(browser: Browser, house: House) -> Iterator[Page]:
    """A page whose browser runs no script; anything that it complains of fails the test."""
    context = browser.new_context(java_script_enabled=False, base_url=house.public_url)
    context.set_default_timeout(PATIENCE)
    shown = context.new_page()
    complaints: list[str] = []
    shown.on("console", lambda message: complaints.append(message.text))
    yield shown
    context.close()
    assert [one for one in complaints if "Failed to load resource" not in one] == []


def path_of(house: House, url: object) -> str:
    return str(url).removeprefix(house.public_url)


def set_up_desk(house: House, page: Page) -> None:
    link = sessions.setup_link(house, house.clock())
    page.goto(path_of(house, link))
    page.get_by_label("Your email address").fill("erin@example.net")
    page.get_by_label("Your name").fill("Erin")
    page.get_by_role("button", name="Open the desk").click()
    expect(page).to_have_title("The desk")


def test_a_reader_signs_up_confirms_and_leaves(house: House, page: Page) -> None:
    page.goto("/")
    page.get_by_label("Your email address").fill("alice@example.net")
    later(house, seconds=5)
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look in your inbox")

    page.goto(path_of(house, arrived(house.database, "confirm").data["confirm_url"]))
    page.get_by_role("button", name="Yes, subscribe me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are subscribed")

    with house.database.read() as session:
        alice = subscribers.by_address(session, parse("alice@example.net").key)
        assert alice is not None
        assert str(subscribers.status(session, alice.id, "sunday")) == "confirmed"
    page.goto(f"/leave/sunday/{leave_token(house.key, 'sunday', alice.handle)}")
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have left")
    with house.database.read() as session:
        assert str(subscribers.status(session, alice.id, "sunday")) == "unsubscribed"


def test_a_slip_of_the_pen_is_told_beside_the_field(house: House, page: Page) -> None:
    page.goto("/n/sunday")
    page.get_by_label("Your email address").fill("alice@example")
    later(house, seconds=5)
    page.get_by_role("button", name="Subscribe").click()
    field = page.get_by_label("Your email address")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("alice@example")
    expect(field).to_have_accessible_description(
        "This is no complete email address. It looks like name@example.org."
    )


def test_an_editor_sets_up_previews_and_approves(house: House, page: Page) -> None:
    set_up_desk(house, page)
    put_draft(house)
    page.goto("/desk")
    if page.title() != "The desk":
        log_in(house, page)
    page.get_by_role("link", name="The quay is approved").click()
    expect(page.get_by_text("Waits for approval until Sunday 29 November, 07:30")).to_be_visible()
    page.get_by_text("Why is this here?").first.click()
    expect(page.get_by_text("41 comments").first).to_be_visible()

    mail = page.frame_locator("#preview-light")
    expect(mail.get_by_role("heading", name="The ferry strike ends")).to_be_visible()
    page.get_by_label("Phone").check()
    box = page.locator("#preview-light").bounding_box()
    assert box is not None
    assert box["width"] == 375

    page.get_by_label("A note for the record").fill("Good week")
    page.get_by_role("button", name="Approve this issue").click()
    expect(page.get_by_text("Approved by Erin")).to_be_visible()
    assert the_issue(house).status is IssueStatus.APPROVED


def log_in(house: House, page: Page) -> None:
    page.goto("/desk/login")
    page.get_by_label("Your email address").fill("erin@example.net")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look in your inbox")
    page.goto(path_of(house, arrived(house.database, "login").data["login_url"]))
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_title("The desk")


def test_an_editor_logs_out_and_in_again(house: House, page: Page) -> None:
    set_up_desk(house, page)
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_title("Log in")
    page.goto("/desk")
    expect(page).to_have_title("Log in")
    log_in(house, page)


def test_a_hostile_mail_stays_in_its_box(house: House, browser: Browser) -> None:
    issue = put_draft(house)
    content = content_of(issue.moments)
    attack = "<script>parent.document.title = 'pwned'; fetch('/desk')</script><img src=x onerror=\"top.location='/n/sunday'\"><form action=/desk/logout method=post><input type=submit></form><iframe src=/desk></iframe><meta http-equiv=refresh content='0;url=/desk'>"
    mail = dataclasses.replace(rendered_of(house, content), html=attack, checksum="a" * 64)
    with house.database.write() as session:
        issues.save_draft(session, issue.id, content, mail, now=house.clock())
    context = browser.new_context(base_url=house.public_url)  # with JavaScript: it must not matter
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    set_up_desk(house, page)
    asked: list[str] = []
    page.goto(f"/desk/sunday/{PERIOD}")
    page.on("request", lambda request: asked.append(path_of(house, request.url)))
    page.reload(wait_until="networkidle")
    assert page.title().startswith("29 November 2026")
    assert page.url.endswith(f"/desk/sunday/{PERIOD}")
    assert not [path for path in asked if path in ("/desk", "/n/sunday", "/desk/logout")]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_narrow_telephone_and_names_its_fields(
    house: House, browser: Browser, scheme: str
) -> None:
    context = browser.new_context(
        base_url=house.public_url,
        viewport={"width": 320, "height": 640},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    set_clock(house, house.clock() + dt.timedelta(days=5, hours=12))
    put_draft(house)
    set_up_desk(house, page)
    paths = ["/", "/confirm/x", "/leave/sunday/x", "/nowhere", "/desk", "/desk/readers"]
    paths += [f"/desk/sunday/{PERIOD}", "/desk/setup/x", "/desk/login", "/archive/sunday"]
    for path in paths:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert page.get_by_role("main").count() == 1, path
        assert page.locator("h1").count() == 1, path
        unnamed = page.evaluate(
            "[...document.querySelectorAll('input:not([type=hidden]), button, iframe')]"
            ".filter(e => !(e.labels?.length || e.textContent.trim() || e.title)).length"
        )
        assert unnamed == 0, path
        assert poor_contrast(page) == [], path
    send(house)
    page.goto(f"/archive/sunday/{PERIOD}")
    expect(page.get_by_role("heading", name="The ferry strike ends")).to_be_visible()
    context.close()


def poor_contrast(page: Page) -> list[str]:
    """Texts with less than 4.5 : 1 on what is behind them (WCAG 2.2, §1.4.3)."""
    found: list[str] = page.evaluate(
        """() => {
          const numbers = c => c.match(/[\\d.]+/g).map(Number);
          const light = c => { const [r, g, b] = c.slice(0, 3).map(v => v / 255)
            .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b; };
          const behind = e => { for (; e; e = e.parentElement) {
            const c = numbers(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }
            return [255, 255, 255]; };
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const poor = [];
          while (walker.nextNode()) {
            const text = walker.currentNode.data.trim(), e = walker.currentNode.parentElement;
            if (!text || e.closest('.honey, .skip-link')) continue;
            const [a, b] = [light(numbers(getComputedStyle(e).color)), light(behind(e))];
            const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
            if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${text}`);
          }
          return poor; }"""
    )
    return found
