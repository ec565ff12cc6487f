"""Who sits at the desk: the first set-up, login links bound to a browser, seats and their rights.

No passwords. A login link is good for ten minutes, once, and only in the browser that asked for it.
Every unsafe request of the desk must come from the desk's own page (Origin, Sec-Fetch-Site) and,
once logged in, carry the session's token as well.
"""

from __future__ import annotations

import datetime as dt
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from digest import logs
from digest.audience.tokens import hash_secret, new_secret
from digest.bootstrap import House
from digest.errors import Busy
from digest.store import counters, editors, events, notices, tokens
from digest.store.editors import Role
from digest.web import headers
from digest.web.pages import SAFE

log = logs.get(__name__)

SETUP_LIFETIME = dt.timedelta(hours=24)
LOGIN_LIFETIME = dt.timedelta(minutes=10)
#: Links asked for by one network and for one editor: at most so many in an hour.
LINKS_PER_NETWORK, LINKS_PER_EDITOR = 10, 5


@dataclass(frozen=True, slots=True)
class Seat:
    """A logged-in editor, as routes and templates see one."""

    id: int
    name: str
    role: Role
    csrf: str

    @property
    def may_publish(self) -> bool:
        return self.role >= Role.PUBLISHER


class NotSeated(Exception):
    """Nobody is logged in: the answer is the way to the login."""


# ---------------------------------------------------------------- set-up and login


def setup_link(house: House, now: dt.datetime) -> str | None:
    """A link that makes the first editor, once; None where there is one. Ends every earlier link."""
    with house.database.write() as session:
        if not editors.none_yet(session):
            return None
        tokens.revoke(session, "setup", 0, now=now)
        secret = tokens.issue(session, purpose="setup", subject=0, now=now, lifetime=SETUP_LIFETIME)
    return f"{house.public_url}/desk/setup/{secret}"


def setup_is_open(house: House, secret: str) -> bool:
    """True where a set-up link would still make the first editor."""
    with house.database.read() as session:
        token = tokens.look(session, secret, "setup", now=house.clock())
        return token is not None and not token.used and not editors.count(session)


def set_up(house: House, secret: str, *, email: str, name: str) -> tuple[str, str] | None:
    """The first editor and a session for them; None where the link no longer works."""
    now = house.clock()
    with house.database.write() as session:
        if not editors.none_yet(session) or tokens.use(session, secret, "setup", now=now) is None:
            return None
        editor_id = editors.add_first(session, email, name=name, now=now)
        assert editor_id is not None
        events.record(session, at=now, actor=f"editor:{editor_id}", action="set up the desk")
        return editors.open_session(session, editor_id, now=now)


def may_ask(house: House, asker: str) -> bool:
    """Count one request for a login link from a network; False where there were too many."""
    span = dt.timedelta(hours=1)
    with house.database.write() as session:
        count = counters.hit(session, f"login:{asker}", now=house.clock(), span=span)
    return count <= LINKS_PER_NETWORK


def send_login_link(house: House, email: str, *, browser: str) -> None:
    """Queue a login link if the address has a seat; `browser` is the secret in its cookie."""
    now, span = house.clock(), dt.timedelta(hours=1)
    with house.database.write() as session:
        editor = editors.by_email(session, email)
        if editor is None:
            return
        if counters.hit(session, f"login:{editor.id}", now=now, span=span) > LINKS_PER_EDITOR:
            return
        secret = tokens.issue(
            session,
            purpose="login",
            subject=editor.id,
            scope=hash_secret(browser),
            now=now,
            lifetime=LOGIN_LIFETIME,
        )
        notices.queue(
            session,
            kind="login",
            newsletter=next(iter(house.schedules)),
            address=editor.email,
            dedupe=f"login:{hash_secret(secret)}",
            data={
                "login_url": f"{house.public_url}/desk/login/{secret}",
                "editor_name": editor.name or editor.email,
            },
            now=now,
        )


def link_state(house: House, secret: str, *, browser: str) -> str:
    """`open`, `elsewhere` (asked for in another browser) or `gone`."""
    with house.database.read() as session:
        token = tokens.look(session, secret, "login", now=house.clock())
    if token is None or token.used:
        return "gone"
    return "open" if hmac.compare_digest(token.scope, hash_secret(browser)) else "elsewhere"


def log_in(house: House, secret: str) -> tuple[str, str] | None:
    """Use up a login link and open a session: its secret and token. None where it was used before."""
    now = house.clock()
    with house.database.write() as session:
        token = tokens.use(session, secret, "login", now=now)
        editor = editors.by_id(session, token.subject) if token else None
        if editor is None:
            return None
        events.record(session, at=now, actor=f"editor:{editor.id}", action="logged in")
        log.info("an editor logged in", editor=editor.id)
        return editors.open_session(session, editor.id, now=now)


