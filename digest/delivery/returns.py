"""Reading a mailbox of bounces to its end: what a mail tells is stored first, and then it is settled.

Two kinds of mail come there: reports about copies, and wishes to leave.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from digest import logs
from digest.audience import leaving_mail, returned_mail, unsubscribe
from digest.audience.unsubscribe import NO_GOODBYES, Goodbyes
from digest.delivery import reports
from digest.model import Report
from digest.protocols import Mailbox, OpenMailbox
from digest.store.engine import Database

log = logs.get(__name__)

#: Mails whose reports are stored in one transaction, and that come again together after a crash.
BATCH = 20


@dataclass(slots=True)
class Collected:
    """What one reading of a mailbox did. silent: mails that tell nothing, such as holiday answers.

    left: readers who left by a mail. wishes: mails that wanted so; of some, nothing was left to end.
    """

    mails: int = 0
    wishes: int = 0
    left: int = 0
    silent: int = 0
    known: int = 0
    strangers: int = 0
    new: int = 0
    suppressed: int = 0


def collect(
    database: Database,
    box: Mailbox,
    *,
    key: bytes,
    now: dt.datetime,
    most: int = 10_000,
    goodbyes: Goodbyes = NO_GOODBYES,
) -> Collected:
    """Take in what lies in a mailbox. A crash at any point loses nothing and counts nothing twice.

    most: mails in one reading; the rest waits for the next. Raises FetchError where the mailbox, and
    Busy where the database cannot be had; what was settled by then is done.
    """
    done = Collected()
    with box.open() as opened:
        for batch in _batches(opened, most):
            _take(database, batch, done, key=key, now=now, goodbyes=goodbyes)
            for name, _ in batch:
                opened.settle(name)
    if done.mails:
        log.info(
            "bounce mailbox read",
            mails=done.mails,
            silent=done.silent,
            new=done.new,
            left=done.left,
        )
    return done


def _batches(opened: OpenMailbox, most: int) -> Iterator[list[tuple[str, bytes]]]:
    batch: list[tuple[str, bytes]] = []
    for count, letter in enumerate(opened.letters(), 1):
        batch.append(letter)
        if len(batch) == BATCH:
            yield batch
            batch = []
        if count == most:
            break
    if batch:
        yield batch


def take(
    database: Database,
    data: bytes,
    *,
    key: bytes,
    now: dt.datetime,
    recipient: str = "",
    goodbyes: Goodbyes = NO_GOODBYES,
) -> Collected:
    """Take in one mail, as a mail server hands it over. recipient: the envelope's."""
    done = Collected()
    letter = [("", data)]
    _take(database, letter, done, key=key, now=now, recipient=recipient, goodbyes=goodbyes)
    return done


def _take(
    database: Database,
    batch: list[tuple[str, bytes]],
    done: Collected,
    *,
    key: bytes,
    now: dt.datetime,
    recipient: str = "",
    goodbyes: Goodbyes,
) -> None:
    done.mails += len(batch)
    found: list[Report] = []
    for _, data in batch:
        if token := leaving_mail.token_of(data, recipient=recipient):
            done.wishes += 1
            done.left += unsubscribe.leave_by_mail(
                database, token, key=key, now=now, goodbyes=goodbyes
            )
            continue
        told = returned_mail.read(data, now=now, recipient=recipient)
        done.silent += not told
        found += told
    if not found:
        return
    applied = reports.apply(database, found, key=key, now=now)
    done.known += applied.known
    done.strangers += applied.strangers
    done.new += sum(applied.verdicts.values())
    done.suppressed += applied.suppressed
