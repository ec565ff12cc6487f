"""What only the network tells: real servers that refuse, expect something else, or are another program."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digest.checkup import reached
from digest.checkup.setup import Setup
from digest.errors import FetchError
from digest.providers.postmark import PostmarkProvider
from digest.providers.smtp import SmtpProvider
from digest.schedules import Schedule
from digest.settings import Settings
from digest.store.engine import Database
from tests.checkup.place import SCHEDULE
from tests.houses import make_house
from tests.providers import certificates, imap_server
from tests.providers.fakes import Fake
from tests.providers.fakes import running as answering
from tests.providers.relay import HOST, running
from tests.providers.test_tried import Anything
from tests.sources.web import served


def setup(**settings: object) -> Setup:
    return Setup(
        settings=Settings.model_validate(settings),
        schedules={},
        places={"DIGEST_SMTP_PASSWORD": (".env", 7), "DIGEST_PORT": (".env", 2)},
    )


def smtp(port: int, **changes: str) -> SmtpProvider:
    return SmtpProvider(**{"host": HOST, "port": port, "security": "none", **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificate:
    return certificates.make(tmp_path_factory.mktemp("doctor"))


def test_a_relay_that_refuses_the_password_is_told_with_the_line_that_holds_it() -> None:
    with running(login=("sunday", "right")) as relay:
        one = reached.way_out(setup(), smtp(relay.port, username="sunday", password="wrong"))
        assert relay.mails == []
    assert (one.fine, one.where) == (False, ".env:7 DIGEST_SMTP_PASSWORD")
    assert one.text.startswith("535 ")
    assert one.remedy == "mend DIGEST_SMTP_USERNAME and DIGEST_SMTP_PASSWORD"


def test_a_certificate_of_nobody_we_trust_is_told(certificate: certificates.Certificate) -> None:
    with running(tls=certificate.server()) as relay:
        one = reached.way_out(setup(), smtp(relay.port, security="starttls"))
    assert not one.fine
    assert "SSL_CERT_FILE" in one.remedy


def test_a_token_that_opens_nothing_is_told_with_its_setting() -> None:
    with answering(Fake(Anything({"ErrorCode": 10, "Message": "no token"}, status=401))) as fake:
        one = reached.way_out(setup(), PostmarkProvider(token="t", base_url=fake.url))
    assert not one.fine
    assert "DIGEST_POSTMARK_TOKEN" in one.remedy


@pytest.fixture
def mailbox(certificate: certificates.Certificate) -> Iterator[imap_server.Served]:
    with imap_server.serving(certificate) as one:
        yield one


def test_a_bounce_mailbox_that_opens_is_well_and_each_reason_has_its_setting(
    mailbox: imap_server.Served,
) -> None:
    given = setup(bounce_imap_host="127.0.0.1", bounce_imap_username="bounces")
    changes: list[tuple[dict[str, object], str]] = [
        ({"password": "wrong"}, "DIGEST_BOUNCE_IMAP_PASSWORD"),
        ({"folder": "Bounces"}, "DIGEST_BOUNCE_IMAP_FOLDER"),
        ({"context": ssl.create_default_context()}, "must be the name in the server's certificate"),
        ({"port": unused()}, "DIGEST_BOUNCE_IMAP_HOST and DIGEST_BOUNCE_IMAP_PORT"),
    ]
    assert reached.mailbox(given, mailbox.mailbox()).fine
    for change, remedy in changes:
        one = reached.mailbox(given, mailbox.mailbox(**change))
        assert (one.fine, remedy in one.remedy) == (False, True), one


def unused() -> int:
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def test_a_port_that_another_program_has_is_told_and_one_that_is_ours_is_not() -> None:
    with served() as site:
        number = int(site.url.rpartition(":")[2])
        (one,) = reached.port(setup(port=number))
        site.give("/healthz", b'{"status": "ok", "reconciled_at": null, "paused": 0}')
        assert list(reached.port(setup(port=number))) == []
    assert (one.fine, one.where) == (False, ".env:2 DIGEST_PORT")
    assert "taken by another program" in one.text
    assert "ss -ltnp" in one.remedy
    assert list(reached.port(setup(port=unused()))) == []


def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    (one,) = reached.port(setup(host="192.0.2.1", port=unused()))
    assert "192.0.2.1 is no address of this machine" in one.text
    assert "DIGEST_HOST=127.0.0.1" in one.remedy


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("answered 502 Bad Gateway", "start `digest up`"),
        ("no answer: certificate verify failed", "renew the proxy's certificate"),
        ("10.0.0.1 is not a public address", "a public address in DNS"),
        ("no answer: Name or service not known", "must be in DNS"),
    ],
)
def test_readers_who_are_not_let_in_have_a_reason_and_a_remedy(reason: str, remedy: str) -> None:
    one = reached._not_reached(
        setup(public_url="https://a.harbour-times.net"), FetchError("x", reason)
    )
    assert (one.fine, remedy in one.remedy) == (False, True)


def test_a_server_that_knows_itself_by_its_hosts_file_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = socket.getaddrinfo

    def by_hosts_file(host: str, *rest: Any, **more: Any) -> Any:
        return real(HOST if host == "sunday.harbour-times.net" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", by_hosts_file)
    with served() as site:
        site.give("/healthz", b'{"status": "ok", "reconciled_at": null, "paused": 0}')
        number = site.url.rpartition(":")[2]
        (one,) = reached.public(setup(public_url=f"http://sunday.harbour-times.net:{number}"))
    assert one.fine, one


def test_another_program_at_the_readers_address_is_not_taken_for_ours() -> None:
    assert reached._is_ours(b'{"status": "ok", "reconciled_at": null, "paused": 0}')
    assert not any(
        reached._is_ours(body) for body in (b"<html>", b"[]", b'{"status": "ok"}', b"\xff")
    )


NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("headers", "apart"),
    [
        ({"date": "Thu, 26 Nov 2026 12:00:20 GMT"}, False),
        ({"date": "Thu, 26 Nov 2026 14:00:00 GMT"}, True),
        ({"date": "Thu, 26 Nov 2026 11:00:00 GMT", "age": "3590"}, False),
        ({"date": "yesterday"}, False),
        ({"date": "Thu, 26 Nov 2026 14:00:00 GMT", "age": "x"}, False),
        ({}, False),
    ],
)
def test_a_clock_that_is_off_is_told_by_the_date_of_others(
    headers: dict[str, str], apart: bool
) -> None:
    found = list(reached.clock(headers, NOW, "harbour-times.net"))
    assert [one.subject for one in found] == (["clock"] if apart else [])
    assert all("timedatectl set-ntp true" in one.remedy for one in found)


def test_the_first_source_that_answers_tells_the_time() -> None:
    text = SCHEDULE + "".join(
        f'[[sources]]\nkey = "{key}"\nkind = "feed"\nurl = "{url}"\n'
        for key, url in (("a", "https://gazette.example/f"), ("b", "{url}/gone"), ("c", "{url}/f"))
    )
    with served() as site:
        site.give("/f", b"<rss/>")
        schedule = Schedule.model_validate({**tomllib.loads(text.format(url=site.url)), "key": "s"})
        given = replace(setup(fetch_allow="127.0.0.0/8"), schedules={"s": schedule})
        now = dt.datetime.now(dt.UTC)
        assert list(reached.clocks(given, now)) == []
        (one,) = reached.clocks(given, now + dt.timedelta(hours=3))
    assert (one.subject, "127.0.0.1 says" in one.text) == ("clock", True)


def test_a_site_that_does_not_answer_is_a_warning_and_one_that_does_is_not() -> None:
    with served() as there:
        there.give("/", b"<html></html>")
        text = SCHEDULE.replace("https://harbour-times.net", there.url)
        schedule = Schedule.model_validate({**tomllib.loads(text), "key": "s"})
        given = replace(setup(fetch_allow="127.0.0.0/8"), schedules={"s": schedule})
        assert list(reached.site(given, "s")) == []
        there.give("/", b"", status=404)
        (one,) = reached.site(given, "s")
    assert (one.weight, one.subject) == ("warn", "site of s")
    assert "404" in one.text


def test_strangers_are_asked_only_where_mail_goes_to_strangers(
    sqlite: Database, tmp_path: Path
) -> None:
    house = make_house(sqlite, tmp_path)

    def about(**settings: object) -> list[str]:
        given = replace(setup(**settings), schedules=house.schedules)
        return [one.about for one in reached.questions(given, house)]

    assert about() == ["port", "clock"]
    assert about(provider="smtp", smtp_host="127.0.0.1") == ["port", "clock"]
    away = about(provider="smtp", smtp_host="mail.harbour-times.net")
    assert away == ["port", "public address", "site of sunday", "clock"]
    assert about(provider="ses")[1] == "public address"


def test_who_does_not_answer_in_time_is_a_finding_and_the_others_are_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reached, "DEADLINE_S", 0.0)
    end = threading.Event()

    def wait() -> list[reached.Finding]:
        end.wait(20)
        return []

    heard: list[tuple[int, int]] = []
    asked = [reached.Question("slow", wait)]
    try:
        (one,) = reached.answers(asked, lambda done, total: heard.append((done, total)))
    finally:
        end.set()
    assert (one.subject, one.fine) == ("slow", False)
    assert "no answer within" in one.text
