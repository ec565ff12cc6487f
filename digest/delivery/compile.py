"""An edition compiled once into pieces of a MIME message; each reader's message is one join.

Encoding a mail takes milliseconds; so it is done once an edition, with slots between the pieces
(RFC 2045 quoted-printable, text part first). What differs from reader to reader is put into the
slots: the address, the Message-ID and the reader's own link to leave. The bytes are a pure
function of the edition, the envelope, the reader and the key. The envelope is made of the schedule
as it is now: a second attempt sends the same message unless From, Reply-To, the newsletter's name or
the public address were edited in between. `Message.key` is the same also then.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import format_datetime

from email_validator import validate_email
from w3lib.url import safe_url_string

from digest.audience import tokens
from digest.delivery import heads, quoted
from digest.errors import Refused
from digest.mail.slots import SLOTS, plain
from digest.model import Message, Reader, Rendered
from digest.schedules import Schedule

_SLOT = re.compile("(" + "|".join(SLOTS.values()) + ")")
_NAMES = {sentinel: name for name, sentinel in SLOTS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who writes, for which newsletter, and when; the same for every message of an edition.

    domain: the right side of Message-IDs and where bounces go. date: what the Date field says.
    feedback_id: for Gmail's reports, https://support.google.com/a/answer/6254652.
    """

    from_name: str
    from_address: str
    reply_to: str | None
    list_name: str
    list_id: str
    domain: str
    public_url: str
    newsletter: str
    feedback_id: str
    date: dt.datetime


def envelope_of(schedule: Schedule, edition_date: dt.datetime, public_url: str) -> Envelope:
    """The envelope of one issue of a newsletter, sent at `edition_date` (aware)."""
    newsletter = schedule.newsletter
    address, domain = _ascii_address(newsletter.from_address)
    period = edition_date.astimezone(schedule.calendar.zone).date().isoformat()
    return Envelope(
        from_name=newsletter.from_name or newsletter.name,
        from_address=address,
        reply_to=_ascii_address(newsletter.reply_to)[0] if newsletter.reply_to else None,
        list_name=newsletter.name,
        list_id=f"{schedule.key}.{domain}",
        domain=domain,
        public_url=safe_url_string(public_url),
        newsletter=schedule.key,
        feedback_id=f"{period}:{schedule.key}:digest:{_sender_id(domain)}",
        date=edition_date,
    )


def _ascii_address(address: str) -> tuple[str, str]:
    """The address with its domain in ASCII (IDNA), and that domain."""
    found = validate_email(address, check_deliverability=False)
    return f"{found.local_part}@{found.ascii_domain}", found.ascii_domain


def _sender_id(domain: str) -> str:
    """5 to 15 letters that stay the same for all mail of one sender."""
    return re.sub(r"[^a-z0-9]", "", domain.lower())[:15].ljust(5, "0")


@dataclass(frozen=True, slots=True)
class Compiled:
    """An edition as pieces: `pieces[i]` for each (i, name) in `slots` is filled for each reader."""

    checksum: str
    envelope: Envelope
    key: bytes
    pieces: tuple[bytes, ...]
    slots: tuple[tuple[int, str], ...]

    def message(self, reader: Reader) -> Message:
        """One reader's message. Raises Refused for an address that cannot stand in a header."""
        envelope, address = self.envelope, reader.address
        _check(address)
        token = tokens.leave_token(self.key, envelope.newsletter, reader.handle)
        url = f"{envelope.public_url}/leave/{envelope.newsletter}/{token}"
        key = tokens.message_key(self.key, self.checksum, reader.handle)
        values = {
            "to": heads.mailbox(reader.name, address, field="To"),
            "key": key.encode("ascii"),
            "token": token.encode("ascii"),
            "html:leave_url": quoted.value(html.escape(url)),
            "text:leave_url": quoted.value(plain(url)),
        }
        pieces = list(self.pieces)
        for place, name in self.slots:
            pieces[place] = values[name]
        sender = f"bounce+{token}@{envelope.domain}"
        return Message(sender, address, key, b"".join(pieces))


