from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.collect import Known, likely_repeated, select
from digest.model import Article, ArticleId, Window
from digest.schedules import CollectTable
from tests.articles import WEDNESDAY, stored

WEEK = Window(WEDNESDAY - dt.timedelta(days=4), WEDNESDAY + dt.timedelta(days=3))
RULES = CollectTable(min_words=5)


def story(seed: int, length: int = 120) -> str:
    """Words that no other seed shares."""
    chosen = random.Random(seed)
    return " ".join(f"w{chosen.randrange(10**6)}x{seed}" for _ in range(length))


def article(
    number: int, text: str | None = None, *, hours: int | None = None, **changes: object
) -> Article:
    when = WEDNESDAY + dt.timedelta(hours=number if hours is None else hours)
    words = story(number) if text is None else text
    return stored(
        changes.pop("title", f"Story {number}"), id=number, text=words, published_at=when, **changes
    )  # type: ignore[arg-type]


def reasons(*articles: Article, rules: CollectTable = RULES) -> dict[int, str]:
    return {one.article_id: one.reason for one in select(articles, WEEK, rules).left_out}


def test_the_weeks_articles_are_kept_in_the_order_of_publication() -> None:
    found = select([article(3), article(1), article(2)], WEEK, RULES)
    assert [one.id for one in found.kept] == [1, 2, 3]
    assert (found.total, found.left_out, found.window) == (3, (), WEEK)


def test_a_late_and_a_redated_article_count_and_keep_their_dates() -> None:
    hour = dt.timedelta(hours=1)
    late = stored("Late", id=1, text=story(1), published_at=WEEK.start - hour)
    redated = stored("Redated", id=2, text=story(2), published_at=WEEK.end + hour)
    undated = stored("Seen", id=3, text=story(3), published_at=None)
    found = select([redated, undated, late], WEEK, RULES)
    assert [one.id for one in found.kept] == [1, 3, 2]
    assert (found.total, found.kept[0].when) == (3, WEEK.start - hour)


def test_a_short_piece_is_left_out_with_its_words() -> None:
    rules = CollectTable(min_words=40)
    assert reasons(article(1, "Three words only"), article(2, "One"), rules=rules) == {
        1: "3 words, fewer than the 40 asked for",
        2: "1 word, fewer than the 40 asked for",
    }


def test_an_article_without_a_title_is_left_out() -> None:
    assert reasons(article(1, title="  ")) == {1: "it has no title"}


def test_sections_are_renamed_and_left_out_by_either_name() -> None:
    rules = CollectTable(
        min_words=5,
        sections={"World": ("international", "Foreign"), "Notices": ("small ads",)},
        exclude_sections=("notices",),
    )
    found = select(
        [
            article(1, section="FOREIGN"),
            article(2, section="world"),
            article(3, section="Town"),
            article(4, section="Small Ads"),
            article(5, section=None),
            article(6, section=" "),
        ],
        WEEK,
        rules,
    )
    assert [one.section for one in found.kept] == ["World", "World", "Town", None, None]
    assert [(one.article_id, one.reason) for one in found.left_out] == [
        (4, "the section Notices is left out")
    ]


def test_a_story_printed_again_is_left_out_with_the_earlier_title() -> None:
    again = article(
        2, "An editor's new first line.\n\n" + story(1) + "\n\nA footer of the other site."
    )
    assert reasons(article(1, title="Goats came"), again) == {2: "the same text as “Goats came”"}


def test_a_shorter_copy_is_left_out_whichever_came_first() -> None:
    short = " ".join(story(1, 200).split()[:60])
    assert reasons(article(1, story(1, 200)), article(2, short)) == {
        2: "the same text as “Story 1”"
    }
    assert reasons(article(1, short), article(2, story(1, 200))) == {1: "told in full in “Story 2”"}


def test_two_stories_that_share_a_paragraph_are_both_kept() -> None:
    shared = story(9, 30)
    assert reasons(article(1, f"{story(1)} {shared}"), article(2, f"{story(2)} {shared}")) == {}


def test_a_chain_of_copies_keeps_one() -> None:
    copies = [article(number, story(1) + f" more{number}") for number in range(1, 5)]
    found = select(copies, WEEK, RULES)
    assert [one.id for one in found.kept] == [1]
    assert found.total == 4


def test_copies_are_known_where_words_have_no_spaces() -> None:
    first = "港の事務所は月曜日から船が毎時出ると発表した。町の人々は春からこの知らせを待っていた。切符の値段は前と同じである。"
    other = "市の図書館は火曜日に新しい部屋を開いた。子どもたちは夏からその本を読みたがっていた。入口は橋の近くにある。"
    found = reasons(article(1, first), article(2, other), article(3, first + "写真は本紙。"))
    assert found == {3: "the same text as “Story 1”"}


