"""The door of the API: tokens, scopes, media types, versions, and what is said of what went wrong."""

from __future__ import annotations

import datetime as dt

from digest.bootstrap import House
from digest.model import Scope
from digest.store import api_tokens, events
from tests.web.people import later, put_draft, seated, visitor
from tests.web.test_public import add
from tests.web.v1.calling import Program, a_token

ARTICLE = {"title": "A story", "text": "The board voted on the quay. " * 12, "id": "1"}


def test_a_token_is_believed_in_its_header_only_and_as_long_as_it_works(
    sqlite_house: House,
) -> None:
    program = Program(sqlite_house, [Scope.SOURCES_READ])
    assert program.get("/token").json()["scopes"] == ["sources:read"]
    stranger, secret = visitor(sqlite_house, beside=program.client), program.secret
    for headers in ({}, {"authorization": f"Basic {secret}"}, {"authorization": "Bearer "}):
        nobody = stranger.get(f"/api/v1/token?access_token={secret}", headers=headers)
        assert nobody.status_code == 401
        assert nobody.headers["www-authenticate"] == 'Bearer realm="The Sunday Catchup"'
    for wrong in (secret[:-1] + ("A" if secret[-1] != "A" else "B"), "x", "sct_" + "é" * 43):
        headers = {b"authorization": f"Bearer {wrong}".encode("latin-1")}
        answer = stranger.get("/api/v1/token", headers=headers)
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        assert answer.headers["content-type"] == "application/problem+json"
    later(sqlite_house, days=89, hours=23)
    assert program.get("/token").status_code == 200
    later(sqlite_house, hours=2)
    assert program.get("/token").status_code == 401


