"""A mail by which somebody leaves: sent to the address in a copy's List-Unsubscribe. Pure, and it never raises.

Who has the address had the mail: its token is the proof, and who it is from says nothing. A machine that
answers by itself, or returns a mail, leaves nothing (RFC 3834); a mail program that writes for its owner
may call that `auto-generated`, and it is a wish.
"""

from __future__ import annotations

import email
import re
from email.message import Message

from digest.audience.auto_replies import is_auto_reply, is_from_a_server

#: `digest.audience.tokens.leave_tokens`, the second of them, in an address.
_TOKEN = re.compile(r"bounce\+leave\.([\w-]{22}\.[a-f0-9]{20})@", re.ASCII | re.IGNORECASE)

#: Where the address stands that the mail came to.
_CAME_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")

#: Bytes of a header that are looked at, and letters of a field.
_HEADER, _LONGEST = 64_000, 4000


def token_of(data: bytes, *, recipient: str = "") -> str:
    """The token of who leaves by this mail; empty where nobody does.

    recipient: the envelope's, where the mail server told it.
    """
    head = re.split(rb"\r?\n\r?\n|\r\r", data[:_HEADER], maxsplit=1)[0]
    if not _TOKEN.search(recipient) and b"+leave." not in head.lower():
        return ""
    try:
        message = email.message_from_bytes(head + b"\n\n")
        return "" if _wrote_itself(message) else _token(message, recipient)
    except Exception:  # whatever a stranger sent
        return ""


def _token(message: Message, recipient: str) -> str:
    fields = (str(field) for name in _CAME_TO for field in message.get_all(name, []))
    found = (_TOKEN.search(text[:_LONGEST]) for text in (recipient, *fields))
    return next((one[1] for one in found if one), "")


def _wrote_itself(message: Message) -> bool:
    """True for an answer, a receipt or a returned mail."""
    if message.get_content_type() == "multipart/report" or is_from_a_server(message):
        return True
    submitted = str(message.get("auto-submitted", "no")).partition(";")[0].strip().lower()
    if submitted == "auto-generated":
        del message["auto-submitted"]
    return is_auto_reply(message)
