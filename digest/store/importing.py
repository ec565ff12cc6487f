"""Readers taken over from elsewhere, many at once: a few statements a chunk, no row objects.

facts: rows through the ORM cost thirty times as much as these (delivery_speed §4).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import insert, literal, select
from sqlmodel import Session, col

from digest.audience.addresses import Address
from digest.audience.tokens import address_hash, new_secret
from digest.model import SubscriptionStatus
from digest.store import consents, statements, suppressions
from digest.store.tables import (
    ConsentRow,
    MembershipRow,
    SubscriberRow,
    SubscriptionRow,
    SuppressionRow,
    UtcDateTime,
)

#: Readers a chunk: few round trips, and far below the databases' limits of bound values.
_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Imported:
    """How many became readers, had a row of this newsletter already, or must not be mailed."""

    new: int = 0
    known: int = 0
    suppressed: int = 0

    def __add__(self, other: Imported) -> Imported:
        return Imported(
            self.new + other.new,
            self.known + other.known,
            self.suppressed + other.suppressed,
        )


class _Person(NamedTuple):
    address: Address
    name: str
    hashed: str


def import_confirmed(
    session: Session,
    newsletter: str,
    rows: Iterable[tuple[Address, str]],
    *,
    key: bytes,
    now: dt.datetime,
    wording: str = "",
) -> Imported:
    """Make readers whose consent is held elsewhere confirmed; `rows` are (address, name).

    Nobody is revived: who has any row of this newsletter (asked, confirmed or left) stays as they
    are, and who is suppressed gets none.
    """
    total, rest = Imported(), iter(rows)
    while chunk := list(islice(rest, _CHUNK)):
        people = {a.key: _Person(a, name, address_hash(key, a.key)) for a, name in reversed(chunk)}
        done = _import_chunk(session, newsletter, people, now=now, wording=wording)
        total += done + Imported(known=len(chunk) - len(people))
    return total


def _import_chunk(
    session: Session,
    newsletter: str,
    people: dict[str, _Person],
    *,
    now: dt.datetime,
    wording: str,
) -> Imported:
    barred = _barred(session, people, now)
    allowed = {key: one for key, one in people.items() if one.hashed not in barred}
    known = _known(session, newsletter, list(allowed))
    wanted = [one for key, one in allowed.items() if key not in known]
    new = _make_readers(session, newsletter, wanted, now=now, wording=wording) if wanted else 0
    return Imported(new, len(allowed) - new, len(people) - len(allowed))


def _barred(session: Session, people: dict[str, _Person], now: dt.datetime) -> set[str]:
    hashes = [one.hashed for one in people.values()]
    asked = select(col(SuppressionRow.address_hash)).where(
        col(SuppressionRow.address_hash).in_(hashes), suppressions.active(now)
    )
    return set(session.scalars(asked))


def _known(session: Session, newsletter: str, keys: list[str]) -> set[str]:
    asked = (
        select(col(SubscriberRow.address_key))
        .join(SubscriptionRow, col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id))
        .where(
            col(SubscriberRow.address_key).in_(keys), col(SubscriptionRow.newsletter) == newsletter
        )
    )
    return set(session.scalars(asked))


def _make_readers(
    session: Session,
    newsletter: str,
    people: list[_Person],
    *,
    now: dt.datetime,
    wording: str,
) -> int:
    """Insert what is missing, in the order of the file. Another import may do the same at once."""
    table: Any = SubscriberRow.__table__  # type: ignore[attr-defined]
    missing = statements.insert(session, table).on_conflict_do_nothing()
    session.connection().execute(missing, [_subscriber(one, now) for one in people])
    keys = [one.address.key for one in people]
    confirmed = literal(SubscriptionStatus.CONFIRMED.value)
    at = literal(now, UtcDateTime())
    new = list(
        session.scalars(
            statements.insert(session, SubscriptionRow)
            .from_select(
                ["subscriber_id", "newsletter", "status", "asked_at", "changed_at"],
                select(col(SubscriberRow.id), literal(newsletter), confirmed, at, at).where(
                    col(SubscriberRow.address_key).in_(keys)
                ),
            )
            .on_conflict_do_nothing()
            .returning(col(SubscriptionRow.subscriber_id))
        )
    )
    _remember(session, newsletter, new, now=now, wording=wording)
    return len(new)


def _subscriber(one: _Person, now: dt.datetime) -> dict[str, Any]:
    return {
        "address": one.address.address,
        "address_key": one.address.key,
        "address_hash": one.hashed,
        "handle": new_secret(),
        "name": one.name[:200],
        "language": "",
        "created_at": now,
    }


def _remember(
    session: Session, newsletter: str, new: list[int], *, now: dt.datetime, wording: str
) -> None:
    """Begin the new readers' memberships and note the evidence."""
    at, of = literal(now, UtcDateTime()), literal(newsletter)
    who = col(SubscriberRow.id)
    members = select(who, of, at).where(who.in_(new))
    session.execute(
        insert(MembershipRow).from_select(["subscriber_id", "newsletter", "since"], members)
    )
    version = consents.words(session, wording, now=now)
    imported = literal("imported"), at, literal("import"), literal(""), literal(version)
    session.execute(
        insert(ConsentRow).from_select(
            ["subscriber_id", "newsletter", "kind", "at", "method", "network", "wording_version"],
            select(who, of, *imported).where(who.in_(new)),
        )
    )
