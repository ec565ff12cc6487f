"""Who sits at the desk: the first set-up, login links bound to a browser, seats and their rights.

No passwords. A login link is good for ten minutes, once, and only in the browser that asked for it; who has
more than the mailbox to show, shows that next.
Every unsafe request of the desk must come from the desk's own page (Origin, Sec-Fetch-Site) and,
once logged in, carry the session's token as well.
"""

from __future__ import annotations

import datetime as dt
import hmac
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
from digest.errors import BadInput, Busy
from digest.store import counters, editors, events, factors, notices, tokens
from digest.store.editors import Editor, Role, Way
from digest.store.engine import Session
from digest.web import agents, headers, networks, second
from digest.web.pages import SAFE

log = logs.get(__name__)

SETUP_LIFETIME = dt.timedelta(hours=24)
LOGIN_LIFETIME = dt.timedelta(minutes=10)
#: Links asked for by one network and for one editor: at most so many in an hour.
LINKS_PER_NETWORK, LINKS_PER_EDITOR = 10, 5
#: Challenges for a passkey that one network may ask for in an hour.
CHALLENGES_PER_NETWORK = 120
#: Failed logins that are written down in an hour, of one network and of all: the log cannot be flooded.
NOTED_PER_NETWORK, NOTED = 20, 500
#: How long a login is fresh enough for what cannot be taken back.
FRESH = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Seat:
    """A logged-in editor, as routes and templates see one."""

    id: int
    name: str
    role: Role
    csrf: str
    strong: bool = False
    proved_at: dt.datetime | None = None

    @property
    def actor(self) -> str:
        """Who this is in the audit log, which names nobody."""
        return f"editor:{self.id}"

    @property
    def may_publish(self) -> bool:
        return self.role >= Role.PUBLISHER


@dataclass(frozen=True, slots=True)
class Entered:
    """What a door led to. secret: of an open session. half: of a login that wants a second proof; or neither."""

    secret: str = ""
    half: str = ""


class NotSeated(Exception):
    """Nobody is logged in: the answer is the way to the login."""


class NotStrong(Exception):
    """This seat needs more than a mailed link: the answer is the page where it is set up."""


class NotFresh(Exception):
    """The last login is too long ago for this: the answer is the way to prove it again. then: where to go on."""

    def __init__(self, then: str) -> None:
        self.then = then
        super().__init__(then)


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
        return editors.open_session(session, editor_id, now=now, way=Way(how="set-up link"))


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
    """`open`, `printed` (open in any browser), `elsewhere` (asked for in another browser) or `gone`."""
    with house.database.read() as session:
        token = tokens.look(session, secret, "login", now=house.clock())
    if token is None or token.used:
        return "gone"
    if not token.scope:
        return "printed"
    return "open" if hmac.compare_digest(token.scope, hash_secret(browser)) else "elsewhere"


def log_in(house: House, secret: str, way: Way = Way()) -> Entered:
    """Use up a login link: a session, or half of one where more is to be shown. Neither where it was used before."""
    now = house.clock()
    with house.database.write() as session:
        token = tokens.use(session, secret, "login", now=now)
        editor = editors.by_id(session, token.subject) if token else None
        if editor is None:
            return Entered()
        if wants_second(session, house, editor):
            half = tokens.issue(
                session, purpose="half", subject=editor.id, now=now, lifetime=LOGIN_LIFETIME
            )
            return Entered(half=half)
        return Entered(secret=opened(session, house, editor, way))


def wants_second(session: Session, house: House, editor: Editor) -> bool:
    """True where a mailed link alone opens nothing: the editor, or the house, decided so."""
    held = factors.held(session, editor.id)
    return held.app or (held.any and must_be_strong(house, Role[editor.role.upper()]))


def must_be_strong(house: House, role: Role) -> bool:
    """True where the settings want more than a mailed link of this role."""
    if house.second_factor == "admins":
        return role is Role.ADMIN
    return house.second_factor == "everybody"


