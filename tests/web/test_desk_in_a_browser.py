"""An editor's Saturday in a real browser: by keyboard alone, by mouse, and two editors at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from digest.bootstrap import House
from digest.model import IssueContent, IssueStatus
from digest.reconcile import reconcile
from digest.store import editors
from digest.web.uploads import UPLOADS
from tests.browser import PATIENCE
from tests.queue_of import arrived
from tests.test_reconcile import CUT_OFF, put
from tests.web.people import PERIOD, set_clock, the_issue
from tests.web.test_in_a_browser import browser, house
from tests.web.test_readers_in_a_browser import axe, grave

__all__ = ["browser", "house"]
pytestmark = pytest.mark.browser

PATH = f"/desk/sunday/{PERIOD}"


@pytest.fixture
def desk(browser: Browser, house: House) -> Iterator[Page]:
    """Erin, logged in with scripts on, before a final draft of twelve stories."""
    put(house, 12)
    reconcile(house, now=CUT_OFF)
    set_clock(house, CUT_OFF)
    context = browser.new_context(
        base_url=house.public_url, viewport={"width": 1280, "height": 900}
    )
    shown = opened(context, house, "erin")
    faults: list[str] = []
    shown.on("pageerror", lambda error: faults.append(str(error)))
    yield shown
    context.close()
    assert faults == []


def opened(context: BrowserContext, house: House, name: str) -> Page:
    """The issue's page for somebody with a publisher's seat."""
    with house.database.write() as session:
        seat = editors.add(
            session, f"{name}@example.net", name=name.title(), role="publisher", now=house.clock()
        )
        secret, _ = editors.open_session(session, seat, now=house.clock())
    context.add_cookies([{"name": "desk", "value": secret, "url": house.public_url}])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(PATH)
    return page


def content(house: House) -> IssueContent:
    found = the_issue(house).content
    assert found is not None
    return found


class Hands:
    """Somebody at the keyboard, whose every press is counted; a text counts as one."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses = page, 0

    def press(self, key: str) -> None:
        self.presses += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.presses += 1
        self.page.keyboard.insert_text(text)

    def until(self, name: str, key: str = "Tab") -> None:
        """Go on with Tab until the thing of this name has the focus."""
        for _ in range(40):
            self.press(key)
            if name in (self.page.evaluate(FOCUSED) or ""):
                return
        raise AssertionError(f"no way to {name} by {key}")


FOCUSED = """() => {
  const now = document.activeElement;
  return now.labels?.[0]?.textContent || now.getAttribute("aria-label") || now.textContent.slice(0, 80);
}"""


def test_an_editor_shapes_and_approves_the_issue_by_keyboard_alone(
    house: House, desk: Page
) -> None:
    hands = Hands(desk)
    lead = content(house).lead
    assert lead is not None
    for _ in range(3):
        hands.press("j")
    hands.press("l")
    expect(desk.locator("#said")).to_have_text("Saved.")
    chosen = content(house).lead
    assert chosen is not None
    assert chosen.article_id != lead.article_id

    hands.press("e")
    expect(desk.get_by_role("heading", level=1)).to_have_text(chosen.title)
    hands.until("Summary")
    hands.press("Control+a")
    hands.type("Our own words about it. In two sentences.")
    hands.until("Save")
    hands.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("29 November 2026")

    hands.press("j")
    hands.press("j")
    hands.press("x")
    expect(desk.locator("#said")).to_have_text("Saved.")
    hands.press("p")
    expect(desk.locator("#width-phone")).to_be_checked()
    hands.press("d")
    expect(desk.locator("#preview-dark")).to_be_visible()
    dark = desk.frame_locator("#preview-dark")
    expect(dark.get_by_text("Our own words about it.").first).to_be_attached()

    desk.locator("#mail-title").evaluate("one => { one.tabIndex = -1; one.focus(); }")
    hands.until("Send me a proof")
    hands.press("Enter")
    expect(desk.get_by_text("A proof is on its way to you")).to_be_visible()
    assert arrived(house.database, "proof").newsletter == "sunday"

    desk.locator("#next-title").evaluate("one => { one.tabIndex = -1; one.focus(); }")
    hands.until("A note for the record")
    hands.type("Read on a phone, too.")
    hands.press("Enter")
    expect(desk.get_by_text("Read on a phone, too.").first).to_be_visible()
    issue = the_issue(house)
    assert issue.status is IssueStatus.APPROVED
    made = content(house)
    assert made.lead is not None
    assert made.lead.summary.text == "Our own words about it. In two sentences."
    assert [one.reason for one in made.left_out] == ["left out by Erin"]
    assert hands.presses < 60


def test_a_story_is_dragged_to_another_place(house: House, desk: Page) -> None:
    rows = desk.locator("#outline [data-story]")
    third, second = rows.nth(2), rows.nth(1)
    story, before = third.get_attribute("data-story"), second.get_attribute("data-story")
    desk.set_viewport_size({"width": 1280, "height": 2000})
    third.drag_to(second, source_position={"x": 5, "y": 5}, target_position={"x": 5, "y": 5})
    expect(rows.nth(1)).to_have_attribute("data-story", story or "")
    ids = [str(one.article_id) for one in content(house).stories]
    assert ids[1:3] == [story, before]


