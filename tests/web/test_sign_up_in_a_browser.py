"""A real browser signs up with our script: on our own page, and by a form on somebody else's site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from digest.audience.addresses import parse
from digest.bootstrap import House
from digest.store import consents, subscribers
from digest.store.engine import Database
from digest.web import embed
from digest.web.speech import Speech
from tests import left_out
from tests.browser import PATIENCE, launched
from tests.houses import SCHEDULE, make_house
from tests.mail_checkers import fetch, pages
from tests.queue_of import arrived, notices_of
from tests.web.people import later
from tests.web.served import elsewhere, served
from tests.web.solving import solved

pytestmark = pytest.mark.browser
TOKYO = "Asia/Tokyo"


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


@contextmanager
def page_of(browser: Browser, *, script: bool = True) -> Iterator[Page]:
    """A page of somebody in Tokyo; anything that their browser complains of fails the test."""
    context = browser.new_context(
        java_script_enabled=script, timezone_id=TOKYO, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert context.cookies() == []
    context.close()
    assert [one for one in complaints if "Failed to load resource" not in one] == []


def subscribe(page: Page, address: str) -> None:
    page.get_by_label("Your email address").fill(address)
    page.get_by_role("button", name="Subscribe").click()


def evidence(house: House, address: str) -> list[tuple[str, str]]:
    with house.database.read() as session:
        reader = subscribers.by_address(session, parse(address).key)
        assert reader is not None
        return [(line.kind, line.method) for line in consents.of(session, reader.id)]


@contextmanager
def another_site(house: House) -> Iterator[str]:
    schedule = house.schedule("sunday")
    form = embed.snippet(schedule, Speech("en", "Europe/London"), public_url=house.public_url)
    html = f"<!doctype html><html lang=en><title>Another site</title><h1>Another site</h1>{form}"
    with elsewhere(html) as url:
        yield url


def test_somebody_faster_than_a_person_is_taken_by_the_browsers_work(
    house: House, browser: Browser
) -> None:
    with page_of(browser) as page:
        page.goto(house.public_url)
        subscribe(page, "alice@example.net")  # the clock of the house stands still
        expect(page.get_by_role("heading", level=1)).to_have_text("Look in your inbox")
        page.goto(str(arrived(house.database, "confirm").data["confirm_url"]))
        page.get_by_role("button", name="Yes, subscribe me").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You are subscribed")
    assert evidence(house, "alice@example.net") == [("asked", "form"), ("confirmed", "form")]
    assert arrived(house.database, "welcome").address == "alice@example.net"
    with house.database.read() as session:
        zones = session.connection().exec_driver_sql("SELECT timezone FROM subscriber").scalars()
        assert list(zones) == [TOKYO]


def test_a_form_on_another_site_is_answered_in_its_own_place(
    house: House, browser: Browser
) -> None:
    with another_site(house) as url, page_of(browser) as page:
        hosts: set[str] = set()
        page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
        page.goto(url)
        subscribe(page, "bob@")
        expect(page.get_by_label("Your email address")).to_be_visible()  # the browser's own check
        subscribe(page, "bob@example")
        expect(page.get_by_role("alert")).to_contain_text("no complete email address")
        subscribe(page, "bob@example.net")
        expect(page.get_by_role("status")).to_contain_text("a mail with a link is on its way")
        expect(page.get_by_role("heading", level=1)).to_have_text("Another site")
        assert hosts == {url.split("/")[2], house.public_url.split("/")[2]}
    assert arrived(house.database, "confirm").address == "bob@example.net"
    assert evidence(house, "bob@example.net") == [("asked", "embed")]


def test_without_its_script_that_form_leads_to_our_page_and_one_press_more(
    house: House, browser: Browser
) -> None:
    with another_site(house) as url, page_of(browser, script=False) as page:
        page.goto(url)
        subscribe(page, "bob@example.net")
        expect(page.get_by_label("Your email address")).to_have_value("bob@example.net")
        expect(page.get_by_text("One press more")).to_be_visible()
        assert notices_of(house.database, "confirm") == []
        later(house, seconds=5)
        page.get_by_role("button", name="Subscribe").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Look in your inbox")
    assert arrived(house.database, "confirm").address == "bob@example.net"


def test_a_server_that_is_gone_leaves_the_form_as_a_form(house: House, browser: Browser) -> None:
    with another_site(house) as url, page_of(browser) as page:
        page.route("**/api/subscribe/**", lambda route: route.abort())
        page.goto(url)
        subscribe(page, "bob@example.net")
        expect(page.get_by_text("One press more")).to_be_visible()


ARABIC = (
    SCHEDULE.replace('name = "The Sunday Catchup"', 'name = "حصاد الأحد"\nlanguage = "ar"')
    .replace('"The Test Gazette"', '"الجريدة"')
    .replace("Europe/London", "Africa/Cairo")
)


@pytest.fixture
def two(sqlite: Database, tmp_path: Path) -> Iterator[House]:
    """A house with an Arabic newsletter, which comes first, and an English one."""
    folder = tmp_path / "schedules"
    folder.mkdir()
    (folder / "ahad.toml").write_text(ARABIC, encoding="utf-8")
    with served(make_house(sqlite, tmp_path)) as made:
        yield made


def pages_of(house: House, page: Page, newsletter: str) -> Iterator[str]:
    """Every page of signing up, one after another, in the browser; its name."""
    url = house.public_url
    yield from _visited(page, url, "/", f"/n/{newsletter}", "/confirm/x")
    form = {"address": "bob@example.net"}
    for path in (f"/n/{newsletter}/subscribe", f"/embed/{newsletter}"):
        yield from _posted(page, f"{url}{path}", form)
    yield from _posted(page, f"{url}/embed/{newsletter}", {"nothing": "a bot"})
    for n in range(6):
        form = {"address": f"r{n}.{newsletter}@gmail.com", "altcha": solved(house, newsletter)}
        if n in (0, 5):
            yield from _posted(page, f"{url}/embed/{newsletter}", form)
        else:
            page.request.post(f"{url}/embed/{newsletter}", form=form)
    link = str(arrived(house.database, "confirm").data["confirm_url"]).removeprefix(url)
    yield from _visited(page, url, link)
    yield from _posted(page, f"{url}{link}", {})
    yield from _visited(page, url, link)
    later(house, hours=2)


def _visited(page: Page, url: str, *paths: str) -> Iterator[str]:
    for path in paths:
        page.goto(f"{url}{path}")
        yield path


def _posted(page: Page, url: str, form: dict[str, str]) -> Iterator[str]:
    """The page that answers a form of ours, as a browser shows it."""
    page.route(url, lambda route: route.fulfill(response=page.request.post(url, form=form)))
    page.goto(url)
    page.unroute(url)
    yield f"{url} {sorted(form)}"


@pytest.mark.parametrize("newsletter", ["sunday", "ahad"])
def test_no_page_of_signing_up_hinders_anybody_in_either_scheme_or_direction(
    two: House, browser: Browser, newsletter: str
) -> None:
    try:
        axe = pages.axe_source()
    except fetch.Missing as error:
        left_out.because(str(error))
    seen: list[str] = []
    with page_of(browser) as page:
        page.set_viewport_size({"width": 320, "height": 640})
        for name in pages_of(two, page, newsletter):
            seen.append(page.title())
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
            assert pages.grave_here(page, axe) == {"light": [], "dark": []}, name
    assert len(set(seen)) == 8, "every page was another one"
