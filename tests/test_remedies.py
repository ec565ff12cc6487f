"""An error's words lead to the setting or the command that mends it."""

from __future__ import annotations

import re

import pytest

from digest import cli, remedies
from digest.settings import PREFIX, PROVIDER_NAMES, Settings


@pytest.mark.parametrize(
    ("reason", "provider", "told"),
    [
        (
            "the relay offers no STARTTLS, and nothing is sent without encryption",
            "smtp",
            "SMTP_SECURITY",
        ),
        ("no trusted encryption with the relay: WRONG_VERSION_NUMBER", "smtp", "SMTP_PORT"),
        ("no trusted encryption with the relay: Hostname mismatch", "smtp", "SMTP_HOST"),
        ("no trusted encryption with the relay: certificate has expired", "smtp", "renew"),
        ("no trusted encryption: certificate is not yet valid", "smtp", "clock is behind"),
        ("535 5.7.8 authentication failed", "smtp", "SMTP_USERNAME and DIGEST_SMTP_PASSWORD"),
        ("530 5.7.0 log in first", "smtp", "SMTP_USERNAME"),
        ("no connection to mail.example:587: refused", "smtp", "SMTP_HOST and DIGEST_SMTP_PORT"),
        ("401 Unauthorized", "postmark", "DIGEST_POSTMARK_TOKEN"),
        ("403 the key may not send", "sendgrid", "DIGEST_SENDGRID_TOKEN"),
        ("401 Forbidden", "mailgun", "DIGEST_MAILGUN_DOMAIN"),
        ("403 the security token is invalid", "ses", "DIGEST_SES_SECRET_ACCESS_KEY"),
        ("no connection: ConnectError", "brevo", "DIGEST_BREVO_URL"),
        ("11 of the first 11 readers were refused: 550 5.1.1", "smtp", "digest ledger"),
        ("it was interrupted for 30 h: is it still wanted?", "", "digest cancel"),
    ],
)
def test_the_words_of_an_error_lead_to_what_mends_it(reason: str, provider: str, told: str) -> None:
    assert told in remedies.remedy(reason, provider)


def test_what_nobody_knows_has_no_remedy_but_a_paused_send_always_has_a_way_on() -> None:
    assert remedies.remedy("550 the moon is full", "smtp") == ""
    assert "digest resume" in remedies.paused("550 the moon is full", "smtp")
    assert remedies.paused("535 no", "smtp").endswith("; then `digest resume`")


def test_every_setting_and_command_that_is_named_is_there() -> None:
    words = ["401 no", "no connection to x", "535 no", "offers no STARTTLS", "WRONG_VERSION_NUMBER"]
    words += [
        "no trusted encryption",
        "readers were refused",
        "is it still wanted",
        "no such words",
    ]
    said = " ".join(remedies.paused(one, name) for one in words for name in ("", *PROVIDER_NAMES))
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(re.findall(r"DIGEST_\w+", said)) <= known
    commands = {command.name for command in cli.app.registered_commands}
    assert set(re.findall(r"`digest (\w+)`", said)) <= commands