def compile_edition(rendered: Rendered, envelope: Envelope, *, key: bytes) -> Compiled:
    """Everything that is the same for all readers, encoded."""
    pieces: list[bytes] = []
    slots: list[tuple[int, str]] = []
    for part in (*_edition_head(rendered, envelope), *_body(rendered)):
        if isinstance(part, str):
            slots.append((len(pieces), part))
            pieces.append(b"")
        elif pieces and (not slots or slots[-1][0] != len(pieces) - 1):
            pieces[-1] += part
        else:
            pieces.append(part)
    return Compiled(rendered.checksum, envelope, key, tuple(pieces), tuple(slots))


def compile_notice(rendered: Rendered, envelope: Envelope, address: str, key_text: str) -> Message:
    """A small mail to one address; `key_text` is the same on every attempt to send it.

    Carries no List-* fields: it is no newsletter. Auto-Submitted keeps holiday replies away
    (RFC 3834 §5.2).
    """
    _check(address)
    # With the content in it: two installations of one domain may both call a notice number 1.
    named = "\0".join((key_text, address, rendered.checksum)).encode("utf-8", "replace")
    key = hashlib.sha256(named).hexdigest()[:32]
    head = [
        *_same_head(rendered, envelope),
        heads.mailbox("", address, field="To"),
        f"Message-ID: <{key}@{envelope.domain}>\r\n".encode("ascii"),
        b"Auto-Submitted: auto-generated\r\n",
    ]
    body = [part for part in _body(rendered) if isinstance(part, bytes)]
    sender = f"bounce+{key}@{envelope.domain}"
    return Message(sender, address, key, b"".join((*head, *body)))


def _check(address: str) -> None:
    if not address.isprintable() or re.search(r"[\s<>,]", address):
        raise Refused("the address holds characters that no header may hold")


Part = bytes | str  # bytes stand as they are; a str names a slot


def _edition_head(rendered: Rendered, envelope: Envelope) -> Iterator[Part]:
    """The header of a newsletter (RFC 2369, 2919, 8058); the fields that differ come first.

    The way to leave is the link alone: an address would be a promise that somebody reads it.
    """
    leave = f"{envelope.public_url}/leave/{envelope.newsletter}/"
    yield "to"
    yield b"Message-ID: <"
    yield "key"
    yield f"@{envelope.domain}>\r\nList-Unsubscribe: <{leave}".encode("ascii")
    yield "token"
    yield b">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    yield heads.mailbox(envelope.list_name, envelope.list_id, field="List-Id")
    yield heads.line("Feedback-ID", envelope.feedback_id)
    yield b"Precedence: bulk\r\n"
    yield from _same_head(rendered, envelope)


def _same_head(rendered: Rendered, envelope: Envelope) -> Iterator[bytes]:
    yield heads.mailbox(envelope.from_name, envelope.from_address, field="From")
    if envelope.reply_to:
        yield heads.mailbox("", envelope.reply_to, field="Reply-To")
    yield heads.line("Subject", rendered.subject)
    yield f"Date: {format_datetime(envelope.date)}\r\n".encode("ascii")


def _body(rendered: Rendered) -> Iterator[Part]:
    """Both parts, the text first (RFC 2046 §5.1.4: the last one is the best)."""
    # "=_" cannot stand in quoted-printable, so no content holds the boundary (RFC 2045 §6.7).
    boundary = f"=_{rendered.checksum[:32]}"
    yield (
        f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
    ).encode("ascii")
    for kind, content in (("plain", rendered.text), ("html", rendered.html)):
        yield (
            f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        ).encode("ascii")
        yield from _pieces("text" if kind == "plain" else "html", content)
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode("ascii")


def _pieces(part: str, content: str) -> Iterator[Part]:
    """A part's content between its slots."""
    found = _SLOT.split(content)
    for literal, sentinel in zip(found[0::2], found[1::2], strict=False):
        yield quoted.before_slot(literal)
        yield f"{part}:{_NAMES[sentinel]}"
    yield quoted.encode(found[-1])
