"""One reader as the desk shows them: where they stand with each newsletter, and all that ever happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from digest.model import Preferences, SubscriberId, SubscriptionStatus
from digest.store import consents, preferences
from digest.store.tables import (
    ConsentRow,
    DeliveryRow,
    IssueRow,
    MoveRow,
    OutcomeRow,
    ReportRow,
    SendRow,
    SilenceRow,
    SubscriberRow,
    SubscriptionRow,
    SuppressionRow,
)


class What(StrEnum):
    """A kind of thing that happens; the first five are lines of the ledger of consents."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    CHANGED = "changed"
    LEFT = "left"
    IMPORTED = "imported"
    FILLED = "filled"
    COPY = "copy"
    REPORT = "report"
    SUPPRESSED = "suppressed"
    LIFTED = "lifted"
    SILENT = "silent"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of a reader's history.

    word: how (a consent's method), the state of a copy, the kind of a report, the reason of a suppression or of a
    leaving, `snooze` or `big`, the state of a move. more: the other side's words, a network, a note. until: of a
    span. given_at: of an import, when the reader consented elsewhere. issue: the period of a copy's issue.
    """

    at: dt.datetime
    what: What
    newsletter: str = ""
    word: str = ""
    more: str = ""
    issue: str = ""
    until: dt.datetime | None = None
    given_at: dt.datetime | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a reader stands with one newsletter. left_for: why, where a reason was given.

    moved_to: as whom the subscription went on. shown: the words of their last wish, `shown_at`.
    """

    newsletter: str
    status: SubscriptionStatus
    asked_at: dt.datetime
    changed_at: dt.datetime
    tags: tuple[str, ...]
    chosen: Preferences
    first_sections: tuple[str, ...] = ()
    left_for: str = ""
    moved_to: SubscriberId | None = None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A span in which an address must not be mailed."""

    reason: str
    since: dt.datetime
    until: dt.datetime | None
    detail: str
    import_id: int | None


def stands(session: Session, subscriber_id: int, *, now: dt.datetime) -> list[Stand]:
    """One for each newsletter that the reader ever asked for."""
    mine = col(SubscriptionRow.subscriber_id) == subscriber_id
    asked = select(SubscriptionRow).where(mine).order_by(col(SubscriptionRow.newsletter))
    return [
        Stand(
            newsletter=row.newsletter,
            status=SubscriptionStatus(row.status),
            asked_at=row.asked_at,
            changed_at=row.changed_at,
            tags=tuple(row.tags.splitlines()),
            chosen=preferences.of(session, subscriber_id, row.newsletter, now=now),
            first_sections=tuple(row.first_sections.splitlines()),
            left_for=row.left_for,
            moved_to=None if row.moved_to is None else SubscriberId(row.moved_to),
        )
        for row in session.scalars(asked)
    ]


def suppressed(session: Session, address_hash: str) -> list[Suppressed]:
    """Every span of an address, the newest first, also those that are over."""
    row = SuppressionRow
    asked = select(row).where(col(row.address_hash) == address_hash).order_by(col(row.id).desc())
    return [
        Suppressed(one.reason, one.since, one.until, one.detail, one.import_id)
        for one in session.scalars(asked)
    ]


def of(session: Session, subscriber_id: int) -> list[Happening]:
    """All that is known to have happened with a reader, the newest first."""
    sources = (_ledger, _copies, _reports, _suppressions, _silences, _moves)
    found = [one for source in sources for one in source(session, subscriber_id)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _ledger(session: Session, reader: int) -> Iterator[Happening]:
    row = ConsentRow
    left = _reasons(session, reader)
    asked = select(row).where(col(row.subscriber_id) == reader).order_by(col(row.id).desc())
    for one in session.scalars(asked):
        why = left.pop(one.newsletter, "") if one.kind == What.LEFT else ""
        yield Happening(
            at=one.at,
            what=What(one.kind),
            newsletter=one.newsletter,
            word=one.method,
            more=why or one.network,
            given_at=one.given_at,
            number=one.import_id,
        )


def _reasons(session: Session, reader: int) -> dict[str, str]:
    """Why the reader left, by newsletter: the last time counts."""
    row = SubscriptionRow
    asked = select(col(row.newsletter), col(row.left_for)).where(
        col(row.subscriber_id) == reader, col(row.left_for) != ""
    )
    return {newsletter: why for newsletter, why in session.execute(asked)}  # noqa: C416  typed so


def _copies(session: Session, reader: int) -> Iterator[Happening]:
    """The reader's copy of each issue, and the gravest thing that was said of it since."""
    copy, send, issue = DeliveryRow, SendRow, IssueRow
    asked = (
        select(
            col(copy.at), col(copy.state), col(copy.reply), col(issue.newsletter), col(issue.period)
        )
        .join(send, col(send.id) == col(copy.send_id))
        .join(issue, col(issue.id) == col(send.issue_id))
        # the key of a copy begins with its send: one look-up for each
        .where(col(copy.send_id).in_(select(col(SendRow.id))), col(copy.subscriber_id) == reader)
    )
    for at, state, reply, newsletter, period in session.execute(asked):
        yield Happening(
            at=at,
            what=What.COPY,
            newsletter=newsletter,
            word=state,
            more=reply or "",
            issue=period,
        )


def _reports(session: Session, reader: int) -> Iterator[Happening]:
    """What came back by webhook or mail, and refusals that were judged without such a report."""
    row, send, issue = ReportRow, SendRow, IssueRow
    asked = (
        select(
            col(row.at),
            col(row.kind),
            col(row.status) + " " + col(row.detail),
            col(row.send_id),
            col(issue.newsletter),
            col(issue.period),
        )
        .outerjoin(send, col(send.id) == col(row.send_id))
        .outerjoin(issue, col(issue.id) == col(send.issue_id))
        .where(col(row.subscriber_id) == reader)
    )
    told = session.execute(asked).all()
    judged = session.execute(_outcomes(reader)).all()
    by_report = {number for *_, number, _, _ in told}
    unreported = [one for one in judged if one.send_id not in by_report]
    for at, kind, words, _, newsletter, period in (*told, *unreported):
        yield Happening(
            at=at,
            what=What.REPORT,
            newsletter=newsletter or "",
            word=kind,
            more=words.strip(),
            issue=period or "",
        )


def _outcomes(reader: int) -> Any:
    """What each copy came to in the end, in the same columns."""
    row, send, issue = OutcomeRow, SendRow, IssueRow
    columns = (row.at, row.outcome, row.status, row.send_id, issue.newsletter, issue.period)
    return (
        select(*map(col, columns))
        .join(send, col(send.id) == col(row.send_id))
        .join(issue, col(issue.id) == col(send.issue_id))
        .where(col(row.subscriber_id) == reader)
    )


def _suppressions(session: Session, reader: int) -> Iterator[Happening]:
    mine = select(col(SubscriberRow.address_hash)).where(col(SubscriberRow.id) == reader)
    for one in suppressed(session, session.scalar(mine) or ""):
        yield Happening(
            at=one.since,
            what=What.SUPPRESSED,
            word=one.reason,
            more=one.detail,
            until=one.until,
            number=one.import_id,
        )
        if one.until is not None:
            yield Happening(at=one.until, what=What.LIFTED, word=one.reason)


def _silences(session: Session, reader: int) -> Iterator[Happening]:
    row = SilenceRow
    for one in session.scalars(select(row).where(col(row.subscriber_id) == reader)):
        yield Happening(
            at=one.since,
            what=What.SILENT,
            newsletter=one.newsletter,
            word=one.kind,
            until=one.until,
        )


def _moves(session: Session, reader: int) -> Iterator[Happening]:
    """Moves away from this address, and the one by which the reader came to it."""
    row = MoveRow
    asked = select(row).where(or_(col(row.subscriber_id) == reader, col(row.to_id) == reader))
    for one in session.scalars(asked):
        came = one.to_id == reader
        yield Happening(
            at=one.asked_at,
            what=What.MOVED,
            newsletter=one.newsletter,
            word="came" if came else one.state,
            number=one.subscriber_id if came else one.to_id,
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """The last wish of a reader for a newsletter: what they were shown, and when they confirmed it."""

    newsletter: str
    asked: consents.Evidence | None
    confirmed: consents.Evidence | None


def proofs(session: Session, subscriber_id: int) -> list[Proof]:
    """By newsletter: the newest wish or import, and the confirmation of it."""
    found: dict[str, tuple[consents.Evidence | None, consents.Evidence | None]] = {}
    for line in consents.of(session, subscriber_id):
        asked, confirmed = found.get(line.newsletter, (None, None))
        if line.kind in (What.ASKED, What.IMPORTED):
            found[line.newsletter] = (line, None)
        elif line.kind == What.CONFIRMED:
            found[line.newsletter] = (asked, line)
        else:
            found[line.newsletter] = (asked, confirmed)
    return [Proof(name, *both) for name, both in sorted(found.items()) if any(both)]