def test_a_revoked_token_opens_nothing_from_the_next_call_on(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    assert program.get("/sources").status_code == 200
    with sqlite_house.database.write() as session:
        assert api_tokens.revoke(session, 1, now=sqlite_house.clock())
    assert program.get("/sources").status_code == 401


def test_that_a_token_was_used_is_noted_once_a_minute(sqlite_house: House) -> None:
    program, begun = Program(sqlite_house), sqlite_house.clock()
    for _ in range(3):
        program.get("/token")
        later(sqlite_house, seconds=25)
    with sqlite_house.database.read() as session:
        assert api_tokens.by_id(session, 1).used_at == begun
    program.get("/token")
    with sqlite_house.database.read() as session:
        assert api_tokens.by_id(session, 1).used_at == begun + dt.timedelta(seconds=75)


def test_a_token_opens_nothing_at_the_desk_and_a_seat_nothing_here(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    assert program.client.get("/desk").status_code == 303
    erin = seated(sqlite_house, beside=program.client)
    assert erin.get("/api/v1/token").status_code == 401


def test_what_a_program_changes_is_in_the_log_as_its_own(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    program.post("/articles", ARTICLE)
    with sqlite_house.database.read() as session:
        (line,) = events.find(session, events.Wanted(actor="token:1"), limit=9)
    assert (line.action, line.data, line.origin) == (
        "took articles",
        {"new": 1, "revised": 0},
        "203.0.113.0/24",
    )
    page = seated(sqlite_house, beside=program.client).get("/desk/house/audit").text
    assert "The site (a token)" in page


def test_the_old_addresses_take_a_token_that_may_write_articles(sqlite_house: House) -> None:
    client = visitor(sqlite_house)
    for scope, status in ((Scope.ARTICLES_WRITE, 200), (Scope.ISSUES_READ, 403)):
        headers = {"authorization": f"Bearer {a_token(sqlite_house, [scope])}"}
        assert client.post("/api/articles", json=ARTICLE, headers=headers).status_code == status
    with sqlite_house.database.read() as session:
        assert [one.actor for one in events.recent(session, limit=1)] == ["token:1"]


def test_a_problem_says_what_where_and_which_case_it_was(sqlite_house: House) -> None:
    program = Program(sqlite_house)
    answer = program.post("/articles", {**ARTICLE, "title": " ", "editor": True})
    told = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert {one["pointer"] for one in told["errors"]} == {"#/title", "#/editor"}
    assert told["instance"] == f"/api/v1/articles#{answer.headers['x-request-id']}"
    kinds = visitor(sqlite_house, beside=program.client).get("/api/v1/problems").json()["items"]
    assert told["type"] in {one["type"] for one in kinds}
    assert told["status"] == 422
    query = program.get("/readers?limit=0").json()["errors"]
    assert query == [{"detail": "Input should be greater than or equal to 1", "parameter": "limit"}]


def test_a_body_is_json_of_at_most_a_megabyte(sqlite_house: House) -> None:
    client = Program(sqlite_house).client
    for content, kind, status, slug in (
        (b"{", "application/json", 400, "malformed"),
        (b"{}", "text/plain", 415, "media-type"),
        (b"{}", "application/x-www-form-urlencoded", 415, "media-type"),
        (b"{}", "application/json; charset=utf-8", 422, "invalid"),
        (b'"' + b"x" * 1_000_001, "application/json", 413, "about:blank"),
    ):
        headers = {"content-type": kind}
        answer = client.post("/api/v1/articles", content=content, headers=headers)
        assert answer.status_code == status, kind
        assert answer.json()["type"].rpartition("#")[2] == slug


def test_letters_that_no_database_holds_are_refused_wherever_they_stand(house: House) -> None:
    put_draft(house)
    add(house, "alice@gmail.com", confirmed=True)
    program = Program(house)
    issue = "/newsletters/sunday/issues/2026-11-29"
    wish = {"newsletter": "sunday", "address": "bob@gmail.com", "ip": "203.0.113.7"}
    for path, body in (
        (f"{issue}/hold", {"reason": "a\0b"}),
        (f"{issue}/approve", {"checksum": "0" * 64, "note": "a\0b"}),
        ("/readers", {**wish, "wording": "You agree to this\0."}),
        ("/readers", {**wish, "wording": "You agree to this.", "timezone": "a\0b"}),
        ("/reader-searches", {"words": "a\0b"}),
        ("/readers/1/suppress", {"note": "a\0b"}),
        ("/suppressions", {"address": "a\0b@gmail.com"}),
        (
            "/webhooks",
            {"newsletter": "a\0b", "url": "https://x.example/\0", "events": ["issue.sent"]},
        ),
        ("/readers/1/leave", {"newsletter": "sun\ud800day"}),
    ):
        assert program.post(path, body).status_code == 422, path
    for path in ("/articles?source=a%00b", "/readers?newsletter=a%00b", "/sources/a%00b"):
        assert program.get(path).status_code in (404, 422), path
    nul = "dABi"  # "t", a zero byte, "b"
    for path in ("/newsletters", "/newsletters/sunday/issues", "/newsletters/sunday/numbers"):
        assert program.get(f"{path}?cursor={nul}").status_code == 422, path


def test_who_may_not_read_addresses_has_none_sent_elsewhere_either(sqlite_house: House) -> None:
    webhook = {"newsletter": "sunday", "url": "https://x.example/", "events": ["reader.left"]}
    weak = Program(sqlite_house, [Scope.WEBHOOKS_WRITE])
    strong = Program(sqlite_house, [Scope.WEBHOOKS_WRITE, Scope.READERS_READ], beside=weak.client)
    with_them = {**webhook, "with_addresses": True}
    assert weak.post("/webhooks", with_them).status_code == 403
    assert weak.post("/webhooks", webhook).status_code == 201
    assert weak.post("/webhooks/1", {"with_addresses": True}, method="PATCH").status_code == 403
    assert strong.post("/webhooks", with_them).status_code == 201
    moved = {"url": "https://elsewhere.example/"}
    assert weak.post("/webhooks/2", moved, method="PATCH").status_code == 403
    assert weak.post("/webhooks/1", moved, method="PATCH").status_code == 200


def test_what_is_nowhere_and_what_cannot_be_done_there_are_problems_too(
    sqlite_house: House,
) -> None:
    client = Program(sqlite_house).client
    for method, path, status in (("GET", "/api/v1/nothing", 404), ("DELETE", "/api/v1/token", 405)):
        answer = client.request(method, path)
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["instance"].startswith(f"{path}#")


def test_a_version_that_is_known_is_not_told_again_and_another_one_changes_nothing(
    sqlite_house: House,
) -> None:
    put_draft(sqlite_house)
    add(sqlite_house, "alice@gmail.com", confirmed=True)
    program = Program(sqlite_house)
    path = "/newsletters/sunday/issues/2026-11-29"
    seen = program.get(path)
    tag = seen.headers["etag"]
    assert seen.json()["checksum"]
    known = program.get(path, **{"if-none-match": f'W/{tag}, "x"'})
    assert (known.status_code, known.content) == (304, b"")
    stale = program.post(f"{path}/hold", {"reason": "wait"}, if_match='"of before"')
    assert (stale.status_code, stale.json()["type"].rpartition("#")[2]) == (412, "changed")
    held = program.post(f"{path}/hold", {"reason": "wait"}, if_match=tag)
    assert (held.status_code, held.json()["status"]) == (200, "held")
    assert held.headers["etag"] == program.get(path).headers["etag"] != tag
    choice = {"newsletter": "sunday", "name": "Alice"}
    old = program.get("/readers/1").headers["etag"]
    for status in (204, 412):
        answer = program.post("/readers/1/preferences", choice, method="PATCH", if_match=old)
        assert answer.status_code == status
