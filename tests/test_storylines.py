"""Storylines: articles on one event belong together, and only those."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import storylines
from digest.model import Article
from digest.storylines import cluster_lines, group
from tests.articles import WEDNESDAY, stored

DAY = dt.timedelta(days=1)
LEVY = (
    "Councillors in Port Ellery voted to cut the harbour levy by a third after ferry firms said "
    "the charge was driving boats to Marrow Sound."
)
VOTE = (
    "Ferry firms in Port Ellery welcomed the lower harbour levy that councillors passed, saying "
    "boats would return from Marrow Sound within weeks."
)
APPEAL = (
    "Marrow Sound will appeal against the harbour levy cut in Port Ellery, whose councillors it "
    "accuses of luring ferry firms and their boats with public money."
)
OWL = "A barn owl that nested in the school bell tower has raised five chicks, rangers counted."
BAKERY = "The oldest bakery on Mill Lane closes in spring because nobody wants to rise at three."


def levy_week() -> list[Article]:
    return [
        stored("Council cuts harbour levy", id=1, text=LEVY, published_at=WEDNESDAY - DAY),
        stored("Owl chicks in the bell tower", id=2, text=OWL, published_at=WEDNESDAY),
        stored("Ferry firms cheer harbour levy cut", id=3, text=VOTE, published_at=WEDNESDAY),
        stored("Mill Lane bakery to close", id=4, text=BAKERY, published_at=WEDNESDAY + DAY),
        stored("Marrow Sound fights harbour levy", id=5, text=APPEAL, published_at=WEDNESDAY + DAY),
    ]


def ids(articles: list[Article]) -> list[list[int]]:
    return [[member.id for member in storyline.members] for storyline in group(articles)]


def test_articles_on_one_event_are_one_storyline_oldest_first() -> None:
    assert sorted(ids(levy_week())) == [[1, 3, 5], [2], [4]]


def test_the_reason_names_what_they_share() -> None:
    reason = next(s.reason for s in group(levy_week()) if len(s.members) == 3)
    assert reason == "3 articles that share Marrow, Sound and harbour; the newest leads"


def test_the_newest_leads_unless_it_tells_much_less_than_the_longest() -> None:
    week = [article for article in levy_week() if article.id in (1, 3)]
    assert group(week)[0].lead.id == 3
    longer = stored(
        "Council cuts harbour levy", id=1, text=f"{LEVY} " * 4, published_at=WEDNESDAY - DAY
    )
    storyline = group([longer, week[1]])[0]
    assert storyline.lead.id == 1
    assert storyline.reason.endswith("the fullest of the newest leads")


def test_the_order_of_the_input_changes_nothing() -> None:
    week = levy_week()
    expected = group(week)
    for seed in range(5):
        random.Random(seed).shuffle(week)
        assert group(week) == expected


def test_house_style_alone_joins_nobody() -> None:
    frame = (
        "Police said on Monday that officers were called. A spokesman said more people should "
        "report what they have seen this week, according to a statement by the government."
    )
    texts = [
        f"{frame} It was about {what}." for what in ("a stolen tractor", "loud music", "a swan")
    ]
    week = [stored(f"Police called again {n}", id=n, text=t) for n, t in enumerate(texts, 1)]
    assert ids(week) == [[3], [2], [1]]


def test_a_week_apart_is_another_event() -> None:
    week = [
        stored("Council cuts harbour levy", id=1, text=LEVY, published_at=WEDNESDAY - 7 * DAY),
        stored("Council cuts harbour levy", id=2, text=LEVY, published_at=WEDNESDAY),
    ]
    assert ids(week) == [[2], [1]]


def test_titles_alone_are_enough_when_they_say_the_same() -> None:
    week = [
        stored("Storm Edna tears roof from Ellery station", id=1, text=""),
        stored("Ellery station loses roof to Storm Edna", id=2, text=""),
        stored("Bakery on Mill Lane closes", id=3, text=""),
    ]
    assert sorted(ids(week)) == [[1, 2], [3]]


def test_scripts_without_spaces_and_capitals_are_grouped_too() -> None:
    week = [
        stored("港の税金が下がる", id=1, text="市議会は火曜日に港の税金を三分の一下げた。"),
        stored("港の税金、三分の一に", id=2, text="港の税金を市議会が三分の一下げた。"),
        stored("学校の鐘楼に梟", id=3, text="学校の鐘楼で梟の雛が五羽育った。"),
    ]
    assert sorted(ids(week)) == [[1, 2], [3]]


def test_nothing_gives_no_storylines() -> None:
    assert group([]) == ()


@settings(deadline=None)
@given(st.lists(st.sampled_from([LEVY, VOTE, APPEAL, OWL, BAKERY, "", "x"]), max_size=9))
def test_every_article_is_in_exactly_one_storyline(texts: list[str]) -> None:
    week = [stored(f"Title {n}", id=n, text=text) for n, text in enumerate(texts, 1)]
    found = sorted(n for members in ids(week) for n in members)
    assert found == list(range(1, len(texts) + 1))


def test_two_thousand_articles_are_grouped() -> None:
    week = []
    for n in range(0, 2000, 2):
        topic = " ".join(f"Place{n} name{n}x{k} common{n % 40}x{k}" for k in range(12))
        week += [
            stored(f"Story {n}", id=n, text=topic),
            stored(f"Story {n + 1}", id=n + 1, text=topic),
        ]
    found = ids(week)
    assert len(found) == 1000
    assert all(len(members) == 2 for members in found)


def test_lines_are_answered_one_each_in_order_and_a_bad_one_with_its_error() -> None:
    given = [
        {"id": str(a.id), "title": a.title, "text": a.text, "date": a.when.isoformat()}
        for a in levy_week()
    ]
    answers = list(cluster_lines([*given[:2], {"id": "bad", "text": []}, *given[2:]]))
    assert [answer["id"] for answer in answers] == ["1", "2", "bad", "3", "4", "5"]
    assert answers[2]["error"] == "text: expected a text"
    labels = {answer["id"]: answer.get("cluster") for answer in answers}
    assert labels["1"] == labels["3"] == labels["5"]
    assert len({labels["1"], labels["2"], labels["4"]}) == 3


# ---------------------------------------------------------------- different events, told alike

PAIRS = tomllib.loads((Path(__file__).parent / "house_style.toml").read_text("utf-8"))["pair"]


def told(pair: dict[str, Any], first: int = 1) -> list[Article]:
    return [
        stored(one["title"], id=first + n, text=one["text"])
        for n, one in enumerate(pair["article"])
    ]


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["article"][0]["title"] for pair in PAIRS])
def test_two_events_of_one_place_and_its_people_stay_two(pair: dict[str, Any]) -> None:
    assert ids(told(pair)) == [[2], [1]]


def test_fifty_such_pairs_in_one_week_are_a_hundred_stories() -> None:
    assert len(PAIRS) == 50
    week = [one for n, pair in enumerate(PAIRS) for one in told(pair, first=2 * n + 1)]
    assert len(ids(week)) == 100


def test_an_article_that_is_like_one_of_many_only_is_a_story_of_its_own() -> None:
    like = np.array([[0, 0.9, 0.9, 0.2], [0.9, 0, 0.9, 0], [0.9, 0.9, 0, 0], [0.2, 0, 0, 0]])
    assert storylines._coherent([0, 1, 2, 3], like) == [0, 1, 2]


# ---------------------------------------------------------------- titles without a text


def bare(*titles: str) -> list[Article]:
    return [stored(title, id=n, text="") for n, title in enumerate(titles, 1)]


def test_titles_of_one_word_in_common_are_strangers() -> None:
    week = bare(
        "Labour wins the seat of Ellery",
        "Bakers say labour is dear this winter",
        "Library opens on Sundays",
        "Library roof leaks again",
    )
    assert ids(week) == [[4], [3], [2], [1]]


def test_the_same_title_twice_is_one_story_however_short() -> None:
    assert sorted(ids(bare("Obituary", "Weather", "Obituary"))) == [[1, 3], [2]]


def test_titles_are_joined_by_way_of_a_third() -> None:
    week = bare(
        "Marrow shipyard rejects Quillon bid",
        "Quillon bid: shipyard board says no",
        "Board of shipyard stands firm",
        "Owl chicks in the tower",
    )
    assert sorted(ids(week)) == [[1, 2, 3], [4]]


def test_one_word_of_a_great_story_is_enough_when_the_others_prove_it() -> None:
    said = itertools.combinations(("rejects", "board", "split", "vote", "bid"), 2)
    week = bare(*(f"Quillon {one} {other}" for one, other in said), "Quillon", "Owl in the tower")
    assert sorted(ids(week), key=len)[-1] == list(range(1, 12))


def test_two_great_stories_of_titles_stay_two() -> None:
    one = [f"Quillon shipyard {w}" for w in ("bid", "board", "vote", "price", "split", "strike")]
    other = [f"Edna storm {w}" for w in ("roof", "station", "flood", "power", "school", "cost")]
    assert sorted(ids(bare(*one, *other))) == [list(range(1, 7)), list(range(7, 13))]


def test_scripts_without_spaces_need_more_than_one_word_in_common() -> None:
    assert ids(bare("市議会が税を下げる", "市議会の庭に梟がいる")) == [[2], [1]]


def test_titles_and_articles_are_grouped_side_by_side() -> None:
    week = [*levy_week(), stored("Storm Edna tears roof from station", id=6, text="")]
    week.append(stored("Station roof lost to Storm Edna", id=7, text=""))
    assert sorted(ids(week)) == [[1, 3, 5], [2], [4], [6, 7]]
