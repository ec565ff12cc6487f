"""The chain of the audit log: each row's hash covers the row and the hash of the row before it.

What it proves: that no row up to a known hash was changed, taken out or put in since. What it does not:
who writes the whole table anew, with the triggers off, makes another chain that is whole in itself, and rows
taken off its end leave no gap. Both are seen by an `Anchor` that was noted elsewhere before.

Rows wait in the session and are linked right before the commit, so that PostgreSQL's writers wait for each
other for that moment only, and never hold the chain while they want another lock. Two rows that follow the
same one are refused by the table itself (`former` is unique).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, Text, cast, insert, select, text, type_coerce
from sqlmodel import Session, col

from digest.store.tables import EditorRow, EventRow

#: What the first row follows.
START = "0" * 64
#: Where rows wait in a session.
WAITING = "digest.events"
#: An advisory lock of PostgreSQL, which ends with the transaction. Any number that nobody else uses.
_LOCK = 0x5CA7CA

#: Anything that could be an address: the log outlives a reader's erasure.
_ADDRESS = re.compile(r"\S*@\S+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
NO_ADDRESS = "(an address)"
#: So many rows are looked at with one question.
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Anchor:
    """A row by its number and hash, to be kept where nobody who writes the database can change it."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that is not as it was written, and what is wrong with it."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole chain found. last: the newest row that is whole; None in an empty log."""

    rows: int
    last: Anchor | None = None
    broken: Broken | None = None


# ---------------------------------------------------------------- writing


def settle(session: Session, *, origin: str) -> None:
    """Link what waits in this session to the chain. The last thing of a transaction.

    origin: where these acts came from: a shortened network, `cli:` and a user, or nothing.
    """
    waiting: list[dict[str, Any]] = session.info.pop(WAITING, [])
    if not waiting:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = newest(session)
    number, former = (last.number, last.hash) if last else (0, START)
    for one in waiting:
        number += 1
        row = _row(session, one, origin)
        row |= {"id": number, "former": former}
        former = row["hash"] = link(row)
        session.execute(insert(EventRow).values(**row))


def newest(session: Session) -> Anchor | None:
    """The row that the log ends with now; None in an empty one."""
    asked = select(col(EventRow.id), col(EventRow.hash)).order_by(col(EventRow.id).desc()).limit(1)
    found = session.execute(asked).one_or_none()
    return Anchor(found[0], found[1]) if found else None


def _row(session: Session, given: Mapping[str, Any], origin: str) -> dict[str, Any]:
    return {
        "at": given["at"].astimezone(dt.UTC),
        "actor": _who(session, given["actor"])[:60],
        "action": clean(given["action"])[:40],
        "subject": _who(session, given["subject"])[:100],
        "data": json.loads(json.dumps(clean(given["data"]), default=str)),
        "origin": clean(given.get("origin") or origin)[:60],
    }


def _who(session: Session, named: str) -> str:
    """An editor's address, as `--by` may name it, is their number here."""
    if "@" not in named:
        return str(clean(named))
    asked = select(col(EditorRow.id)).where(col(EditorRow.email) == named.strip().casefold())
    found = session.scalar(asked)
    return f"editor:{found}" if found else str(clean(named))


def clean(value: Any) -> Any:
    """A value for the log: no addresses, no control characters, however deep."""
    if isinstance(value, str):
        return _CONTROLS.sub(" ", _ADDRESS.sub(NO_ADDRESS, value))
    if isinstance(value, Mapping):
        return {str(clean(str(key))): clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(one) for one in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def link(row: Mapping[str, Any]) -> str:
    """The hash of a row: SHA-256 of a JSON array of its fields in this order, without spaces, in ASCII.

    number, moment (UTC, microseconds), actor, origin, action, subject, data (its keys sorted), former hash.
    """
    moment = row["at"].astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    words = [row[name] for name in ("actor", "origin", "action", "subject", "data", "former")]
    fields = [row["id"], moment, *words]
    told = json.dumps(fields, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode("ascii")).hexdigest()


# ---------------------------------------------------------------- verifying


def verify(session: Session, *, anchors: tuple[Anchor, ...] = ()) -> Verdict:
    """Look at every row, oldest first; the verdict names the first that is broken.

    anchors: rows that were noted earlier, which must be there as they were.
    """
    wanted = {one.number: one.hash for one in anchors}
    rows, last = 0, Anchor(0, START)
    for row in _raw(session):
        why = _fault(row, last, wanted.pop(int(row["id"]), None))
        if why:
            return Verdict(rows, last if rows else None, Broken(int(row["id"]), why))
        rows, last = rows + 1, Anchor(row["id"], row["hash"])
    found = last if rows else None
    if wanted:
        missing = min(wanted)
        told = f"the log ends at row {last.number}" if missing > last.number else "it is not there"
        why = f"it was noted earlier, and {told}: rows were taken away"
        return Verdict(rows, found, Broken(missing, why))
    return Verdict(rows, found)


def _fault(row: Mapping[str, Any], before: Anchor, noted: str | None) -> str:
    """What is wrong with a row; empty where nothing is."""
    if row["former"] != before.hash:
        after = f"row {before.number}" if before.number else "the beginning"
        return f"it does not follow {after}: a row was taken out or put in between"
    try:
        whole = {**row, "at": _moment(row["at"]), "data": json.loads(row["data"])}
        same = link(whole) == row["hash"]
    except (TypeError, ValueError, OverflowError, RecursionError):
        same = False
    if not same:
        return "it was changed after it was written"
    if noted is not None and noted != row["hash"]:
        return "it is not the row that was noted earlier: the log was written anew"
    return ""


def _raw(session: Session) -> Iterator[dict[str, Any]]:
    """Rows as they lie in the database, so that one that is no row of ours any more is told and stops nothing."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    at = type_coerce(col(EventRow.at), String) if sqlite else col(EventRow.at)
    names = ("id", "actor", "origin", "action", "subject", "former", "hash")
    columns = [getattr(EventRow, name) for name in names]
    asked = select(*columns, at.label("at"), cast(col(EventRow.data), Text).label("data"))
    asked, after = asked.order_by(col(EventRow.id)).limit(_PAGE), None
    while True:
        wanted = asked if after is None else asked.where(col(EventRow.id) > after)
        rows = session.execute(wanted).mappings().all()
        yield from ({str(name): value for name, value in row.items()} for row in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1]["id"]


def _moment(stored: Any) -> dt.datetime:
    moment = stored if isinstance(stored, dt.datetime) else dt.datetime.fromisoformat(stored)
    return moment.replace(tzinfo=dt.UTC)
