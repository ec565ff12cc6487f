"""The model: plain, frozen data, and the few answers that it gives about itself."""

from __future__ import annotations

import dataclasses
import datetime as dt
import inspect

import pytest

from digest import model
from digest.model import (
    FINAL,
    Coverage,
    DeliveryState,
    Edition,
    EditionId,
    Engagement,
    Issue,
    IssueContent,
    IssueId,
    IssueStatus,
    LeftOut,
    Message,
    Moments,
    Rendered,
    Section,
    Selection,
    Storyline,
    Window,
)
from tests.articles import WEDNESDAY, stored
from tests.issues import story
from tests.people import NOW

HOUR = dt.timedelta(hours=1)
WEEK = Window(NOW - dt.timedelta(days=7), NOW)
#: A message is made for each reader at full speed, and setting a frozen field costs four times as much.
CLASSES = [
    one
    for _, one in inspect.getmembers(model, inspect.isclass)
    if dataclasses.is_dataclass(one) and one is not Message
]


def issue(**changes: object) -> Issue:
    moments = Moments("2026-11-29", WEEK, NOW, NOW + HOUR, NOW + 2 * HOUR, NOW + 3 * HOUR)
    values = {"id": IssueId(1), "newsletter": "sunday", "number": 1, "moments": moments}
    return Issue(status=IssueStatus.DUE, **{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_data_that_travels_is_frozen_and_slotted(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(kind)


def test_every_name_that_the_room_offers_is_there() -> None:
    assert all(hasattr(model, name) for name in model.__all__)


def test_a_window_has_its_start_and_not_its_end() -> None:
    assert WEEK.start in WEEK
    assert WEEK.end - dt.timedelta(microseconds=1) in WEEK
    assert WEEK.end not in WEEK
    assert WEEK.start - dt.timedelta(microseconds=1) not in WEEK


def test_an_article_counts_when_it_was_published_else_when_it_was_seen() -> None:
    assert stored(first_seen_at=NOW).when == WEDNESDAY
    assert stored(published_at=None, first_seen_at=NOW).when == NOW


def test_an_article_knows_its_signals_by_kind() -> None:
    likes = Engagement("likes", 3)
    article = stored(engagement=(Engagement("views", 9), likes))
    assert article.signal("likes") is likes
    assert article.signal("rating") is None


def test_a_selection_counts_everybody() -> None:
    one = stored(id=1)
    assert Selection(WEEK, (one,), (LeftOut(one.id, "short"),) * 2).total == 3


def test_the_followers_of_a_storyline_are_all_but_its_lead() -> None:
    first, second, third = (stored(f"part {n}", id=n) for n in range(3))
    assert Storyline(second, (first, second, third)).followers == (first, third)


@pytest.mark.parametrize(
    ("coverage", "adds_up"),
    [
        (Coverage(0, 0, 0, 0, 0, 0), True),
        (Coverage(10, 1, 2, 3, 3, 1), True),
        (Coverage(10, 1, 2, 3, 3, 0), False),
        (Coverage(10, 1, 2, 3, 3, 2), False),
    ],
)
def test_coverage_adds_up_or_does_not(coverage: Coverage, adds_up: bool) -> None:
    assert coverage.adds_up is adds_up


def test_the_stories_of_a_week_are_in_printed_order() -> None:
    lead, a, b, c, brief = (story(name) for name in ("lead", "a", "b", "c", "brief"))
    content = IssueContent(
        newsletter="sunday",
        period="2026-11-29",
        number=1,
        window=WEEK,
        subject="",
        preheader="",
        lead=lead,
        sections=(Section("one", (a,)), Section("two", (b, c))),
        briefs=(brief,),
    )
    assert content.stories == (lead, a, b, c, brief)
    assert dataclasses.replace(content, lead=None).stories == (a, b, c, brief)


def test_a_draft_is_early_until_it_was_built_when_the_week_was_over() -> None:
    assert issue().is_early
    assert issue(built_at=NOW - HOUR).is_early
    assert not issue(built_at=NOW).is_early
    assert issue().period == "2026-11-29"


def test_an_edition_is_known_by_what_was_rendered() -> None:
    rendered = Rendered(subject="", preheader="", html="", text="", checksum="c" * 64)
    edition = Edition(id=EditionId(1), issue_id=IssueId(1), rendered=rendered, created_at=NOW)
    assert edition.checksum == "c" * 64


def test_only_what_is_queued_is_not_final() -> None:
    assert set(DeliveryState) - FINAL == {DeliveryState.QUEUED}
