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
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from email_validator import validate_email
from w3lib.url import safe_url_string

from digest.audience import tokens
from digest.delivery import heads, parts, quoted
from digest.delivery.dkim import Begun, Signer
from digest.delivery.parts import LEAVE, LEAVE_MAIL, Field, Part, put
from digest.errors import Refused
from digest.model import Mail, Message, Reader, Rendered
from digest.schedules import Schedule

#: Bytes: so many are copied more quickly than they are handed on by themselves.
SMALL = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who writes, for which newsletter, and when; the same for every message of an edition.

    domain: the right side of Message-IDs. return_domain: where bounces go. leave_by_mail: whether mail
    to that domain is read, so that an address to leave by may be offered. date: what the Date field
    says. feedback_id: for Gmail's reports, https://support.google.com/a/answer/6254652.
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
    return_domain: str
    leave_by_mail: bool = False


@dataclass(frozen=True, slots=True)
class Returns:
    """Where bounces go. domain: empty = that of the From address. read: whether such mail reaches us."""

    domain: str = ""
    read: bool = False


def envelope_of(
    schedule: Schedule,
    edition_date: dt.datetime,
    public_url: str,
    *,
    returns: Returns = Returns(),
) -> Envelope:
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
        return_domain=returns.domain or domain,
        leave_by_mail=returns.read,
    )


def _ascii_address(address: str) -> tuple[str, str]:
    """The address with its domain in ASCII (IDNA), and that domain."""
    found = validate_email(address, check_deliverability=False)
    return f"{found.local_part}@{found.ascii_domain}", found.ascii_domain


def _sender_id(domain: str) -> str:
    """5 to 15 letters that stay the same for all mail of one sender."""
    return re.sub(r"[^a-z0-9]", "", domain.lower())[:15].ljust(5, "0")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What signs each copy. fields: those that differ from reader to reader. at: the piece in which the
    header ends and the body begins; it holds no slot."""

    begun: Begun
    fields: tuple[Field, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """An edition as pieces: `pieces[i]` for each (i, name) in `slots` is filled for each reader.

    leave: what every reader's link to leave begins with. returns: the right side of the addresses that
    mail comes back to; leave_by_mail: whether such an address is offered for leaving, too. runs: from
    where to where the small pieces are joined for each reader; a long one stands alone, since copies of it would cost. stamp: where copies are signed.
    """

    mail: Mail
    key: bytes
    leave: str
    returns: str
    leave_by_mail: bool
    pieces: tuple[bytes, ...]
    slots: tuple[tuple[int, str], ...]
    runs: tuple[tuple[int, int], ...]
    stamp: Stamp | None = None
    make: Callable[[Message], Sequence[bytes]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Decided once, so that a copy that is not signed pays nothing for those that are."""
        object.__setattr__(self, "make", self._signed if self.stamp else self._filled)

    def message(self, reader: Reader, *, careful: bool = False, batch: str = "") -> Message:
        """One reader's message. Raises Refused for an address that cannot stand in a header."""
        mail, handle = self.mail, reader.handle
        _check(reader.address)
        key = tokens.message_key(self.key, mail.rendered.checksum, handle)
        ref = tokens.ref(handle, key)
        return Message(
            mail=mail,
            sender=f"bounce+{ref}@{self.returns}",
            recipient=reader.address,
            name=reader.name,
            key=key,
            ref=ref,
            values=self._ways_to_leave(handle),
            make=self.make,
            careful=careful,
            batch=batch,
        )

    def _ways_to_leave(self, handle: str) -> dict[str, str]:
        newsletter = self.mail.newsletter
        if not self.leave_by_mail:
            return {"leave_url": self.leave + tokens.leave_token(self.key, newsletter, handle)}
        token, mailed = tokens.leave_tokens(self.key, newsletter, handle)
        # `digest.audience.leaving_mail` reads it. Left sides have room for 64 letters; these are 56.
        return {
            "leave_url": self.leave + token,
            "leave_mail": f"bounce+leave.{mailed}@{self.returns}",
        }

    def _filled(self, message: Message) -> list[bytes]:
        values, pieces = self._values(message), list(self.pieces)
        for place, name in self.slots:
            pieces[place] = values[name]
        return self._joined(pieces)

    def _joined(self, pieces: list[bytes]) -> list[bytes]:
        return [
            pieces[start] if stop - start == 1 else b"".join(pieces[start:stop])
            for start, stop in self.runs
        ]

    def _signed(self, message: Message) -> list[bytes]:
        assert self.stamp is not None
        values, pieces = self._values(message), list(self.pieces)
        for place, name in self.slots:
            pieces[place] = values[name]
        own = [b"".join([put(part, values) for part in one]) for one in self.stamp.fields]
        signed = self.stamp.begun.signatures(own, pieces[self.stamp.at + 1 :])
        return [signed, *self._joined(pieces)]

    def _values(self, message: Message) -> dict[str, bytes]:
        token = message.values["leave_url"][len(self.leave) :].encode("ascii")
        values = {
            "to": heads.mailbox(message.name, message.recipient, field="To"),
            "key": message.key.encode("ascii"),
            "token": token,
            "line:token": token + quoted.SOFT,
        }
        if self.leave_by_mail:
            values["mail"] = message.values["leave_mail"].encode("ascii")
        return values


def compile_edition(
    rendered: Rendered, envelope: Envelope, *, key: bytes, signer: Signer | None = None
) -> Compiled:
    """Everything that is the same for all readers, encoded. signer: None = copies are not signed."""
    return Maker(envelope, key, signer).whole(rendered)


