"""Links by way of us: the same in every form, made of nothing but the story, and back again byte for byte."""

from __future__ import annotations

import dataclasses
import html
import re

from digest import render, variants
from digest.mail import routes
from digest.model import IssueContent, Rendered
from digest.schedules import ClicksTable, Schedule, VariantsTable
from tests.sample_issue import content, schedule

URL = "https://news.gazette.example"


def counted(made: Schedule) -> Schedule:
    return made.model_copy(update={"clicks": ClicksTable(count=True)})


def targets(week: IssueContent) -> dict[str, str]:
    return {code: link.url for code, link in routes.links_of(week).items()}


def back(rendered: Rendered, week: IssueContent) -> Rendered:
    return routes.straight(rendered, targets(week), newsletter=week.newsletter, period=week.period)


def test_a_mail_whose_links_are_led_back_is_the_mail_without_counting() -> None:
    week, plain = content(), schedule()
    straight = render.render(week, plain, public_url=URL)
    by_us = render.render(week, counted(plain), public_url=URL)
    assert by_us.html != straight.html
    led_back = back(by_us, week)
    assert led_back.html == straight.html
    assert led_back.text == straight.text


def test_every_story_link_of_both_parts_leads_by_way_of_us_and_no_other_does() -> None:
    week = content()
    by_us = render.render(week, counted(schedule()), public_url=URL)
    stories = {link.url for link in routes.links_of(week).values()}
    linked = set(map(html.unescape, re.findall(r'href="([^"]*)"', by_us.html)))
    assert not linked & stories
    assert not set(by_us.text.split()) & stories
    ours = {url for url in linked if "/r/" in url}
    assert {url.rsplit("/", 1)[1] for url in ours} == routes.printed(
        by_us, week.newsletter, week.period
    )
    assert any("/archive/" in url for url in linked - ours)


def test_every_language_and_theme_has_the_same_links() -> None:
    week = content()
    offered = VariantsTable(languages=("de", "ar"), themes=("plain",), sections=True)
    made = counted(schedule()).model_copy(update={"variants": offered})
    forms = variants.print_all(week, made, public_url=URL).variants
    assert len(forms) == 6
    codes = {routes.printed(one, week.newsletter, week.period) for one in forms.values()}
    assert len(codes) == 1


def test_a_code_is_of_the_article_and_its_address() -> None:
    code = routes.code_of(7, "https://a.example/1")
    assert routes.CODE.fullmatch(code)
    assert code == routes.code_of(7, "https://a.example/1")
    assert code != routes.code_of(8, "https://a.example/1")
    assert code != routes.code_of(7, "https://a.example/2")


def test_an_address_that_no_reader_can_follow_gets_no_link() -> None:
    week = content()
    assert week.lead is not None
    odd = dataclasses.replace(week.lead, url="javascript:alert(1)", thread=(), continues=None)
    bare = dataclasses.replace(week, lead=odd, sections=(), briefs=())
    assert routes.links_of(bare) == {}
    assert routes.routed(bare, URL) == bare


def test_a_link_that_is_not_known_is_left_as_it_is() -> None:
    address = f"{URL}/r/sunday/2026-11-29/{'a' * 12}"
    mail = Rendered(
        subject="", preheader="", html=f'<a href="{address}">', text=address, checksum=""
    )
    kept = routes.straight(mail, {"b" * 12: "x"}, newsletter="sunday", period="2026-11-29")
    assert (kept.html, kept.text) == (mail.html, mail.text)


def test_an_ampersand_in_an_address_is_written_as_html_has_it() -> None:
    address = f"{URL}/r/sunday/2026-11-29/{'a' * 12}"
    mail = Rendered(
        subject="", preheader="", html=f'<a href="{address}">', text=address, checksum=""
    )
    led = routes.straight(
        mail, {"a" * 12: 'https://a.example/?a=1&b="2"'}, newsletter="sunday", period="2026-11-29"
    )
    assert led.html == '<a href="https://a.example/?a=1&amp;b=&quot;2&quot;">'
    assert led.text == 'https://a.example/?a=1&b="2"'
