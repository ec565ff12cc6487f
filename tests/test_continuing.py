"""Continuing: a story that an earlier issue told is known again, and only that one."""

from __future__ import annotations

from dataclasses import replace

from digest.continuing import find
from digest.model import NO_PAST, IssueContent, Past, Story, Storyline, Summary, Window
from tests.articles import WEDNESDAY, stored
from tests.test_storylines import APPEAL, BAKERY, LEVY, OWL

WEEK = Window(WEDNESDAY, WEDNESDAY)


def told(period: str, *stories: tuple[int, str, str]) -> IssueContent:
    made = tuple(
        Story(
            article_id=stored(id=id).id,
            title=title,
            url=f"https://gazette.example/{id}",
            summary=Summary(text),
            section="",
            published_at=WEDNESDAY,
            read_seconds=9,
        )
        for id, title, text in stories
    )
    return IssueContent(
        newsletter="sunday",
        period=period,
        number=1,
        window=WEEK,
        subject="",
        preheader="",
        briefs=made,
    )


def line(title: str, text: str, id: int = 50) -> Storyline:
    one = stored(title, id=id, text=text)
    return Storyline(one, (one,))


LAST = told(
    "2026-11-22", (1, "Council cuts harbour levy", LEVY), (2, "Owl chicks in the bell tower", OWL)
)
APPEALED = line("Marrow Sound fights harbour levy", APPEAL)


def test_a_follow_up_goes_on_from_what_last_sunday_told() -> None:
    found = find([APPEALED, line("Bakery to close", BAKERY, 51)], Past(told=(LAST,)))
    assert list(found) == [50]
    assert found[APPEALED.lead.id].period == "2026-11-22"
    assert found[APPEALED.lead.id].item.title == "Council cuts harbour levy"


def test_the_newest_issue_is_the_one_that_it_goes_on_from() -> None:
    older = told("2026-11-15", (3, "Council debates harbour levy", LEVY))
    found = find([APPEALED], Past(told=(LAST, older)))
    assert found[APPEALED.lead.id].item.article_id == 1


def test_the_articles_own_text_is_compared_where_it_is_known() -> None:
    bare = told("2026-11-22", (1, "Council cuts levy", ""))
    assert find([APPEALED], Past(told=(bare,))) == {}
    assert find([APPEALED], Past(told=(bare,), texts={stored(id=1).id: LEVY})) != {}


def test_months_later_it_still_goes_on() -> None:
    later = replace(APPEALED.lead, published_at=WEDNESDAY.replace(year=2027))
    assert find([Storyline(later, (later,))], Past(told=(LAST,))) != {}


def test_a_first_week_goes_on_from_nothing() -> None:
    assert find([APPEALED], NO_PAST) == {}
    assert find([], Past(told=(LAST,))) == {}
