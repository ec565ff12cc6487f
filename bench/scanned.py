"""What scanners are led through: every page and form of a served house, with values that mean something there.

A scanner that fills a form with nonsense tests how nonsense is refused. So each request here is one that a person could
make at that moment: links that work, numbers of rows that exist, the token of a session that is open.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.routing import compile_path

from digest.bootstrap import House
from digest.mail import routes
from digest.model import Scope
from digest.store import api_tokens, issues, subscribers
from tests.web import every_page
from tests.web.every_page import Look
from tests.web.scenes import PERIOD, READER
from tests.web.test_public import leave_path
from tests.web.test_roles import TABLE

#: What is written into a field that is empty, by its type and its name.
TYPED = {
    "email": "alice@example.net",
    "date": "2026-11-29",
    "datetime-local": "2026-11-29T08:00",
    "number": "1",
    "search": "alice",
    "url": "https://gazette.example/quay",
    "checkbox": "yes",
}
#: What ends the session that looks on.
ENDS_IT = ("/desk/logout", "/desk/me/sessions")
#: Fields that are no values of a person's: a token that must stay as it is.
KEPT = ("csrf",)
_PATTERNS = [(key.split(" ", 1), compile_path(key.split(" ", 1)[1])[0]) for key in TABLE]


@dataclass(frozen=True, slots=True)
class Target:
    """One request. fields: of its form, empty for a GET. route: which of ours answers it. page: where the form stands."""

    method: str
    url: str
    route: str
    fields: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    page: str = ""
    seat: str = ""

    @property
    def shape(self) -> tuple[str, ...]:
        """What it has in common with others that need not be looked at again."""
        names = {*(key for key, _ in parse_qsl(urlsplit(self.url).query)), *self.fields}
        return (self.method, self.route, self.seat, *sorted(names))

    @property
    def has_values(self) -> bool:
        return bool("{" in self.route or urlsplit(self.url).query or self.fields or self.body)


def targets(house: House, looks: list[Look]) -> list[Target]:
    """Each kind of request that the pages of these looks lead to, readers' first, then the desk's as an admin."""
    found: dict[tuple[str, ...], Target] = {}
    for seat in ("", "admin"):
        starts = [every_page.address(one, house) for one in looks if bool(one.seat) == bool(seat)]
        for one in _walked(house, starts, seat):
            found.setdefault(one.shape, one)
    for one in (*_of_mails(house), *_of_the_api(house)):
        found.setdefault(one.shape, one)
    return [one for one in found.values() if one.has_values]


def _of_mails(house: House) -> Iterator[Target]:
    """What no page leads to: links of a delivered mail, a form on another site, a provider's call."""
    base = house.public_url
    yield _get(f"{base}/archive/sunday/{PERIOD}?x=1")
    with house.database.read() as session:
        content = next(
            (one.content for one in issues.recent(session, "sunday", limit=9) if one.content), None
        )
    if content:
        code = next(iter(routes.links_of(content)))
        yield _get(f"{base}/r/sunday/{content.period}/{code}")
        yield _get(f"{base}/r/sunday/{content.period}/second/{code}")
    if leave := _leave(house):
        yield _get(f"{base}{leave}/seen/first")
        for end, fields in (("/reason", {"why": "often", "words": "levy"}), ("/undo", {})):
            url = f"{base}{leave}{end}"
            yield Target("POST", url, _route("POST", url), fields)
    embedded = f"{base}/embed/sunday"
    yield Target("POST", embedded, _route("POST", embedded), {"address": "alice@example.net"})
    hook = {
        "RecordType": "Bounce",
        "Email": "alice@example.net",
        "ID": 42,
        "Metadata": {"ref": "levy"},
    }
    yield Target("POST", f"{base}/webhooks/postmark", "/webhooks/{provider}", body=json.dumps(hook))


def _get(url: str) -> Target:
    return Target("GET", url, _route("GET", url))


def _leave(house: House) -> str:
    """The path of a reader's link to leave; empty where nobody is called Alice."""
    with house.database.read() as session:
        known = subscribers.by_address(session, READER)
    return leave_path(house, READER) if known else ""


def client(house: House, seat: str) -> httpx.Client:
    """Somebody with a new session of this seat; what a browser says with a form of our own page. `api`: no session."""
    given = every_page.cookie(house, seat) if seat and seat != "api" else None
    cookies = {given["name"]: given["value"]} if given else {}
    headers = {"origin": house.public_url, "sec-fetch-site": "same-origin"}
    return httpx.Client(cookies=cookies, headers=headers, timeout=30, follow_redirects=False)


def fresh(house: House, one: Target) -> tuple[Target, str]:
    """The same with a new session: its form is looked up anew, for its token is the session's. With the cookie's text."""
    with client(house, one.seat) as asking:
        cookie = "; ".join(f"{key}={value}" for key, value in asking.cookies.items())
        if not one.page:
            return one, cookie
        forms = _forms(asking.get(one.page), house, one.seat)
        same = (form for form in forms if form.shape == one.shape)
        return next(same, one), cookie


def token(house: House) -> str:
    """A new token of the API that may do everything."""
    now = house.clock()
    with house.database.write() as session:
        return api_tokens.make(session, "scanner", set(Scope), by="operator", now=now)[1]


