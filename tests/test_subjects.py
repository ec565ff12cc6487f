"""Subjects to choose from: of the week's first stories, each with the preheader that goes with it."""

from __future__ import annotations

from dataclasses import replace

from digest.subjects import CANDIDATES, PREHEADER, SUBJECT, candidates
from tests.sample_issue import content, schedule

SCHEDULE, CONTENT = schedule(), content()


def test_three_subjects_of_the_three_best_stories_the_leads_first() -> None:
    found = candidates(SCHEDULE, CONTENT)
    assert len(found) == CANDIDATES == len({one.subject for one in found})
    assert CONTENT.lead is not None
    assert found[0].subject[:20] == CONTENT.lead.title[:20]
    assert all(0 < len(one.subject) <= SUBJECT and len(one.preheader) <= PREHEADER for one in found)


def test_a_preheader_does_not_say_again_what_its_subject_says() -> None:
    for one in candidates(SCHEDULE, CONTENT):
        assert not one.preheader.startswith(one.subject[:20])


def test_a_week_of_one_story_has_one_subject() -> None:
    one = replace(CONTENT, sections=(), briefs=())
    assert len(candidates(SCHEDULE, one)) == 1
