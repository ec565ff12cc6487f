"""The variants of a mail: which there are, what each says, that one checksum is of all of them, that none is too long."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from dataclasses import replace
from typing import Any

import pytest

from digest import render, variants
from digest.errors import NotFound
from digest.mail import cuts
from digest.model import Choice, ComingDay, IssueContent, Section
from digest.schedules import RenderTable, Schedule, VariantsTable
from tests import sample_issue

URL = sample_issue.PUBLIC_URL
WEEK = sample_issue.content()
SECTIONS = ("Harbour", "Sea & trade", "Town", "Culture", "Sport")


def offering(theme: str = "broadsheet", **table: Any) -> Schedule:
    """The sample's newsletter with a table [variants]."""
    look = RenderTable.model_validate({"theme": theme})
    made = sample_issue.schedule()
    return made.model_copy(update={"variants": VariantsTable.model_validate(table), "render": look})


def printed(schedule: Schedule, week: IssueContent = WEEK) -> variants.Printed:
    return variants.print_all(week, schedule, public_url=URL)


def urls(text: str) -> set[str]:
    return set(re.findall(r"https://gazette\.example/2026/\S+?(?=[\"<\s]|$)", text))


def test_without_variants_it_is_the_one_mail() -> None:
    found = printed(offering())
    assert found == variants.Printed(render.render(WEEK, offering(), public_url=URL), {})


def test_every_language_in_every_theme_the_plain_one_first() -> None:
    schedule = offering(languages=["de", "ar", "en"], themes=["plain"])
    assert variants.keys(schedule) == (
        "en.broadsheet", "en.plain", "de.broadsheet", "de.plain", "ar.broadsheet", "ar.plain",
    )  # fmt: skip
    assert tuple(printed(schedule).variants) == variants.keys(schedule)


def test_a_mail_that_can_be_taken_apart_is_the_same_for_whoever_chose_nothing() -> None:
    """The words and the links are the plain mail's; its HTML parts differ by nothing that is seen."""
    plain, offered = printed(offering()).rendered, printed(offering(sections=True)).rendered
    assert offered.text == plain.text
    assert re.sub(r"<!--.*?-->|\s", "", offered.html) == re.sub(r"<!--.*?-->|\s", "", plain.html)


def test_one_checksum_is_of_all_and_changes_with_each() -> None:
    schedule = offering(languages=["de"], sections=True)
    found = printed(schedule)
    assert {one.checksum for one in found.variants.values()} == {found.rendered.checksum}
    others = [
        printed(offering(languages=["de"])),
        printed(offering(sections=True)),
        printed(offering(languages=["fr"], sections=True)),
        printed(offering(languages=["de"], themes=["plain"], sections=True)),
        printed(offering()),
    ]
    assert len({one.rendered.checksum for one in (found, *others)}) == 6


def test_a_german_mail_speaks_german_of_english_stories() -> None:
    german = cuts.put_together(printed(offering(languages=["de"])).variants["de.broadsheet"])
    assert '<html lang="de"' in german.html
    assert "Alle 18 Artikel der Woche" in german.text
    assert "The Regal opens its doors" in german.text
    assert "Am meisten diskutiert" in german.text
    assert f"{URL}/archive/sunday/2026-11-29?variant=de.broadsheet" in german.text
    assert 'lang="en"' in german.html


def test_the_newsletters_own_words_run_their_own_way_in_a_mail_from_right_to_left() -> None:
    arabic = printed(offering(languages=["ar"])).variants["ar.broadsheet"].html
    assert '<html lang="ar" dir="rtl"' in arabic
    assert '<h1 lang="en" dir="ltr"' in arabic


