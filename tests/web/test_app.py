"""Every door of the house: who may pass, what it answers with, and that looking changes nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message

from digest.bootstrap import House
from digest.errors import ConfigError
from digest.store.engine import Database
from digest.web.app import create_app
from digest.web.headers import BODY_LIMIT
from tests.houses import make_house
from tests.web.people import PERIOD, put_draft, seated, visitor


def test_every_page_carries_the_headers(sqlite_house: House) -> None:
    for path in ("/", "/n/sunday", "/nowhere", "/desk/login", "/healthz", "/static/css/base.css"):
        headers = visitor(sqlite_house).get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
        assert "strict-transport-security" not in headers


def test_https_is_told_to_stay_https(sqlite_house: House) -> None:
    house = dataclasses.replace(sqlite_house, public_url="https://mail.gazette.example")
    assert "strict-transport-security" in visitor(house).get("/").headers


#: Pages with a script of ours.
SCRIPTED = {"/", "/n/sunday", f"/desk/sunday/{PERIOD}"}


def test_no_page_holds_a_style_or_a_script_but_files_of_ours(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    client = seated(sqlite_house)
    for path in ("/", "/archive/sunday", "/desk", "/desk/readers", f"/desk/sunday/{PERIOD}"):
        page = client.get(path).text
        scripts = re.findall(r"<script[^>]*>[^<]*", page)
        assert len(scripts) == (path in SCRIPTED), path
        assert all(re.fullmatch(r'<script [^>]*src="/static/js/[^>]*>\s*', one) for one in scripts)
        for forbidden in ("<style", " style=", " onclick", " onload", "javascript:"):
            assert forbidden not in page, path


def test_only_pages_with_a_script_may_run_one(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    client = seated(sqlite_house)
    for path in (*SCRIPTED, "/archive/sunday", "/desk", "/confirm/x", "/nowhere"):
        policy = client.get(path).headers["content-security-policy"]
        assert ("script-src 'self'" in policy) == (path in SCRIPTED), path


@pytest.mark.parametrize(
    "path", ["/n/sunday/subscribe", "/api/articles", "/leave/sunday/x", "/webhooks/x"]
)
def test_a_body_beyond_a_megabyte_is_refused(sqlite_house: House, path: str) -> None:
    client = visitor(sqlite_house)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "authorization": f"Bearer {sqlite_house.api_token}",
    }
    announced = client.post(path, content=b"a" * (BODY_LIMIT + 1), headers=headers)
    assert announced.status_code == 413
    streamed = client.post(path, content=iter([b"a" * 600_000] * 2), headers=headers)
    assert streamed.status_code == 413


def test_a_length_that_is_no_number_is_refused(sqlite_house: House) -> None:
    answer = visitor(sqlite_house).post("/confirm/x", headers={"content-length": "-1"})
    assert answer.status_code == 413


def test_style_sheets_may_be_kept_because_their_address_has_a_version(sqlite_house: House) -> None:
    client = visitor(sqlite_house)
    page = client.get("/").text
    sheets = [part.split('"')[0] for part in page.split('rel="stylesheet" href="')[1:]]
    assert len(sheets) == 3
    for sheet in sheets:
        answer = client.get(sheet)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/css")
        assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/css/base.css").headers["cache-control"] == "public, max-age=3600"


def test_each_newsletter_has_its_colours(sqlite_house: House) -> None:
    sheet = visitor(sqlite_house).get("/accents.css").text
    assert '[data-newsletter="sunday"] { --accent: #8c1d18; --on-accent: #ffffff; }' in sheet
    assert "--accent: #ffb4a9; --on-accent: #16130f;" in sheet


def test_pages_are_not_kept_by_browsers(sqlite_house: House) -> None:
    assert visitor(sqlite_house).get("/confirm/x").headers["cache-control"] == "no-store"


def test_what_is_not_there_is_a_page_without_a_trace(sqlite_house: House) -> None:
    answer = visitor(sqlite_house).get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert visitor(sqlite_house).put("/").status_code == 405


def test_a_mistake_of_ours_is_a_page_without_a_trace(sqlite_house: House, tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'no-tables.db'}")
    client = visitor(dataclasses.replace(sqlite_house, database=empty))
    page = client.get("/archive/sunday")
    assert page.status_code == 500
    assert "It is our mistake" in page.text
    for trace in ("Traceback", "no such table", "sqlite"):
        assert trace not in page.text
    headers = {"authorization": f"Bearer {sqlite_house.api_token}"}
    body = {"id": "1", "title": "One", "text": "A text."}
    answer = client.post("/api/articles", json=body, headers=headers)
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-security-policy"]
    empty.close()


def test_a_newsletter_may_not_be_called_like_a_page_of_the_desk(
    sqlite_house: House, tmp_path: Path
) -> None:
    folder = tmp_path / "schedules"
    (folder / "login.toml").write_text((folder / "sunday.toml").read_text())
    with pytest.raises(ConfigError, match=r"login\.toml"):
        create_app(make_house(sqlite_house.database, tmp_path))


def test_who_hangs_up_in_the_middle_of_a_form_is_no_fault_of_ours(sqlite_house: House) -> None:
    app = create_app(sqlite_house)
    for path in ("/n/sunday/subscribe", "/desk/login", "/webhooks/postmark"):
        statuses = _half_sent(app, path)  # raises nothing
        assert statuses
        assert 500 not in statuses


def _half_sent(app: ASGIApp, path: str) -> list[int]:
    """What is answered where the other side goes after the first bytes of a form."""
    answered: list[int] = []
    said = iter([{"type": "http.request", "body": b"address=al", "more_body": True}])

    async def receive() -> Message:
        return next(said, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    headers = [
        (b"host", b"127.0.0.1:8000"),
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"sec-fetch-site", b"same-origin"),
    ]
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "client": ("203.0.113.9", 50_000),
        "server": ("127.0.0.1", 8000),
        "scheme": "http",
        "http_version": "1.1",
    }
    asyncio.run(app(scope, receive, send))
    return answered
