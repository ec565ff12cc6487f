"""Readers taken over from elsewhere, many at once: what is known of them, and what becomes of each.

All statements work on lists of rows: see `bulk`. A batch is one transaction of the caller's.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session, col

from digest.audience.addresses import Address
from digest.audience.admission import Incoming, Known, Outcome, decide
from digest.audience.standings import Standing
from digest.audience.tokens import address_hash
from digest.model import SubscriptionStatus
from digest.store import (
    bulk,
    consents,
    in_turn,
    leaving,
    preferences,
    statements,
    suppressions,
)
from digest.store.newcomers import EVIDENCE, STATUSES, Decided, Grounds, add
from digest.store.statements import among, among_bound, as_one
from digest.store.tables import (
    ConsentRow,
    MembershipRow,
    SilenceRow,
    SubscriberRow,
    SubscriptionRow,
    SuppressionRow,
)

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionStatus

#: Readers a chunk of those that come without a size of their own.
_CHUNK = 2000

_REASONS = {
    Standing.BOUNCED: "hard_bounce",
    Standing.COMPLAINED: "complaint",
    Standing.BLOCKED: "imported",
}


#: Hashes that are suppressed, and with its reason each that is so for good.
_Barred = set[str | tuple[str, str]]


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
        people = [Incoming(a.address, a.key, address_hash(key, a.key), name=n) for a, n in chunk]
        found = admit(session, newsletter, people, grounds=Grounds(wording), now=now)
        new, suppressed = found[Outcome.NEW], found[Outcome.SUPPRESSED]
        total += Imported(new, len(chunk) - new - suppressed, suppressed)
    return total


def admit(
    session: Session,
    newsletter: str,
    people: Sequence[Incoming],
    *,
    grounds: Grounds,
    now: dt.datetime,
) -> Counter[Outcome]:
    """Take people over; how many came to what. The same person twice counts by the graver row."""
    in_turn.wait(session)
    by, found = _decided(session, newsletter, people, now)
    coming = [each for outcome in STATUSES for each in by[outcome]]
    arrived = add(session, newsletter, coming, grounds=grounds, now=now)
    if len(arrived) < len(coming):  # somebody else wrote some of them at this very moment
        taken = {each.one.key for _, each in arrived}
        late = [each.one for each in coming if each.one.key not in taken]
        found.subtract(each.outcome for each in coming if each.one.key not in taken)
        return found + admit(session, newsletter, late, grounds=grounds, now=now)
    _suppress(session, by[Outcome.BARRED], grounds=grounds, now=now)
    _end(session, newsletter, by[Outcome.ENDED], grounds=grounds, now=now)
    filled = _fill(session, newsletter, by[Outcome.KNOWN], grounds=grounds, now=now)
    found[Outcome.KNOWN] -= filled
    found[Outcome.FILLED] += filled
    return found


def foresee(
    session: Session, newsletter: str, people: Sequence[Incoming], *, now: dt.datetime
) -> Counter[Outcome]:
    """What `admit` would come to; nothing is written."""
    by, found = _decided(session, newsletter, people, now)
    filled = sum(bool(_missing(each)) for each in by[Outcome.KNOWN])
    found[Outcome.KNOWN] -= filled
    found[Outcome.FILLED] += filled
    return found


def _decided(
    session: Session,
    newsletter: str,
    people: Sequence[Incoming],
    now: dt.datetime,
) -> tuple[Mapping[Outcome, list[Decided]], Counter[Outcome]]:
    """Each person once by what they come to, in the order of the file, and how many come to what."""
    once: dict[str, Incoming] = {}
    for one in people:
        before = once.setdefault(one.key, one)
        if one.standing.rank > before.standing.rank:
            once[one.key] = one
    known = _known(session, newsletter, list(once))
    known |= _after_moves(session, newsletter, once, known)
    barred = _barred(session, [one.hashed for one in once.values()], now)
    decided = [
        Decided(one, there := known.get(one.key), _outcome(one, there, barred))
        for one in once.values()
    ]
    by: defaultdict[Outcome, list[Decided]] = defaultdict(list)
    for outcome, alike in groupby(decided, lambda each: each.outcome):
        by[outcome] += alike
    found = Counter({outcome: len(alike) for outcome, alike in by.items()})
    found[Outcome.DOUBLE] += len(people) - len(once)
    return by, found


def _outcome(one: Incoming, there: Known | None, barred: _Barred) -> Outcome:
    suppressed = one.hashed in barred
    if suppressed and (reason := _REASONS.get(one.standing)):
        suppressed = (one.hashed, reason) in barred
    return decide(one.standing, there, left=one.left, suppressed=suppressed)


# ---------------------------------------------------------------- looking


def _known(session: Session, newsletter: str, keys: Sequence[str]) -> dict[str, Known]:
    """What is on file of these addresses, by their keys."""
    who, state = SubscriberRow, SubscriptionRow
    own_word = (
        select(func.max(col(ConsentRow.at)))
        .where(
            col(ConsentRow.subscriber_id) == col(who.id),
            col(ConsentRow.newsletter) == newsletter,
            col(ConsentRow.kind) == "confirmed",
            col(ConsentRow.method).not_in(consents.NOT_THEIRS),
        )
        .scalar_subquery()
    )
    mine = (col(state.subscriber_id) == col(who.id)) & (col(state.newsletter) == newsletter)
    asked = (
        select(
            col(who.address_key),
            col(who.id),
            col(state.status),
            col(who.name),
            col(state.language),
            col(who.timezone),
            col(state.tags),
            own_word,
            col(state.moved_to),
        )
        .outerjoin(state, mine)
        .where(among_bound(session, col(who.address_key), "keys"))
    )
    found = session.execute(asked, {"keys": as_one(session, keys)})
    return {
        key: Known(
            number,
            SubscriptionStatus(status) if status else None,
            name,
            language or "",
            timezone,
            tags or "",
            spoken,
            moved is not None,
        )
        for key, number, status, name, language, timezone, tags, spoken, moved in found
    }


def _after_moves(
    session: Session, newsletter: str, people: Mapping[str, Incoming], known: Mapping[str, Known]
) -> dict[str, Known]:
    """Who left elsewhere by an address that they have moved from here: as whom they are with us now.

    Only where the file says when, so that it can be held against the move, and does not speak of the new
    address itself.
    """
    found = {}
    for key, one in people.items():
        there = known.get(key)
        if there is None or not there.moved or one.left is None:
            continue
        if one.standing is Standing.UNSUBSCRIBED:
            holder = leaving.now_at(session, there.id, newsletter)
            asked = select(col(SubscriberRow.address_key)).where(col(SubscriberRow.id) == holder)
            at = session.scalar(asked)
            if at is not None and at not in people:
                found[key] = _known(session, newsletter, [at])[at]
    return found


def _barred(session: Session, hashes: Sequence[str], now: dt.datetime) -> _Barred:
    """The hashes that are suppressed now, and with its reason each that is so for good."""
    row = SuppressionRow
    asked = select(col(row.address_hash), col(row.reason), col(row.until)).where(
        among_bound(session, col(row.address_hash), "hashes"), suppressions.active(now)
    )
    found: _Barred = set()
    for hashed, reason, until in session.execute(asked, {"hashes": as_one(session, hashes)}):
        found.update((hashed, (hashed, reason)) if until is None else (hashed,))
    return found


# ---------------------------------------------------------------- writing


def _suppress(
    session: Session, barred: Sequence[Decided], *, grounds: Grounds, now: dt.datetime
) -> None:
    at = bulk.stored(session)(now)
    columns = ("address_hash", "reason", "since", "detail", "import_id")
    rows = [
        (each.one.hashed, _REASONS[each.one.standing], at, grounds.wording, grounds.import_id)
        for each in barred
    ]
    bulk.put(session, SuppressionRow, columns, rows)


def _end(
    session: Session,
    newsletter: str,
    ended: Sequence[Decided],
    *,
    grounds: Grounds,
    now: dt.datetime,
) -> None:
    """Readers here who left elsewhere since: they have left here, too."""
    ids = list(dict.fromkeys(each.known.id for each in ended if each.known))
    if not ids:
        return
    mine = (
        among(session, col(SubscriptionRow.subscriber_id), ids),
        col(SubscriptionRow.newsletter) == newsletter,
    )
    gone = update(SubscriptionRow).where(*mine)
    statements.moved(session, gone.values(status=UNSUBSCRIBED.value, changed_at=now))
    member = update(MembershipRow).where(
        among(session, col(MembershipRow.subscriber_id), ids),
        col(MembershipRow.newsletter) == newsletter,
        col(MembershipRow.until).is_(None),
    )
    # A clock that was set back must not end a span before it began.
    late = member.where(col(MembershipRow.since) > now)
    statements.moved(session, late.values(until=col(MembershipRow.since)))
    statements.moved(session, member.values(until=now))
    snoozes = update(SilenceRow).where(
        among(session, col(SilenceRow.subscriber_id), ids),
        col(SilenceRow.newsletter) == newsletter,
        col(SilenceRow.kind) == preferences.SNOOZE,
        col(SilenceRow.until) > now,
    )
    statements.moved(session, snoozes.values(until=now))  # who comes back is mailed
    at = bulk.stored(session)(now)
    said = (newsletter, "left", at, "import", "", consents.words(session, grounds.wording, now=now))
    rows = [(reader, *said, grounds.import_id, None, None) for reader in ids]
    bulk.put(session, ConsentRow, EVIDENCE, rows)


def _fill(
    session: Session,
    newsletter: str,
    known: Sequence[Decided],
    *,
    grounds: Grounds,
    now: dt.datetime,
) -> int:
    """Note what was not known of readers here; what is known stays. How many gained something."""
    gains = [(each.known.id, gain) for each in known if each.known and (gain := _missing(each))]
    for column, row, reader in _FILLABLE:
        change = update(row).where(reader == bindparam("reader"), col(getattr(row, column)) == "")
        if row is SubscriptionRow:
            change = change.where(col(SubscriptionRow.newsletter) == newsletter)
        values = [{"reader": who, "gain": gain[column]} for who, gain in gains if column in gain]
        if values:
            session.connection().execute(change.values({column: bindparam("gain")}), values)
    at = bulk.stored(session)(now)
    said = (newsletter, "filled", at, "import", "", "", grounds.import_id, None)
    rows = [(who, *said, json.dumps(gain)) for who, gain in gains]
    bulk.put(session, ConsentRow, EVIDENCE, rows)
    return len(gains)


_FILLABLE: tuple[tuple[str, Any, Any], ...] = (
    ("name", SubscriberRow, col(SubscriberRow.id)),
    ("language", SubscriptionRow, col(SubscriptionRow.subscriber_id)),
    ("timezone", SubscriberRow, col(SubscriberRow.id)),
    ("tags", SubscriptionRow, col(SubscriptionRow.subscriber_id)),
)


def _missing(each: Decided) -> dict[str, str]:
    """What the file tells of a reader here that is not known: {column: text}."""
    known = each.known
    if known is None or each.one.standing is not Standing.ACTIVE:
        return {}
    told = {name: getattr(each.one, name) for name, _, _ in _FILLABLE}
    return {name: value for name, value in told.items() if value and not getattr(known, name)}
