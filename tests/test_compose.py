"""Compose: every article of the week has its place, and the numbers prove it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import compose, subjects
from digest.model import (
    Article,
    ArticleId,
    Continued,
    Engagement,
    IssueContent,
    LeftOut,
    Moments,
    Ranked,
    Reason,
    Selection,
    Sentence,
    Storyline,
    Summary,
    ThreadItem,
    Unit,
    Window,
)
from digest.schedules import ComposeTable, Schedule
from tests.articles import WEDNESDAY, stored
from tests.people import NEWSLETTER, NOW

WINDOW = Window(NOW - dt.timedelta(days=7), NOW)
MOMENTS = Moments("2026-11-29", WINDOW, NOW, NOW, NOW, NOW)


def schedule(language: str = "en", **table: Any) -> Schedule:
    return Schedule.model_validate(
        {
            "key": NEWSLETTER,
            "newsletter": {
                "name": "The Sunday Catchup",
                "language": language,
                "timezone": "Europe/London",
                "site_name": "The Harbour Gazette",
                "site_url": "https://gazette.example/",
                "from_address": "sunday@gazette.example",
                "postal_address": "1 Quay Street, Port Ellery",
            },
            "sources": [{"key": "desk", "kind": "api"}],
            "compose": table,
        }
    )


def line(*members: Article, score: float = 0.0) -> Ranked:
    return Ranked(Storyline(members[-1], members), score, (Reason("length", score, "why"),))


def made(
    *ranked: Ranked,
    left_out: tuple[LeftOut, ...] = (),
    summaries: dict[ArticleId, Summary] | None = None,
    on: Schedule | None = None,
) -> IssueContent:
    kept = tuple(a for r in ranked for a in r.storyline.members)
    told = {a.id: Summary(f"{a.title} was told. And more was said.") for a in kept}
    return compose.compose(
        ranked,
        told if summaries is None else summaries,
        Selection(WINDOW, kept, left_out),
        schedule=on or schedule(),
        moments=MOMENTS,
        number=7,
    )


def week(*sections: str | None) -> list[Ranked]:
    return [line(stored(f"Story {n}", id=n, section=s)) for n, s in enumerate(sections, 1)]


def ids(stories: Any) -> list[int]:
    return [story.article_id for story in stories]


# ---------------------------------------------------------------- coverage

SIZES = st.lists(st.integers(1, 4), max_size=25)
SECTIONS = st.lists(st.sampled_from(["Sport", "sport ", "World", None, "", "More"]), min_size=25)


@settings(deadline=None)
@given(SIZES, SECTIONS, st.integers(0, 5), st.integers(1, 12), st.integers(1, 4))
def test_every_article_of_the_week_ends_in_exactly_one_place(
    sizes: list[int], sections: list[str | None], omitted: int, stories: int, per_section: int
) -> None:
    ranked, number = [], 0
    for size, section in zip(sizes, sections, strict=False):
        members = [
            stored(f"S {number + n}", id=number + n, section=section) for n in range(1, size + 1)
        ]
        ranked.append(line(*members))
        number += size
    left_out = tuple(LeftOut(ArticleId(number + n), "too short") for n in range(1, omitted + 1))
    content = made(
        *ranked, left_out=left_out, on=schedule(stories=stories, per_section=per_section)
    )
    places = Counter(
        [*ids(content.stories)]
        + [item.article_id for story in content.stories for item in story.thread]
        + [omission.article_id for omission in content.left_out]
    )
    assert places == Counter(range(1, number + omitted + 1))
    coverage = content.coverage
    assert coverage.adds_up
    assert coverage.total == number + omitted
    assert coverage.lead == (1 if ranked else 0)
    assert coverage.section_items == sum(len(s.stories) for s in content.sections)
    assert coverage.briefs == len(content.briefs)
    named = any(r.storyline.lead.section for r in ranked)
    assert all(0 < len(s.stories) <= per_section or not named for s in content.sections)
    assert coverage.lead + coverage.section_items <= stories
    assert len({s.name.strip().casefold() for s in content.sections}) == len(content.sections)


def test_an_article_that_was_lost_on_the_way_shows_in_the_numbers() -> None:
    lost = Selection(WINDOW, (stored(id=1), stored(id=2)))
    content = compose.compose(
        [line(stored(id=1))], {}, lost, schedule=schedule(), moments=MOMENTS, number=1
    )
    assert not content.coverage.adds_up


def test_what_is_left_out_keeps_its_title_address_and_reason() -> None:
    content = made(left_out=(LeftOut(ArticleId(4), "a correction", "Sorry", "https://a.example/"),))
    (omission,) = content.left_out
    assert (omission.title, omission.url, omission.reason) == (
        "Sorry",
        "https://a.example/",
        "a correction",
    )


# ---------------------------------------------------------------- layout


def test_the_best_story_leads_and_sections_stand_by_their_best_story() -> None:
    content = made(*week("World", "Sport", "World", "Arts", "Sport"))
    assert content.lead is not None
    assert content.lead.article_id == 1
    assert content.lead.section == "World"
    found = [(s.name, ids(s.stories)) for s in content.sections]
    assert found == [("Sport", [2, 5]), ("World", [3]), ("Arts", [4])]


def test_the_schedules_order_of_sections_goes_first() -> None:
    on = schedule(section_order=["arts", "World"])
    content = made(*week("World", "Sport", "World", "Arts", "Sport"), on=on)
    assert [s.name for s in content.sections] == ["Arts", "World", "Sport"]


def test_stories_without_a_section_stand_last_under_the_languages_word() -> None:
    ranked = week("World", None, "Sport", "")
    assert [s.name for s in made(*ranked).sections] == ["Sport", "More"]
    assert [s.name for s in made(*ranked, on=schedule("de")).sections] == ["Sport", "Mehr"]


def test_what_is_too_much_for_a_section_or_the_mail_becomes_a_brief() -> None:
    ranked = week("World", "Sport", "Sport", "Sport", "Arts", "Arts")
    content = made(*ranked, on=schedule(per_section=2, stories=5))
    assert [ids(s.stories) for s in content.sections] == [[2, 3], [5]]
    assert ids(content.briefs) == [4, 6]


def test_a_site_without_sections_tells_as_many_stories_as_any_other() -> None:
    content = made(*week(*[None] * 9), on=schedule(per_section=2, stories=7))
    assert [(s.name, len(s.stories)) for s in content.sections] == [("More", 6)]
    assert ids(content.briefs) == [8, 9]


def test_a_brief_has_one_sentence_of_the_summary() -> None:
    whole = Summary(
        "The levy fell. It rained.",
        (Sentence("The levy fell.", 0, 14), Sentence("It rained.", 15, 25)),
        "extractive",
    )
    cut = Summary("The levy and…", (Sentence("The levy and", 0, 12),), "extractive")
    told = {ArticleId(2): whole, ArticleId(3): cut, ArticleId(4): Summary("One. Two.")}
    content = made(*week("A", "A", "A", "A", "A"), summaries=told, on=schedule(stories=1))
    texts = [story.summary.text for story in content.briefs]
    assert texts == ["The levy fell.", "The levy and…", "One.", ""]
    assert content.briefs[0].summary.sentences == (Sentence("The levy fell.", 0, 14),)


def test_a_storyline_keeps_its_thread_oldest_first() -> None:
    first, second, lead = (stored(f"Levy {n}", id=n) for n in (1, 2, 3))
    content = made(line(first, second, lead))
    assert content.lead is not None
    assert [item.title for item in content.lead.thread] == ["Levy 1", "Levy 2"]


def test_a_story_keeps_its_language_authors_score_and_reasons() -> None:
    one = stored(language="ar", authors=("Ann Ferris",), read_seconds=90)
    story = made(line(one, score=1.5)).lead
    assert story is not None
    assert (story.language, story.authors, story.score) == ("ar", ("Ann Ferris",), 1.5)
    assert story.reasons == (Reason("length", 1.5, "why"),)
    assert story.read_seconds == 90


def test_a_week_without_stories_is_composed_too() -> None:
    content = made()
    assert content.lead is None
    assert content.stories == ()
    assert content.subject == "The Sunday Catchup"
    assert content.intro == content.preheader == ""


@pytest.mark.parametrize(("stories", "thin"), [(2, True), (3, False)])
def test_a_week_is_thin_below_the_schedules_minimum(stories: int, thin: bool) -> None:
    ranked = week(*["World"] * stories)
    assert compose.is_thin(ranked, ComposeTable(minimum_stories=3)) is thin


# ---------------------------------------------------------------- marks


def marked(*engagements: tuple[Engagement, ...]) -> list[tuple[str, ...]]:
    ranked = [line(stored(f"Story {n}", id=n, engagement=e)) for n, e in enumerate(engagements, 1)]
    return [story.marks for story in made(*ranked).stories]


def test_who_stands_out_is_marked() -> None:
    assert marked(
        (Engagement("comments", 30), Engagement("reaction:sad", 3)),
        (Engagement("comments", 12), Engagement("reaction:sad", 40)),
        (Engagement("rating", 4.7, Unit.AVERAGE, 30), Engagement("comments", 0)),
        (Engagement("rating", 4.1, Unit.AVERAGE, 300),),
    ) == [("Most discussed",), ("Most reactions",), ("Best rated",), ()]


@pytest.mark.parametrize(
    "engagements",
    [
        ((Engagement("comments", 30),), (Engagement("comments", 29),)),
        ((Engagement("comments", 3),), (Engagement("comments", 0),)),
        ((Engagement("comments", 30),), ()),
        (
            (Engagement("rating", 5.0, Unit.AVERAGE, 4),),
            (Engagement("rating", 3.0, Unit.AVERAGE, 40),),
        ),
        (
            (Engagement("rating", 4.5, Unit.AVERAGE, 9),),
            (Engagement("rating", 4.4, Unit.AVERAGE, 9),),
        ),
        (
            (Engagement("rating", 2.5, Unit.AVERAGE, 9),),
            (Engagement("rating", 1.4, Unit.AVERAGE, 9),),
        ),
    ],
)
def test_nobody_is_marked_for_a_near_thing(engagements: tuple[tuple[Engagement, ...], ...]) -> None:
    assert set(marked(*engagements)) == {()}


# ---------------------------------------------------------------- the mail's own words


def test_the_first_line_counts_stories_and_the_mails_own_minutes() -> None:
    long = Summary("word " * 300)
    content = made(*week("A", "A", "A"), summaries={ArticleId(1): long, ArticleId(2): long})
    assert content.read_seconds == pytest.approx(606 / 238 * 60, abs=1)
    assert content.intro == "This week in 3 stories, 3 minutes"


def subject(title: str, **changes: Any) -> str:
    return made(line(stored(title)), on=schedule(**changes)).subject


def test_the_subject_follows_the_schedules_pattern() -> None:
    pattern = "{name} {number}, {date}: {lead}"
    assert (
        subject("Levy cut", subject=pattern) == "The Sunday Catchup 7, 29 November 2026: Levy cut"
    )
    assert subject("Taxe", subject="{date}", language="fr") == "29 novembre 2026"


def test_a_long_lead_gives_way_to_the_rest_of_the_subject() -> None:
    found = subject("Council votes to cut the harbour levy " * 3, subject="{lead} · No. {number}")
    assert found.endswith("… · No. 7")
    assert len(found) <= 70


def test_a_title_cannot_bring_braces_of_the_pattern() -> None:
    assert subject("{number} {date}") == "{number} {date}"


@settings(deadline=None)
@given(st.text(min_size=1), st.sampled_from(["{lead}", "{name}: {lead}", "{lead}{lead}", "x" * 80]))
def test_a_subject_is_one_short_clean_line(title: str, pattern: str) -> None:
    content = made(line(stored(title)), line(stored(title * 2, id=2)), on=schedule(subject=pattern))
    for text, most in ((content.subject, 70), (content.preheader, 120)):
        assert 0 < len(text) <= most
        assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") for c in text)
        assert "\u202e" not in text


def test_a_cut_stands_at_the_end_of_a_word_or_of_a_whole_sign() -> None:
    assert subjects.cut("The council voted today", 16) == "The council…"
    assert subjects.cut("abc", 3) == "abc"
    assert subjects.cut("e\u0301" * 10, 6) == "e\u0301e\u0301…"


def test_the_preheader_tells_what_comes_next_and_not_the_subject_again() -> None:
    content = made(*week("A", "A", "A"))
    assert content.subject == "Story 1"
    assert content.preheader == "Story 2 · Story 3"
    assert made(*week("A", "A"), on=schedule(subject="{name}")).preheader == "Story 1 · Story 2"
    assert made(*week("A")).preheader == "This week in 1 story, 1 minute"
    long = [line(stored(f"{n} " + "very " * 20 + "long", id=n)) for n in (1, 2, 3)]
    assert made(*long).preheader == "2 " + "very " * 20 + "long"


def test_the_same_week_is_composed_the_same() -> None:
    assert made(*week("A", None, "B")) == made(*week("A", None, "B"))
    assert WEDNESDAY in WINDOW


def test_no_author_fills_the_mail_where_the_week_has_others() -> None:
    week = [line(stored(f"Bo {n}", id=n, section=None, authors=("Bo",))) for n in range(1, 9)]
    week += [line(stored("Al", id=9, section=None, authors=("Al",)))]
    content = made(*week, on=schedule(per_author=3))
    told = [story for section in content.sections for story in section.stories]
    assert ids(told) == [2, 3, 9]
    assert ids(content.briefs) == [4, 5, 6, 7, 8]


def test_one_author_alone_may_fill_the_mail() -> None:
    week = [line(stored(f"Bo {n}", id=n, section=None, authors=("Bo",))) for n in range(1, 9)]
    content = made(*week, on=schedule(per_author=3))
    assert not content.briefs


def test_most_reactions_is_a_mark_of_the_storyline_as_its_rank_is() -> None:
    faces = (Engagement("reaction:sad", 30),)
    a, b = stored("A", id=1, engagement=faces), stored("B", id=2, engagement=faces)
    loud = stored("C", id=3, engagement=(Engagement("reaction:sad", 40),))
    content = made(line(a, b), line(loud))
    assert [story.marks for story in content.stories] == [("Most reactions",), ()]


def test_a_story_that_goes_on_says_from_where() -> None:
    one = line(stored("A", id=1))
    item = ThreadItem(article_id=ArticleId(7), title="Before", url=None, published_at=WEDNESDAY)
    continued = {ArticleId(1): Continued(period="2026-11-22", item=item)}
    week = compose.lay(
        [one],
        {},
        Selection(WINDOW, (one.storyline.lead,)),
        schedule=schedule(),
        moments=MOMENTS,
        number=1,
        continued=continued,
    )
    assert week.lead is not None
    assert week.lead.continues == continued[ArticleId(1)]


def test_a_story_brings_the_days_that_it_announces_unless_the_schedule_says_no() -> None:
    text = "The council will vote on the levy on Tuesday. The boats are still."
    told = stored(
        "The levy", id=1, text=text, language="en", published_at=NOW - dt.timedelta(days=1)
    )
    content = made(line(told))
    assert [item.coming.day for item in content.agenda] == [dt.date(2026, 12, 1)]
    assert content.agenda[0].story.article_id == told.id
    assert made(line(told), on=schedule(agenda=False)).agenda == ()
