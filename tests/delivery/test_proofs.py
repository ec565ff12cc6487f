"""A proof is the readers' own mail, to an editor, and counts as nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.audience import tokens, unsubscribe
from digest.bootstrap import House
from digest.delivery import compile as compiling
from digest.delivery import proofs, sender
from digest.delivery.compile import Returns
from digest.errors import Conflict
from digest.model import Issue, IssueStatus, Message, Reader, SubscriberId, SubscriptionStatus
from digest.store import editors, issues, notices, sends, subscribers
from digest.store.editors import Editor
from digest.store.engine import Database
from tests.delivery.sundays import (
    Post,
    a_house,
    later,
    names,
    put_approved,
    put_frozen,
    put_readers,
)

ERIN = "erin@gazette.example"
ALICE = Reader(SubscriberId(1), "alice@reader.example", "a" * 22, "Alice")


def erin_of(house: House) -> Editor:
    with house.database.write() as session:
        editors.add(session, ERIN, name="Erin Grey", now=house.clock())
        found = editors.by_email(session, ERIN)
    assert found is not None
    return found


def asked(house: House, issue: Issue, editor: Editor) -> Message:
    """The proof that is in line now."""
    with house.database.write() as session:
        proofs.queue(session, issue, editor, now=house.clock())
        waiting = notices.queued(session)
    return proofs.message(house, waiting[-1])


def a_copy(house: House, issue: Issue) -> bytes:
    """What Alice gets."""
    assert issue.edition is not None
    schedule = house.schedule("sunday")
    envelope = compiling.envelope_of(
        schedule, issue.moments.send_at, house.public_url, returns=house.returns
    )
    edition = compiling.compile_edition(issue.edition.rendered, envelope, key=house.key)
    return edition.message(ALICE).data


def parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@pytest.mark.parametrize("returns", [Returns(), Returns("back.gazette.example", read=True)])
def test_a_proof_has_a_readers_bytes_but_for_what_is_each_readers_own(
    sqlite: Database, tmp_path: Path, returns: Returns
) -> None:
    house = replace(a_house(sqlite, tmp_path, Post()), returns=returns)
    issue = put_approved(house)
    later(house, hours=-20)
    proof, copy = asked(house, issue, erin_of(house)).data, a_copy(house, issue)
    leaves = [tokens.leave_tokens(house.key, "sunday", h) for h in (tokens.NOBODY, ALICE.handle)]
    (nobodys, nobodys_mail), (alices, alices_mail) = leaves
    body = copy.partition(b"\r\n\r\n")[2].replace(alices.encode(), nobodys.encode())
    assert proof.partition(b"\r\n\r\n")[2] == body
    heads = {}
    for name, data in (("proof", proof), ("copy", copy)):
        told = data.partition(b"\r\n\r\n")[0].decode()
        told = told.replace(alices, nobodys).replace(alices_mail, nobodys_mail)
        heads[name] = re.split(r"\r\n(?! )", told)
    differ = {line.partition(":")[0] for line in set(heads["proof"]) ^ set(heads["copy"])}
    assert differ == {"To", "Message-ID", "Date", "Subject"}
    assert parsed(proof)["Subject"] == "[Proof] The quay is approved"
    assert parsed(proof)["To"] == f"Erin Grey <{ERIN}>"


def test_the_mark_and_the_proof_leave_the_edition_as_it_was(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue = put_approved(house)
    assert issue.edition is not None
    proof = asked(house, issue, erin_of(house))
    assert proof.mail.rendered.checksum == issue.edition.checksum
    with house.database.read() as session:
        assert issues.by_id(session, issue.id) == issue


def test_a_proof_of_a_draft_that_was_changed_since_is_the_one_that_was_asked_for(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue, erin = put_approved(house), erin_of(house)
    assert issue.edition is not None
    assert issue.content is not None
    with house.database.write() as session:
        proofs.queue(session, issue, erin, now=house.clock())
        issues.move(session, issue.id, to=IssueStatus.DRAFT, now=house.clock())
        other = replace(issue.edition.rendered, subject="Another", checksum="f" * 64)
        issues.save_draft(session, issue.id, issue.content, other, now=house.clock())
        (waiting,) = notices.queued(session)
    assert parsed(proofs.message(house, waiting).data)["Subject"] == "[Proof] The quay is approved"


def test_each_proof_has_a_message_id_of_its_own_and_nobodys_ref(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue, erin = put_approved(house), erin_of(house)
    first = asked(house, issue, erin)
    later(house, seconds=2)
    second = asked(house, issue, erin)
    assert first.key != second.key
    assert issue.edition is not None
    for proof in (first, second):
        assert tokens.read_ref(house.key, proof.ref, [issue.edition.checksum]) is None
        assert proof.sender.startswith(f"bounce+{proof.ref}@")


def test_a_button_pressed_twice_sends_one_proof(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue, erin = put_approved(house), erin_of(house)
    with house.database.write() as session:
        for _ in range(2):
            proofs.queue(session, issue, erin, now=house.clock())
        assert len(notices.queued(session)) == 1


def test_a_proof_goes_before_the_readers_and_no_delivery_is_counted(
    database: Database, tmp_path: Path
) -> None:
    order: list[str] = []
    house = a_house(database, tmp_path, Post(at=order.append))
    issue, erin = put_frozen(house, names(20)), erin_of(house)
    with house.database.write() as session:
        known_by = proofs.queue(session, issue, erin, now=house.clock())
    assert sender.drain(house).notices == 1
    assert order[0] == ERIN
    with house.database.read() as session:
        assert notices.standing(session, known_by) == ("accepted", "250")
        assert sends.of_issue(session, issue.id).audience == 20


def test_leaving_by_a_proofs_link_takes_nobody_off_the_list(
    sqlite: Database, tmp_path: Path
) -> None:
    house = a_house(sqlite, tmp_path, Post())
    put_readers(house, [ERIN, *names(3)])
    issue = put_approved(house)
    link = asked(house, issue, erin_of(house)).values["leave_url"]
    token = link.rpartition("/")[2]
    unsubscribe.leave(
        house.database, "sunday", token, key=house.key, now=house.clock(), method="one-click"
    )
    with house.database.read() as session:
        assert subscribers.counts(session, "sunday")[SubscriptionStatus.CONFIRMED] == 4


def test_without_a_draft_there_is_no_proof(sqlite: Database, tmp_path: Path) -> None:
    house = a_house(sqlite, tmp_path, Post())
    issue, erin = replace(put_approved(house), edition=None), erin_of(house)
    with house.database.write() as session, pytest.raises(Conflict, match="digest build"):
        proofs.queue(session, issue, erin, now=house.clock())
