"""Lists in pages: all of it once, whatever is added in between."""

from __future__ import annotations

import re

import pytest

from digest.bootstrap import House
from digest.web.v1 import paging
from digest.web.v1.problems import Problem
from tests.web.test_public import add
from tests.web.v1.calling import Program


def walk(program: Program, path: str, *, meanwhile: object = None) -> list[int]:
    """The numbers of all readers of a list, by its Link header."""
    found: list[int] = []
    while path:
        answer = program.client.get(path)
        found += [one["reader"] for one in answer.json()["items"]]
        link = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers.get("link", ""))
        assert bool(link) == bool(answer.json()["next"])
        path = link[1] if link else ""
        if callable(meanwhile):
            meanwhile()
    return found


def test_every_reader_is_on_one_page_though_others_come_in_between(sqlite_house: House) -> None:
    for n in range(7):
        add(sqlite_house, f"reader{n}@gmail.com", confirmed=n % 2 == 0)
    program, more = Program(sqlite_house), iter(range(100, 200))

    def come() -> None:
        add(sqlite_house, f"late{next(more)}@gmail.com", confirmed=True)

    found = walk(program, "/api/v1/readers?limit=2", meanwhile=come)
    assert found == [7, 6, 5, 4, 3, 2, 1]
    kept = walk(program, "/api/v1/readers?limit=1&status=pending&newsletter=sunday")
    assert kept == [6, 4, 2], "what was asked for goes along"


@pytest.mark.parametrize("place", [1, 2**62, "2026-11-29", "the-desk"])
def test_a_cursor_holds_its_place(place: int | str) -> None:
    cursor = paging.written(place)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor)
    read = paging.number_of if isinstance(place, int) else paging.text_of
    assert read(cursor) == place


@pytest.mark.parametrize(
    "cursor", ["x", "é", "====", "bi01", *map(paging.written, ("a", 2**62 + 1, 10**19))]
)
def test_a_cursor_that_is_none_of_ours_is_a_problem(cursor: str) -> None:
    with pytest.raises(Problem, match="cursor"):
        paging.number_of(cursor)


def test_a_cursor_of_another_list_is_told_at_its_parameter(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    for path in ("/readers", "/articles", "/suppressions", "/sources", "/newsletters"):
        cursor = paging.written(1 if path in ("/sources", "/newsletters") else "a")
        answer = program.get(f"{path}?cursor={cursor}")
        assert answer.status_code == 422, path
        assert answer.json()["errors"][0]["parameter"] == "cursor"
