from __future__ import annotations

from digest.sources import boilerplate
from tests.articles import incoming


def texts(count: int, *more: str) -> list[list[str]]:
    return [
        [f"Story {n} has its own words and many of them, number {n}.", *more] for n in range(count)
    ]


def test_what_three_articles_share_is_the_sites() -> None:
    found = boilerplate.recurring([*texts(3, "A line of the house."), *texts(20)[3:]])
    assert found == {"a line of the house."}


def test_what_two_of_many_share_is_not() -> None:
    assert not boilerplate.recurring([*texts(2, "A line."), *texts(20)[2:]])


def test_a_fifth_of_few_articles_is_enough() -> None:
    assert boilerplate.recurring([*texts(2, "A line."), *texts(9)[2:]]) == {"a line."}


def test_case_and_spaces_do_not_hide_it() -> None:
    known = boilerplate.recurring(
        [["One story of a goat.", "A  LINE."], ["Another tale of a boat.", "A line."]]
    )
    assert boilerplate.without(["Kept.", "a line."], known) == ["Kept."]


def test_a_story_printed_three_times_is_no_boilerplate() -> None:
    same = ["The ferry left at nine.", "It came back at ten with the goats."]
    assert not boilerplate.recurring([same, same, [*same, "A word more."]])


def test_one_article_teaches_nothing() -> None:
    assert not boilerplate.recurring([["A line.", "A line."]])


def test_articles_lose_what_recurs_and_none_is_left_empty() -> None:
    long = "This story number {} goes on for quite some time and says much that no other one does."
    given = [incoming(f"T{n}", text=f"{long.format(n)}\n\nA line.") for n in range(3)]
    given.append(incoming("bare", text="A line."))
    found = boilerplate.cleaned(given)
    assert [article.text for article in found] == [*(long.format(n) for n in range(3)), "A line."]
    assert boilerplate.cleaned(given[3:]) == tuple(given[3:])
