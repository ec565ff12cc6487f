"""A WordPress site pushes its posts."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from digest.bootstrap import House
from digest.store import articles
from tests.web.people import visitor

REST: dict[str, Any] = {
    "id": 7,
    "status": "publish",
    "type": "post",
    "date_gmt": "2026-11-20T10:00:00",
    "guid": {"rendered": "https://gazette.example/?p=7"},
    "link": "https://gazette.example/goats/",
    "title": {"rendered": "Goats"},
    "content": {"rendered": "<p>Two goats came.</p>", "protected": False},
}
HOOK: dict[str, Any] = {
    "post_permalink": "https://gazette.example/goats/",
    "post": {
        "ID": 7,
        "post_title": "Goats",
        "post_content": "Two goats came.\n\nThey stayed.",
        "post_status": "publish",
        "post_type": "post",
        "post_date_gmt": "2026-11-20 10:00:00",
        "guid": "https://gazette.example/?p=7",
    },
}


@pytest.fixture
def open_house(house: House) -> House:
    return dataclasses.replace(house, api_token="token-of-the-house")


def push(house: House, body: Any, token: str = "token-of-the-house") -> tuple[int, Any]:
    head = {"authorization": f"Bearer {token}"}
    answer = visitor(house).post("/api/wordpress", json=body, headers=head)
    return answer.status_code, answer.json()


def test_a_post_comes_in_either_shape_and_an_edit_is_known(open_house: House) -> None:
    assert push(open_house, REST) == (200, {"outcome": "new"})
    assert push(open_house, REST) == (200, {"outcome": "unchanged"})
    assert push(open_house, HOOK) == (200, {"outcome": "revised"})
    with open_house.database.read() as session:
        (found,) = articles.by_ids(session, {1})  # type: ignore[arg-type]
    assert (found.text, found.url) == ("Two goats came.\n\nThey stayed.", REST["link"])


def test_a_post_that_is_taken_back_is_gone_and_comes_back_when_published(open_house: House) -> None:
    push(open_house, REST)
    assert push(open_house, REST | {"status": "trash"}) == (200, {"outcome": "gone"})
    assert push(open_house, REST | {"status": "trash"}) == (200, {"outcome": "ignored"})
    push(open_house, REST)
    with open_house.database.read() as session:
        assert articles.by_ids(session, {1})[0].gone_at is None  # type: ignore[arg-type]


def test_what_is_no_post_or_not_out_is_ignored_or_refused(open_house: House) -> None:
    assert push(open_house, REST | {"type": "page"}) == (200, {"outcome": "ignored"})
    assert push(open_house, REST | {"date_gmt": "2027-01-01T10:00:00"}) == (
        200,
        {"outcome": "ignored"},
    )
    assert push(open_house, REST | {"content": {"protected": True}})[0] == 422
    assert push(open_house, [REST])[0] == 422
    assert push(open_house, REST, token="another")[0] == 403
    assert push(open_house, {"title": {"rendered": ""}, "content": {"rendered": ""}})[0] == 422
