"""A hundred ways out of the preview, in the desk's own frame in a real browser: nothing runs, nothing gets out.

Everything is watched at the other end: the desk says which requests came with a cookie, and one trap stands for
every foreign host, so that a mere connection is seen, too.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import lxml.html
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as BrowserError
from starlette.types import ASGIApp, Receive, Scope, Send

from digest import render
from digest.bootstrap import House
from digest.errors import RenderError
from digest.model import Coverage, Image, IssueContent, Rendered, Section, Summary
from digest.store import issues
from digest.store.engine import Database
from tests.browser import PATIENCE, launched
from tests.houses import make_house
from tests.providers import certificates
from tests.web.payloads import PAYLOADS, armed, host
from tests.web.people import PERIOD, a_story, content_of, put_draft, rendered_of, the_issue
from tests.web.served import elsewhere, served
from tests.web.test_in_a_browser import set_up_desk
from tests.web.trap import Hit, Trap, trap

pytestmark = pytest.mark.browser

PATH = f"/desk/sunday/{PERIOD}"
#: What the desk's own page asks for, by the ends of its paths.
ITS_OWN = (PATH, f"{PATH}/preview", ".css", ".js", ".svg", "/version", "/desk")
#: How many stories of one issue carry payloads, and how many stand in one mail of an operator's template.
TOGETHER, IN_ONE_MAIL = 20, 5


@dataclass
class Seen:
    """What a browser did beside showing. asked: paths of the desk that were asked for with a cookie."""

    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def watched(self, app: ASGIApp) -> ASGIApp:
        async def watching(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and b"cookie" in dict(scope["headers"]):
                self.asked.append(f"{scope['method']} {scope['path']}")
            await app(scope, receive, send)

        return watching

    def listen(self, context: BrowserContext, page: Page) -> None:
        context.on("page", lambda one: self.left.append(f"another window: {one.url}"))
        page.on("download", lambda one: self.left.append(f"a download: {one.url}"))
        page.on("console", lambda one: "RAN" in one.text and self.ran.append(one.text))
        page.on("dialog", lambda one: (self.dialogs.append(one.message), one.dismiss()))
        page.on(
            "framenavigated",
            lambda one: one is page.main_frame and self.left.append(f"the top: {one.url}"),
        )


@dataclass
class Desk:
    """The issue's page before an editor, and everything that is watched."""

    house: House
    page: Page
    seen: Seen
    trap: Trap

    def show(self, html: str, number: int) -> None:
        """Put this page into the frame as the edition's, as if nothing had cleaned it, and press what can be pressed."""
        issue = the_issue(self.house)
        assert issue.content is not None
        mail = Rendered(subject="A", preheader="B", html=html, text="C", checksum=f"{number:064x}")
        with self.house.database.write() as session:
            issues.save_draft(session, issue.id, issue.content, mail, now=self.house.clock())
        self.page.evaluate(LOAD, f"{PATH}/preview?scheme=light&v={number}")
        if "id=go" in html:
            with suppress(BrowserError):  # of several, none: they were pressed alone
                pressed = self.page.frame_locator("#preview-light").locator("#go")
                pressed.click(timeout=400, no_wait_after=True, force=True)


#: Loads an address in the desk's own frame and waits until it is there.
LOAD = """src => new Promise(done => {
  const frame = document.getElementById("preview-light");
  frame.loading = "eager";
  frame.addEventListener("load", () => done(), { once: true });
  setTimeout(done, 2000);
  frame.src = src;
})"""


#: A process of its own for each frame is one more wall, which not every browser has, and a process a payload.
SHARED = "--disable-features=IsolateSandboxedIframes,SpareRendererForSitePerProcess"


