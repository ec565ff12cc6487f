"""Routes × roles: every route of the application is in this table, with the least role that it opens to.

A route that is not listed, and a line without a route, turn it red. Each line is tried by everybody: a stranger,
and each of the four roles; who may not is sent to the login or refused, and nothing else happens.
"""

from __future__ import annotations

import pytest
from httpx import Response

from digest.bootstrap import House
from digest.model import Scope
from digest.store.editors import ROLES
from digest.web import archive
from tests.web.people import OWN_PAGE, PERIOD, TestClient, put_draft, seated, visitor
from tests.web.test_safe_methods import routes
from tests.web.v1.calling import EVERYTHING, a_token

#: Whoever asks; what a token in the address opens is the token's matter.
ANYBODY = "anybody"
#: Whoever has the token of the API.
API = "api"
#: This machine itself, or whoever has the token of the metrics.
MACHINE = "this machine"
#: Whoever has any token that works; a scope in the table is a token that has it.
ANY_TOKEN = "any token"
VIEWER, EDITOR, PUBLISHER, ADMIN = ROLES

#: The least role of each route. A new one is a line here.
TABLE = {
    "DELETE /api/v1/webhooks/{webhook}": Scope.WEBHOOKS_WRITE,
    "GET /": ANYBODY,
    "GET /accents.css": ANYBODY,
    "GET /api/openapi.json": ANYBODY,
    "GET /api/subscribe/{newsletter}": ANYBODY,
    "GET /api/v1/articles": Scope.ARTICLES_READ,
    "GET /api/v1/articles/{article}": Scope.ARTICLES_READ,
    "GET /api/v1/erasures/{erasure}": Scope.READERS_ERASE,
    "GET /api/v1/newsletters": ANY_TOKEN,
    "GET /api/v1/newsletters/{newsletter}": ANY_TOKEN,
    "GET /api/v1/newsletters/{newsletter}/issues": Scope.ISSUES_READ,
    "GET /api/v1/newsletters/{newsletter}/issues/{period}": Scope.ISSUES_READ,
    "GET /api/v1/newsletters/{newsletter}/issues/{period}/editions": Scope.ISSUES_READ,
    "GET /api/v1/newsletters/{newsletter}/issues/{period}/editions/{checksum}": Scope.ISSUES_READ,
    "GET /api/v1/newsletters/{newsletter}/issues/{period}/numbers": Scope.NUMBERS_READ,
    "GET /api/v1/newsletters/{newsletter}/issues/{period}/preview.html": Scope.ISSUES_READ,
    "GET /api/v1/newsletters/{newsletter}/issues/{period}/preview.txt": Scope.ISSUES_READ,
    "GET /api/v1/newsletters/{newsletter}/numbers": Scope.NUMBERS_READ,
    "GET /api/v1/problems": ANYBODY,
    "GET /api/v1/readers": Scope.READERS_READ,
    "GET /api/v1/readers/{reader}": Scope.READERS_READ,
    "GET /api/v1/sources": Scope.SOURCES_READ,
    "GET /api/v1/sources/{source}": Scope.SOURCES_READ,
    "GET /api/v1/suppressions": Scope.READERS_READ,
    "GET /api/v1/token": ANY_TOKEN,
    "GET /api/v1/webhooks": Scope.WEBHOOKS_READ,
    "GET /api/v1/webhooks/{webhook}": Scope.WEBHOOKS_READ,
    "GET /api/v1/webhooks/{webhook}/deliveries": Scope.WEBHOOKS_READ,
    "GET /archive/{newsletter}": ANYBODY,
    "GET /archive/{newsletter}/feed.xml": ANYBODY,
    "GET /archive/{newsletter}/{period}": ANYBODY,
    "GET /confirm/{token}": ANYBODY,
    "GET /desk": VIEWER,
    "GET /desk/fresh": VIEWER,
    "GET /desk/house": VIEWER,
    "GET /desk/house/audit": ADMIN,
    "GET /desk/house/editors": ADMIN,
    "GET /desk/house/errands/{number}": ADMIN,
    "GET /desk/house/imports": ADMIN,
    "GET /desk/house/imports/{number}": ADMIN,
    "GET /desk/house/providers": VIEWER,
    "GET /desk/house/sources": VIEWER,
    "GET /desk/house/suppressions": VIEWER,
    "GET /desk/house/tokens": ADMIN,
    "GET /desk/house/webhooks": ADMIN,
    "GET /desk/house/webhooks/{number}": ADMIN,
    "GET /desk/login": ANYBODY,
    "GET /desk/login/code": ANYBODY,
    "GET /desk/login/{token}": ANYBODY,
    "GET /desk/me": VIEWER,
    "GET /desk/readers": VIEWER,
    "GET /desk/readers/search": VIEWER,
    "GET /desk/readers/{newsletter}/form": VIEWER,
    "GET /desk/readers/{number}": VIEWER,
    "GET /desk/readers/{number}/erase": ADMIN,
    "GET /desk/setup/{token}": ANYBODY,
    "GET /desk/upload": EDITOR,
    "GET /desk/{newsletter}/numbers": VIEWER,
    "GET /desk/{newsletter}/{period}": VIEWER,
    "GET /desk/{newsletter}/{period}/approval/{checksum}": VIEWER,
    "GET /desk/{newsletter}/{period}/preview": VIEWER,
    "GET /desk/{newsletter}/{period}/source": VIEWER,
    "GET /desk/{newsletter}/{period}/story/{story}": VIEWER,
    "GET /desk/{newsletter}/{period}/text": VIEWER,
    "GET /desk/{newsletter}/{period}/version": VIEWER,
    "GET /healthz": ANYBODY,
    "GET /leave/{newsletter}/{token}": ANYBODY,
    "GET /leave/{newsletter}/{token}/choices": ANYBODY,
    "GET /leave/{newsletter}/{token}/seen/{arm}": ANYBODY,
    "GET /metrics": MACHINE,
    "GET /move/{token}": ANYBODY,
    "GET /n/{newsletter}": ANYBODY,
    "GET /n/{newsletter}/choices": ANYBODY,
    "GET /preferences/{newsletter}": ANYBODY,
    "GET /preferences/{newsletter}/{token}": ANYBODY,
    "GET /r/{newsletter}/{period}/{arm}/{code}": ANYBODY,
    "GET /r/{newsletter}/{period}/{code}": ANYBODY,
    "GET /readyz": ANYBODY,
    "GET /sitemap.xml": ANYBODY,
    "GET /stay/{token}": ANYBODY,
    "MOUNT /static": ANYBODY,
    "PATCH /api/v1/readers/{reader}/preferences": Scope.READERS_WRITE,
    "PATCH /api/v1/webhooks/{webhook}": Scope.WEBHOOKS_WRITE,
    "POST /api/articles": API,
    "POST /api/subscribe/{newsletter}": ANYBODY,
    "POST /api/v1/article-batches": Scope.ARTICLES_WRITE,
    "POST /api/v1/articles": Scope.ARTICLES_WRITE,
    "POST /api/v1/articles/{article}/withdraw": Scope.ARTICLES_WRITE,
    "POST /api/v1/imports": Scope.READERS_WRITE,
    "POST /api/v1/newsletters/{newsletter}/issues/{period}/approve": Scope.ISSUES_DECIDE,
    "POST /api/v1/newsletters/{newsletter}/issues/{period}/draft": Scope.ISSUES_WRITE,
    "POST /api/v1/newsletters/{newsletter}/issues/{period}/hold": Scope.ISSUES_DECIDE,
    "POST /api/v1/newsletters/{newsletter}/issues/{period}/skip": Scope.ISSUES_DECIDE,
    "POST /api/v1/newsletters/{newsletter}/issues/{period}/withdraw": Scope.ISSUES_DECIDE,
    "POST /api/v1/reader-searches": Scope.READERS_READ,
    "POST /api/v1/readers": Scope.READERS_WRITE,
    "POST /api/v1/readers/{reader}/erase": Scope.READERS_ERASE,
    "POST /api/v1/readers/{reader}/leave": Scope.READERS_WRITE,
    "POST /api/v1/readers/{reader}/lift": Scope.READERS_WRITE,
    "POST /api/v1/readers/{reader}/suppress": Scope.READERS_WRITE,
    "POST /api/v1/suppressions": Scope.READERS_WRITE,
    "POST /api/v1/webhooks": Scope.WEBHOOKS_WRITE,
    "POST /api/v1/webhooks/{webhook}/deliveries/{delivery}/again": Scope.WEBHOOKS_WRITE,
    "POST /api/v1/webhooks/{webhook}/secret": Scope.WEBHOOKS_WRITE,
    "POST /api/v1/webhooks/{webhook}/test": Scope.WEBHOOKS_WRITE,
    "POST /api/wordpress": API,
    "POST /confirm/{token}": ANYBODY,
    "POST /desk/fresh": VIEWER,
    "POST /desk/house/editors": ADMIN,
    "POST /desk/house/editors/log-out": ADMIN,
    "POST /desk/house/editors/remove": ADMIN,
    "POST /desk/house/editors/role": ADMIN,
    "POST /desk/house/editors/unlock": ADMIN,
    "POST /desk/house/errands/{number}/again": ADMIN,
    "POST /desk/house/errands/{number}/columns": ADMIN,
    "POST /desk/house/errands/{number}/confirm": ADMIN,
    "POST /desk/house/errands/{number}/drop": ADMIN,
    "POST /desk/house/errands/{number}/errors": ADMIN,
    "POST /desk/house/imports": ADMIN,
    "POST /desk/house/imports/{number}/undo": ADMIN,
    "POST /desk/house/providers/again": PUBLISHER,
    "POST /desk/house/providers/{provider}/try": PUBLISHER,
    "POST /desk/house/sources/{source}/read": EDITOR,
    "POST /desk/house/suppressions/add": PUBLISHER,
    "POST /desk/house/suppressions/export": ADMIN,
    "POST /desk/house/suppressions/lift": PUBLISHER,
    "POST /desk/house/suppressions/look": VIEWER,
    "POST /desk/house/tokens": ADMIN,
    "POST /desk/house/tokens/revoke": ADMIN,
    "POST /desk/house/webhooks": ADMIN,
    "POST /desk/house/webhooks/{number}/again": ADMIN,
    "POST /desk/house/webhooks/{number}/remove": ADMIN,
    "POST /desk/house/webhooks/{number}/secret": ADMIN,
    "POST /desk/house/webhooks/{number}/state": ADMIN,
    "POST /desk/house/webhooks/{number}/test": ADMIN,
    "POST /desk/login": ANYBODY,
    "POST /desk/login/code": ANYBODY,
    "POST /desk/login/passkey/ask": ANYBODY,
    "POST /desk/login/passkey/show": ANYBODY,
    "POST /desk/login/{token}": ANYBODY,
    "POST /desk/logout": VIEWER,
    "POST /desk/me/app": VIEWER,
    "POST /desk/me/app/confirm": VIEWER,
    "POST /desk/me/app/remove": VIEWER,
    "POST /desk/me/codes": VIEWER,
    "POST /desk/me/passkeys": VIEWER,
    "POST /desk/me/passkeys/ask": VIEWER,
    "POST /desk/me/passkeys/remove": VIEWER,
    "POST /desk/me/sessions/end": VIEWER,
    "POST /desk/me/sessions/end-others": VIEWER,
    "POST /desk/readers/search": VIEWER,
    "POST /desk/readers/{number}/erase": ADMIN,
    "POST /desk/readers/{number}/everything": ADMIN,
    "POST /desk/readers/{number}/leave": PUBLISHER,
    "POST /desk/readers/{number}/lift": PUBLISHER,
    "POST /desk/readers/{number}/proof": EDITOR,
    "POST /desk/readers/{number}/suppress": PUBLISHER,
    "POST /desk/setup/{token}": ANYBODY,
    "POST /desk/upload": EDITOR,
    "POST /desk/{newsletter}/{period}/apart": EDITOR,
    "POST /desk/{newsletter}/{period}/approval/{checksum}": PUBLISHER,
    "POST /desk/{newsletter}/{period}/approve": PUBLISHER,
    "POST /desk/{newsletter}/{period}/cancel": PUBLISHER,
    "POST /desk/{newsletter}/{period}/contest": EDITOR,
    "POST /desk/{newsletter}/{period}/contest/choose": PUBLISHER,
    "POST /desk/{newsletter}/{period}/contest/off": EDITOR,
    "POST /desk/{newsletter}/{period}/hold": PUBLISHER,
    "POST /desk/{newsletter}/{period}/links": EDITOR,
    "POST /desk/{newsletter}/{period}/pause": PUBLISHER,
    "POST /desk/{newsletter}/{period}/place": EDITOR,
    "POST /desk/{newsletter}/{period}/proof": VIEWER,
    "POST /desk/{newsletter}/{period}/publish": PUBLISHER,
    "POST /desk/{newsletter}/{period}/reader": PUBLISHER,
    "POST /desk/{newsletter}/{period}/redo": EDITOR,
    "POST /desk/{newsletter}/{period}/resend": PUBLISHER,
    "POST /desk/{newsletter}/{period}/resume": PUBLISHER,
    "POST /desk/{newsletter}/{period}/skip": PUBLISHER,
    "POST /desk/{newsletter}/{period}/story/{story}": EDITOR,
    "POST /desk/{newsletter}/{period}/story/{story}/drop": EDITOR,
    "POST /desk/{newsletter}/{period}/story/{story}/join": EDITOR,
    "POST /desk/{newsletter}/{period}/story/{story}/split": EDITOR,
    "POST /desk/{newsletter}/{period}/undo": EDITOR,
    "POST /desk/{newsletter}/{period}/unpublish": PUBLISHER,
    "POST /desk/{newsletter}/{period}/withdraw": PUBLISHER,
    "POST /desk/{newsletter}/{period}/words": EDITOR,
    "POST /embed/{newsletter}": ANYBODY,
    "POST /leave/{newsletter}/{token}": ANYBODY,
    "POST /leave/{newsletter}/{token}/choices": ANYBODY,
    "POST /leave/{newsletter}/{token}/reason": ANYBODY,
    "POST /leave/{newsletter}/{token}/undo": ANYBODY,
    "POST /move/{token}": ANYBODY,
    "POST /n/{newsletter}/subscribe": ANYBODY,
    "POST /preferences/{newsletter}": ANYBODY,
    "POST /preferences/{newsletter}/{token}": ANYBODY,
    "POST /preferences/{newsletter}/{token}/address": ANYBODY,
    "POST /stay/{token}": ANYBODY,
    "POST /webhooks/{provider}": ANYBODY,  # each provider's own signature or secret
}

