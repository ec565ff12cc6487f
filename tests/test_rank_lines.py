"""A week's order as JSON lines."""

from __future__ import annotations

from typing import Any

import pytest

from digest.errors import BadInput
from digest.rank_lines import learned, rank_lines
from digest.schedules import RankTable

WEIGHTS = RankTable()


def line(id: str, **changes: object) -> dict[str, object]:
    return {"id": id, "published": "2026-11-25T12:00:00Z", "now": "2026-11-28T18:00:00Z", **changes}


def test_lines_are_answered_in_their_order_with_rank_score_and_reasons() -> None:
    given = [
        line("a", comments=2, text="word " * 90),
        line(
            "b", comments=50, reactions={"happy": 8, "sad": 1}, views="900", rating=4.5, ratings=9
        ),
        line("c", reactions=3),
    ]
    answers = list(rank_lines(given, WEIGHTS))
    assert [answer["id"] for answer in answers] == ["a", "b", "c"]
    assert sorted(str(answer["rank"]) for answer in answers) == ["1", "2", "3"]
    assert answers[1]["rank"] == 1
    reasons: Any = answers[1]["reasons"]
    assert sum(reason["points"] for reason in reasons) == pytest.approx(answers[1]["score"])
    assert {"comments", "reactions", "views", "rating"} <= {reason["name"] for reason in reasons}


def test_a_bad_line_is_answered_with_its_error_and_stops_nobody() -> None:
    given = [line("a"), {"id": "b"}, line("c", comments=-1), {"now": "x"}, line("e", now="never")]
    answers = list(rank_lines(given, WEIGHTS))
    assert answers[0]["rank"] == 1
    assert ["error" in answer for answer in answers] == [False, True, True, True, True]
    assert [answer["id"] for answer in answers] == ["a", "b", "c", None, "e"]


def test_a_bad_date_beside_a_given_now_is_an_error_of_that_line_alone() -> None:
    answers = list(rank_lines([line("a", published=None), line("b")], WEIGHTS))
    assert "error" in answers[0]
    assert answers[1]["rank"] == 1


def test_without_now_each_calendar_week_is_ranked_on_its_own() -> None:
    given = [{"id": n, "date": f"2026-11-{day:02}"} for n, day in enumerate((2, 8, 9, 15))]
    assert [answer["rank"] for answer in rank_lines(given, WEIGHTS)] == [2, 1, 2, 1]


def test_what_earlier_weeks_taught_orders_a_week_without_signs() -> None:
    past = [
        {
            "id": n,
            "date": f"2026-11-{day:02}",
            "author": "bo" if n % 3 == 0 else f"other{n}",
            "url": "https://gazette.example/x",
            "points": 90 if n % 3 == 0 else 10,
        }
        for n, day in enumerate((*range(2, 8), *range(9, 15)))
    ]
    earlier = learned(past, WEIGHTS)
    week = [{"id": n, "date": "2026-11-18", "author": a} for n, a in enumerate(("al", "bo", "cy"))]
    assert [answer["rank"] for answer in rank_lines(week, WEIGHTS, earlier)][1] == 1


def test_a_bad_object_of_an_earlier_week_is_named() -> None:
    with pytest.raises(BadInput, match="object 2: published"):
        learned([{"id": 1, "date": "2026-11-02"}, {"id": 2}], WEIGHTS)


def test_a_week_without_counts_learns_from_the_weeks_before_it_in_the_input() -> None:
    def told(id: str, day: int, section: str, **counts: object) -> dict[str, object]:
        return {"id": id, "date": f"2026-11-{day:02}", "section": section, **counts}

    past = [told(f"p{n}", 3 + n % 4, "sport", likes=90) for n in range(12)]
    past += [told(f"q{n}", 3 + n % 4, "notices", likes=3) for n in range(12)]
    now = [told("x", 10, "sport"), told("y", 12, "notices")]
    ranks = {a["id"]: a["rank"] for a in rank_lines([*now, *past], WEIGHTS)}
    assert (ranks["x"], ranks["y"]) == (1, 2)
    ranks = {a["id"]: a["rank"] for a in rank_lines(now, WEIGHTS)}
    assert (ranks["x"], ranks["y"]) == (2, 1)  # by date, where nothing is known
    later = [{**one, "date": f"2026-11-2{n % 4}"} for n, one in enumerate(past)]
    ranks = {a["id"]: a["rank"] for a in rank_lines([*now, *later], WEIGHTS)}
    assert (ranks["x"], ranks["y"]) == (2, 1)  # what comes later is not known yet


def test_a_week_at_the_end_of_all_dates_is_an_error_of_its_line_alone() -> None:
    odd = [{"id": "far", "published": "9999-12-31"}, {"id": "old", "published": "0001-01-02"}]
    answers = list(rank_lines([*odd, line("a")], WEIGHTS))
    assert ["error" in answer for answer in answers] == [True, False, False]


def test_an_absurd_count_is_refused_and_drowns_nobody() -> None:
    given = [line("a", views=1e308), line("b", views=900), line("c", views=3)]
    answers = list(rank_lines(given, WEIGHTS))
    assert answers[0]["error"] == "views: expected a number from 0 to 1e+15"
    assert [answer["rank"] for answer in answers[1:]] == [1, 2]
    assert "views" in {reason["name"] for reason in answers[1]["reasons"]}  # type: ignore[attr-defined]
