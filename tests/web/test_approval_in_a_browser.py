"""From the reminder in an inbox to the approval, in a real browser; and the countdown, by a clock that the test moves."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Browser, expect

from digest.bootstrap import House
from digest.model import IssueStatus
from digest.reconcile import reconcile
from digest.store import editors
from tests.browser import PATIENCE
from tests.queue_of import arrived
from tests.web.people import PERIOD, put_draft, seated, set_clock, the_issue
from tests.web.test_in_a_browser import browser, house, path_of

__all__ = ["browser", "house"]
pytestmark = pytest.mark.browser


def test_the_reminders_second_link_leads_by_the_login_to_the_approval(
    house: House, browser: Browser
) -> None:
    issue = put_draft(house)
    with house.database.write() as session:
        editors.add(session, "erin@example.net", name="Erin", role="publisher", now=house.clock())
    set_clock(house, issue.moments.remind_at)
    reconcile(house, now=house.clock())
    link = arrived(house.database, "reminder").data["approve_url"]
    context = browser.new_context(base_url=house.public_url, java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(path_of(house, link))
    page.get_by_label("Your email address").fill("erin@example.net")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look in your inbox")
    page.goto(path_of(house, arrived(house.database, "login").data["login_url"]))
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Approve the issue of 29 November 2026?"
    )
    mail = page.frame_locator("iframe")
    expect(mail.get_by_role("heading", name="The ferry strike ends")).to_be_visible()
    page.get_by_role("button", name="Approve exactly this draft").click()
    expect(page.get_by_text("Approved by Erin")).to_be_visible()
    assert the_issue(house).status is IssueStatus.APPROVED
    context.close()


def test_the_countdown_goes_on_by_the_servers_clock(house: House, browser: Browser) -> None:
    issue = put_draft(house)
    set_clock(house, issue.moments.deadline_at - dt.timedelta(minutes=61, seconds=30))
    cookie = str(seated(house, "publisher").cookies["desk"])
    context = browser.new_context(base_url=house.public_url)
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": "desk", "value": cookie, "url": house.public_url}])
    page = context.new_page()
    page.clock.install()  # an editor's clock that is years off counts just as well
    page.goto(f"/desk/sunday/{PERIOD}")
    left = page.locator(".countdown time")
    expect(left).to_have_text("1 hour 1 minute")
    for seconds, words in ((60, "1 hour"), (52 * 60, "8 minutes 30 seconds"), (10 * 60, "no time")):
        page.clock.fast_forward(seconds * 1000)
        page.clock.run_for(1000)
        expect(left).to_contain_text(words.partition(" 30")[0])
    context.close()
