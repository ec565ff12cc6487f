"""A week in another language than it was composed in: our words change, people's do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest import phrases
from digest.mail.retold import retold
from digest.model import Section
from tests import sample_issue

WEEK = sample_issue.content()


def told_in(language: str, week=WEEK):  # type: ignore[no-untyped-def]
    return retold(week, "en", into=language)


def test_in_its_own_language_it_is_itself() -> None:
    assert told_in("en") is WEEK


@pytest.mark.parametrize("language", ["de", "fr", "es", "it", "ar"])
def test_marks_numbers_and_the_name_of_what_has_no_section_are_in_the_other_language(
    language: str,
) -> None:
    sections = (*WEEK.sections, Section("More", WEEK.sections[0].stories))
    week = replace(WEEK, read_seconds=4 * 60, sections=sections)
    week = replace(week, intro=phrases.intro(len(week.stories), 4, "en"))
    told, words = told_in(language, week), phrases.of(language)
    assert told.intro == phrases.intro(len(week.stories), 4, language)
    assert told.sections[-1].name == words.more
    assert told.lead is not None
    assert told.lead.marks == (words.most_discussed,)


def test_what_a_person_wrote_stays() -> None:
    week = replace(WEEK, intro="A week of wind, and of two votes.")
    told = told_in("de", week)
    assert told.intro == week.intro
    assert told.subject == week.subject
    assert [s.name for s in told.sections] == [s.name for s in week.sections]
    assert [s.title for s in told.stories] == [s.title for s in week.stories]


def test_a_story_without_a_language_says_that_it_is_in_the_newsletters() -> None:
    assert WEEK.lead is not None
    told = told_in("de", replace(WEEK, lead=replace(WEEK.lead, language=None)))
    assert told.lead is not None
    assert told.lead.language == "en"
