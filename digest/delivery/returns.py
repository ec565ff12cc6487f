"""Reading a mailbox of bounces to its end: reports are stored first, and then their mail is settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from digest import logs
from digest.audience import returned_mail
from digest.delivery import reports
from digest.protocols import Mailbox, OpenMailbox
from digest.store.engine import Database

log = logs.get(__name__)

#: Mails whose reports are stored in one transaction, and that come again together after a crash.
BATCH = 20


@dataclass(slots=True)
class Collected:
    """What one reading of a mailbox did. silent: mails that are no report, such as holiday answers."""

    mails: int = 0
    silent: int = 0
    known: int = 0
    strangers: int = 0
    new: int = 0
    suppressed: int = 0


def collect(
    database: Database, box: Mailbox, *, key: bytes, now: dt.datetime, most: int = 10_000
) -> Collected:
    """Take in what lies in a mailbox. A crash at any point loses nothing and counts nothing twice.

    most: mails in one reading; the rest waits for the next. Raises FetchError where the mailbox, and
    Busy where the database cannot be had; what was settled by then is done.
    """
    done = Collected()
    with box.open() as opened:
        for batch in _batches(opened, most):
            _take(database, batch, done, key=key, now=now)
            for name, _ in batch:
                opened.settle(name)
    if done.mails:
        log.info("bounce mailbox read", mails=done.mails, silent=done.silent, new=done.new)
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
    database: Database, data: bytes, *, key: bytes, now: dt.datetime, recipient: str = ""
) -> Collected:
    """Take in one mail, as a mail server hands it over. recipient: the envelope's."""
    done = Collected()
    _take(database, [("", data)], done, key=key, now=now, recipient=recipient)
    return done


def _take(
    database: Database,
    batch: list[tuple[str, bytes]],
    done: Collected,
    *,
    key: bytes,
    now: dt.datetime,
    recipient: str = "",
) -> None:
    read = [returned_mail.read(data, now=now, recipient=recipient) for _, data in batch]
    found = [report for one in read for report in one]
    done.mails += len(batch)
    done.silent += sum(not one for one in read)
    if not found:
        return
    applied = reports.apply(database, found, key=key, now=now)
    done.known += applied.known
    done.strangers += applied.strangers
    done.new += sum(applied.verdicts.values())
    done.suppressed += applied.suppressed
