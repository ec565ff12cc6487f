"""Parts are chosen from settings: what the operator allows reaches the source that needs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from digest.bootstrap import open_house, returns_of, signer_of
from digest.errors import ConfigError
from digest.known_providers import PROVIDERS, provider_of, report_readers_of
from digest.providers.imap import ImapMailbox
from digest.settings import PROVIDER_NAMES, Settings
from digest.sources.feeds import FeedSource

SCHEDULE = Path(__file__).parents[1] / "schedules"


def settings(folder: Path, fetch_allow: str) -> Settings:
    return Settings(data=folder, schedules=SCHEDULE, fetch_allow=fetch_allow)


def test_allowed_networks_reach_the_feeds(tmp_path: Path) -> None:
    house = open_house(settings(tmp_path, "10.1.0.0/16, fd00::/8,"))
    feeds = [one for one in house.sources("sunday") if isinstance(one, FeedSource)]
    house.database.close()
    assert [one.allowed for one in feeds] == [("10.1.0.0/16", "fd00::/8")]


def test_a_network_that_is_none_is_a_fault_of_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="DIGEST_FETCH_ALLOW"):
        open_house(settings(tmp_path, "home"))


@pytest.mark.parametrize("name", ["outbox", "postmark", "resend", "brevo"])
def test_the_provider_that_is_named_is_the_one_that_is_made(name: str, tmp_path: Path) -> None:
    tokens = {f"{one}_token": "t0ken" for one in ("postmark", "resend", "brevo")}
    found = provider_of(Settings.model_validate({"data": tmp_path, "provider": name, **tokens}))
    assert found.name == name
    assert tuple(PROVIDERS) == PROVIDER_NAMES


@pytest.mark.parametrize("name", ["smtp", "postmark", "resend", "brevo"])
def test_a_provider_without_what_it_needs_is_not_made(name: str) -> None:
    with pytest.raises(ConfigError, match=f"needed by DIGEST_PROVIDER={name}"):
        provider_of(Settings.model_validate({"provider": name}))


OWN = {
    "ses": {"ses_region": "eu-west-1", "ses_access_key_id": "AKID", "ses_secret_access_key": "x"},
    "sendgrid": {"sendgrid_token": "x"},
    "mailgun": {"mailgun_token": "x", "mailgun_domain": "mg.gazette.example"},
}


@pytest.mark.parametrize("name", OWN)
def test_a_provider_that_needs_several_things_is_made_of_all_of_them(name: str) -> None:
    given = {"provider": name, "connections": 3, **OWN[name]}
    found = provider_of(Settings.model_validate(given))
    assert (found.name, found.channels <= 3) == (name, True)
    for key in OWN[name]:
        with pytest.raises(ConfigError, match=f"DIGEST_{key.upper()}: needed by"):
            provider_of(Settings.model_validate({**given, key: ""}))


def test_ses_is_made_as_its_mode_says() -> None:
    given = {"provider": "ses", **OWN["ses"]}
    bulk, raw = (
        provider_of(Settings.model_validate({**given, "ses_mode": mode}))
        for mode in ("bulk", "raw")
    )
    assert (bulk.in_flight, raw.in_flight) == (50, 1)
    assert (bulk.channels, raw.channels) == (4, 10)


def test_a_domain_that_is_none_is_a_fault_of_settings() -> None:
    given = {"provider": "mailgun", **OWN["mailgun"], "mailgun_domain": "a/b"}
    with pytest.raises(ConfigError, match="DIGEST_MAILGUN_DOMAIN: expected the name"):
        provider_of(Settings.model_validate(given))


VERIFIES = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEpjW/Svimagp+hyftnxQh4i0B9Z7DrSPsy1y"
    "L+srhoa7qj7SuCutQSMmBPqSkZY/NAfD8FVZ+HBMsSvTRNNWIQ=="
)


def test_a_webhook_is_open_where_what_proves_a_call_is_set() -> None:
    topics = "arn:aws:sns:eu-west-1:123456789012:a, arn:aws:sns:eu-west-1:123456789012:b"
    given = {"ses_topics": topics, "sendgrid_webhook_key": VERIFIES, "mailgun_webhook_key": "x"}
    assert set(report_readers_of(Settings.model_validate(given))) == {"ses", "sendgrid", "mailgun"}


def test_every_key_and_topic_that_is_none_is_a_fault_of_settings() -> None:
    given = {"ses_topics": "bounces", "sendgrid_webhook_key": "hush"}
    with pytest.raises(ConfigError) as caught:
        report_readers_of(Settings.model_validate(given))
    assert [fault.key for fault in caught.value.faults] == [
        "DIGEST_SES_TOPICS",
        "DIGEST_SENDGRID_WEBHOOK_KEY",
    ]


def test_only_webhooks_with_a_secret_are_open() -> None:
    assert report_readers_of(Settings()) == {}
    given = {f"{name}_webhook_secret": "hush" for name in ("postmark", "resend", "brevo")}
    found = report_readers_of(Settings.model_validate(given))
    assert {name: reader.name for name, reader in found.items()} == {
        "postmark": "postmark",
        "resend": "resend",
        "brevo": "brevo",
    }


def test_a_bounce_mailbox_is_read_only_where_one_is_named(tmp_path: Path) -> None:
    house = open_house(settings(tmp_path, ""))
    house.database.close()
    assert house.mailbox is None
    assert house.report_readers == {}
    named = Settings(
        data=tmp_path,
        schedules=SCHEDULE,
        bounce_imap_host="imap.gazette.example",
        bounce_imap_username="bounces",
        bounce_imap_password=SecretStr("hush"),
    )
    house = open_house(named)
    house.database.close()
    assert house.mailbox == ImapMailbox(
        host="imap.gazette.example", port=993, username="bounces", password="hush"
    )
    assert "hush" not in repr(house)


@pytest.mark.parametrize(
    ("given", "domain", "read"),
    [
        ({}, "", False),
        ({"bounce_imap_host": "imap.gazette.example"}, "", True),
        ({"return_domain": "bounce.gazette.example"}, "bounce.gazette.example", True),
    ],
)
def test_who_names_a_mailbox_or_a_domain_has_its_mail_read(
    given: dict[str, str], domain: str, read: bool
) -> None:
    found = returns_of(Settings.model_validate(given))
    assert (found.domain, found.read) == (domain, read)


def a_pem() -> str:
    made = Ed25519PrivateKey.generate()
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_without_a_key_nobody_signs_and_with_two_both_do() -> None:
    assert signer_of(Settings()) is None
    one, two = {"dkim_key": a_pem()}, {"dkim_second_key": a_pem()}
    for given, selectors in (
        (one, ["sunday"]),
        (two, ["sunday2"]),
        (one | two, ["sunday", "sunday2"]),
    ):
        found = signer_of(Settings.model_validate(given))
        assert found is not None
        assert [key.selector for key in found.keys] == selectors


def test_every_key_that_is_none_is_told_with_its_setting() -> None:
    given = {"dkim_key": "x", "dkim_second_key": "y"}
    with pytest.raises(ConfigError) as raised:
        signer_of(Settings.model_validate(given))
    assert [fault.key for fault in raised.value.faults] == [
        "DIGEST_DKIM_KEY",
        "DIGEST_DKIM_SECOND_KEY",
    ]
    assert "x" not in str(raised.value).replace("expected", "")


def test_two_keys_under_one_name_are_refused() -> None:
    given = {"dkim_key": a_pem(), "dkim_second_key": a_pem(), "dkim_second_selector": "sunday"}
    with pytest.raises(ConfigError, match="DIGEST_DKIM_SECOND_SELECTOR"):
        signer_of(Settings.model_validate(given))
