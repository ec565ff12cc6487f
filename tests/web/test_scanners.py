"""Scanners open every link of a mail, often: nobody is confirmed by it, nobody gone, nothing counted."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from pathlib import Path

from digest.audience.unsubscribe import UNDO
from digest.bootstrap import House
from digest.delivery import finish, notices, sender
from digest.store.engine import Database
from tests.delivery.sundays import put_readers
from tests.houses import SCHEDULE, make_house
from tests.web.people import freeze_draft, later, put_draft, visitor
from tests.web.test_moves import ask as ask_to_move
from tests.web.test_public import ALICE, add, ask, leave_path
from tests.web.test_safe_methods import everything

BOB, CAROL = "bob@example.net", "carol@example.net"


def mails(house: House) -> list[email.message.EmailMessage]:
    files = sorted((house.data / "outbox").rglob("*.eml"))
    read = email.message_from_bytes
    return [read(file.read_bytes(), policy=email.policy.default) for file in files]  # type: ignore[misc]


def links(house: House, mail: email.message.EmailMessage) -> set[str]:
    """Every address of ours in a mail: in its header, its text and its HTML."""
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    headers = [str(value) for value in mail.values()]
    ours = re.escape(house.public_url)
    return set(re.findall(rf'{ours}[^\s"<>]*', "\n".join((*headers, *parts))))


def test_every_link_of_every_mail_opened_three_times_changes_nothing(
    sqlite: Database, tmp_path: Path
) -> None:
    polite = f"{SCHEDULE}\n[readers]\ngoodbye = true\n"
    house = make_house(sqlite, tmp_path, schedule=polite)
    put_draft(house)
    put_readers(house, [ALICE])
    add(house, CAROL, confirmed=True)
    ask(house, BOB)
    ask_to_move(house)
    visitor(house).post(leave_path(house, CAROL))
    later(house, seconds=UNDO.total_seconds() + 1)
    freeze_draft(house)
    sender.drain(house)
    finish.finish(house, now=house.clock())
    asyncio.run(notices.send_due(house, stop=lambda: False))
    found = {str(mail["subject"]): links(house, mail) for mail in mails(house)}
    assert len(found) == 5, "the issue, and who confirms, moves, is told of it, says goodbye"
    assert all(found.values())
    before, client = everything(house), visitor(house)
    every = set.union(*found.values())
    for url in sorted(every):
        for method in ("GET", "HEAD") * 3:
            answer = client.request(method, url, headers={"user-agent": "SafeLinks/1.0"})
            assert answer.status_code == 200, (method, url)
    assert everything(house) == before
    assert any("/leave/" in url for url in every)
    assert any("/confirm/" in url for url in every)
