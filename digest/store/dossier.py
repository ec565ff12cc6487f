"""Everything that is kept about one reader, and making an end of it: by what columns are called.

A row is a reader's where a column says so: `subscriber_id`, the hash of the address, or the address
itself. So a table that is added tomorrow is told and erased as well.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    String,
    Table,
    Text,
    case,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlmodel import Session, col

from digest.audience import addresses
from digest.errors import BadInput
from digest.model import SubscriberId
from digest.store import consents, statements
from digest.store.tables import (
    IssueRow,
    MembershipRow,
    MoveRow,
    NoticeRow,
    Row,
    SendRow,
    SubscriberRow,
    SubscriptionRow,
    TokenRow,
)

#: What is told to nobody: it opens doors, or tells of the key.
_SECRET = frozenset({"handle", "token_hash", "address_hash", "data"})
#: The publisher's own words, in which a reader's address is not a reader's.
_PUBLISHED = frozenset(
    {"article", "article_revision", "edition", "engagement", "issue", "source_state", "editor"}
)
#: Rows that stay, without the reader: the sums of a send must add up, and nobody is mailed again.
_STAYS = frozenset({"delivery", "outcome", "report", "suppression", "erasure"})
#: What stands where an address was.
ERASED = "(erased)"


@dataclass(frozen=True, slots=True)
class Person:
    """One reader's rows: ids (of the address and of those it moved here from), addresses, hashes."""

    ids: tuple[SubscriberId, ...]
    addresses: frozenset[str]
    keys: frozenset[str]
    hashes: frozenset[str]


def find(session: Session, key: str, hashed: str) -> Person:
    """All that belongs to one address, also where no reader has it now."""
    rows = list(session.scalars(select(SubscriberRow).where(col(SubscriberRow.address_key) == key)))
    for row in rows:  # grows with those it moved here from
        before = select(SubscriberRow).join(
            SubscriptionRow, col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id)
        )
        older = session.scalars(before.where(col(SubscriptionRow.moved_to) == row.id))
        rows += [one for one in older.unique() if one not in rows]
    return Person(
        ids=tuple(SubscriberId(row.id or 0) for row in rows),
        addresses=frozenset(row.address for row in rows),
        keys=frozenset({key, *(row.address_key for row in rows)}),
        hashes=frozenset({hashed, *(row.address_hash for row in rows)}),
    )


@dataclass(frozen=True, slots=True)
class Belonged:
    """That a reader was confirmed at a newsletter. still: and is, right now."""

    reader: int
    newsletter: str
    still: bool


def belonged(session: Session, person: Person) -> list[Belonged]:
    """Where the reader is or ever was confirmed, under each of their numbers."""
    row = MembershipRow
    still = func.max(case((col(row.until).is_(None), 1), else_=0))
    asked = (
        select(col(row.subscriber_id), col(row.newsletter), still)
        .where(col(row.subscriber_id).in_(person.ids))
        .group_by(col(row.subscriber_id), col(row.newsletter))
        .order_by(col(row.subscriber_id), col(row.newsletter))
    )
    return [Belonged(one, newsletter, bool(now)) for one, newsletter, now in session.execute(asked)]


# ---------------------------------------------------------------- telling


def tell(session: Session, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Every row about a reader by its table, as plain values; nothing that opens a door."""
    told = {}
    for name, table in sorted(Row.metadata.tables.items()):
        if rows := [_plain(row) for row in _rows(session, table, person)]:
            told[name] = rows
    if "consent" in told:
        words = {
            line.version: line.words for one in person.ids for line in consents.of(session, one)
        }
        for one in told["consent"]:
            one["wording"] = words.get(one.pop("wording_version"), "")
    if "delivery" in told:
        issues = _issues(session)
        for one in told["delivery"]:
            one["issue"] = issues.get(one["send_id"], "")
    return told


def _rows(session: Session, table: Table, person: Person) -> Iterator[Mapping[str, Any]]:
    if "address" in table.c and table.name not in ("subscriber", *_PUBLISHED):
        yield from _of_address(session, table, person)
        return
    condition = _mine(table, person)
    if condition is None:
        return
    for row in session.execute(select(table).where(condition)).mappings():
        yield {str(name): value for name, value in row.items()}


def _mine(table: Table, person: Person) -> Any:
    """The condition of being this reader's row; None where a table has none."""
    if table.name == "subscriber":
        return table.c.id.in_(person.ids)
    if table.name == "delivery":  # its key begins with the send: one look-up for each
        return table.c.subscriber_id.in_(person.ids) & table.c.send_id.in_(select(col(SendRow.id)))
    if "subscriber_id" in table.c:
        return table.c.subscriber_id.in_(person.ids)
    if "address_hash" in table.c:
        return table.c.address_hash.in_(person.hashes)
    return None


def _of_address(
    session: Session, table: Table, person: Person, *, thorough: bool = True
) -> Iterator[Mapping[str, Any]]:
    """Rows with an address of the reader: as it is spelled now, or, thorough, however it is spelled."""
    if not thorough:
        now = table.c.address.in_(person.addresses | person.keys)
        mine = _mine(table, person)
        asked = select(table).where(now if mine is None else or_(now, mine))
        yield from (
            {str(k): v for k, v in row.items()} for row in session.execute(asked).mappings()
        )
        return
    domains = {key.rpartition("@")[2] for key in person.keys}
    near = or_(
        *(func.lower(table.c.address).endswith(f"@{one}", autoescape=True) for one in domains)
    )
    mine = _mine(table, person)
    asked = select(table).where(near if mine is None else or_(near, mine))
    for row in session.execute(asked).mappings():
        of_id = "subscriber_id" in row and row["subscriber_id"] in person.ids
        if of_id or _key(row["address"]) in person.keys:
            yield {str(name): value for name, value in row.items()}


def _key(address: str) -> str:
    try:
        return addresses.parse(address).key
    except BadInput:
        return address.lower()


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): _value(value) for name, value in row.items() if name not in _SECRET}


