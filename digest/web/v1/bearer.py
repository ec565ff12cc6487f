"""Who asks: a token in the Authorization header (RFC 6750), with the scopes that an operation needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from digest import logs
from digest.bootstrap import House
from digest.errors import Busy
from digest.model import Scope
from digest.store import api_tokens, events
from digest.store.api_tokens import USED_EVERY, ApiToken
from digest.store.engine import Session
from digest.web.v1.problems import Problem

log = logs.get(__name__)

REALM = 'Bearer realm="The Sunday Catchup"'


@dataclass(frozen=True, slots=True)
class Caller:
    """A program with its token, in front of a house."""

    house: House
    token: ApiToken

    @property
    def actor(self) -> str:
        return self.token.actor

    @property
    def name(self) -> str:
        """How the desk calls who did something."""
        return f"{self.token.name} (by the API)"

    def now(self) -> dt.datetime:
        return self.house.clock()

    def needs(self, *scopes: Scope) -> None:
        """Raises Problem where the token has not all of them."""
        missing = [one for one in scopes if one not in self.token.scopes]
        if missing:
            log.info("a token has not the scope", token=self.token.id, scope=missing[0].value)
            named = " ".join(scopes)
            headers = {"www-authenticate": f'{REALM}, error="insufficient_scope", scope="{named}"'}
            raise Problem("scope", f"This needs the scope {named}.", headers=headers)

    def record(self, session: Session, action: str, subject: str = "", **data: object) -> None:
        """A line of the audit log."""
        at = self.now()
        events.record(session, at=at, actor=self.actor, action=action, subject=subject, data=data)


def let_in(request: Request, scopes: Sequence[Scope]) -> Caller:
    """The program that asks. Raises Problem where it shows no token that works, or one without these scopes."""
    house: House = request.app.state.house
    token = working(house, secret_of(request))
    if token is None:
        challenge = f'{REALM}, error="invalid_token"'
        headers = {"www-authenticate": challenge}
        raise Problem("bad-token", "This token opens nothing (any more).", headers=headers)
    caller = Caller(house, token)
    caller.needs(*scopes)
    return caller


def secret_of(request: Request) -> str:
    """The secret that is shown. Only this header is read: never the address, a form or a cookie. Raises Problem."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given.strip():
        headers = {"www-authenticate": REALM}
        raise Problem("no-token", "Send the token as a bearer.", headers=headers)
    return given.strip()


def working(house: House, secret: str) -> ApiToken | None:
    """The token of a secret, where it works; that it was used is noted. None for any other."""
    now = house.clock()
    if not secret.startswith(api_tokens.PREFIX) or not secret.isascii() or len(secret) > 100:
        return None
    with house.database.read() as session:
        token = api_tokens.by_secret(session, secret)
    if token is None or not token.works(now):
        log.info("a token was refused", token=token.id if token else None)
        return None
    if token.used_at is None or now - token.used_at >= USED_EVERY:
        _note_used(house, token, now)
    return token


def _note_used(house: House, token: ApiToken, now: dt.datetime) -> None:
    """Another call will note it where the database is busy now: this one can be answered all the same."""
    try:
        with house.database.write() as session:
            api_tokens.note_used(session, token.id, now=now)
    except Busy:
        log.info("a token's use was not noted: the database is busy")


def _caller(request: Request) -> Caller:
    found: Caller = request.state.caller
    return found


CallerHere = Annotated[Caller, Depends(_caller)]
