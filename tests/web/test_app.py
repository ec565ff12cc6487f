"""Every door of the house: who may pass, what it answers with, and that looking changes nothing."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.routing import Mount, Route

from digest.audience import signup, tokens
from digest.audience.signup import Asking
from digest.bootstrap import House
from digest.errors import ConfigError
from digest.store import subscribers, tables
from digest.store import tokens as stored_tokens
from digest.store.engine import Database
from digest.web import sessions
from digest.web.app import create_app
from digest.web.headers import BODY_LIMIT
from tests.houses import make_house
from tests.web.people import OWN_PAGE, PERIOD, TestClient, put_draft, seated, visitor

ROLES = ("anonymous", "viewer", "editor", "publisher", "admin")

#: Every route, and the least role that gets past it; `bearer` is the API's token. A route that
#: is not here makes the test red: access is decided before a route is written.
ACCESS = {
    "GET /": "anonymous",
    "GET /accents.css": "anonymous",
    "GET /n/{newsletter}": "anonymous",
    "POST /n/{newsletter}/subscribe": "anonymous",
    "POST /embed/{newsletter}": "anonymous",  # from any site's form: needs a proof of work
    "GET /api/subscribe/{newsletter}": "anonymous",
    "POST /api/subscribe/{newsletter}": "anonymous",  # the same
    "GET /confirm/{token}": "anonymous",
    "POST /confirm/{token}": "anonymous",
    "GET /leave/{newsletter}/{token}": "anonymous",
    "POST /leave/{newsletter}/{token}": "anonymous",
    "GET /leave/{newsletter}/{token}/choices": "anonymous",
    "POST /leave/{newsletter}/{token}/choices": "anonymous",
    "POST /leave/{newsletter}/{token}/reason": "anonymous",
    "POST /leave/{newsletter}/{token}/undo": "anonymous",
    "GET /n/{newsletter}/choices": "anonymous",
    "GET /preferences/{newsletter}": "anonymous",
    "POST /preferences/{newsletter}": "anonymous",
    "GET /preferences/{newsletter}/{token}": "anonymous",
    "POST /preferences/{newsletter}/{token}": "anonymous",
    "POST /preferences/{newsletter}/{token}/address": "anonymous",
    "GET /move/{token}": "anonymous",
    "POST /move/{token}": "anonymous",
    "GET /stay/{token}": "anonymous",
    "POST /stay/{token}": "anonymous",
    "GET /archive/{newsletter}": "anonymous",
    "GET /archive/{newsletter}/feed.xml": "anonymous",
    "GET /sitemap.xml": "anonymous",
    "GET /archive/{newsletter}/{period}": "anonymous",
    "GET /r/{newsletter}/{period}/{story}": "anonymous",
    "GET /r/{newsletter}/{period}/{arm}/{story}": "anonymous",
    "GET /leave/{newsletter}/{token}/seen/{arm}": "anonymous",
    "GET /healthz": "anonymous",
    "GET /api/openapi.json": "anonymous",
    "POST /api/articles": "bearer",
    "POST /api/wordpress": "bearer",
    "POST /webhooks/{provider}": "anonymous",  # proven by the provider's own scheme
    "GET /static": "anonymous",
    "GET /desk/setup/{token}": "anonymous",
    "POST /desk/setup/{token}": "anonymous",
    "GET /desk/login": "anonymous",
    "POST /desk/login": "anonymous",
    "GET /desk/login/{token}": "anonymous",
    "POST /desk/login/{token}": "anonymous",
    "POST /desk/logout": "viewer",
    "GET /desk": "viewer",
    "GET /desk/readers": "viewer",
    "GET /desk/upload": "editor",
    "POST /desk/upload": "editor",
    "POST /desk/{newsletter}/{period}/apart": "editor",
    "GET /desk/readers/{newsletter}/form": "viewer",
    "GET /desk/{newsletter}/{period}": "viewer",
    "GET /desk/{newsletter}/{period}/preview": "viewer",
    "GET /desk/{newsletter}/{period}/text": "viewer",
    "GET /desk/{newsletter}/{period}/source": "viewer",
    "GET /desk/{newsletter}/{period}/story/{story}": "viewer",
    "GET /desk/{newsletter}/{period}/version": "viewer",
    "POST /desk/{newsletter}/{period}/place": "editor",
    "POST /desk/{newsletter}/{period}/story/{story}": "editor",
    "POST /desk/{newsletter}/{period}/story/{story}/drop": "editor",
    "POST /desk/{newsletter}/{period}/story/{story}/join": "editor",
    "POST /desk/{newsletter}/{period}/story/{story}/split": "editor",
    "POST /desk/{newsletter}/{period}/words": "editor",
    "POST /desk/{newsletter}/{period}/contest": "editor",
    "POST /desk/{newsletter}/{period}/contest/off": "editor",
    "POST /desk/{newsletter}/{period}/contest/choose": "publisher",
    "POST /desk/{newsletter}/{period}/undo": "editor",
    "POST /desk/{newsletter}/{period}/redo": "editor",
    "POST /desk/{newsletter}/{period}/proof": "viewer",
    "POST /desk/{newsletter}/{period}/approve": "publisher",
    "POST /desk/{newsletter}/{period}/withdraw": "publisher",
    "POST /desk/{newsletter}/{period}/hold": "publisher",
    "POST /desk/{newsletter}/{period}/skip": "publisher",
    "POST /desk/{newsletter}/{period}/resume": "publisher",
    "POST /desk/{newsletter}/{period}/pause": "publisher",
    "POST /desk/{newsletter}/{period}/cancel": "publisher",
    "POST /desk/{newsletter}/{period}/resend": "publisher",
}


def routes_of(house: House) -> Iterator[tuple[str, str]]:
    """Every method and path that the application answers, HEAD and OPTIONS left out."""
    for route in every_route(create_app(house).routes):
        if isinstance(route, Mount):
            yield "GET", route.path
        else:
            for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, route.path


def every_route(routes: list[object]) -> Iterator[Route | Mount]:
    for route in routes:
        if isinstance(route, Route | Mount):
            yield route
        else:
            inner = getattr(route, "effective_candidates", None)
            yield from inner() if inner else ()


def path_of(pattern: str, *, token: str = "x" * 22) -> str:
    filled = pattern.replace("{newsletter}", "sunday").replace("{period}", PERIOD)
    return filled.replace("{token}", token)


def who(house: House, role: str) -> TestClient:
    return visitor(house) if role == "anonymous" else seated(house, role)


def test_every_route_has_its_access_written_down(sqlite_house: House) -> None:
    assert {f"{method} {path}" for method, path in routes_of(sqlite_house)} == set(ACCESS)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_past_its_own_doors_and_no_other(sqlite_house: House, role: str) -> None:
    put_draft(sqlite_house)
    for route, least in ACCESS.items():
        if least in ("bearer", "anonymous"):
            continue
        client = who(sqlite_house, role)
        method, pattern = route.split(" ")
        form = {"csrf": getattr(client, "csrf", "")}
        sent = {"data": form} if method == "POST" else {}
        status = client.request(method, path_of(pattern), headers=OWN_PAGE, **sent).status_code
        if role == "anonymous":
            assert status == 303, route
        elif ROLES.index(role) < ROLES.index(least):
            assert status == 403, route
        else:
            assert status not in (401, 403, 404, 500), route


def test_no_unsafe_door_of_the_desk_opens_without_its_own_form(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    for method, pattern in routes_of(sqlite_house):
        if method == "GET" or not pattern.startswith("/desk"):
            continue
        for foreign in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
            client = seated(sqlite_house)
            form = {"csrf": client.csrf}
            answer = client.post(path_of(pattern), data=form, headers=foreign)
            assert answer.status_code == 403, pattern


def test_looking_with_get_and_head_changes_nothing_at_all(house: House) -> None:
    put_draft(house)
    paths = [pattern for method, pattern in routes_of(house) if method == "GET"]
    secrets = live_tokens(house)
    client = seated(house)
    before = everything(house)
    for pattern in paths:
        for token in secrets if "{token}" in pattern else ("",):
            for method in ("GET", "HEAD"):
                answer = client.request(method, path_of(pattern, token=token))
                assert answer.status_code < 500 or pattern == "/healthz", pattern
    assert everything(house) == before


def live_tokens(house: House) -> list[str]:
    """A link of each kind that would do something if it were pressed."""
    asking = Asking(
        newsletter="sunday", address="bob@example.net", asker="x", network="", wording="w"
    )
    setup = sessions.setup_link(house, house.clock())
    assert setup is not None
    signup.ask(house, asking, now=house.clock())
    signup.settle(house, now=house.clock())
    with house.database.write() as session:
        bob = subscribers.by_address(session, "bob@example.net")
        assert bob is not None
        confirm = stored_tokens.issue(
            session,
            purpose="confirm",
            subject=bob.id,
            scope="sunday",
            now=house.clock(),
            lifetime=sessions.SETUP_LIFETIME,
        )
    leave = tokens.leave_token(house.key, "sunday", bob.handle)
    return [setup.rpartition("/")[2], confirm, leave]


def everything(house: House) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, but for when a session was last seen."""
    found = {}
    with house.database.read() as session:
        for table in tables.Row.metadata.sorted_tables:
            names = [
                f'"{c.name}"'
                for c in table.columns
                if (table.name, c.name) != ("session", "seen_at")
            ]
            query = text(f'select {", ".join(names)} from "{table.name}"')
            found[table.name] = sorted(
                tuple(map(str, row)) for row in session.connection().execute(query)
            )
    return found


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