@dataclass(frozen=True, slots=True)
class Maker:
    """What every form of an edition is compiled with. signer: None = copies are not signed."""

    envelope: Envelope
    key: bytes
    signer: Signer | None = None

    @property
    def leave(self) -> str:
        return f"{self.envelope.public_url}/leave/{self.envelope.newsletter}/"

    def whole(self, rendered: Rendered) -> Compiled:
        """A mail as it is."""
        return self.compiled(rendered, parts.body(rendered, self.leave))

    def compiled(
        self, rendered: Rendered, body: Iterable[Part], *, most: int = sys.maxsize
    ) -> Compiled:
        """A mail whose body is encoded. most: pieces are not joined to longer ones; so they can be shared."""
        envelope = self.envelope
        mail = _mail(rendered, envelope, _newsletter_fields(envelope))
        head = list(parts.head(mail, "to", "key", self.leave))
        *fields, last = (part for one in head for part in one)
        pieces, slots = parts.laid_out([*fields, put(last, {}) + b"\r\n", *body], most)
        return Compiled(
            mail=mail,
            key=self.key,
            leave=self.leave,
            returns=envelope.return_domain,
            leave_by_mail=envelope.leave_by_mail,
            pieces=tuple(pieces),
            slots=tuple(slots),
            runs=tuple(parts.runs(pieces, SMALL)),
            stamp=_stamp(self.signer, envelope, head, pieces) if self.signer else None,
        )


def _stamp(signer: Signer, envelope: Envelope, head: list[Field], pieces: list[bytes]) -> Stamp:
    differ = tuple(one for one in head if any(isinstance(part, str) for part in one))
    same = [b"".join(put(part, {}) for part in one) for one in head if one not in differ]
    names = [_field_name(one[0]) for one in differ]
    at = next(at for at, piece in enumerate(pieces) if _END in piece)
    body = pieces[at].partition(_END)[2]
    return Stamp(signer.begin(envelope.domain, same, differ=names, body=body), differ, at)


_END = b"\r\n\r\n"


def _field_name(first: Part) -> str:
    """By how a field begins; that of the slot `to` is in its value."""
    return first if isinstance(first, str) else first.partition(b":")[0].decode("ascii")


def compile_notice(
    rendered: Rendered,
    envelope: Envelope,
    address: str,
    key_text: str,
    *,
    signer: Signer | None = None,
) -> Message:
    """A small mail to one address; `key_text` is the same on every attempt to send it.

    Carries no List-* fields: it is no newsletter. Auto-Submitted keeps holiday replies away
    (RFC 3834 §5.2).
    """
    _check(address)
    key = _notice_key(key_text, address, rendered.checksum)
    mail = _mail(rendered, envelope, (("Auto-Submitted", "auto-generated"),))
    to = heads.mailbox("", address, field="To")
    head = [
        b"".join(put(part, {}) for part in one) for one in parts.head(mail, to, key.encode(), "")
    ]
    body = b"".join(put(part, {}) for part in parts.body(rendered, ""))
    signed = signer.begin(mail.domain, head, body=body).signatures((), ()) if signer else b""
    whole = (b"".join((signed, *head, b"\r\n", body)),)
    return Message(
        mail=mail,
        sender=f"bounce+{key}@{envelope.return_domain}",
        recipient=address,
        name="",
        key=key,
        ref=key,
        values={},
        make=lambda message: whole,
    )


def as_proof(copy: Message, key_text: str) -> Message:
    """A reader's copy for an editor: nothing that comes back about it names a reader.

    Each has its own Message-ID, since mail programs show what they have seen before only once.
    """
    key = _notice_key(key_text, copy.recipient, copy.mail.rendered.checksum)
    return replace(copy, key=key, ref=key, sender=f"bounce+{key}@{copy.sender.rpartition('@')[2]}")


def _notice_key(key_text: str, address: str, checksum: str) -> str:
    """With the content in it: two installations of one domain may both call a notice number 1."""
    named = "\0".join((key_text, address, checksum)).encode("utf-8", "replace")
    return hashlib.sha256(named).hexdigest()[:32]


#: Printable, and none of the signs that end an address: what most addresses are made of.
_PLAIN_ADDRESS = re.compile(r"[!-+\--;=?-~]+")


def _check(address: str) -> None:
    if _PLAIN_ADDRESS.fullmatch(address):
        return
    if not address.isprintable() or re.search(r"[\s<>,]", address):
        raise Refused("the address holds characters that no header may hold")


def _mail(rendered: Rendered, envelope: Envelope, fields: tuple[tuple[str, str], ...]) -> Mail:
    return Mail(
        rendered=rendered,
        newsletter=envelope.newsletter,
        from_name=envelope.from_name,
        from_address=envelope.from_address,
        reply_to=envelope.reply_to,
        domain=envelope.domain,
        date=envelope.date,
        fields=fields,
    )


def _newsletter_fields(envelope: Envelope) -> tuple[tuple[str, str], ...]:
    """What makes a newsletter known as one (RFC 2369, 2919, 8058).

    An address to leave by is offered only where somebody reads what comes to it; Outlook.com's own
    button knows no other way.
    """
    listed = " ".join((*heads.phrase(envelope.list_name), f"<{envelope.list_id}>"))
    by_mail = f", <mailto:{LEAVE_MAIL}?subject=unsubscribe>" if envelope.leave_by_mail else ""
    public = envelope.public_url
    return (
        ("List-Unsubscribe", f"<{LEAVE}>{by_mail}"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Id", listed),
        ("List-Archive", f"<{public}/archive/{envelope.newsletter}>"),
        ("List-Subscribe", f"<{public}/n/{envelope.newsletter}>"),
        ("Feedback-ID", envelope.feedback_id),
        ("Precedence", "bulk"),
    )