def log_out(house: House, secret: str) -> None:
    """Close the session on the server: the cookie opens nothing any more."""
    with house.database.write() as session:
        editors.close_session(session, secret)


# ---------------------------------------------------------------- cookies


def _cookie(house: House, name: str) -> str:
    return f"__Host-{name}" if house.public_url.startswith("https:") else name


def secret_of(request: Request, name: str) -> str:
    """What our cookie `name` holds: `desk` (the session) or `browser` (who asked for a link)."""
    return request.cookies.get(_cookie(request.app.state.house, name), "")


def remember(response: Response, house: House, name: str, secret: str, *, max_age: int) -> None:
    """Set one of our cookies; a `__Host-` one is never sent to or set by a neighbour."""
    response.set_cookie(
        _cookie(house, name),
        secret,
        max_age=max_age,
        path="/",
        secure=house.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )


def forget(response: Response, house: House, name: str) -> None:
    """Take a cookie back."""
    remember(response, house, name, "", max_age=0)


#: Pages of the desk that may be come back to; nothing of another host looks like one.
_PAGE = re.compile(r"/desk(?:/[A-Za-z0-9_.-]{1,80}){0,6}")
#: As long as somebody may need to find the login's mail.
WAY_AGE = 1800


def keep_way(request: Request, response: Response) -> None:
    """Remember which page somebody without a session wanted to see: the login leads there.

    Only one that the browser itself went to (Fetch Metadata): no frame and no script asks for a login.
    """
    asked = request.headers.get("sec-fetch-dest", "document") == "document"
    if request.method == "GET" and asked and _PAGE.fullmatch(request.url.path):
        house: House = request.app.state.house
        remember(response, house, "way", request.url.path, max_age=WAY_AGE)


def way_of(request: Request) -> str:
    """Where the login leads to: the page that was asked for, else the desk's first."""
    wanted = secret_of(request, "way")
    return wanted if _PAGE.fullmatch(wanted) else "/desk"


def new_browser() -> str:
    """A secret for the cookie that binds a login link to its browser."""
    return new_secret()


# ---------------------------------------------------------------- access


def needs(role: Role) -> Callable[[Request], Awaitable[Seat]]:
    """A dependency: an editor with this role at least, and on unsafe methods one of our own forms.

    Raises NotSeated without a session; HTTPException 403 without the right or with a foreign form.
    """

    async def seated(request: Request) -> Seat:
        seat = await run_in_threadpool(_seat_of, request)
        if seat is None:
            raise NotSeated
        if request.method not in SAFE:
            same_origin(request)
        if seat.role < role:
            raise HTTPException(403, f"This needs the role {role.name.lower()}.")
        if request.method not in SAFE:
            await _own_form(request, seat)
        return seat

    return seated


def _seat_of(request: Request) -> Seat | None:
    secret = secret_of(request, "desk")
    if not secret:
        return None
    house: House = request.app.state.house
    now = house.clock()
    with house.database.read() as session:
        found = editors.session_of(session, secret, now=now)
    if found is None:
        return None
    if now - found.seen_at >= editors.SEEN_EVERY:
        _note_seen(house, secret, now)
    editor = found.editor
    name = editor.name or editor.email
    return Seat(int(editor.id), name, Role[editor.role.upper()], found.csrf)


def _note_seen(house: House, secret: str, now: dt.datetime) -> None:
    """Another page will note it where the database is busy now: this one can be read all the same."""
    try:
        with house.database.write() as session:
            editors.note_seen(session, secret, now=now)
    except Busy:
        log.info("a session's request was not noted: the database is busy")


async def _own_form(request: Request, seat: Seat) -> None:
    files = 1 if request.url.path == headers.UPLOADS else 0
    fields = await request.form(max_files=files, max_fields=20)
    given = str(fields.get("csrf", ""))
    if not hmac.compare_digest(given.encode(), seat.csrf.encode()):
        await fields.close()
        raise HTTPException(403, "This form is from another session. Go back and load it again.")


def same_origin(request: Request) -> None:
    """Refuse a request that another site's page made (Fetch Metadata, then Origin).

    A browser without Sec-Fetch-Site tells its Origin with every POST; who tells neither is refused.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        own = site == "same-origin"
    else:
        house: House = request.app.state.house
        origin = urlsplit(request.headers.get("origin", ""))
        known = {urlsplit(house.public_url).netloc, request.headers.get("host", "")}
        own = origin.scheme in ("http", "https") and origin.netloc in known
    if not own:
        raise HTTPException(403, "This form was not sent from the desk's own page.")
