"""The mail as a browser lays it out: readable in light and dark, on a telephone, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from digest import render
from digest.mail.colours import ENOUGH, contrast
from digest.model import IssueContent
from digest.schedules import RenderTable, Schedule
from tests import browser, sample_issue

pytestmark = pytest.mark.browser

URL = sample_issue.PUBLIC_URL

#: Each text on the page: its words, its colour and the colour behind it, as #rrggbb.
COLOURS = """() => {
  const hex = (rgb) => '#' + rgb.match(/\\d+/g).slice(0, 3).map(n => (+n).toString(16).padStart(2, '0')).join('')
  const ground = (el) => {
    for (; el; el = el.parentElement) {
      const colour = getComputedStyle(el).backgroundColor
      if (!/^rgba.*, 0\\)$/.test(colour)) return hex(colour)
    }
    return '#ffffff'
  }
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = []
  for (let node; node = walk.nextNode();) {
    const el = node.parentElement
    if (!node.data.trim() || !el.checkVisibility()) continue
    found.push([node.data.trim().slice(0, 40), hex(getComputedStyle(el).color), ground(el),
                parseFloat(getComputedStyle(el).fontSize)])
  }
  return found
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=browser.executable(), args=list(browser.ARGS))
        yield opened
        opened.close()


def shown(
    chromium: Browser, html: str, *, width: int = 680, scheme: Any = "light"
) -> tuple[Page, list[str]]:
    """The page, and the addresses that it asked for."""
    asked: list[str] = []
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.route("**/*", lambda route: (asked.append(route.request.url), route.abort()))
    page.set_content(html, wait_until="load")
    return page, asked


def mail(content: IssueContent | None = None, schedule: Schedule | None = None) -> str:
    schedule = schedule or sample_issue.schedule()
    return render.render(content or sample_issue.content(), schedule, public_url=URL).html


def notice() -> str:
    data = {"confirm_url": f"{URL}/confirm/{'x' * 90}"}
    return render.render_notice("confirm", data, sample_issue.schedule(), public_url=URL).html


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("accent", ["#8c1d18", "#ffee00"])
def test_everything_can_be_read_in_light_and_dark(
    chromium: Browser, scheme: str, accent: str
) -> None:
    look = RenderTable(accent=accent, accent_dark="#402020")
    schedule = sample_issue.schedule().model_copy(update={"render": look})
    data = {"confirm_url": f"{URL}/confirm/abc"}
    small = render.render_notice("confirm", data, schedule, public_url=URL).html
    for html in (mail(schedule=schedule), small):
        page, _ = shown(chromium, html, scheme=scheme)
        texts = page.evaluate(COLOURS)
        page.close()
        assert len(texts) >= 7
        assert [text for text in texts if contrast(text[1], text[2]) < ENOUGH] == []
        assert {ground for _, _, ground, _ in texts}.isdisjoint(
            {"#ffffff", "#f4f1ea"} if scheme == "dark" else {"#1c1a18", "#121110"}
        )
        assert min(size for *_, size in texts) >= 14


@pytest.mark.parametrize("width", [320, 375, 680, 1200])
def test_nothing_is_wider_than_the_screen(chromium: Browser, width: int) -> None:
    long = sample_issue.story(1, "Donaudampfschifffahrtsgesellschaft" * 4, "x" * 300)
    for html in (mail(), mail(sample_issue.content(lead=long)), notice()):
        page, _ = shown(chromium, html, width=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()


def test_only_the_picture_is_loaded_from_anywhere(chromium: Browser) -> None:
    page, asked = shown(chromium, mail())
    page.close()
    assert asked == [sample_issue.PICTURE]


def test_an_arabic_mail_runs_from_right_to_left_but_for_its_english_story(
    chromium: Browser,
) -> None:
    schedule = sample_issue.schedule(**sample_issue.ARABIC)
    page, _ = shown(chromium, mail(sample_issue.arabic_content(), schedule))
    runs = page.evaluate(
        "() => [...document.querySelectorAll('h1, h2, h3, p')].map(el => {"
        " const s = getComputedStyle(el);"
        " return [el.closest('[lang]').lang, s.direction, s.textAlign] })"
    )
    page.close()
    assert {(way, side) for lang, way, side in runs if lang == "en"} == {("ltr", "left")}
    assert {way for lang, way, _ in runs if lang == "ar"} == {"rtl"}
    # The one on the left: day and reading time, in Arabic, of the story in English.
    assert [side for lang, _, side in runs if lang == "ar"].count("left") == 1