def log_in_by_passkey(house: House, given: str, way: Way, *, browser: str) -> str:
    """A session for whoever's passkey answered. Raises BadInput where none of ours did."""
    passkey, counter = second.whose(house, given, browser=browser)
    with house.database.write() as session:
        editor = editors.by_id(session, passkey.editor_id)
        used = factors.passkey_used(session, passkey, counter=counter, now=house.clock())
        if editor is None or not used:
            raise BadInput("passkey", "it was used or taken away at the same moment")
        return opened(session, house, editor, way)


def opened(session: Session, house: House, editor: Editor, way: Way) -> str:
    """A new session's secret; the login is in the log."""
    now, data = house.clock(), {"by": way.how}
    events.record(session, at=now, actor=f"editor:{editor.id}", action="logged in", data=data)
    log.info("an editor logged in", editor=editor.id, by=way.how)
    return editors.open_session(session, editor.id, now=now, way=way)[0]


def way_of(request: Request, how: str, *, strong: bool = False) -> Way:
    """How this browser is about to be logged in."""
    house: House = request.app.state.house
    network = networks.shortened(networks.client_of(request, house.trusted_proxies))
    label = agents.spoken(request.headers.get("user-agent", ""))
    return Way(how=how, strong=strong, browser=label, network=network)


def note_failed(request: Request, why: str, *, who: int | None = None) -> None:
    """Write a failed login down, as long as not too many were. who: the editor whose seat it was about."""
    house: House = request.app.state.house
    asker = networks.limit_key(networks.client_of(request, house.trusted_proxies))
    now, span = house.clock(), dt.timedelta(hours=1)
    with house.database.write() as session:
        mine = counters.hit(session, f"failed:{asker}", now=now, span=span)
        every = counters.hit(session, "failed", now=now, span=span)
        if mine <= NOTED_PER_NETWORK and every <= NOTED:
            subject = f"editor:{who}" if who is not None else ""
            data = {"why": why}
            events.record(
                session, at=now, actor="somebody", action="failed login", subject=subject, data=data
            )


def may_challenge(house: House, asker: str) -> bool:
    """Count one challenge that a network asks for; False where there were too many."""
    with house.database.write() as session:
        count = counters.hit(
            session, f"challenge:{asker}", now=house.clock(), span=dt.timedelta(hours=1)
        )
    return count <= CHALLENGES_PER_NETWORK


def log_out(house: House, secret: str, seat: Seat) -> None:
    """Close the session on the server: the cookie opens nothing any more."""
    with house.database.write() as session:
        editors.close_session(session, secret)
        events.record(session, at=house.clock(), actor=seat.actor, action="logged out")


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


def new_browser() -> str:
    """A secret for the cookie that binds a login link to its browser."""
    return new_secret()


# ---------------------------------------------------------------- access


def needs(
    role: Role, *, weak: bool = False, fresh: str = ""
) -> Callable[[Request], Awaitable[Seat]]:
    """A dependency: an editor with this role at least, and on unsafe methods one of our own forms.

    weak: also one who has not set up what the settings want beside the mailbox. fresh: only after a login of the
    last quarter of an hour; the page to go on at, `.` for this one, `..` for the one above. Raises NotSeated without a session, NotStrong, NotFresh;
    HTTPException 403 without the right or with a foreign form.
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
        house: House = request.app.state.house
        if not weak and not seat.strong and must_be_strong(house, seat.role):
            raise NotStrong
        if fresh and (seat.proved_at is None or house.clock() - seat.proved_at > FRESH):
            raise NotFresh(_page(request.url.path, fresh))
        return seat

    return seated


def _page(path: str, named: str) -> str:
    return {".": path, "..": path.rpartition("/")[0]}.get(named, named)


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
    role, csrf = Role[editor.role.upper()], found.csrf
    return Seat(int(editor.id), name, role, csrf, found.strong, found.proved_at)


def _note_seen(house: House, secret: str, now: dt.datetime) -> None:
    """Another page will note it where the database is busy now: this one can be read all the same."""
    try:
        with house.database.write() as session:
            editors.note_seen(session, secret, now=now)
    except Busy:
        log.info("a session's request was not noted: the database is busy")


async def _own_form(request: Request, seat: Seat) -> None:
    files = 1 if request.url.path in headers.FILES else 0
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
