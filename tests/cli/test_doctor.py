"""`digest doctor` tries the ways out without sending: a wrong password or port is found before Sunday."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from digest.bootstrap import House
from digest.cli.doctor import examine
from digest.domains.records import Finding
from digest.providers.mailgun import MailgunProvider
from digest.providers.postmark import PostmarkProvider
from digest.providers.smtp import SmtpProvider
from digest.settings import Settings
from digest.store.engine import Database
from tests.houses import make_house
from tests.providers.fakes import Fake
from tests.providers.fakes import running as answering
from tests.providers.relay import HOST, running
from tests.providers.test_tried import Anything


@pytest.fixture
def house(sqlite: Database, tmp_path: Path) -> House:
    return make_house(sqlite, tmp_path)


def found(house: House, *providers: object) -> dict[str, Finding]:
    """What is found of each provider, by its name."""
    first, *others = providers
    changed = dataclasses.replace(house, provider=first, others=tuple(others))  # type: ignore[arg-type]
    return {one.subject: one for one in examine(Settings(data=house.data), changed)}


def smtp(port: int, **changes: str) -> SmtpProvider:
    return SmtpProvider(**{"host": HOST, "port": port, "security": "none", **changes})  # type: ignore[arg-type]


def test_a_relay_that_lets_us_in_is_well_and_gets_no_mail(house: House) -> None:
    with running(login=("sunday", "right")) as relay:
        one = found(house, smtp(relay.port, username="sunday", password="right"))["provider smtp"]
        assert (one.fine, one.text) == (True, "reached without encryption, logged in as sunday")
        assert (len(relay.logins), relay.mails) == (1, [])


def test_a_wrong_password_names_the_settings_that_hold_it(house: House) -> None:
    with running(login=("sunday", "right")) as relay:
        one = found(house, smtp(relay.port, username="sunday", password="wrong"))["provider smtp"]
    assert not one.fine
    assert one.text.startswith("535 ")
    assert one.remedy == "mend DIGEST_SMTP_USERNAME and DIGEST_SMTP_PASSWORD"


@pytest.mark.parametrize(
    ("security", "told"),
    [("starttls", "DIGEST_SMTP_SECURITY"), ("tls", "465 goes with tls, 587 with starttls")],
)
def test_an_encryption_that_does_not_fit_names_port_and_security(
    house: House, security: str, told: str
) -> None:
    with running() as relay:
        one = found(house, smtp(relay.port, security=security))["provider smtp"]
    assert (one.fine, told in one.remedy) == (False, True), one


def test_nobody_at_the_port_names_host_and_port(house: House) -> None:
    with running() as relay:
        port = relay.port
    one = found(house, smtp(port))["provider smtp"]
    assert not one.fine
    assert one.remedy == "mend DIGEST_SMTP_HOST and DIGEST_SMTP_PORT"


def test_each_provider_is_tried_and_one_that_cannot_be_says_so(house: House) -> None:
    with answering(Fake(Anything({"Name": "Gazette"}))) as fake:
        told = found(
            house,
            PostmarkProvider(token="t", base_url=fake.url),
            MailgunProvider(token="t", domain="d.example", base_url=fake.url),
        )
    assert told["provider postmark"].text == "the token opens the server 'Gazette'"
    assert told["provider mailgun"].text.startswith("not tried")


def test_a_full_disk_has_a_remedy(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.checkup.files.LEAST_FREE", 2**70)
    one = found(house, house.provider)["disk"]
    assert not one.fine
    assert "no send begins" in one.why
    assert "move DIGEST_DATA" in one.remedy
