"""A real browser, without JavaScript, goes all the way of a reader in every language; and what axe says of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from digest.bootstrap import House
from digest.model import SubscriptionStatus
from digest.store import subscribers
from digest.store.engine import Database
from digest.web.speech import Speech, languages
from tests import left_out
from tests.browser import PATIENCE
from tests.houses import SCHEDULE, make_house
from tests.mail_checkers import fetch, pages
from tests.queue_of import arrived
from tests.web.people import later, put_draft, send
from tests.web.served import served
from tests.web.test_in_a_browser import browser, path_of
from tests.web.test_preferences import preferences_path
from tests.web.test_public import leave_path

__all__ = ["browser"]

pytestmark = pytest.mark.browser

READER = "alice@example.net"


@pytest.fixture(params=languages())
def speech(request: pytest.FixtureRequest) -> Speech:
    return Speech(request.param, "Europe/London")


@pytest.fixture
def house(sqlite: Database, tmp_path: Path, speech: Speech) -> Iterator[House]:
    """A newsletter in this language, served by a real server."""
    text = SCHEDULE.replace("[newsletter]", f'[newsletter]\nlanguage = "{speech.tag}"')
    text += 'section_order = ["Town", "Sport"]\n[variants]\nlanguages = ["de"]\nsections = true\n'
    with served(make_house(sqlite, tmp_path, schedule=text)) as made:
        put_draft(made)
        send(made)
        yield made


@dataclasses.dataclass
class Visit:
    """A page, and every host that it asked something of."""

    page: Page
    house: House
    speech: Speech
    hosts: set[str] = dataclasses.field(default_factory=set)

    def goes_to(self, path: object) -> None:
        self.page.goto(path_of(self.house, path))

    def presses(self, words: str) -> None:
        self.page.get_by_role("button", name=self.speech.gettext(words), exact=True).click()

    def reads(self, words: str) -> None:
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_have_text(self.speech.gettext(words))


@pytest.fixture
def visit(browser: Browser, house: House, speech: Speech) -> Iterator[Visit]:
    context = browser.new_context(java_script_enabled=False, base_url=house.public_url)
    context.set_default_timeout(PATIENCE)
    made = Visit(context.new_page(), house, speech)
    context.on("request", lambda request: made.hosts.add(urlsplit(request.url).netloc))
    yield made
    context.close()


def signed_up(visit: Visit) -> None:
    visit.goes_to("/")
    visit.page.locator("input[name=address]").fill(READER)
    later(visit.house, seconds=5)
    visit.presses("Subscribe")
    visit.reads("Look in your inbox")
    visit.goes_to(arrived(visit.house.database, "confirm").data["confirm_url"])
    visit.presses("Yes, subscribe me")
    visit.reads("You are subscribed")


def status(house: House) -> SubscriptionStatus | None:
    with house.database.read() as session:
        alice = subscribers.by_address(session, READER)
        assert alice is not None
        return subscribers.status(session, alice.id, "sunday")


def test_a_reader_signs_up_confirms_chooses_leaves_and_comes_back(visit: Visit) -> None:
    signed_up(visit)
    visit.goes_to(preferences_path(visit.house, READER))
    visit.page.locator("input[type=checkbox][value=Sport]").uncheck()
    visit.page.locator("input[value=big]").check()
    visit.page.locator("select[name=snooze]").select_option("2")
    visit.presses("Keep this")
    expect(visit.page.locator(".message.good")).to_be_visible()
    expect(visit.page.locator("input[type=checkbox][value=Sport]")).not_to_be_checked()
    assert arrived(visit.house.database, "changed").address == READER
    visit.goes_to(leave_path(visit.house, READER))
    visit.presses("Leave")
    visit.reads("You have left")
    assert status(visit.house) is SubscriptionStatus.UNSUBSCRIBED
    visit.presses("It was a slip: undo it")
    visit.reads("You are back")
    assert status(visit.house) is SubscriptionStatus.CONFIRMED
    visit.goes_to(leave_path(visit.house, READER))
    visit.presses("Leave")
    visit.page.locator("input[value=too-long]").check()
    visit.presses("Tell us")
    visit.reads("Thank you")
    assert visit.hosts == {urlsplit(visit.house.public_url).netloc}, "and nobody else was asked"


def axe() -> str:
    try:
        return pages.axe_source()
    except fetch.Missing as error:
        left_out.because(str(error))


@pytest.mark.parametrize("speech", ["en", "ar"], indirect=True)
def test_axe_finds_nothing_grave_on_any_page_of_a_reader_in_either_scheme(
    browser: Browser, house: House, speech: Speech, visit: Visit
) -> None:
    signed_up(visit)
    source = axe()
    context = browser.new_context(  # without motion: a colour that is still changing is none
        base_url=house.public_url, viewport={"width": 375, "height": 800}, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    found = {}
    for path in every_page(house):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, path
        found[path] = grave(page, source)
    for path, words in ((preferences_path, "Keep this"), (leave_path, "Leave")):
        page.goto(path(house, READER))
        page.get_by_role("button", name=speech.gettext(words), exact=True).click()
        found[f"after {words}"] = grave(page, source)
    context.close()
    assert {path: faults for path, faults in found.items() if faults} == {}


def every_page(house: House) -> list[str]:
    links = [preferences_path(house, READER), leave_path(house, READER)]
    return [
        "/",
        "/confirm/x",
        path_of(house, arrived(house.database, "confirm").data["confirm_url"]),
        *links,
        "/leave/sunday/x",
        "/preferences/sunday",
        "/preferences/sunday/x",
        "/move/x",
        "/archive/sunday",
        "/nowhere",
    ]


def grave(page: Page, source: str) -> list[str]:
    """What axe finds that is serious or critical, in light and in dark: the rule and its first place."""
    found = pages.grave_here(page, source)
    return [f"{scheme} {one}" for scheme, told in found.items() for one in told]
