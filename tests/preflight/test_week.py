"""The week in numbers, and what a story lacks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.model import Coverage, Image, Summary
from tests import sample_issue
from tests.preflight.broken import CONTENT, errors, found


def test_a_week_without_stories_cannot_be_approved() -> None:
    content = sample_issue.content(lead=None, sections=(), briefs=(), left_out=())
    assert "no story" in errors(content=content)


def test_numbers_that_do_not_add_up_cannot_be_approved() -> None:
    wrong = Coverage(20, lead=1, storyline_members=4, section_items=7, briefs=5, left_out=1)
    content = replace(CONTENT, coverage=wrong)
    assert "20 articles in the week, and 18 accounted for" in errors(content=content)


def test_numbers_that_are_not_what_is_printed_cannot_be_approved() -> None:
    content = replace(CONTENT, briefs=CONTENT.briefs[1:])
    assert "counts 18 articles, but the issue holds 16 and leaves out 1" in errors(content=content)


def test_a_story_without_a_title_is_named_by_its_number() -> None:
    findings = found(content=replace(CONTENT, lead=replace(sample_issue.LEAD, title=" ")))
    told = [(one.level, one.article_id) for one in findings if "has no title" in one.message]
    assert told == [("error", sample_issue.LEAD.article_id)]


def test_stories_that_lack_something_are_named() -> None:
    lead = replace(
        sample_issue.LEAD,
        url="ftp://a.example/x",
        summary=Summary(""),
        image=Image("http://a.example/p.png"),
    )
    findings = found(content=replace(CONTENT, lead=lead))
    assert [one.article_id for one in findings] == [lead.article_id] * 3
    assert {one.level for one in findings} == {"warning"}
    assert [one.message.split(";")[0].split("has ")[1] for one in findings] == [
        "an address that readers cannot open",
        "no summary. See whether its text came in with it at its source.",
        "no https address",
    ]


@pytest.mark.parametrize(
    ("weight", "told"), [(2_400_000, "has 2.4 MB and is slow"), (1_000_001, "has 1.0 MB")]
)
def test_a_picture_is_heavy_by_its_bytes_however_few_its_pixels(weight: int, told: str) -> None:
    image = Image(sample_issue.PICTURE, "Waves", 600, 400, weight)
    (finding,) = found(content=replace(CONTENT, lead=replace(sample_issue.LEAD, image=image)))
    assert finding.level == "warning"
    assert told in finding.message


def test_a_picture_whose_bytes_are_few_is_fine_however_many_its_pixels() -> None:
    image = Image(sample_issue.PICTURE, "Waves", 6_000, 4_000, 300_000)
    assert found(content=replace(CONTENT, lead=replace(sample_issue.LEAD, image=image))) == ()


def test_a_picture_of_a_camera_is_named_as_heavy() -> None:
    lead = replace(sample_issue.LEAD, image=Image(sample_issue.PICTURE, "Waves", 6_000, 4_000))
    (finding,) = found(content=replace(CONTENT, lead=lead))
    assert (finding.level, finding.article_id) == ("warning", lead.article_id)
    assert "6,000 × 4,000 pixels" in finding.message
