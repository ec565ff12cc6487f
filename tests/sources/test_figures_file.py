from __future__ import annotations

import datetime as dt

import pytest

from digest.errors import BadInput
from digest.model import Engagement, Unit
from digest.sources import figures_file

AT = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)


def read(text: str) -> tuple[list[figures_file.FigureRow], list[BadInput]]:
    return figures_file.read(text.encode(), item="week.csv")


def test_a_line_gives_the_figures_of_a_page() -> None:
    rows, errors = read(
        "url,Pageviews,comments,reaction:happy,rating,votes,taken_at,reader ip\n"
        'https://gazette.example/a,"1,204",3,,4.5,8,2026-11-24T10:00:00+01:00,10.0.0.1\n'
    )
    assert errors == []
    assert rows[0].url == "https://gazette.example/a"
    assert rows[0].figures == (
        Engagement("views", 1204, taken_at=AT),
        Engagement("comments", 3, taken_at=AT),
        Engagement("rating", 4.5, Unit.AVERAGE, 8, AT),
    )
    assert "10.0.0.1" not in repr(rows)


@pytest.mark.parametrize("mark", [";", "\t", ","])
def test_tables_of_all_programs_are_read(mark: str) -> None:
    rows, _ = read(f"\ufeffid{mark}likes\n7{mark}12\n\n")
    assert [(row.line, row.source_id, row.figures[0].value) for row in rows] == [(2, "7", 12)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("https://gazette.example/a,many,", "is no number"),
        ("https://gazette.example/a,-3,", "is no number"),
        ("https://gazette.example/a,40 %,", "percentage without its readers"),
        ("https://gazette.example/a,,", "no figure"),
        ("javascript:alert(1),3,", "names no page"),
        ("https://gazette.example/a,3,soon", "taken_at 'soon'"),
    ],
)
def test_a_bad_line_is_named_and_stops_no_other(line: str, reason: str) -> None:
    rows, errors = read(f"url,views,taken_at\n{line}\nhttps://gazette.example/b,5,\n")
    assert [row.line for row in rows] == [3]
    assert errors[0].item == "week.csv, line 2"
    assert reason in errors[0].reason


@pytest.mark.parametrize("text", ["", "views,likes\n1,2\n", "url,title\nx,y\n"])
def test_what_is_no_such_table_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"week\.csv"):
        read(text)
