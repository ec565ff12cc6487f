"""From our client through a real Postfix and back: who bounces is suppressed, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.audience import addresses
from digest.audience.tokens import address_hash
from digest.bootstrap import House
from digest.delivery import returns, sender
from digest.providers.mail_files import MailFiles
from digest.providers.smtp import SmtpProvider
from digest.store import suppressions
from digest.store.engine import Database
from tests.delivery.sundays import a_house, put_frozen, states
from tests.mail_servers import postfix
from tests.mail_servers.server import HOST, Server

MANY = 80


@pytest.fixture
def trusting_postfix(tmp_path: Path) -> Iterator[Server]:
    """Takes mail for anybody, and finds out later that some are not there."""
    with postfix.running(tmp_path / "postfix", smtpd_reject_unlisted_recipient="no") as server:
        yield server


def everybody() -> list[str]:
    """One in twenty is gone."""
    return [f"{'gone' if n % 20 == 7 else 'reader'}{n}@example.net" for n in range(MANY)]


def suppressed(house: House) -> list[str]:
    with house.database.read() as session:
        return [
            one
            for one in everybody()
            if suppressions.is_suppressed(
                session, address_hash(house.key, addresses.parse(one).key), at=house.clock()
            )
        ]


def test_who_bounces_after_acceptance_is_suppressed_and_nobody_else(
    sqlite: Database, tmp_path: Path, trusting_postfix: Server
) -> None:
    server = trusting_postfix
    provider = SmtpProvider(host=HOST, port=server.port, security="none", channels=2)
    house = a_house(sqlite, tmp_path / "house", provider)
    issue = put_frozen(house, everybody())
    sender.drain(house)
    assert states(house, issue) == {"accepted": MANY}
    postfix.wait_until_empty(server)
    gone = [one for one in everybody() if one.startswith("gone")]
    assert (len(server.mails()), len(server.mails("bounces"))) == (MANY - len(gone), len(gone))
    assert suppressed(house) == []

    box = MailFiles(server.root / "var/mail/bounces")
    done = returns.collect(house.database, box, key=house.key, now=house.clock())
    assert (done.mails, done.new, done.suppressed) == (len(gone), len(gone), len(gone))
    assert (done.silent, done.strangers, done.known) == (0, 0, 0)
    assert suppressed(house) == gone
    again = returns.collect(house.database, box, key=house.key, now=house.clock())
    assert again.mails == 0, "what is settled is not read again"
