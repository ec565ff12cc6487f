"""`digest explain` and `digest learn`, as an editor types them after a week was drafted and moved."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest

from digest import bootstrap, drafting, edit, learning, settings
from digest.bootstrap import House
from digest.clicks import Kind
from digest.model import ArticleId, Edit, Engagement, Issue, Layout, Move, Place
from digest.store import articles, issues, migrate, shapes
from tests.articles import incoming
from tests.cli.test_commands import digest
from tests.houses import MONDAY, SUNDAY, SetClock
from tests.past_issues import add_clicks

NOW = MONDAY + dt.timedelta(days=5, hours=13)


def drafted(*, moved: bool = False) -> Issue:
    """The issue of one week of eight stories, in the house of this folder; the last ones have most comments."""
    opened = bootstrap.open_house(settings.load())
    house = dataclasses.replace(opened, clock=SetClock(NOW))
    migrate.ensure(house.database)
    moments = house.schedule("sunday").calendar.moments(SUNDAY)
    with house.database.write() as session:
        issues.open_issue(session, "sunday", moments, now=MONDAY)
        for n in range(1, 9):
            at = moments.window.start + dt.timedelta(hours=5 * n)
            story = incoming(
                f"Story number {n}",
                source="desk",
                text=" ".join(f"word{n}x{k}" for k in range(60)),
                published_at=at,
                engagement=(Engagement("comments", 10.0 * n),),
            )
            articles.save(session, story, now=at)
    _draft(house)
    if moved:
        _move(house)
        _draft(house)
    return _issue(house)


def _issue(house: House) -> Issue:
    with house.database.read() as session:
        return issues.recent(session, "sunday", limit=1)[0]


def _draft(house: House) -> None:
    drafting.draft(house, _issue(house), now=NOW)


def _move(house: House) -> None:
    """An editor leads with the story that had the fewest comments, and drops the one with the most."""
    issue = _issue(house)
    with house.database.write() as session:
        week = shapes.week_of(session, issue.id)
        assert week is not None
        change = Move(story=ArticleId(1), to=Place.LEAD)
        layout = edit.moved(edit.layout_of(week), change, line=[ArticleId(1)])
        dropped: Layout = dataclasses.replace(
            layout,
            sections=tuple((n, tuple(s for s in i if s != 8)) for n, i in layout.sections),
            briefs=tuple(s for s in layout.briefs if s != 8),
            dropped=((ArticleId(8), "stale"),),
        )
        shapes.add(
            session, issue.id, Edit(version=1, by="Erin", at=NOW, change=change, layout=dropped)
        )


def test_explain_tells_place_score_and_storyline(place: Path) -> None:
    issue = drafted()
    assert issue.content is not None
    assert issue.content.lead is not None
    shown = digest("explain", str(issue.content.lead.article_id))
    assert f"sunday/{issue.period}, number 1, draft" in shown
    assert "It stands first: it is the lead." in shown
    assert "place 1 of 8" in shown
    assert "80 comments in" in shown
    assert "A story of its own." in shown


def test_explain_knows_an_article_by_its_address_however_it_is_spelled(place: Path) -> None:
    drafted()
    assert "Story number 3" in digest(
        "explain", "https://gazette.example/story-number-3?utm_source=x"
    )


def test_explain_says_who_moved_a_story_and_who_dropped_one(place: Path) -> None:
    drafted(moved=True)
    first = digest("explain", "1")
    assert "It stands first: it is the lead." in first
    assert "An editor put it there; by score it would stand" in first
    assert "Left out by an editor: stale." in digest("explain", "8")


def test_explain_of_nothing_known_says_so(place: Path) -> None:
    drafted()
    code = digest("explain", "https://elsewhere.example/", status=1)
    assert code == ""


def test_learn_without_any_move_has_nothing_to_learn(place: Path) -> None:
    drafted()
    assert "nothing to learn from" in digest("learn")


def test_learn_shows_and_changes_nothing_until_it_is_accepted(place: Path) -> None:
    drafted(moved=True)
    file = place / "schedules" / "sunday.toml"
    before = file.read_text("utf-8")
    shown = digest("learn")
    assert "comments" in shown
    assert "Nothing is changed." in shown
    assert file.read_text("utf-8") == before
    assert "comments = " in digest("learn", "--accept")
    assert tomllib.loads(file.read_text("utf-8"))["rank"]["comments"] < 1
    assert before.strip() in file.read_text("utf-8")


def test_weights_that_agree_with_less_are_not_taken(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted(moved=True)
    file = place / "schedules" / "sunday.toml"
    before = file.read_text("utf-8")
    propose = learning.propose

    def no_better(*given: Any) -> learning.Proposal | None:
        found = propose(*given)
        return dataclasses.replace(found, would_agree=found.agreed - 0.01) if found else None

    monkeypatch.setattr(learning, "propose", no_better)
    assert "less than today's do: those stay" in digest("learn")
    assert "those stay" in digest("learn", "--accept", status=1)
    assert file.read_text("utf-8") == before


def test_learn_says_how_the_order_did_against_clicks(place: Path) -> None:
    file = place / "schedules" / "sunday.toml"
    file.write_text(f"{file.read_text('utf-8')}\n[clicks]\ncount = true\n", "utf-8")
    issue = drafted()
    assert issue.content is not None
    house = bootstrap.open_house(settings.load())
    sums = {
        story.article_id: {Kind.HUMAN: 20 * n * n, Kind.AGENT: 900}
        for n, story in enumerate(issue.content.stories, 1)
    }
    add_clicks(house, issue.id, issue.content, sums)
    shown = digest("learn")
    assert "What was read, first" in shown
    assert f"{20 * sum(n * n for n in range(1, 9)):,}" in shown, "people's clicks, not machines'"
    assert "Nothing is changed." in shown
    assert "comments" in shown


def test_learn_without_pairs_still_shows_how_it_did(place: Path) -> None:
    file = place / "schedules" / "sunday.toml"
    file.write_text(f"{file.read_text('utf-8')}\n[clicks]\ncount = true\n", "utf-8")
    issue = drafted()
    assert issue.content is not None
    first = issue.content.stories[0].article_id
    add_clicks(
        bootstrap.open_house(settings.load()), issue.id, issue.content, {first: {Kind.HUMAN: 1}}
    )
    shown = digest("learn")
    assert "1.000" in shown
    assert "nothing to learn from" in shown
