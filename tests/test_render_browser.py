"""The mail as a browser lays it out: readable in light and dark, on a telephone, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from digest import render
from digest.contrast import ENOUGH, contrast
from digest.looks import THEMES
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
        opened = browser.launched(play)
        yield opened
        opened.close()


def shown(
    chromium: Browser, html: str, *, width: int = 680, scheme: Any = "light"
) -> tuple[Page, list[str]]:
    """The page, and the addresses that it asked for."""
    asked: list[str] = []
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.set_default_timeout(browser.PATIENCE)
    page.route("**/*", lambda route: (asked.append(route.request.url), route.abort()))
    page.set_content(html, wait_until="load")
    return page, asked


def in_theme(theme: str, schedule: Schedule | None = None, **look: object) -> Schedule:
    table = RenderTable.model_validate({"theme": theme, **look})
    return (schedule or sample_issue.schedule()).model_copy(update={"render": table})


def mail(content: IssueContent | None = None, schedule: Schedule | None = None) -> str:
    schedule = schedule or sample_issue.schedule()
    return render.render(content or sample_issue.content(), schedule, public_url=URL).html


def notice(schedule: Schedule | None = None) -> str:
    data = {"confirm_url": f"{URL}/confirm/{'x' * 90}"}
    schedule = schedule or sample_issue.schedule()
    return render.render_notice("confirm", data, schedule, public_url=URL).html


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_a_theme_prints_the_pairs_that_it_declares_and_all_can_be_read(
    chromium: Browser, theme: str
) -> None:
    """The pairs are what the schedule file's colours are refused by: so none may be missing there."""
    schedule = in_theme(theme, paper="#fafafa", paper_dark="#0a0a0a")
    found = set()
    for scheme, palette in (
        ("light", schedule.render.look.light),
        ("dark", schedule.render.look.dark),
    ):
        texts = {getattr(palette, name): name for name in ("ink", "muted", "accent", "on_accent")}
        grounds = {getattr(palette, name): name for name in ("sheet", "paper", "accent")}
        for html in (mail(schedule=schedule), notice(schedule)):
            page, _ = shown(chromium, html, scheme=scheme)
            printed = page.evaluate(COLOURS)
            page.close()
            assert len(printed) >= 7
            found |= {(texts[text], grounds[ground]) for _, text, ground, _ in printed}
            assert [one for one in printed if contrast(one[1], one[2]) < ENOUGH] == []
            assert min(size for *_, size in printed) >= 14
    assert found == schedule.render.look.theme.pairs


@pytest.mark.parametrize("theme", sorted(THEMES))
@pytest.mark.parametrize("width", [320, 375, 680, 1200])
def test_nothing_is_wider_than_the_screen(chromium: Browser, width: int, theme: str) -> None:
    long = sample_issue.story(1, "Donaudampfschifffahrtsgesellschaft" * 4, "x" * 300)
    schedule = in_theme(theme)
    letters = (
        mail(schedule=schedule),
        mail(sample_issue.content(lead=long), in_theme(theme, text_size=20, type_scale=1.35)),
        notice(schedule),
    )
    for html in letters:
        page, _ = shown(chromium, html, width=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_only_pictures_are_loaded_from_anywhere(chromium: Browser, theme: str) -> None:
    page, asked = shown(chromium, mail(schedule=in_theme(theme)))
    page.close()
    more = {sample_issue.SECOND_PICTURE} if theme == "magazine" else set()
    assert set(asked) == {sample_issue.PICTURE} | more


#: Dots that stand lower than the sign before them: a dot belongs to the end of the line above.
DOTS_THAT_LEAD = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = []
  const top = ([node, at]) => {
    const range = document.createRange(); range.setStart(node, at); range.setEnd(node, at + 1)
    return range.getBoundingClientRect().top
  }
  let before = null
  for (let node; node = walk.nextNode();) {
    if (!node.parentElement.checkVisibility()) continue
    for (let at = 0; at < node.data.length; at++) {
      const sign = node.data[at]
      if (sign === '·' && top([node, at]) > top(before) + 8) found.push(before[0].data)
      if (sign.trim()) before = [node, at]
    }
  }
  return found
}"""


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_no_line_begins_with_a_dot(chromium: Browser, theme: str) -> None:
    page, _ = shown(chromium, mail(schedule=in_theme(theme)), width=320)
    for width in range(320, 700, 20):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(DOTS_THAT_LEAD) == [], width
    page.close()


@pytest.mark.parametrize(("language", "first_is_left"), [("en", True), ("ar", False)])
def test_columns_stand_in_the_order_of_reading(
    chromium: Browser, language: str, *, first_is_left: bool
) -> None:
    arabic = sample_issue.schedule(**sample_issue.ARABIC)
    content = sample_issue.arabic_content() if language == "ar" else sample_issue.content()
    page, _ = shown(chromium, mail(content, arabic if language == "ar" else None))
    first, second = page.evaluate(
        "() => [...document.querySelectorAll('h3')].slice(0, 2).map(el => el.getBoundingClientRect().left)"
    )
    page.close()
    assert (first < second) == first_is_left


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_an_arabic_mail_runs_from_right_to_left_but_for_its_english_story(
    chromium: Browser, theme: str
) -> None:
    schedule = in_theme(theme, sample_issue.schedule(**sample_issue.ARABIC))
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
