"""A site hands its stories over; what cannot be used is told, and keeps nothing else out."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from digest.bootstrap import House
from digest.model import Article, DateSource, Image
from digest.store import articles
from tests.houses import MONDAY, SCHEDULE, make_house
from tests.web.people import later, visitor

BODY = "The board voted on the quay. It took four hours, and twelve amendments were read out."


def an_article(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": f"story-{number}",
        "url": f"https://gazette.example/{number}",
        "title": f"Story {number}",
        "text": BODY,
        **more,
    }


def post(house: House, body: Any, *, token: str | None = None, **more: Any) -> Any:
    headers = {"authorization": f"Bearer {token or house.api_token}"}
    return visitor(house).post("/api/articles", json=body, headers=headers, **more)


def stored(house: House, source: str = "desk") -> list[Article]:
    window = (
        house.schedule("sunday")
        .calendar.moments(house.schedule("sunday").calendar.period_at(MONDAY))
        .window
    )
    wide = dataclasses.replace(
        window, end=MONDAY.replace(year=2030), start=MONDAY.replace(year=2020)
    )
    with house.database.read() as session:
        return articles.in_window(session, [source], wide)


def test_an_article_is_new_then_unchanged_then_revised(house: House) -> None:
    outcomes = []
    for title in ("One", "One", "One, corrected"):
        answer = post(house, an_article(title=title))
        assert answer.status_code == 200
        outcomes.append(answer.json()["results"])
        later(house, minutes=1)
    assert outcomes == [[{"index": 0, "outcome": word}] for word in ("new", "unchanged", "revised")]
    assert [article.title for article in stored(house)] == ["One, corrected"]


def test_everything_that_is_sent_is_kept(house: House) -> None:
    full = an_article(
        authors=["Ada  North"],
        section="Town",
        tags=["quay"],
        language="en",
        teaser="A vote",
        published_at="2026-11-23T08:00:00+02:00",
        image={"url": "https://gazette.example/q.jpg", "alt": "The quay", "width": 800},
        read_seconds=240,
        engagement=[{"kind": "reaction:happy", "value": 12}],
    )
    assert post(house, full).status_code == 200
    (article,) = stored(house)
    assert article.authors == ("Ada North",)
    assert article.published_at == MONDAY
    assert article.date_source is DateSource.SOURCE
    assert article.image is not None
    assert article.image.alt == "The quay"
    signal = article.signal("reaction:happy")
    assert signal is not None
    assert signal.value == 12


def test_html_becomes_text(house: House) -> None:
    figure = '<figure><img src="https://x.example/q.jpg" alt="Q"><figcaption>Low tide</figcaption></figure>'
    markup = f"<h2>Vote</h2>{figure}<p>{BODY} &lt;3</p><script>alert(1)</script>"
    sent = an_article(html=markup)
    del sent["text"]
    assert post(house, sent).status_code == 200
    (article,) = stored(house)
    assert article.text == f"Vote\n\n{BODY} <3"
    assert [caption.text for caption in article.captions] == ["Low tide"]
    assert article.image == Image("https://x.example/q.jpg", "Q")


def test_plain_text_keeps_its_paragraphs_and_nothing_else(house: House) -> None:
    dirty = "One \r\n two <b>bold</b> &amp; \x00.\n\n\n Three\u2028three.\n"
    assert post(house, an_article(text=dirty)).status_code == 200
    assert stored(house)[0].text == "One two <b>bold</b> &amp; .\n\nThree three."


def test_a_batch_tells_each_outcome_and_errors_stand_beside_the_rest(house: House) -> None:
    batch = [an_article(1), {"title": "No body", "id": "2"}, "nonsense", an_article(3)]
    answer = post(house, {"articles": batch})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [one["outcome"] for one in results] == ["new", "error", "error", "new"]
    assert "html or as text" in results[1]["error"]
    assert len(stored(house)) == 2
    assert post(house, {"articles": []}).json() == {"results": []}


def test_a_time_that_no_zone_can_hold_does_not_cost_the_batch_its_answer(house: House) -> None:
    far = an_article(2, published_at="0001-01-01T00:00:00+14:00")
    answer = post(house, {"articles": [an_article(1), far, an_article(3)]})
    assert answer.status_code == 200
    assert [one["outcome"] for one in answer.json()["results"]] == ["new", "error", "new"]
    assert "1990 to 2100" in answer.json()["results"][1]["error"]


def test_texts_lose_the_letters_that_no_database_holds(house: House) -> None:
    nul = dict.fromkeys(("title", "text", "teaser", "section"), "a\0b")
    image = {"url": "https://gazette.example/q.jpg", "alt": "a\0b"}
    sent = an_article(**nul, authors=["a\0b"], tags=["a\0b"], image=image)
    assert post(house, sent).status_code == 200
    (article,) = stored(house)
    assert "\0" not in repr(article)
    assert article.teaser == "ab"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"title": "  "}, "title"),
        ({"html": "<p>x</p>"}, "not both"),
        ({"url": "javascript:alert(1)"}, "https://"),
        ({"url": "https://x.example/a b"}, "https://"),
        ({"published_at": "2026-11-23T08:00:00"}, "published_at"),
        ({"published_at": "yesterday"}, "published_at"),
        ({"published_at": "0001-01-01T00:00:00+14:00"}, "published_at: expected a year from 1990"),
        ({"published_at": "9999-12-31T23:59:59-14:00"}, "published_at: expected a year from 1990"),
        (
            {
                "engagement": [
                    {"kind": "likes", "value": 1, "taken_at": "0001-01-01T00:00:00+14:00"}
                ]
            },
            "taken_at: expected a year from 1990",
        ),
        ({"id": "a\0b"}, "id: expected no control characters"),
        ({"url": "https://x.example/a\0b"}, "url: expected no control characters"),
        ({"editor": True}, "editor"),
        ({"source": "site"}, "no source of kind api"),
        ({"image": {"url": "data:image/png;base64,x"}}, "image.url"),
        ({"engagement": [{"kind": "likes", "value": float("1e400")}]}, "engagement"),
        ({"id": None, "url": None}, "known again"),
        ({"read_seconds": -1}, "read_seconds"),
    ],
)
def test_a_single_article_that_cannot_be_used_is_a_problem_that_says_why(
    sqlite_house: House, wrong: dict[str, Any], told: str
) -> None:
    import json

    content = json.dumps(an_article(**wrong)).encode()
    headers = {"authorization": f"Bearer {sqlite_house.api_token}"}
    answer = visitor(sqlite_house).post("/api/articles", content=content, headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert told in problem["detail"]
    assert stored(sqlite_house) == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_a_problem(sqlite_house: House, body: bytes) -> None:
    headers = {"authorization": f"Bearer {sqlite_house.api_token}"}
    answer = visitor(sqlite_house).post("/api/articles", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["title"] == "That was not understood"


@pytest.mark.parametrize(
    "body",
    [[], "x", 1, {"articles": {}}, {"articles": [], "more": 1}, {"articles": [{}] * 101}],
)
def test_what_is_neither_an_article_nor_a_batch_is_a_problem(
    sqlite_house: House, body: Any
) -> None:
    assert post(sqlite_house, body).status_code == 422


def test_only_the_token_opens_the_api(sqlite_house: House) -> None:
    client = visitor(sqlite_house)
    nobody = client.post("/api/articles", json=an_article())
    assert nobody.status_code == 401
    assert nobody.headers["www-authenticate"] == "Bearer"
    for words in ("Basic eDp5", "Bearer", "Bearer "):
        headers = {"authorization": words}
        assert client.post("/api/articles", json={}, headers=headers).status_code == 401
    assert post(sqlite_house, an_article(), token="another").status_code == 403
    headers = {b"authorization": b"Bearer \xfcnlike"}
    assert client.post("/api/articles", json={}, headers=headers).status_code == 403
    assert stored(sqlite_house) == []


def test_without_a_token_in_the_settings_there_is_no_api(sqlite_house: House) -> None:
    house = dataclasses.replace(sqlite_house, api_token="")
    answer = post(house, an_article(), token="x")
    assert answer.status_code == 404


def test_an_article_goes_to_the_source_that_it_names(house: House, tmp_path: Any) -> None:
    more = '[[sources]]\nkey = "radio"\nkind = "api"\n\n[compose]'
    made = make_house(house.database, tmp_path, schedule=SCHEDULE.replace("[compose]", more))
    assert post(made, an_article(source="radio")).status_code == 200
    assert len(stored(made, "radio")) == 1


def test_without_a_declared_source_nothing_is_taken(sqlite_house: House, tmp_path: Any) -> None:
    feed = 'kind = "feed"\nurl = "https://gazette.example/feed/"'
    made = make_house(
        sqlite_house.database, tmp_path, schedule=SCHEDULE.replace('kind = "api"', feed)
    )
    answer = post(made, an_article())
    assert answer.status_code == 422
    assert "there are: none" in answer.json()["detail"]


def test_the_document_describes_both_bodies(sqlite_house: House) -> None:
    document = visitor(sqlite_house).get("/api/openapi.json").json()
    assert {"/api/subscribe/{newsletter}", "/api/articles"} <= set(document["paths"])
    schemas = document["components"]["schemas"]
    for name in ("ArticleBody", "BatchBody", "Answer", "ImageBody", "EngagementBody"):
        assert name in schemas
    assert schemas["ArticleBody"]["additionalProperties"] is False
