"""JSON-lines objects: what is right is read, what is wrong is named."""

from __future__ import annotations

import datetime as dt

import pytest

from digest import lines
from digest.errors import BadInput


@pytest.mark.parametrize("given", [{}, {"id": ""}, {"id": True}, {"id": None}, {"id": [1]}])
def test_an_object_needs_an_id(given: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="id"):
        lines.name_of(given)


def test_half_a_character_is_replaced_so_that_offsets_stay() -> None:
    assert lines.text_of({"text": "a\ud800b"}, "text") == "a\ufffdb"
    assert lines.text_of({}, "text") == ""
    with pytest.raises(BadInput, match="html_path: expected the path of a file"):
        lines.path_of({}, "html_path")
    with pytest.raises(BadInput, match="text"):
        lines.text_of({"text": 3}, "text")


@pytest.mark.parametrize("value", [-1, "many", True, [], float("nan"), float("inf"), 10**400])
def test_a_number_is_a_number_from_nought_up(value: object) -> None:
    with pytest.raises(BadInput, match="views"):
        lines.number_of({"views": value}, "views")


def test_an_absent_number_is_none_and_a_spoken_one_is_read() -> None:
    assert lines.number_of({}, "views") is None
    assert lines.number_of({"views": "12"}, "views") == 12.0


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"published": "2026-11-25T12:00:00Z"}, dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)),
        ({"date": "2026-11-25"}, dt.datetime(2026, 11, 25, tzinfo=dt.UTC)),
        ({"created_at": "11/25/2026 9:48"}, dt.datetime(2026, 11, 25, 9, 48, tzinfo=dt.UTC)),
        ({"published": "2026-11-25T12:00+02:00"}, dt.datetime(2026, 11, 25, 10, tzinfo=dt.UTC)),
        ({}, None),
        ({"published": "  "}, None),
    ],
)
def test_dates_are_read_in_each_of_their_forms(
    given: dict[str, object], expected: dt.datetime | None
) -> None:
    assert lines.published_of(given) == expected


@pytest.mark.parametrize("value", ["yesterday", "13/45/2026 1:00", "0001-01-01T00:00+23:00", 5])
def test_a_date_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(BadInput, match="published"):
        lines.published_of({"published": value})


def test_a_refusal_names_the_object_where_it_can() -> None:
    error = BadInput("text", "expected a text")
    assert lines.refusal({"id": "a"}, error) == {"id": "a", "error": "text: expected a text"}
    assert lines.refusal({"id": []}, error)["id"] is None
    assert lines.refusal("no object", error)["id"] is None


def test_a_name_that_is_no_json_is_not_said_again() -> None:
    error = BadInput("id", "expected a text or a whole number")
    assert lines.refusal({"id": float("inf")}, error)["id"] is None