@contextmanager
def browsing(foreign: Trap) -> Iterator[Browser]:
    """A browser that finds every host of the payloads in the trap."""
    found = f"MAP *.evil.example 127.0.0.1:{foreign.port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
    args = (f"--host-resolver-rules={found}", "--ignore-certificate-errors", SHARED)
    with sync_playwright() as playwright:
        browser = launched(playwright, *args)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Erin logged in by HTTPS, a draft before her, and every host of the payloads a trap."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "digest.db").write_bytes(sqlite_template.read_bytes())
    database, seen = Database(f"sqlite:///{folder / 'digest.db'}"), Seen()
    certificate = certificates.make(folder / "certificate")
    with (
        trap(certificate) as foreign,
        served(
            make_house(database, folder), certificate=certificate, watched=seen.watched
        ) as house,
        browsing(foreign) as browser,
    ):
        put_draft(house)
        context = browser.new_context(base_url=house.public_url, ignore_https_errors=True)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.add_init_script("window.setInterval = () => 0")  # nobody looks for a newer draft
        set_up_desk(house, page)
        page.goto(PATH)
        seen.listen(context, page)
        yield Desk(house, page, seen, foreign)
    database.close()


def assert_that_nothing_got_out(desk: Desk) -> None:
    """Of what was watched since the page was opened."""
    desk.page.wait_for_timeout(300)  # what comes late comes now
    seen = desk.seen
    assert (seen.dialogs, seen.ran, seen.left) == ([], [], [])
    strange = [
        one for one in desk.trap.hits if not is_a_picture(one) and not one.host.startswith("live")
    ]
    assert ",".join(f"{one.host}{one.path}" for one in strange) == ""
    asked = {one.host for one in desk.trap.hits}
    greeted = {name for name in desk.trap.greeted if not name.startswith("live")}
    assert sorted(greeted - asked - PRESSED) == [], "not even a greeting"
    assert [one for one in seen.asked if not of_its_own(one)] == []
    assert desk.page.url.endswith(PATH)


def is_a_picture(hit: Hit) -> bool:
    """What a mail may load: pictures by HTTPS, and without a cookie."""
    return hit.secure and hit.dest == "image" and not hit.cookie


#: Chromium greets the host of a link while it is being pressed, and asks it for nothing.
PRESSED = {host(number) for number, (_, text) in enumerate(PAYLOADS) if "id=go" in text}


def of_its_own(asked: str) -> bool:
    method, path = asked.split(" ")
    return method == "GET" and path.endswith(ITS_OWN)


#: Payloads that reach their hosts by themselves, one of each class, where nothing holds them.
LIVE = (
    *("scripts-00", "scripts-01", "handlers-00", "mutation-08", "frames-00", "frames-06"),
    *("style-00", "style-01", "hints-00", "hints-02"),
)


#: Some open a dialog in the very moment in which another leaves its page: a browser that is driven may wait for ever.
QUIET = "for (const say of ['alert', 'confirm', 'prompt', 'print']) window[say] = () => null"
#: How long they may take to reach their hosts, in seconds.
PATIENCE_S = 240.0


def test_the_payloads_are_a_hundred_and_live(desk: Desk) -> None:
    """Else the other tests would prove nothing."""
    names = [name for name, _ in PAYLOADS]
    assert len(set(names)) == 100
    context = desk.page.context.browser.new_context(ignore_https_errors=True)  # type: ignore[union-attr]
    context.set_default_timeout(PATIENCE)
    context.add_init_script(QUIET)
    page = context.new_page()
    numbers = {names.index(name) for name in LIVE}
    body = "</p>".join(armed(number, desk.house.public_url, "live") for number in sorted(numbers))
    wanted, end = {host(number, "live") for number in numbers}, time.monotonic() + PATIENCE_S
    with elsewhere(f"<!doctype html><body>{body}") as url:
        page.goto(url, wait_until="commit")
        while not set(desk.trap.greeted) >= wanted and time.monotonic() < end:
            page.wait_for_timeout(100)
    context.close()
    assert set(desk.trap.greeted) >= wanted