#: Of the desk, what logs the seat out that tries it: tried last.
LAST = ("POST /desk/me/sessions/end-others", "POST /desk/logout")


def listed(route: object) -> list[str]:
    """`GET /desk`: each method but HEAD and OPTIONS, which follow GET."""
    methods = getattr(route, "methods", None)
    path = str(getattr(route, "path", ""))
    if methods is None:
        return [f"MOUNT {path}"]
    return [f"{method} {path}" for method in sorted(methods - {"HEAD", "OPTIONS"})]


def ask(
    client: TestClient, line: str, *, headers: dict[str, str] = OWN_PAGE, **form: str
) -> Response:
    method, path = addressed(line)
    if method == "GET":
        return client.get(path)
    return client.post(path, data=form, headers=headers)


def addressed(line: str) -> tuple[str, str]:
    """Method and path of a line, with something in its places."""
    method, _, pattern = line.partition(" ")
    places = {
        "arm": "a",
        "checksum": "0" * 64,
        "code": "x",
        "number": "1",
        "source": "desk",
        "newsletter": "sunday",
        "period": PERIOD,
        "token": "x",
        "story": "1",
        "provider": "ses",
        "article": "1",
        "delivery": "1",
        "erasure": "1",
        "reader": "1",
        "webhook": "1",
    }
    return method, pattern.format(**places)