def test_two_editors_see_each_other_and_nothing_is_overwritten(
    house: House, desk: Page, browser: Browser
) -> None:
    context = browser.new_context(base_url=house.public_url)
    frank = opened(context, house, "frank")
    desk.get_by_label("Subject", exact=True).fill("Erin’s subject")
    desk.get_by_role("button", name="Save these words").click()
    expect(frank.get_by_label("Subject", exact=True)).to_have_value("Erin’s subject")
    expect(frank.locator("#said")).to_contain_text("Somebody else changed this issue")

    frank.get_by_label("Subject", exact=True).fill("Frank is still typing")
    desk.get_by_label("Subject", exact=True).fill("Erin’s second subject")
    with desk.expect_response(lambda answer: answer.request.method == "POST"):
        desk.get_by_role("button", name="Save these words").click()
    expect(desk.locator("#said")).to_have_text("Saved.")
    frank.get_by_role("button", name="Save these words").click()
    warned = frank.locator("#warning")
    expect(warned).to_contain_text("Erin changed the subject meanwhile: “Erin’s second subject”")
    assert content(house).subject == "Erin’s second subject"
    context.close()


def test_undo_gives_back_what_was_shown_before(house: House, desk: Page) -> None:
    before = content(house)
    for key in ("j", "j", "x", "j", "l"):
        desk.keyboard.press(key)
        desk.wait_for_timeout(50)
    expect(desk.locator(".history")).to_contain_text("2 changes")
    desk.keyboard.press("u")
    desk.keyboard.press("u")
    expect(desk.locator("#redo")).to_be_enabled()
    expect(desk.locator("#undo")).to_be_disabled()
    assert content(house) == before


def test_half_written_words_outlive_another_change(house: House, desk: Page) -> None:
    desk.get_by_label("Introduction").fill("Half a sentence that")
    desk.get_by_label("Closing words").fill("Goodbye, and")
    desk.locator("#outline [data-story] .tool", has_text="Lead").nth(3).click()
    expect(desk.locator("#said")).to_have_text("Saved.")
    expect(desk.get_by_label("Introduction")).to_have_value("Half a sentence that")
    desk.get_by_role("button", name="Take it").last.click()
    expect(desk.locator(".history")).to_contain_text("changes")
    expect(desk.get_by_label("Closing words")).to_have_value("Goodbye, and")
    assert content(house).outro == ""
    desk.get_by_role("button", name="Save these words").click()
    expect(desk.locator(".history")).to_contain_text("3 changes")
    assert (content(house).intro, content(house).outro) == ("Half a sentence that", "Goodbye, and")


SHIFTS = """() => {
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts += one.value;
  }).observe({ type: "layout-shift" });
}"""


def test_nothing_jumps_while_somebody_edits_and_a_finding_leads_to_its_field(
    house: House, desk: Page
) -> None:
    desk.evaluate(SHIFTS)
    rows = desk.locator("#outline [data-story]")
    for key in ("j", "j", "l", "j", "x"):
        desk.keyboard.press(key)
    expect(desk.locator(".history")).to_contain_text("2 changes")
    below = rows.nth(7)
    below.evaluate("one => one.scrollIntoView({ block: 'start', behavior: 'instant' })")
    story, before = below.get_attribute("data-story"), below.bounding_box()
    desk.keyboard.press("u")  # a story comes back above
    expect(desk.locator(".history")).to_contain_text("1 change")
    after = desk.locator(f'[data-story="{story}"]').bounding_box()
    assert before
    assert after
    assert abs(after["y"] - before["y"]) < 2

    desk.get_by_label("Subject", exact=True).fill("A LONG SUBJECT IN CAPITALS THAT NOBODY LIKES")
    desk.get_by_role("button", name="Save these words").click()
    leads = desk.get_by_role("link", name="Go to: The subject")
    expect(leads).to_be_visible()
    leads.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_label("Subject", exact=True)).to_be_focused()
    assert desk.evaluate("window.shifts") < 0.001


def test_an_error_is_said_and_takes_no_words_away(house: House, desk: Page) -> None:
    desk.get_by_label("Introduction").fill("Half a sentence that")
    desk.route(
        "**/place*",
        lambda route: route.fulfill(
            status=500, content_type="text/html", body="<main><p>It broke.</p></main>"
        ),
    )
    desk.locator("#outline [data-story] .tool", has_text="Lead").nth(3).click()
    expect(desk.locator("#warning")).to_contain_text("It broke.")
    expect(desk.get_by_label("Introduction")).to_have_value("Half a sentence that")


def test_axe_finds_nothing_grave_at_the_desk_in_either_scheme_and_320_pixels_are_enough(
    house: House, desk: Page
) -> None:
    source = axe()
    desk.emulate_media(reduced_motion="reduce")
    story = content(house).stories[0].article_id
    found = {}
    for path in ("/desk", PATH, f"{PATH}/story/{story}", "/desk/readers", UPLOADS):
        desk.set_viewport_size({"width": 320, "height": 800})
        desk.goto(path)
        assert desk.evaluate("document.documentElement.scrollWidth") <= 320, path
        desk.set_viewport_size({"width": 1280, "height": 900})
        found[path] = grave(desk, source)
    assert {path: faults for path, faults in found.items() if faults} == {}