def answers(one: Target, cookie: str, secret: str) -> int:
    """The status of the very request, before anybody changes a value of it."""
    parts = urlsplit(one.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    headers = {"cookie": cookie, "origin": origin, "sec-fetch-site": "same-origin"}
    if one.seat == "api":
        headers["authorization"] = f"Bearer {secret}"
    if one.body:
        headers["content-type"] = "application/json"
    given = one.body if one.body else None
    with httpx.Client(headers=headers, timeout=60) as asking:
        return asking.request(
            one.method, one.url, content=given, data=dict(one.fields) or None
        ).status_code


def _walked(house: House, starts: list[str], seat: str) -> Iterator[Target]:
    """Breadth first; one page of each shape."""
    seen: set[tuple[str, ...]] = set()
    ahead = deque(Target("GET", url, _route("GET", url), seat=seat) for url in starts)
    with client(house, seat) as asking:
        while ahead:
            one = ahead.popleft()
            if one.shape in seen or not one.route or one.route.startswith(ENDS_IT):
                continue
            seen.add(one.shape)
            yield one
            if one.method != "GET":
                continue
            answer = asking.get(one.url)
            if answer.headers.get("content-type", "").startswith("text/html"):
                ahead += _links(answer, house, seat)
                ahead += _forms(answer, house, seat)


def _links(answer: httpx.Response, house: House, seat: str) -> Iterator[Target]:
    for node in LexborHTMLParser(answer.text).css("a[href], link[href], iframe[src], img[src]"):
        given = node.attributes.get("href") or node.attributes.get("src") or ""
        url = urljoin(str(answer.url), given).partition("#")[0]
        if url.startswith(f"{house.public_url}/"):
            yield Target("GET", url, _route("GET", url), seat=seat)


def _forms(answer: httpx.Response, house: House, seat: str) -> Iterator[Target]:
    for form in LexborHTMLParser(answer.text).css("form"):
        method = (form.attributes.get("method") or "get").upper()
        url = urljoin(str(answer.url), form.attributes.get("action") or str(answer.url))
        if form.attributes.get("enctype") == "multipart/form-data" or not url.startswith(
            house.public_url
        ):
            continue
        for fields in _filled(form):
            if method == "GET":
                asked = f"{url.partition('?')[0]}?{urlencode(fields)}"
                yield Target("GET", asked, _route("GET", url), seat=seat)
            else:
                yield Target(
                    "POST", url, _route("POST", url), fields, page=str(answer.url), seat=seat
                )


def _filled(form: LexborNode) -> Iterator[dict[str, str]]:
    """The fields with what stands in them, or something; once for each of its buttons that says something."""
    fields: dict[str, str] = {}
    for node in form.css("input, select, textarea"):
        given = node.attributes
        name, kind = given.get("name"), given.get("type") or "text"
        if not name or kind in ("submit", "file") or (kind == "radio" and name in fields):
            continue
        fields[name] = _value(node, kind)
    buttons = [one.attributes for one in form.css("button[name]")]
    for button in buttons or [{}]:
        told = button.get("name")
        yield {**fields, **({told: button.get("value") or ""} if told else {})}


def _value(node: LexborNode, kind: str) -> str:
    if node.tag == "select":
        options = [one.attributes.get("value") or "" for one in node.css("option")]
        return next((one for one in options if one), "")
    given = node.text() if node.tag == "textarea" else node.attributes.get("value")
    name = node.attributes.get("name") or ""
    kind = "email" if name in ("address", "email") else "search" if name == "words" else kind
    return given or TYPED.get(kind, "levy")


def _route(method: str, url: str) -> str:
    path = urlsplit(url).path
    return next(
        (told[1] for told, fits in _PATTERNS if told[0] == method and fits.fullmatch(path)), ""
    )


# ------------------------------------------------ the API


def _of_the_api(house: House) -> Iterator[Target]:
    """Each operation of the OpenAPI document with an example of what it takes."""
    document = httpx.get(f"{house.public_url}/api/openapi.json", timeout=30).json()
    for path, acts in document["paths"].items():
        for method, act in acts.items():
            url = house.public_url + re.sub(r"{(\w+)}", lambda one: _THERE.get(one[1], "1"), path)
            taken = act.get("requestBody", {}).get("content", {}).get("application/json")
            body = json.dumps(_example(taken["schema"], document)) if taken else ""
            query = {one["name"]: "1" for one in act.get("parameters", ()) if one["in"] == "query"}
            asked = f"{url}?{urlencode(query)}" if query else url
            if query or body or "{" in path:
                yield Target(method.upper(), asked, path, body=body, seat="api")


#: Names and numbers that are there; the others are numbers from 1 on.
_THERE = {"newsletter": "sunday", "period": PERIOD, "source": "desk", "checksum": "0" * 64}


def _example(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    """A value that a schema allows, as plain as can be."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _example(document["components"]["schemas"][name], document)
    if ways := schema.get("anyOf") or schema.get("oneOf"):
        return _example(ways[0], document)
    kind = str(schema.get("type"))
    if kind == "object":
        return {key: _example(one, document) for key, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [_example(schema.get("items", {}), document)]
    plain = {"integer": 1, "number": 1, "boolean": True}.get(kind, "levy")
    return schema["enum"][0] if "enum" in schema else _BY_FORMAT.get(schema.get("format"), plain)


_BY_FORMAT = {"date-time": "2026-11-25T09:00:00Z", "uri": "https://gazette.example/quay"}
