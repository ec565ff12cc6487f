"""An issue by the API: its outline, its mail, and what is decided about it, as at the desk."""

from __future__ import annotations

import datetime as dt

from digest.bootstrap import House
from digest.model import IssueStatus
from digest.store import articles, events, withdrawn
from digest.web.v1 import numbers
from tests.articles import incoming
from tests.houses import MONDAY, SUNDAY
from tests.web.people import PERIOD, put_draft, send, set_clock, the_issue
from tests.web.v1.calling import Program

PATH = f"/newsletters/sunday/issues/{PERIOD}"


def test_an_issue_is_told_with_its_outline_and_every_article_of_its_week(
    sqlite_house: House,
) -> None:
    put_draft(sqlite_house)
    program = Program(sqlite_house)
    (brief,) = program.get("/newsletters/sunday/issues").json()["items"]
    whole = program.get(PATH).json()
    assert brief.items() <= whole.items()
    assert [(one["place"], one["article"]) for one in whole["outline"]] == [
        ("lead", 1),
        ("section", 2),
        ("brief", 3),
    ]
    lead = whole["outline"][0]
    assert (lead["title"], lead["thread"], lead["marks"]) == (
        "The quay is approved",
        ["The vote is put off"],
        ["Most discussed"],
    )
    assert [one["reason"] for one in lead["why"]] == ["41 comments", "of Monday"]
    assert [one["reason"] for one in whole["left_out"]] == ["under 40 words"]
    coverage = whole["coverage"]
    assert coverage.pop("total") == sum(coverage.values()) == 5
    html, plain = (program.get(f"{PATH}/preview.{kind}") for kind in ("html", "txt"))
    assert "The ferry strike ends" in html.text
    assert "{" not in plain.text
    assert "sandbox" in html.headers["content-security-policy"]
    (edition,) = program.get(f"{PATH}/editions").json()["items"]
    assert edition["current"]
    assert program.get(f"{PATH}/editions/{whole['checksum']}").json() == edition
    assert program.get(f"{PATH}/editions/{'0' * 64}").status_code == 404


def test_a_program_approves_the_checksum_that_it_saw_and_takes_it_back(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    program = Program(sqlite_house)
    checksum = program.get(PATH).json()["checksum"]
    put_draft(sqlite_house, lead="Another lead")
    refused = program.post(f"{PATH}/approve", {"checksum": checksum})
    assert (refused.status_code, the_issue(sqlite_house).status) == (409, IssueStatus.DRAFT)
    assert "by now: look at it again" in refused.json()["detail"]
    checksum = program.get(PATH).json()["checksum"]
    approved = program.post(f"{PATH}/approve", {"checksum": checksum, "note": "ok"}).json()
    assert approved["approval"] == {
        "checksum": checksum,
        "by": "The site (by the API)",
        "at": "2026-11-28T18:05:00Z",
        "note": "ok",
    }
    assert program.post(f"{PATH}/draft").status_code == 409
    assert program.post(f"{PATH}/withdraw").json()["status"] == "draft"
    assert program.post(f"{PATH}/withdraw").status_code == 409
    assert program.post(f"{PATH}/hold", {"reason": " "}).status_code == 422
    assert program.post(f"{PATH}/hold", {"reason": "wait"}).json()["reason"] == "wait"
    assert program.post(f"{PATH}/skip", {"reason": "a holiday"}).json()["status"] == "skipped"
    with sqlite_house.database.read() as session:
        lines = list(events.each(session, events.Wanted(actor="token:1")))
    acts = ["approved", "withdrew the approval", "held", "skipped"]
    assert [one.action for one in lines] == acts
    assert {one.subject for one in lines} == {f"sunday/{PERIOD}"}


def test_what_stands_against_an_approval_is_told_before_and_refused_after(
    sqlite_house: House,
) -> None:
    put_draft(sqlite_house)
    with sqlite_house.database.write() as session:
        saved = articles.save(session, incoming("The quay is approved"), now=MONDAY)
        withdrawn.take_off(session, [saved.id], now=MONDAY)
    program = Program(sqlite_house)
    whole = program.get(PATH).json()
    assert ["was taken off its site" in one for one in whole["obstacles"]] == [True]
    refused = program.post(f"{PATH}/approve", {"checksum": whole["checksum"]})
    assert refused.status_code == 409


def test_a_draft_is_built_again_from_what_came_since(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    with sqlite_house.database.write() as session:
        for n in range(3):
            published = MONDAY + dt.timedelta(hours=n)
            text = " ".join(f"{'qrs'[n]}word{k}" for k in range(60))  # no copy of another
            story = incoming(f"Story {n}", source="desk", text=text, published_at=published)
            articles.save(session, story, now=MONDAY)
    program = Program(sqlite_house)
    made = program.post(f"{PATH}/draft").json()
    assert (made["thin"], made["issue"]["coverage"]["total"]) == ("", 3)
    with sqlite_house.database.read() as session:
        assert events.recent(session, limit=1)[0].action == "built the draft"


def test_what_became_of_an_issue_is_told_in_sums(sqlite_house: House) -> None:
    program, path = Program(sqlite_house), f"{PATH}/numbers"
    put_draft(sqlite_house)
    assert program.get(path).status_code == 404, "it did not go out"
    set_clock(sqlite_house, dt.datetime.combine(SUNDAY, dt.time(8), dt.UTC))
    send(sqlite_house)
    told = program.get(path).json()
    assert (told["audience"], told["accepted"], len(told["stories"])) == (0, 0, 3)
    assert program.get("/newsletters/sunday/numbers").json()["items"] == [told]
    assert set(told) == set(numbers.Figures.model_fields)
    whole = program.get(PATH).json()
    assert (whole["status"], whole["obstacles"], whole["deliveries"]["accepted"]) == ("sent", [], 0)


def test_another_day_is_no_issue(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    for period, expected in (
        ("2026-11-22", 404),
        ("2026-02-30", 404),
        ("2026-1-1", 422),
        ("yesterday", 422),
    ):
        assert program.get(f"/newsletters/sunday/issues/{period}").status_code == expected, period
    assert program.get(f"/newsletters/monday/issues/{PERIOD}").status_code == 404
