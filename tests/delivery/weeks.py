"""Weeks of issues that were sent to Alice and Bob, and what comes back about their copies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from digest.audience import addresses, tokens
from digest.bootstrap import House
from digest.delivery import reports
from digest.delivery.reports import Applied
from digest.model import (
    Coverage,
    DeliveryState,
    IssueContent,
    Rendered,
    Report,
    ReportKind,
    SubscriberId,
)
from digest.store import deliveries, issues, sends, subscribers, suppressions
from digest.store import reports as stored
from digest.store.deliveries import Delivery
from tests.houses import SUNDAY, SetClock

ALICE, BOB = "Alice@reader.example", "bob@reader.example"
WEEK = dt.timedelta(days=7)
LONG_AGO = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
CHECKSUM = "{:064x}"


def week_of(number: int) -> dt.date:
    """The Sunday of the test's week, and those before it: week 0 is four Sundays ago."""
    return SUNDAY + dt.timedelta(days=7 * (number - 4))


@dataclass
class Weeks:
    """A house with two readers. `now` is a day after the last issue that was sent."""

    house: House
    alice: SubscriberId
    bob: SubscriberId
    handle: str
    sends: dict[int, int]

    @classmethod
    def begin(cls, house: House) -> Weeks:
        rows = [(addresses.parse(one), "") for one in (ALICE, BOB)]
        with house.database.write() as session:
            subscribers.import_confirmed(session, "sunday", rows, key=house.key, now=LONG_AGO)
            alice, bob = (subscribers.by_address(session, one.lower()) for one in (ALICE, BOB))
        assert alice is not None
        assert bob is not None
        return cls(house, alice.id, bob.id, alice.handle, {})

    def send(
        self,
        *numbers: int,
        state: DeliveryState = DeliveryState.ACCEPTED,
        reply: str | None = None,
        done: bool = True,
    ) -> None:
        """The issues of these weeks go out; Alice's copy ends in `state`. done: the sends are over."""
        for number in numbers:
            moments = self.house.schedule("sunday").calendar.moments(week_of(number))
            content = IssueContent(
                newsletter="sunday",
                period=moments.period,
                number=number + 1,
                window=moments.window,
                subject="News",
                preheader="",
                coverage=Coverage(0, 0, 0, 0, 0, 0),
            )
            rendered = Rendered(
                subject="News",
                preheader="",
                html="<html></html>",
                text="News",
                checksum=CHECKSUM.format(number + 1),
            )
            now = moments.send_at
            with self.house.database.write() as session:
                issues.open_issue(session, "sunday", moments, now=now)
                issue = issues.get(session, "sunday", moments.period)
                assert issue is not None
                edition = issues.save_draft(session, issue.id, content, rendered, now=now)
                send = sends.freeze(
                    session,
                    issue_id=issue.id,
                    edition_id=edition.id,
                    newsletter="sunday",
                    cut_off=now,
                )
                assert send is not None
                self.sends[number] = send.id
                rows = [(self.alice, state, reply), (self.bob, DeliveryState.ACCEPTED, None)]
                deliveries.put(
                    session,
                    send.id,
                    [
                        Delivery(subscriber_id=who, state=what, attempts=1, at=now, reply=said)
                        for who, what, said in rows
                    ],
                )
                if done:
                    sends.close(session, send.id, now=now)
            self.set_clock(now + dt.timedelta(days=1))

    @property
    def now(self) -> dt.datetime:
        return self.house.clock()

    def set_clock(self, now: dt.datetime) -> None:
        clock = self.house.clock
        assert isinstance(clock, SetClock)
        clock.now = now

    def ref(self, number: int, handle: str = "") -> str:
        """What comes back about Alice's copy of a week's issue."""
        handle = handle or self.handle
        key = tokens.message_key(self.house.key, CHECKSUM.format(number + 1), handle)
        return tokens.ref(handle, key)

    def report(
        self,
        number: int,
        kind: ReportKind = ReportKind.BOUNCED,
        status: str = "",
        *,
        event_id: str = "",
        **more: str,
    ) -> Report:
        """An event about Alice's copy of a week's issue, told by Postmark unless said otherwise."""
        fields: dict[str, str] = {"provider": "postmark", "ref": self.ref(number), **more}
        return Report(
            kind=kind,
            status=status,
            event_id=event_id or f"{kind}-{number}-{status}",
            at=self.now,
            **fields,  # type: ignore[arg-type]
        )

    def take(self, *found: Report) -> Applied:
        return reports.apply(self.house.database, found, key=self.house.key, now=self.now)

    def is_suppressed(self, address: str = ALICE) -> bool:
        key = addresses.parse(address).key
        hashed = tokens.address_hash(self.house.key, key)
        with self.house.database.read() as session:
            return suppressions.is_suppressed(session, hashed, at=self.now)

    def after(self, number: int) -> str:
        """What stands beside the ledger about Alice's copy."""
        with self.house.database.read() as session:
            return stored.outcomes(session, self.sends[number], [self.alice]).get(self.alice, "")