def lines(*roles: str) -> list[str]:
    found = [line for line, least in TABLE.items() if least in roles]
    return [one for one in found if one not in LAST] + [one for one in LAST if one in found]


def turned_away(answer: Response) -> bool:
    """To the login, or for want of a role."""
    if answer.status_code == 303:
        return answer.headers["location"] == "/desk/login"
    return answer.status_code == 403 and "This needs the role" in answer.text


def test_every_route_is_in_the_table_and_every_line_has_a_route(sqlite_house: House) -> None:
    every = (*routes(visitor(sqlite_house)), *archive.robots.routes)
    found = {one for route in every for one in listed(route)}
    assert found - {"GET /openapi.json"} == TABLE.keys()


def test_a_stranger_is_sent_to_the_login_wherever_a_role_is_needed(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    client = visitor(sqlite_house)
    for line in lines(*ROLES):
        answer = ask(client, line)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/desk/login"), line


def test_a_stranger_needs_nothing_where_nothing_is_needed(sqlite_house: House) -> None:
    put_draft(sqlite_house)
    client = visitor(sqlite_house)
    for line in lines(ANYBODY):
        if line.startswith("MOUNT") or line == "GET /desk/login/code":
            continue
        answer = ask(client, line)
        assert not turned_away(answer), line
        assert answer.status_code < 500 or line in ("GET /healthz", "GET /readyz"), line


def test_the_api_wants_its_token_and_no_session_opens_it(sqlite_house: House) -> None:
    erin = seated(sqlite_house)
    for line in lines(API):
        path = line.partition(" ")[2]
        assert erin.post(path, json={}).status_code == 401, line
        assert erin.post(path, json={}, headers={"authorization": "Bearer x"}).status_code == 403
        token = {"authorization": f"Bearer {sqlite_house.api_token}"}
        assert erin.post(path, json={}, headers=token).status_code not in (401, 403), line


def test_each_scope_opens_what_it_names_and_no_other_scope_does(sqlite_house: House) -> None:
    """Nobody without a token; not a seat, not a token with every other scope; and the token with just that one."""
    put_draft(sqlite_house)
    erin = seated(sqlite_house)
    for line, scope in TABLE.items():
        if scope != ANY_TOKEN and not isinstance(scope, Scope):
            continue
        assert ask_by(erin, line).status_code == 401, line
        if isinstance(scope, Scope):
            refused = ask_by(erin, line, a_token(sqlite_house, EVERYTHING - {scope}))
            assert (refused.status_code, scope in refused.json()["detail"]) == (403, True), line
            assert f'scope="{scope}"' in refused.headers["www-authenticate"], line
        least = [scope] if isinstance(scope, Scope) else [Scope.SOURCES_READ]
        answer = ask_by(erin, line, a_token(sqlite_house, least))
        assert answer.status_code not in (401, 403), line
        assert answer.status_code < 500, line


def ask_by(client: TestClient, line: str, secret: str = "") -> Response:
    method, path = addressed(line)
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    body = {"json": {}} if method in ("POST", "PATCH") else {}
    return client.request(method, path, headers=headers, **body)


def test_the_metrics_are_for_this_machine_and_no_session_opens_them(sqlite_house: House) -> None:
    for client in (visitor(sqlite_house), seated(sqlite_house)):
        for line in lines(MACHINE):
            assert ask(client, line).status_code == 403, line


@pytest.mark.parametrize("least", ROLES)
def test_the_role_below_is_refused_and_the_role_itself_is_not(
    sqlite_house: House, least: str
) -> None:
    """The roles stand in one order, so the two at the edge speak for all."""
    put_draft(sqlite_house)
    below = ROLES[ROLES.index(least) - 1] if least != VIEWER else ""
    enough = seated(sqlite_house, least)
    too_low = seated(sqlite_house, below, beside=enough) if below else enough
    for line in lines(least):
        if below:
            refused = ask(too_low, line, csrf=too_low.csrf)
            assert refused.status_code == 403, line
            assert f"This needs the role {least}" in refused.text, line
        if line.startswith("POST"):
            forged = ask(enough, line, csrf="of-another-session")
            assert (forged.status_code, "another session" in forged.text) == (403, True), line
            for site in ("cross-site", "same-site"):
                foreign = ask(enough, line, headers={"sec-fetch-site": site}, csrf=enough.csrf)
                assert foreign.status_code == 403, (line, site)
        answer = ask(enough, line, csrf=enough.csrf)
        assert not turned_away(answer) or line == "POST /desk/logout", line
        assert answer.status_code < 500, line
