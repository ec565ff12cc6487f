"""Webhooks, made and changed by people and programs; each act with its line in the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from digest import sealing
from digest.errors import BadInput
from digest.hooks import signing
from digest.model import HookKind
from digest.model.programs import TEST
from digest.protocols import Clock
from digest.schedules import Schedule
from digest.store import events, hook_events, hooks
from digest.store.engine import Database, Session
from digest.store.hooks import Hook, HookState

#: What secrets are sealed for.
PURPOSE = "secrets of webhooks"
#: Webhooks of one newsletter: each event is a row for each of them.
MOST = 20


class HookHouse(Protocol):
    """What webhooks need of a house."""

    @property
    def database(self) -> Database: ...

    @property
    def key(self) -> bytes: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def schedules(self) -> Mapping[str, Schedule]: ...

    @property
    def fetch_allow(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something at a house. by: in the audit log, which names nobody."""

    house: HookHouse
    by: str

    @property
    def now(self) -> dt.datetime:
        return self.house.clock()

    def record(self, session: Session, action: str, hook: int, **data: object) -> None:
        subject = f"webhook:{hook}"
        events.record(
            session, at=self.now, actor=self.by, action=action, subject=subject, data=data
        )


def add(
    actor: Actor,
    newsletter: str,
    url: str,
    kinds: Collection[HookKind],
    *,
    with_addresses: bool = False,
) -> tuple[Hook, str]:
    """A new webhook and its secret, which is told here and nowhere else. Raises BadInput."""
    if newsletter not in actor.house.schedules:
        raise BadInput("newsletter", f"expected one of: {', '.join(actor.house.schedules)}")
    place, secret = _place(url, actor.house.fetch_allow), signing.new_secret()
    _some(kinds)
    with actor.house.database.write() as session:
        if len(hooks.all(session, newsletter)) >= MOST:
            raise BadInput("newsletter", f"it has {MOST} webhooks already, which is the most")
        made = hooks.add(
            session,
            newsletter,
            place,
            kinds,
            with_addresses=with_addresses,
            secret=sealed(actor.house.key, secret),
            by=actor.by,
            now=actor.now,
        )
        host = urlsplit(place).hostname
        told = {"host": host, "events": sorted(kinds), "with_addresses": with_addresses}
        actor.record(session, "made a webhook", made.id, **told)
    return made, secret


def change(
    actor: Actor,
    seen: Hook,
    *,
    url: str | None = None,
    kinds: Collection[HookKind] | None = None,
    with_addresses: bool | None = None,
    on: bool | None = None,
) -> Hook:
    """Change what is not None. Raises BadInput, Conflict where somebody was first."""
    values: dict[str, Any] = {}
    if url is not None:
        values["url"] = _place(url, actor.house.fetch_allow)
    if kinds is not None:
        _some(kinds)
        values["events"] = kinds
    if with_addresses is not None:
        values["with_addresses"] = with_addresses
    if on is not None:
        values["state"] = HookState.ON if on else HookState.OFF
    with actor.house.database.write() as session:
        changed = hooks.change(session, seen, now=actor.now, **values)
        told = {
            name: str(value)
            for name, value in values.items()
            if name in ("state", "with_addresses")
        }
        actor.record(session, "changed a webhook", seen.id, changed=sorted(values), **told)
    return changed


def new_secret(actor: Actor, seen: Hook) -> tuple[Hook, str]:
    """Another secret in the place of the old one, at once. Raises Conflict."""
    secret = signing.new_secret()
    with actor.house.database.write() as session:
        kept = sealed(actor.house.key, secret)
        changed = hooks.change(session, seen, now=actor.now, secret=kept)
        actor.record(session, "made a new secret of a webhook", seen.id)
    return changed, secret


def remove(actor: Actor, number: int) -> None:
    """Take a webhook away, and what waits for it. Raises NotFound."""
    with actor.house.database.write() as session:
        hooks.remove(session, number)
        actor.record(session, "removed a webhook", number)


def try_it(actor: Actor, hook: Hook) -> int:
    """Tell it an event of the kind `test`, whatever else it wants; the delivery's number. Raises BadInput where it is off."""
    if hook.state is not HookState.ON:
        raise BadInput("webhook", "it is off: put it on first")
    with actor.house.database.write() as session:
        number = hooks.put(session, hook.id, hook.newsletter, TEST, now=actor.now)
        actor.record(session, "tried a webhook", hook.id)
    return number


def again(actor: Actor, number: int) -> None:
    """Tell one event once more. Raises NotFound, and BadInput where its webhook is off."""
    with actor.house.database.write() as session:
        found = hook_events.by_id(session, number)
        if hooks.by_id(session, found.hook_id).state is not HookState.ON:
            raise BadInput("webhook", "it is off: put it on first")
        hook_events.again(session, number, now=actor.now)
        actor.record(session, "redelivered an event", found.hook_id, delivery=number)


def _some(kinds: Collection[HookKind]) -> None:
    if not kinds:
        raise BadInput("events", "say what it wants to hear")


def _place(url: str, allowed: Sequence[str]) -> str:
    """An address that may be told things: by https; by http only where a network of the operator's own is let through."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadInput("url", "this is no web address") from None
    schemes = ("https", "http") if allowed else ("https",)
    if parts.scheme not in schemes or not parts.hostname or not text.isascii() or len(text) > 1000:
        raise BadInput("url", "expected an address that begins https://")
    if parts.username or parts.password or parts.fragment or not text.isprintable() or " " in text:
        raise BadInput("url", "expected no password, no fragment and no space in it")
    if port not in (None, 80, 443) and not allowed:
        raise BadInput("url", "expected a web site's port, 443 or 80")
    return text


def sealed(key: bytes, secret: str) -> str:
    """A secret as it is kept."""
    return sealing.seal(key, PURPOSE, secret)


def opened(key: bytes, hook: Hook) -> str | None:
    """The secret; None where it was sealed with another key."""
    return sealing.opened(key, PURPOSE, hook.secret)
