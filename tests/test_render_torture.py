"""A torture week, from articles to mail: no artefact, no lost character, the same links in both parts."""

from __future__ import annotations

import re

import lxml.html
import pytest
from markupsafe import escape

from digest import edit, pipeline, render
from digest.looks import THEMES
from digest.mail import cleaning, plaintext
from digest.mail.slots import MARK, SLOTS
from digest.model import UNSHAPED, IssueContent, Moments, Rendered
from digest.schedules import RenderTable, Schedule
from digest.summarisers.extractive import ExtractiveSummariser
from tests import sample_issue, torture_week

URL = sample_issue.PUBLIC_URL


def schedule(theme: str, language: str = "en") -> Schedule:
    changed = sample_issue.schedule(language=language)
    compose = changed.compose.model_copy(update={"stories": 20, "per_section": 20})
    return changed.model_copy(update={"render": RenderTable(theme=theme), "compose": compose})  # type: ignore[arg-type]


def content() -> IssueContent:
    window = sample_issue.WINDOW
    moments = Moments(
        period="2026-11-29",
        window=window,
        draft_at=window.end,
        remind_at=window.end,
        deadline_at=window.end,
        send_at=window.end,
    )
    week, _ = pipeline.make_week(
        torture_week.articles(),
        moments,
        schedule=schedule("broadsheet"),
        summariser=ExtractiveSummariser(),
        number=1,
    )
    return edit.shaped(week, UNSHAPED, schedule("broadsheet"))


WEEK = content()
MAILS = {
    (theme, language): render.render(WEEK, schedule(theme, language), public_url=URL)
    for theme in sorted(THEMES)
    for language in ("en", "ar")
}
EVERY = pytest.mark.parametrize("mail", MAILS.values(), ids=["-".join(key) for key in MAILS])


def written(text: str) -> str:
    """A title as it must come out: as it came in, but for the mark of slots and doubled spaces."""
    return cleaning.spaced(text.replace(MARK, ""))


def body(mail: Rendered) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(mail.html).find("body")


def unbroken(text: str) -> str:
    """Without the spaces at which lines may be broken."""
    return re.sub(r"[ \n]+", "", text)


def test_the_week_has_all_its_stories() -> None:
    assert len(WEEK.stories) == len(torture_week.articles()) == 27
    assert WEEK.coverage.adds_up


@EVERY
def test_no_character_of_a_title_is_lost_in_either_part(mail: Rendered) -> None:
    page, text = cleaning.spaced(body(mail).text_content()), unbroken(mail.text)
    for story in WEEK.stories:
        assert written(story.title) in page
        assert unbroken(written(story.title)) in text


@EVERY
def test_no_character_of_a_summary_or_a_name_is_lost(mail: Rendered) -> None:
    page, text = cleaning.spaced(body(mail).text_content()), unbroken(mail.text)
    for story in WEEK.stories:
        assert story.summary.text
        for paragraph in cleaning.paragraphs(cleaning.clean(story.summary.text)):
            assert paragraph in page
            assert unbroken(paragraph) in text
    for story in (WEEK.lead, *WEEK.sections[0].stories):
        assert story is not None
        assert written(story.authors[0]) in page


@EVERY
def test_a_pictures_words_are_the_ones_that_were_written(mail: Rendered) -> None:
    said = [picture.get("alt") for picture in body(mail).iter("img")]
    known = {" ".join(written(story.title).split("\n")) for story in WEEK.stories}
    assert said
    assert set(said) <= known


@EVERY
def test_both_parts_link_to_the_same_places(mail: Rendered) -> None:
    own = tuple(SLOTS.values())
    links = {link for a in body(mail).iter("a") if not (link := a.get("href")).startswith(own)}
    lines = {line.strip() for line in mail.text.splitlines()}
    assert links == {line for line in lines if line.startswith("https://")}
    assert {story.url for story in WEEK.stories} < links


@EVERY
def test_nothing_of_the_machinery_is_seen(mail: Rendered) -> None:
    tags = "".join(re.findall(r"<[a-zA-Z][^<>]*>", mail.html)).replace("&#92;", "")
    for story in WEEK.stories:  # one has such marks in its title, as it was written
        tags = tags.replace(escape(story.title), "")
    assert not re.search(r"\\[nut\"\\]", tags)
    assert "\ufffd" not in mail.html + mail.text
    for tag in ("plaintext", "script", "b//b"):
        assert body(mail).find(f".//{tag}") is None
    assert "{{7*7}}" in body(mail).text_content()
    assert "{{7*7}}" in mail.text
    assert mail.html.count(MARK) == mail.text.count(MARK) == 2, "to leave, and to the choices"
    assert "zqSLOT" not in mail.subject + mail.preheader


@EVERY
def test_it_is_still_a_mail(mail: Rendered) -> None:
    assert len(mail.html.encode()) <= render.HTML_LIMIT
    lines = [line for line in mail.text.splitlines() if "https://" not in line]
    assert max(map(plaintext.width, lines)) <= plaintext.WIDTH
    assert {el.get("dir") for el in body(mail).iter("div") if el.get("lang") == "he"} <= {
        "rtl",
        None,
    }
