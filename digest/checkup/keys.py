"""Secrets and logins as they are written: examples left standing, short ones, one half of a pair, a port that does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.checkup.setup import Setup, is_private
from digest.domains.records import Finding
from digest.settings import SECRETS, SmtpSecurity

#: What stands in a guide where a secret belongs.
_EXAMPLE = re.compile(
    r"""(change[-_ ]?(me|this|it).*|replace[-_ ]?(me|this|with).*|your[-_ ].*|<.*>|\.{3,}|x{3,}|
        (my[-_ ]?)?(secret|password|passwort|token|api[-_ ]?key|key)[-_ ]?\d*|
        (an?[-_ ])?(example|sample|dummy|todo|test)([-_ ].*)?(secret|password|token|key|here)?[-_ \d]*|
        insert[-_ ].*|
        (0123456789|1234567890|12345678|abcdefgh|qwerty).*)""",
    re.IGNORECASE | re.VERBOSE,
)
#: A key that nobody can guess has more different signs than this among its 32.
_FEW_SIGNS = 8
#: A bearer's token of fewer letters can be tried out.
_SHORT = 20
_MADE_BY_US = ("secret_key", "api_token", "metrics_token")

#: The usual port → what is spoken there from the first byte. https://www.rfc-editor.org/rfc/rfc8314
_USUAL = {465: SmtpSecurity.TLS, 587: SmtpSecurity.STARTTLS, 25: SmtpSecurity.STARTTLS}


def examine(setup: Setup) -> Iterator[Finding]:
    """Of all that is set."""
    for key in sorted(SECRETS):
        value = getattr(setup.settings, key).get_secret_value()
        if value:
            yield from _secret(setup, key, value)
    if "smtp" in setup.settings.providers:
        yield from _login(setup)
        yield from _encryption(setup)
    if setup.settings.bounce_imap_host:
        yield from _mailbox(setup)


def _secret(setup: Setup, key: str, value: str) -> Iterator[Finding]:
    make = "`openssl rand -hex 32` makes one" if key in _MADE_BY_US else "put the real one there"
    few = key == "secret_key" and len(set(value)) <= _FEW_SIGNS
    if few or _EXAMPLE.fullmatch(value):
        yield Finding(
            "secret",
            False,
            "is an example, not a secret",
            where=setup.at(key),
            why="whoever knows the guide knows it too"
            if key in _MADE_BY_US
            else "the other side refuses it",
            remedy=make,
        )
    elif key in ("api_token", "metrics_token") and len(value) < _SHORT:
        yield Finding(
            "secret",
            True,
            f"has {len(value)} letters",
            where=setup.at(key),
            why="so few can be tried out from outside",
            remedy=make,
            doubtful=True,
        )


def _login(setup: Setup) -> Iterator[Finding]:
    name = setup.settings.smtp_username
    word = setup.settings.smtp_password.get_secret_value()
    if bool(name) is bool(word):
        return
    lacking, given = (
        ("smtp_password", "smtp_username") if name else ("smtp_username", "smtp_password")
    )
    yield Finding(
        "login of the relay",
        False,
        f"DIGEST_{given.upper()} is set and DIGEST_{lacking.upper()} is not",
        where=setup.at(given),
        why="the relay takes no half of a login",
        remedy=f"set DIGEST_{lacking.upper()}, or empty the other where the relay asks for no login",
    )


def _encryption(setup: Setup) -> Iterator[Finding]:
    given = setup.settings
    usual = _USUAL.get(given.smtp_port)
    if given.smtp_security is SmtpSecurity.NONE:
        if is_private(given.smtp_host):
            return
        yield Finding(
            "encryption of the relay",
            False,
            f"none, and {given.smtp_host} is not in this network",
            where=setup.at("smtp_security"),
            why="the password and every reader's address can be read on the way",
            remedy="set DIGEST_SMTP_SECURITY=starttls (port 587) or tls (port 465)",
        )
    elif usual and usual is not given.smtp_security:
        yield Finding(
            "encryption of the relay",
            True,
            f"{given.smtp_security.value} at port {given.smtp_port}, where {usual.value} is usual",
            where=setup.at("smtp_security"),
            why="a relay that expects the other one lets nobody in",
            remedy="465 goes with tls, 587 with starttls",
            doubtful=True,
        )


def _mailbox(setup: Setup) -> Iterator[Finding]:
    given = setup.settings
    if not given.bounce_imap_password.get_secret_value():
        yield Finding(
            "bounce mailbox",
            False,
            "it has no password",
            where=setup.at("bounce_imap_host"),
            why="what comes back is not read, nor are wishes to leave",
            remedy="set DIGEST_BOUNCE_IMAP_PASSWORD or DIGEST_BOUNCE_IMAP_PASSWORD_FILE",
        )
    if given.bounce_imap_port == 143:
        yield Finding(
            "bounce mailbox",
            False,
            "port 143 begins without TLS",
            where=setup.at("bounce_imap_port"),
            why="the program speaks TLS from the first byte",
            remedy="set DIGEST_BOUNCE_IMAP_PORT=993",
        )
