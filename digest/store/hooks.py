"""Webhooks: who wants to be told what, and the events that wait for them, written with what happened."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from digest.errors import Conflict, NotFound
from digest.model import HookKind
from digest.store import statements
from digest.store.tables import HookEventRow, HookRow


class HookState(StrEnum):
    """Whether anything is told."""

    ON = "on"
    OFF = "off"  # a person said so
    FAILED = "failed"  # nothing arrived for too long


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One webhook. secret: sealed. why: it failed. failing_since: nothing has arrived since then."""

    id: int
    newsletter: str
    url: str
    events: frozenset[HookKind]
    with_addresses: bool
    secret: str
    state: HookState
    why: str
    made_by: str
    created_at: dt.datetime
    changed_at: dt.datetime
    failing_since: dt.datetime | None


# ---------------------------------------------------------------- webhooks


def add(
    session: Session,
    newsletter: str,
    url: str,
    events: Collection[HookKind],
    *,
    with_addresses: bool,
    secret: str,
    by: str,
    now: dt.datetime,
) -> Hook:
    """A new webhook, on from now. secret: sealed already."""
    made = insert(HookRow).values(
        newsletter=newsletter,
        url=url,
        events=" ".join(sorted(events)),
        with_addresses=with_addresses,
        secret=secret,
        state=HookState.ON.value,
        why="",
        made_by=by[:60],
        created_at=now,
        changed_at=now,
        failing_since=None,
    )
    return by_id(session, session.scalars(made.returning(col(HookRow.id))).one() or 0)


def by_id(session: Session, number: int) -> Hook:
    """Raises NotFound."""
    asked = select(HookRow).where(col(HookRow.id) == number)
    row = session.scalars(asked, execution_options={"populate_existing": True}).one_or_none()
    if row is None:
        raise NotFound(f"there is no webhook {number}")
    return _hook(row)


def all(session: Session, newsletter: str = "") -> list[Hook]:
    """Every webhook, or those of one newsletter, the oldest first."""
    asked = select(HookRow).order_by(col(HookRow.id))
    if newsletter:
        asked = asked.where(col(HookRow.newsletter) == newsletter)
    return [_hook(row) for row in session.scalars(asked)]


def change(session: Session, seen: Hook, *, now: dt.datetime, **values: Any) -> Hook:
    """Change one that is still as it was seen. Raises Conflict where somebody was first.

    values: `url`, `events`, `with_addresses`, `secret`, `state`. One that is put on begins anew.
    """
    if "events" in values:
        values["events"] = " ".join(sorted(values["events"]))
    if values.get("state") is HookState.ON:
        values |= {"why": "", "failing_since": None}
    as_seen = col(HookRow.id) == seen.id, col(HookRow.changed_at) == seen.changed_at
    at = max(now, seen.changed_at + dt.timedelta(microseconds=1))
    if (
        statements.moved(session, update(HookRow).where(*as_seen).values(changed_at=at, **values))
        != 1
    ):
        raise Conflict("somebody else changed this webhook just now: read it again")
    return by_id(session, seen.id)


def remove(session: Session, number: int) -> None:
    """Take a webhook away, with what waits for it. Raises NotFound."""
    if statements.moved(session, delete(HookRow).where(col(HookRow.id) == number)) != 1:
        raise NotFound(f"there is no webhook {number}")


def failing(session: Session, number: int, *, now: dt.datetime) -> None:
    """Note since when nothing arrives, where that is not noted yet."""
    well = col(HookRow.id) == number, col(HookRow.failing_since).is_(None)
    statements.moved(session, update(HookRow).where(*well).values(failing_since=now))


def arrived(session: Session, number: int) -> None:
    """Something arrived: it does not fail any more."""
    ill = col(HookRow.id) == number, col(HookRow.failing_since).is_not(None)
    statements.moved(session, update(HookRow).where(*ill).values(failing_since=None))


def give_up(session: Session, number: int, why: str, *, now: dt.datetime) -> bool:
    """Tell it nothing any more; True if this call decided so."""
    on = col(HookRow.id) == number, col(HookRow.state) == HookState.ON.value
    values = {"state": HookState.FAILED.value, "why": why, "changed_at": now}
    return statements.moved(session, update(HookRow).where(*on).values(**values)) == 1


# ---------------------------------------------------------------- what happened


def tell(
    session: Session,
    newsletter: str,
    kind: HookKind,
    *,
    now: dt.datetime,
    reader: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write an event down for each webhook that wants it: with the transaction it comes about, or not.

    reader: whom it is about. data: further facts, no address.
    """
    asked = select(HookRow).where(
        col(HookRow.newsletter) == newsletter, col(HookRow.state) == HookState.ON.value
    )
    for row in session.scalars(asked).all():
        if kind in row.events.split():
            put(session, row.id or 0, newsletter, kind, now=now, reader=reader, data=data)


def put(
    session: Session,
    hook: int,
    newsletter: str,
    kind: str,
    *,
    now: dt.datetime,
    reader: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> int:
    """Write an event down for one webhook; its number."""
    about: dict[str, Any] = {"newsletter": newsletter}
    if reader is not None:
        about["reader"] = reader
    body = {
        "type": kind,
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%S.%fZ}",
        "data": {**about, **(data or {})},
    }
    made = insert(HookEventRow).values(
        hook_id=hook,
        name=f"msg_{secrets.token_urlsafe(18)}",
        kind=kind,
        subscriber_id=reader,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        state="waiting",
        attempts=0,
        created_at=now,
        due_at=now,
    )
    return session.scalars(made.returning(col(HookEventRow.id))).one() or 0


def _hook(row: HookRow) -> Hook:
    known = set(HookKind)
    return Hook(
        id=row.id or 0,
        newsletter=row.newsletter,
        url=row.url,
        events=frozenset(HookKind(one) for one in row.events.split() if one in known),
        with_addresses=row.with_addresses,
        secret=row.secret,
        state=HookState(row.state),
        why=row.why,
        made_by=row.made_by,
        created_at=row.created_at,
        changed_at=row.changed_at,
        failing_since=row.failing_since,
    )