def _value(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.hex() if isinstance(value, bytes) else value


def _issues(session: Session) -> dict[int, str]:
    asked = select(col(SendRow.id), col(IssueRow.newsletter), col(IssueRow.period)).join(
        IssueRow, col(IssueRow.id) == col(SendRow.issue_id)
    )
    return {send: f"{newsletter}/{period}" for send, newsletter, period in session.execute(asked)}


# ---------------------------------------------------------------- erasing


def erase(session: Session, person: Person, *, words: bool = True) -> dict[str, int]:
    """Delete a reader's rows, empty what is said about them elsewhere; how many rows of which table.

    words: look for other spellings, and through every text of the database, which takes as long as it is large. What stays are the keyed hash, where there was one, and rows that name a number which nobody has now.
    """
    done: dict[str, int] = {}
    _drop_links(session, person)
    with consents.erasing(session, person.ids):
        for name, table in Row.metadata.tables.items():
            if name in _STAYS or name == "subscriber" or name in _PUBLISHED:
                continue
            done[name] = _delete(session, table, person, thorough=words)
        done["subscriber"] = _delete(session, SubscriberRow.__table__, person)  # type: ignore[attr-defined]
    done["report"] = _empty_reports(session, person)
    if words:
        done["words"] = sum(
            _scrub(session, table, person.keys)
            for name, table in Row.metadata.tables.items()
            if name not in _PUBLISHED
        )
    return {name: count for name, count in done.items() if count}


def _drop_links(session: Session, person: Person) -> None:
    """Tokens that were mailed, and the mails to an address that the reader would have moved to."""
    mine = col(MoveRow.subscriber_id).in_(person.ids)
    moves = list(session.scalars(select(col(MoveRow.id)).where(mine)))
    asked = [f"moved:{one}" for one in moves]
    statements.moved(session, delete(NoticeRow).where(col(NoticeRow.dedupe).in_(asked)))
    purpose, subject = col(TokenRow.purpose), col(TokenRow.subject)
    of_moves = purpose.in_(["move", "stay"]) & subject.in_(moves)
    own = purpose.in_(["confirm", "preferences"]) & subject.in_(person.ids)
    statements.moved(session, delete(TokenRow).where(or_(of_moves, own)))


def _delete(session: Session, table: Table, person: Person, *, thorough: bool = True) -> int:
    if "address" in table.c and table.name != "subscriber":
        keys = list(table.primary_key.columns)
        gone = 0
        for row in list(_of_address(session, table, person, thorough=thorough)):
            one = [column == row[column.name] for column in keys]
            gone += statements.moved(session, delete(table).where(*one))
        return gone
    condition = _mine(table, person)
    return 0 if condition is None else statements.moved(session, delete(table).where(condition))


def _empty_reports(session: Session, person: Person) -> int:
    table = Row.metadata.tables["report"]
    change = update(table).where(table.c.subscriber_id.in_(person.ids))
    return statements.moved(session, change.values(raw="", detail=""))


def _scrub(session: Session, table: Table, keys: Collection[str]) -> int:
    """Put `ERASED` in the place of the addresses in every text of a table; how many rows."""
    texts = [column for column in table.c if isinstance(column.type, (String, Text, JSON))]
    if not texts:
        return 0
    near = or_(*(_holds(column, key) for column in texts for key in keys))
    spelled = re.compile("|".join(map(addresses.spellings, keys)), re.IGNORECASE)
    changed = 0
    for row in session.execute(select(table).where(near)).mappings().all():
        old = {column.name: row[column.name] for column in texts}
        new = {name: _cleaned(value, spelled) for name, value in old.items()}
        if new != old:
            one = [column == row[column.name] for column in table.primary_key.columns]
            changed += statements.moved(session, update(table).where(*one).values(**new))
    return changed


def _holds(column: Column[Any], key: str) -> ColumnElement[bool]:
    """Both parts of an address stand in a text, one before the other."""
    words = cast(column, Text) if isinstance(column.type, JSON) else column
    local, _, domain = (re.sub(r"([%_/])", r"/\1", part) for part in key.rpartition("@"))
    return func.lower(words).like(f"%{local}%@{domain}%", escape="/")


def _cleaned(value: Any, spelled: re.Pattern[str]) -> Any:
    if value is None:
        return None
    if isinstance(value, str):
        return spelled.sub(ERASED, value)
    return json.loads(spelled.sub(ERASED, json.dumps(value, ensure_ascii=False)))
