"""One reader's copy at the desk: byte for byte what a relay gets, and only for who may approve."""

from __future__ import annotations

import dataclasses
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.bootstrap import House
from digest.delivery import freeze, sender
from digest.model import Choice
from digest.providers.smtp import SmtpProvider
from digest.store import choices, events, issues, subscribers
from digest.store.engine import Database
from tests.delivery.sundays import put_readers
from tests.houses import SCHEDULE, make_house
from tests.providers.relay import HOST, Relay, running
from tests.web.people import PERIOD, TestClient, put_draft, seated, set_clock, the_issue

PATH = f"/desk/sunday/{PERIOD}"
VARIANTS = SCHEDULE + '\n[variants]\nlanguages = ["de"]\nthemes = ["plain"]\nsections = true\n'
#: Ten readers of four variants; some of sections, in an order of their own.
WISHES = (
    *(Choice(), Choice("de"), Choice("en", "plain"), Choice("de", "plain")),
    *(Choice("", "", ("Town",)), Choice("de", "", ("Town",)), Choice("de-AT", "plain")),
    *(Choice("fr"), Choice("", "plain", (), ("Town",)), Choice("en", "broadsheet", ("Nowhere",))),
)
READERS = {f"reader{n}@example.net": wish for n, wish in enumerate(WISHES)}


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    """A draft in four variants, and ten readers, each with a wish."""
    made = make_house(sqlite, tmp_path, schedule=VARIANTS)
    put_draft(made)
    put_readers(made, READERS)
    with sqlite.write() as session:
        for address, wish in READERS.items():
            known = subscribers.by_address(session, address)
            assert known is not None
            choices.keep(session, known.id, "sunday", wish)
    return made


def looked_at(client: TestClient, address: str) -> str:
    """The query of a reader's copy, asked for by address."""
    form = {"csrf": client.csrf, "address": address}  # type: ignore[attr-defined]
    answer = client.post(f"{PATH}/reader", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).partition("?")[2].partition("#")[0]


def test_what_is_shown_of_ten_readers_is_what_a_relay_gets_byte_for_byte(house: House) -> None:
    client = seated(house, "publisher")
    asked = {address: looked_at(client, address) for address in READERS}
    shown = {
        address: [client.get(f"{PATH}/{part}?{query}") for part in ("source", "preview", "text")]
        for address, query in asked.items()
    }
    issue = the_issue(house)
    assert issue.edition is not None
    with house.database.write() as session:
        issues.approve(session, issue.id, issue.edition.checksum, by="Erin", now=house.clock())
    set_clock(house, issue.moments.send_at)
    with running(Relay()) as relay:
        relayed = SmtpProvider(host=HOST, port=relay.port, security="none", channels=2)
        sending = dataclasses.replace(house, provider=relayed)
        freeze.freeze(sending, the_issue(house), now=house.clock())
        sender.drain(sending)
    got = {recipient: data for _, recipient, data in relay.mails}
    assert got.keys() == READERS.keys()
    for address, (source, preview, text) in shown.items():
        assert source.content == got[address], address
        message = message_from_bytes(got[address], policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        for kind, page in (("html", preview), ("plain", text)):
            part = message.get_body((kind,))
            assert part is not None
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            assert page.content == data.replace(b"\r\n", b"\n"), (address, kind)
    assert len({preview.content for _, preview, _ in shown.values()}) == len(READERS)


def test_the_page_says_whose_copy_it_shows_and_every_change_goes_on_showing_it(
    house: House,
) -> None:
    client = seated(house, "publisher")
    query = looked_at(client, "Reader1@example.net")
    page = client.get(f"{PATH}?{query}").text
    assert "As reader1@example.net gets it." in page
    assert page.count(f"&amp;{query}") >= 2
    assert '<html lang="de"' in client.get(f"{PATH}/preview?{query}").text
    with house.database.read() as session:
        (noted, *_) = events.recent(session, limit=1)
    assert noted.action == "looked at a reader's copy"
    assert "@" not in str(noted.data)


def test_who_may_not_approve_sees_no_readers_copy(house: House) -> None:
    query = looked_at(seated(house, "publisher"), "reader1@example.net")
    for role in ("viewer", "editor"):
        client = seated(house, role)
        form = {"csrf": client.csrf, "address": "reader1@example.net"}  # type: ignore[attr-defined]
        assert client.post(f"{PATH}/reader", data=form).status_code == 403
        assert 'name="address"' not in client.get(PATH).text
        for part in ("", "/preview", "/text", "/source"):
            assert client.get(f"{PATH}{part}?{query}").status_code == 403


def test_a_look_that_was_not_noted_is_refused(house: House) -> None:
    client = seated(house, "publisher")
    query = looked_at(client, "reader1@example.net")
    with house.database.read() as session:
        known = subscribers.by_address(session, "reader1@example.net")
    assert known is not None
    other = seated(house, "publisher", beside=client)
    for asked, who in ((f"reader={known.id}", client), ("reader=x", client), (query, other)):
        for part in ("", "/preview", "/text", "/source"):
            answer = who.get(f"{PATH}{part}?{asked}")
            assert answer.status_code == 403, (asked, part)
            assert "reader1@" not in answer.text
    assert client.get(f"{PATH}/source?{query}").status_code == 200


@pytest.mark.parametrize(
    ("address", "status"), [("nobody@example.net", 404), ("reader3@example.net", 404), ("x", 422)]
)
def test_a_copy_of_nobody_who_is_mailed_is_not_shown(
    house: House, address: str, status: int
) -> None:
    client = seated(house, "publisher")
    query = looked_at(client, "reader3@example.net")
    with house.database.write() as session:
        known = subscribers.by_address(session, "reader3@example.net")
        assert known is not None
        subscribers.leave(session, known.id, "sunday", now=house.clock(), method="one-click")
    form = {"csrf": client.csrf, "address": address}  # type: ignore[attr-defined]
    answer = client.post(f"{PATH}/reader", data=form)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert client.get(f"{PATH}/preview?{query}").status_code == 404
