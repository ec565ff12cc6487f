"""Every shipped mail, looked at by other people's checkers; each of them also sees what is wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

import pytest
from playwright.sync_api import Page, sync_playwright

from tests import browser, left_out, shipped_mails
from tests.mail_checkers import fetch, pages, spamassassin

#: What every checker must complain about, else its silence about our mails says nothing.
FAULTY = """<!doctype html><html lang="en" dir="ltr"><head><title>Faulty</title>
<meta name="color-scheme" content="light dark">
<style>p > b { float: left } @media (prefers-color-scheme: dark) { p { color: #111; background: #222 } }</style>
</head><body><p id="a">Dark on dark</p><b id="a"></b><img src="https://a.example/a.png"></body></html>"""
SPAM = (
    b"From: a@b.example\r\nTo: c@d.example\r\nSubject: FREE!!! 100% GUARANTEED\r\n\r\nBUY NOW\r\n"
)

Found = TypeVar("Found")


def had(look: Callable[[], Found]) -> Found:
    """What a checker found; the test is left out where the checker cannot be had."""
    try:
        return look()
    except fetch.Missing as error:
        left_out.because(str(error))


def grouped(found: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Each finding once, with the mails that have it; the faulty one aside."""
    mails: dict[str, list[str]] = {}
    for name, findings in found.items():
        for finding in findings if name != "faulty" else ():
            mails.setdefault(finding, []).append(name)
    return mails


@pytest.fixture(scope="module")
def looked() -> dict[str, pages.Looked]:
    mails = {mail.name: mail.html for mail in shipped_mails.all_of_them()}
    return had(lambda: pages.look({**mails, "faulty": FAULTY}))


@pytest.fixture(scope="module")
def scored() -> dict[str, spamassassin.Verdict]:
    whole = {mail.name: mail.data for mail in shipped_mails.each_once()}
    alone = {f"{mail.name}, text alone": mail.text_alone for mail in shipped_mails.digests()}
    return had(lambda: spamassassin.scores({**whole, **alone, "spam": SPAM}))


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as play:
        chromium = browser.launched(play)
        made = chromium.new_page(viewport={"width": 680, "height": 800})
        made.set_default_timeout(browser.PATIENCE)
        yield made
        chromium.close()


@pytest.fixture(scope="module")
def axe() -> str:
    return had(pages.axe_source)


def test_no_mail_asks_more_of_mail_programs_than_a_blank_one_but_for_its_dark_scheme(
    looked: dict[str, pages.Looked],
) -> None:
    assert set(looked["faulty"].unwelcome) >= {"Child combinator (not)", "float (not)"}
    assert grouped({name: found.unwelcome for name, found in looked.items()}) == {}


def test_the_html_of_every_mail_is_valid_but_for_the_idioms_of_mjml(
    looked: dict[str, pages.Looked],
) -> None:
    faulty = {fault.split()[1] for fault in looked["faulty"].faults}
    assert faulty == {"no-dup-id:", "wcag/h37:"}
    assert grouped({name: found.faults for name, found in looked.items()}) == {}


@pytest.mark.browser
def test_nothing_hinders_people_seriously_in_light_or_dark(page: Page, axe: str) -> None:
    found = {mail.name: pages.grave(page, mail.html, axe) for mail in shipped_mails.each_once()}
    assert {name: grave for name, grave in found.items() if any(grave.values())} == {}


@pytest.mark.browser
def test_what_hinders_people_is_seen_in_the_scheme_where_it_does(page: Page, axe: str) -> None:
    found = pages.grave(page, FAULTY, axe)
    assert [line.split(",")[0] for line in found["light"]] == ["critical image-alt"]
    assert [line.split(",")[0] for line in found["dark"]] == ["serious color-contrast"]


def test_spamassassin_finds_nothing_in_any_mail_nor_in_its_text_alone(
    scored: dict[str, spamassassin.Verdict],
) -> None:
    assert scored.pop("spam").score > 2
    assert {name: found for name, found in scored.items() if found.score > 0} == {}
