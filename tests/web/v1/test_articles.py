"""Articles by the API: pushed one by one or many, read, taken off."""

from __future__ import annotations

from digest.bootstrap import House
from digest.store import events
from tests.web.people import later
from tests.web.v1.calling import Program

BODY = "The board voted on the quay. It took four hours, and twelve amendments were read out."


def an_article(number: int, **more: object) -> dict[str, object]:
    return {"id": f"story-{number}", "title": f"Story {number}", "text": BODY, **more}


def test_an_article_is_pushed_read_again_and_taken_off(house: House) -> None:
    program = Program(house)
    outcomes = []
    for title in ("One", "One", "One, corrected"):
        answer = program.post("/articles", an_article(1, title=title, tags=["quay"]))
        outcomes.append((answer.json()["outcome"], answer.headers["location"].rpartition("/")[2]))
        later(house, minutes=1)
    assert outcomes == [("new", "1"), ("unchanged", "1"), ("revised", "1")]
    told = program.get("/articles/1").json()
    assert (told["title"], told["text"], told["tags"], told["revision"]) == (
        "One, corrected",
        BODY,
        ["quay"],
        2,
    )
    assert told["gone_at"] is None
    for _ in range(2):
        assert program.post("/articles/1/withdraw").status_code == 204
    assert program.get("/articles/1").json()["gone_at"]
    assert program.post("/articles/2/withdraw").status_code == 404
    with house.database.read() as session:
        acts = [one.action for one in events.each(session, events.Wanted())]
    assert acts == ["took articles", "took articles", "took an article off"]


def test_of_many_one_that_cannot_be_stored_keeps_no_other_out(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    many = [an_article(1), an_article(2, source="nowhere"), an_article(3)]
    items = program.post("/article-batches", {"articles": many}).json()["items"]
    assert [one["outcome"] for one in items] == ["new", None, "new"]
    assert "no source of kind api" in items[1]["error"]
    listed = program.get("/articles?source=desk").json()["items"]
    assert [one["title"] for one in listed] == ["Story 3", "Story 1"]
    assert program.get("/articles?source=site").json()["items"] == []
    first = program.get("/articles?limit=1").json()
    rest = program.get(f"/articles?limit=1&cursor={first['next']}").json()
    assert ([rest["items"][0]["title"]], rest["next"]) == (["Story 1"], None)
    wrong = program.post("/article-batches", {"articles": [an_article(1), {"title": "x"}]})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"].startswith("#/articles/1")
