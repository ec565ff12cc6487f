"""What to do about an error of delivery: the setting or the command, for whoever reads the error.

The errors themselves stay short, and say what the other side said. Pure.
"""

from __future__ import annotations

import re

#: The error's words → what to do, tried in this order.
_SMTP = (
    (
        r"offers no STARTTLS",
        "DIGEST_SMTP_SECURITY: tls where the relay speaks TLS at once (port 465),"
        " none only for a relay on this machine",
    ),
    (
        r"WRONG_VERSION_NUMBER|RECORD_LAYER|no reply of SMTP",
        "DIGEST_SMTP_PORT and DIGEST_SMTP_SECURITY do not fit: 465 goes with tls, 587 with starttls",
    ),
    (
        r"certificate has expired",
        "the relay's owner must renew its certificate, unless this machine's clock is ahead (`date`)",
    ),
    (r"not yet valid", "this machine's clock is behind: `timedatectl set-ntp true`"),
    (
        r"no trusted encryption",
        "DIGEST_SMTP_HOST must be the name in the relay's certificate;"
        " SSL_CERT_FILE names the authorities to trust",
    ),
    (
        r"\b53[0458] |offers no login|\b[45]\.7\.8\b",
        "DIGEST_SMTP_USERNAME and DIGEST_SMTP_PASSWORD",
    ),
    (r"no connection to|no reply within", "DIGEST_SMTP_HOST and DIGEST_SMTP_PORT"),
    (r"\b[45]\.7\.\d+ ", "the relay's operator can say why it refuses us"),
)
_SEND = (
    (
        r"readers were refused",
        "`digest ledger` shows how far it came; `digest resume` believes the refusals,"
        " `digest cancel` ends it",
    ),
    (
        r"restored from a backup",
        "`digest resume` lets it end (who is uncertain gets nothing by that); `digest ledger` names them,"
        " `digest resend --uncertain` mails them, also whom the old house has mailed since",
    ),
    (r"is it still wanted", "`digest resume` if it is, else `digest cancel`"),
    (r"mail cannot be made", "the log says why; `digest cancel` ends it"),
)
_KEYS = {
    "ses": "DIGEST_SES_ACCESS_KEY_ID, DIGEST_SES_SECRET_ACCESS_KEY and DIGEST_SES_REGION",
    "mailgun": "DIGEST_MAILGUN_TOKEN and DIGEST_MAILGUN_DOMAIN",
}
_DENIED = re.compile(r"\b40[13]\b")
_UNREACHED = re.compile(r"no connection")


def remedy(reason: str, provider: str = "") -> str:
    """What to look at, in a few words; empty where nobody knows. provider: the one that it was with."""
    found = _first(_SEND, reason)
    if found or provider in ("", "outbox"):
        return found or _first(_SMTP, reason)
    if provider == "smtp":
        return _first(_SMTP, reason)
    if _DENIED.search(reason):
        return _KEYS.get(provider, f"DIGEST_{provider.upper()}_TOKEN")
    return f"DIGEST_{provider.upper()}_URL" if _UNREACHED.search(reason) else ""


def paused(reason: str, provider: str = "") -> str:
    """The same for a send that waits for a person: how it goes on stands with it."""
    found = remedy(reason, provider)
    if "digest resume" in found or "digest cancel" in found:
        return found
    return f"{found}; then `digest resume`" if found else "`digest resume`, or `digest cancel`"


def _first(known: tuple[tuple[str, str], ...], reason: str) -> str:
    return next((told for words, told in known if re.search(words, reason)), "")
