"""Answers that nobody wrote: holidays, receipts, tickets. They say that an address works."""

from __future__ import annotations

import re
from email.header import decode_header, make_header
from email.message import Message

#: Fields that only such answers have.
_FIELDS = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoreply-from", "x-mail-autoreply")
_SUBJECTS = re.compile(
    r"^\W*(?:auto(?:matic|mated)?[ -]?(?:reply|response|:)|out of (?:the )?office|autoreply"
    r"|automatische antwort|abwesenheit|réponse automatique|absence du bureau"
    r"|respuesta automática|risposta automatica|on (?:vacation|holiday|leave)\b)",
    re.IGNORECASE,
)
_SERVERS = re.compile(r"mailer-daemon|postmaster|mail delivery|daemon@", re.IGNORECASE)


def is_auto_reply(message: Message) -> bool:
    """True for an answer of a machine to the mail itself (RFC 3834), not for news of its delivery.

    Servers mark their notices of failure with `Auto-Submitted` as well, so that field alone counts
    only where the sender is no mail server.
    """
    precedence = str(message.get("precedence", "")).strip().lower()
    if precedence == "auto_reply" or any(name in message for name in _FIELDS):
        return True
    if _SUBJECTS.match(subject_of(message)):
        return True
    submitted = str(message.get("auto-submitted", "no")).partition(";")[0].strip().lower()
    return submitted not in ("no", "") and not _SERVERS.search(_sender(message))


def is_from_a_server(message: Message) -> bool:
    """True where it is sent by a mail server, by its name or by its empty return path (RFC 5321 §4.5.5)."""
    returns = str(message.get("return-path", "")).strip()
    return bool(_SERVERS.search(_sender(message))) or returns == "<>"


def subject_of(message: Message) -> str:
    """The subject as a person reads it (RFC 2047); as it stands where it cannot be decoded."""
    raw = str(message.get("subject", ""))[:1000]
    try:
        return str(make_header(decode_header(raw)))
    except Exception:
        return raw


def _sender(message: Message) -> str:
    return str(message.get("from", ""))[:1000]
