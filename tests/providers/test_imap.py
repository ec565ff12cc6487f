"""The mailbox by IMAP, against a real server over TLS."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from digest.errors import FetchError
from digest.providers.imap import LARGEST
from tests.providers import certificates, imap_server
from tests.providers.imap_server import Served


def mail(subject: str) -> bytes:
    return f"Subject: {subject}\n\nA text.\n".encode()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificate:
    return certificates.make(tmp_path_factory.mktemp("imap"))


@pytest.fixture
def server(certificate: certificates.Certificate) -> Iterator[Served]:
    with imap_server.serving(certificate) as served:
        yield served


def test_unread_mail_is_given_oldest_first_and_stays_unread_until_it_is_settled(
    server: Served,
) -> None:
    server.put(mail("one"), mail("two"), mail("three"))
    with server.mailbox().open() as opened:
        found = list(opened.letters())
        assert [body.split(b"\r\n")[0] for _, body in found] == [
            b"Subject: one",
            b"Subject: two",
            b"Subject: three",
        ]
        opened.settle(found[1][0])
    assert server.unread() == 2
    with server.mailbox().open() as opened:
        assert len(list(opened.letters())) == 2


def test_what_arrives_while_it_is_read_waits_for_the_next_time(server: Served) -> None:
    server.put(mail("one"))
    with server.mailbox().open() as opened:
        for name, _ in opened.letters():
            server.put(mail("two"))
            opened.settle(name)
    assert server.unread() == 1


def test_a_mail_that_another_client_took_away_stops_nothing(server: Served) -> None:
    server.put(mail("one"), mail("two"))
    with server.mailbox().open() as opened:
        names = [name for name, _ in opened.letters()]
        with server.client() as other:
            other.select("INBOX")
            other.store("2", "+FLAGS", r"(\Deleted)")
            other.expunge()
        for name in names:
            opened.settle(name)
    with server.mailbox().open() as opened:
        assert list(opened.letters()) == []
    assert server.unread() == 0


def test_a_large_mail_is_fetched_in_part(server: Served) -> None:
    server.put(b"Subject: large\n\n" + b"x" * 70 + b"\n" + (b"y" * 70 + b"\n") * 9000)
    with server.mailbox().open() as opened:
        ((_, body),) = opened.letters()
    assert len(body) == LARGEST


def test_a_folder_with_a_quote_and_a_space_in_its_name(server: Served) -> None:
    with server.client() as client:
        client.create('"Sunday \\"returns\\""')
    with server.mailbox(folder='Sunday "returns"').open() as opened:
        assert list(opened.letters()) == []


@pytest.mark.parametrize(
    ("changes", "permanent"),
    [({"password": "wrong"}, True), ({"username": "nobody"}, True), ({"folder": "None"}, True)],
    ids=["password", "username", "folder"],
)
def test_a_refusal_is_told_without_the_password(
    server: Served, changes: dict[str, object], permanent: bool
) -> None:
    with pytest.raises(FetchError) as caught, server.mailbox(**changes).open():
        pass
    assert caught.value.permanent is permanent
    assert "wrong" not in str(caught.value)


def test_a_server_that_nobody_vouches_for_is_not_believed(server: Served) -> None:
    with (
        pytest.raises(FetchError, match="certificate") as caught,
        server.mailbox(context=None).open(),
    ):
        pass
    assert not caught.value.permanent


def test_a_server_that_is_away_may_be_asked_again(certificate: certificates.Certificate) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        away = Served(free.getsockname()[1], certificate)
    with pytest.raises(FetchError) as caught, away.mailbox().open():
        pass
    assert not caught.value.permanent


def test_the_password_is_not_shown_with_the_mailbox(server: Served) -> None:
    assert imap_server.PASSWORD not in repr(server.mailbox())