def test_a_copy_of_what_was_left_out_is_judged_by_itself() -> None:
    rules = CollectTable(min_words=5, exclude_sections=("Wire",))
    found = select([article(1, section="Wire"), article(2, story(1))], WEEK, rules)
    assert [one.id for one in found.kept] == [2]


def test_texts_too_short_to_tell_apart_are_both_kept() -> None:
    same = "The weather stays as it is"
    assert reasons(article(1, same), article(2, same)) == {}


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(
        st.sampled_from([story(n) for n in range(4)] + ["", "too short", story(0) + " tail"]),
        max_size=9,
    ),
    seed=st.randoms(use_true_random=False),
)
def test_every_article_of_the_window_is_accounted_for_whatever_the_order(
    texts: list[str], seed: random.Random
) -> None:
    articles = [article(number, text) for number, text in enumerate(texts, 1)]
    expected = select(articles, WEEK, RULES)
    seed.shuffle(articles)
    assert select(articles, WEEK, RULES) == expected
    ids = [one.id for one in expected.kept] + [one.article_id for one in expected.left_out]
    assert sorted(ids) == list(range(1, len(texts) + 1))


@pytest.mark.slow
def test_a_week_of_two_thousand_articles_is_compared_quickly() -> None:
    articles = [article(number, story(number % 1500), hours=0) for number in range(1, 2001)]
    assert len(select(articles, WEEK, RULES).kept) == 1500


def test_what_an_earlier_issue_told_is_not_told_again_but_its_sequel_is() -> None:
    old = article(1, title="Goats came", hours=-200)
    again, sequel = article(2, story(1)), article(3, story(1, 60) + " " + story(3, 400))
    found = select([again, sequel], WEEK, RULES, known=Known(before=(old,)))
    assert [one.id for one in found.kept] == [3]
    ((left),) = found.left_out
    assert (left.article_id, left.copy_of) == (2, 1)
    assert left.reason.startswith("told before, on ")
    assert left.reason.endswith("as “Goats came”")


def test_of_what_earlier_issues_told_only_what_may_be_repeated_has_to_be_known() -> None:
    old = [article(number, story(number), hours=-200) for number in range(1, 20)]
    week = [
        article(20, story(3)),
        article(21, story(7, 60) + " " + story(40)),
        article(22, story(41)),
    ]
    likely = likely_repeated((one.text for one in old), week)
    assert 0 < len(likely) < 5
    few = select(week, WEEK, RULES, known=Known(before=tuple(old[place] for place in likely)))
    assert few == select(week, WEEK, RULES, known=Known(before=tuple(old)))
    assert few.left_out


def test_what_grew_to_twice_its_length_is_kept_instead_and_is_new_where_an_earlier_issue_told_the_little() -> (
    None
):
    little, grown = article(1, story(1, 100)), article(2, story(1, 100) + " " + story(2, 110))
    assert reasons(little, grown) == {1: "told in full in “Story 2”"}
    old = replace(little, published_at=WEDNESDAY - dt.timedelta(days=9))
    assert select([grown], WEEK, RULES, known=Known(before=(old,))).left_out == ()


def test_a_copy_is_named_with_what_it_repeats_and_an_editor_can_take_them_apart() -> None:
    pair = [article(1), article(2, story(1))]
    (left,) = select(pair, WEEK, RULES).left_out
    assert (left.article_id, left.copy_of) == (2, 1)
    apart = frozenset({frozenset((ArticleId(1), ArticleId(2)))})
    assert len(select(pair, WEEK, RULES, known=Known(apart=apart)).kept) == 2


def test_an_article_that_left_its_site_is_left_out() -> None:
    gone = replace(article(1), gone_at=WEEK.start)
    assert reasons(gone) == {1: "it was taken off its site"}


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_a_text_changed_in_every_fifth_word_or_every_second_sentence_is_a_copy(
    share: float,
) -> None:
    chance = random.Random(3)
    sentences = [story(1, 400).split()[place : place + 16] for place in range(0, 400, 16)]
    if share == 0.2:
        sentences = [[w if chance.random() > share else "x" for w in one] for one in sentences]
    else:
        sentences = [one if place % 2 else ["y"] * 16 for place, one in enumerate(sentences)]
    changed = " ".join(word for one in sentences for word in one)
    assert list(reasons(article(1, story(1, 400)), article(2, changed))) == [2]