def test_no_payload_gets_out_of_the_frame_even_if_nothing_had_cleaned_it(desk: Desk) -> None:
    for number in range(len(PAYLOADS)):
        payload = armed(number, desk.house.public_url)
        desk.show(f"<!doctype html><html><head></head><body>{payload}<p>after</p>", number)
    assert_that_nothing_got_out(desk)
    assert {one.host for one in desk.trap.hits}, (
        "pictures by HTTPS were loaded: the frame did show them"
    )


def test_no_payload_in_any_field_of_a_story_is_more_than_words(desk: Desk) -> None:
    for first in range(0, len(PAYLOADS), TOGETHER):
        content = poisoned(desk, range(first, min(first + TOGETHER, len(PAYLOADS))))
        keep(desk, content, rendered_of(desk.house, content))
        desk.page.goto(PATH)
        desk.seen.left.clear()  # that was our own visit
        desk.page.evaluate(LOAD, f"{PATH}/preview?scheme=light&v=f{first}")
        for path in (PATH, f"{PATH}/preview"):
            page = lxml.html.fromstring(desk.page.request.get(path).text())
            assert [one.tag for one in page.xpath(RUNS) if not is_ours(one)] == [], path
    assert_that_nothing_got_out(desk)


#: What no words can become.
RUNS = (
    "//script | //iframe[not(@sandbox)] | //object | //embed | //base | //svg | //math | //video | //audio"
    " | //meta[@http-equiv='refresh'] | //*[@*[starts-with(name(), 'on')]] | //a[starts-with(@href, 'j')]"
)


def is_ours(element: lxml.html.HtmlElement) -> bool:
    """The desk's own script."""
    return str(element.get("src")).startswith("/static/js/desk.js")


def poisoned(desk: Desk, numbers: range) -> IssueContent:
    """A week whose every field is a payload."""

    def story(number: int, place: int) -> object:
        text = armed(number, desk.house.public_url)
        return a_story(
            place + 1,
            text,
            summary=Summary(f"{text} And so on."),
            section=text[:40],
            authors=(text,),
            url=f"https://gazette.example/?{text}",
            image=Image(url="https://gazette.example/a.png", alt=text, width=600, height=300),
            marks=(text[:30],),
        )

    stories = [story(number, place) for place, number in enumerate(numbers)]
    words = armed(numbers[0], desk.house.public_url)
    base = content_of(the_issue(desk.house).moments)
    return dataclasses.replace(
        base,
        subject=words,
        preheader=words,
        intro=words,
        outro=words,
        lead=stories[0],
        sections=(Section(words[:40], tuple(stories[1:9])),),
        briefs=tuple(stories[9:]),
        coverage=Coverage(len(stories) + 1, 1, 0, 8, len(stories) - 9, 1),
    )


def keep(desk: Desk, content: IssueContent, mail: Rendered) -> None:
    issue = the_issue(desk.house)
    with desk.house.database.write() as session:
        issues.save_draft(session, issue.id, content, mail, now=desk.house.clock())


def test_no_payload_in_an_operators_template_gets_out_of_the_frame(desk: Desk) -> None:
    """Some in one mail: each was in the frame alone, and as it is, in a test before."""
    taken = []
    for number in range(len(PAYLOADS)):
        payload = armed(number, desk.house.public_url)
        with suppress(RenderError):
            by_template(payload)
            taken.append(payload)
    assert 20 < len(taken) < len(PAYLOADS), "some are refused, others are shown"
    for first in range(0, len(taken), IN_ONE_MAIL):
        desk.show(by_template(*taken[first : first + IN_ONE_MAIL]), 1000 + first)
    assert_that_nothing_got_out(desk)


#: The least that a template can be.
RAW = "<mj-section><mj-column><mj-text>%s</mj-text></mj-column></mj-section><mj-raw>%s</mj-raw>"


def by_template(*payloads: str) -> str:
    """The mail of an operator who wrote these into the template. Raises RenderError where that is refused."""
    name, written = "digest/body.mjml", "".join(RAW % (one, one) for one in payloads)
    return render.fill_here(name, {}, {name: f"<mjml><mj-body>{written}</mj-body></mjml>"})