@pytest.mark.parametrize("theme", ["broadsheet", "plain", "magazine"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_in_every_form_each_section_is_whole_or_a_line_and_text_and_html_agree(
    theme: str, language: str
) -> None:
    schedule = offering(theme, languages=["ar"], sections=True)
    form = printed(schedule).variants[f"{language}.{theme}"]
    for many in range(len(SECTIONS) + 1):
        for unwanted in itertools.combinations(SECTIONS, many):
            mail = cuts.put_together(form, unwanted)
            for name in SECTIONS:
                inside = [s for s in WEEK.stories if s.section == name]
                told = [s.title for s in inside if s.title in mail.text.replace("\n", " ")]
                assert len(told) == (1 if name in unwanted else len(inside)), (unwanted, name)
            assert urls(mail.html) == urls(mail.text)
            assert "zqSLOTcut" not in mail.html + mail.text
            assert len(mail.html.encode()) <= render.HTML_LIMIT


@pytest.mark.parametrize("theme", ["broadsheet", "plain", "magazine"])
def test_a_day_to_come_is_announced_to_those_who_get_its_story(theme: str) -> None:
    told = WEEK.sections[0]
    day = ComingDay(dt.date(2026, 12, 1), None, "The bridge opens on Tuesday.")
    stories = (replace(told.stories[0], coming=(day,)), *told.stories[1:])
    week = replace(WEEK, sections=(replace(told, stories=stories), *WEEK.sections[1:]))
    form = printed(offering(theme, sections=True), week).variants[f"en.{theme}"]
    for unwanted, there in (((), True), ((WEEK.sections[1].name,), True), ((told.name,), False)):
        mail = cuts.put_together(form, unwanted)
        for part in (mail.html, mail.text):
            assert (day.sentence in part) == there
            assert ("in the days to come" in part.lower()) == there
        assert urls(mail.html) == urls(mail.text)


def test_the_numbers_of_the_lines_are_what_each_section_has_more() -> None:
    form = printed(offering(sections=True)).variants["en.broadsheet"]
    text = cuts.put_together(form, SECTIONS).text
    lines = re.findall(r"And (\d+) more on the web", text)
    inside = [[s for s in WEEK.stories if s.section == name] for name in SECTIONS]
    assert [int(one) for one in lines] == [
        more for each in inside if (more := sum(1 + len(s.thread) for s in each) - 1)
    ]
    shown = len(SECTIONS) + sum(map(int, lines))
    assert shown == WEEK.coverage.total - WEEK.coverage.left_out


@pytest.mark.parametrize("count", [5, 25, 60, 200])
def test_no_form_of_any_week_is_too_long_and_its_numbers_add_up(count: int) -> None:
    names = ("Town", "Sea & trade", "Sport", "Culture")
    body = "Every berth in Port Ellery will pay towards the North Mole from April. " * 5
    stories = tuple(
        sample_issue.story(
            n, f"Story number {n} of the week of the levy", body, section=names[n % 4]
        )
        for n in range(1, count + 1)
    )
    told = stories[1 : 1 + min(count // 2, 40)]
    week = replace(
        WEEK,
        lead=stories[0],
        sections=tuple(Section(name, tuple(s for s in told if s.section == name)) for name in names),
        briefs=stories[1 + len(told) :],
        left_out=(),
        coverage=replace(
            WEEK.coverage, total=count, lead=1, storyline_members=0, section_items=len(told),
            briefs=count - 1 - len(told), left_out=0,
        ),
    )  # fmt: skip
    form = printed(offering(sections=True), week).variants["en.broadsheet"]
    for unwanted in ((), ("Town",), ("Town", "Sport"), names):
        mail = render.fill(cuts.put_together(form, unwanted), {"leave_url": "x" * 400})
        assert len(mail.html.encode()) <= render.HTML_LIMIT
        shown = set(re.findall(r"Story number (\d+) of", mail.text))
        more = sum(map(int, re.findall(r"And (\d+) more on the web", mail.text)))
        assert len(shown) + more == count, unwanted


def test_stories_without_a_section_are_for_everybody() -> None:
    more = Section(
        "More", (sample_issue.story(90, "A story of no section", "Text.", section="More"),)
    )
    week = replace(WEEK, sections=(*WEEK.sections, more))
    schedule = offering(languages=["de"], sections=True)
    for key, name in (("en.broadsheet", "More"), ("de.broadsheet", "Mehr")):
        mail = cuts.put_together(printed(schedule, week).variants[key], (*SECTIONS, name))
        assert "A story of no section" in mail.text
        assert f"{name}\n====" in mail.text


def test_an_operators_template_without_cuts_gives_the_whole_mail(tmp_path: Any) -> None:
    """Not one part with a section and the other without it."""
    (tmp_path / "digest").mkdir()
    (tmp_path / "digest" / "body.txt").write_text("{{ content.subject }}\n{{ slots.leave_url }}\n")
    schedule = offering(sections=True)
    own = schedule.render.model_copy(update={"templates": tmp_path})
    form = printed(schedule.model_copy(update={"render": own})).variants["en.broadsheet"]
    assert "zqSLOTcut" not in form.html
    assert cuts.put_together(form, ("Town",)) == form


@pytest.mark.parametrize(
    ("choice", "key"),
    [
        (Choice(), "en.broadsheet"),
        (Choice("de"), "de.broadsheet"),
        (Choice("de-AT"), "de.broadsheet"),
        (Choice("pt-BR"), "pt-BR.broadsheet"),
        (Choice("xx", "plain"), "en.plain"),
        (Choice("de", "magazine"), "de.broadsheet"),
        (Choice("", "plain"), "en.plain"),
    ],
)
def test_a_reader_gets_the_variant_that_comes_nearest(choice: Choice, key: str) -> None:
    offered = variants.keys(offering(languages=["de", "pt-BR"], themes=["plain"]))
    assert variants.key_of(offered, choice) == key


def test_a_person_names_a_variant_by_either_half() -> None:
    schedule = offering(languages=["de"], themes=["plain"], sections=True)
    for name, key in (("de", "de.broadsheet"), ("plain", "en.plain"), ("de.plain", "de.plain")):
        found = variants.choice_of(schedule, name, (), ())
        assert f"{found.language}.{found.theme}" == key
    assert variants.choice_of(schedule, "", (), ()) == Choice()
    with pytest.raises(NotFound, match=r"en\.broadsheet, en\.plain, de\.broadsheet, de\.plain"):
        variants.choice_of(schedule, "fr", (), ())
    with pytest.raises(NotFound, match="choose no sections"):
        variants.choice_of(offering(), "", ("Town",), ())


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice("de"),
        Choice("", "plain", ("Sea & trade", "Sport / leisure"), ()),
        Choice("de-AT", "", (), ("Town", "Sea & trade")),
        Choice("ar", "plain", ("A",), ("B", "C")),
    ],
)
def test_a_choice_is_read_as_it_was_written(choice: Choice) -> None:
    assert Choice.of(choice.text) == choice
    assert Choice.of("/\n\n\n") == Choice()
