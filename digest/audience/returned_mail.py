"""Mail that came to the bounce address: bytes in, reports out. Pure, and it never raises.

First what machines write for machines: complaints (ARF, RFC 5965) and delivery status notifications
(RFC 3464). Then what older servers write for people, by flufl.bounce. Whose copy it was is told by
the ref in the address that it came to, or in what was returned; the text only says what happened.

Anybody may write to that address: a mail is cut to a size, a depth and a length of lines before any
parser sees it, so that none takes long.
"""

from __future__ import annotations

import datetime as dt
import email
import hashlib
import logging
import re
from collections.abc import Callable, Iterator
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

from flufl.bounce import all_failures

from digest.audience.auto_replies import is_auto_reply, is_from_a_server, subject_of
from digest.audience.bounces import MAILBOX
from digest.model import Report, ReportKind

#: What is looked at: bytes, lines, columns of a line (RFC 5322 §2.1.1).
LARGEST, LINES, WIDEST = 256_000, 5000, 998
#: ... letters of a field, and recipients.
LONGEST, MOST = 4000, 20
#: More parts within parts, or beside each other, than any mail server makes.
DEEPEST, PARTS = 30, 300

#: How far back the Date of such a mail is believed.
_OLDEST = dt.timedelta(days=30)

#: `digest.audience.tokens.ref`: a handle and the proof, wherever a server has put them.
_REF = re.compile(r"(?<![\w-])([\w-]{22}\.[a-z0-9]{16})(?![\w-])", re.ASCII | re.IGNORECASE)
_RETURNED_REF = re.compile(rb"bounce\+([\w-]{22}\.[a-z0-9]{16})@", re.IGNORECASE)
#: The two halves of a ref as they stand in the returned message's own header.
_HANDLE = re.compile(rb"/leave/[\w.-]+/([\w-]{22})[\w-]{22}>")
_KEY = re.compile(rb"message-id:\s{1,4}<([a-z0-9]{26,40})@", re.IGNORECASE)

#: Where the address stands that the mail came to, the surest first.
_CAME_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")

_NESTS = re.compile(rb"content-type:\s{0,80}(?:multipart|message)/", re.IGNORECASE)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
#: Bounded on both sides, so that a text of nothing but letters is read in one go.
_ADDRESS = re.compile(
    r"(?<![\w.+-])[\w.+=~!#$&'*/?^{|}-]{1,64}@[A-Za-z0-9-][A-Za-z0-9.-]{0,250}", re.ASCII
)
_OWN = re.compile(r"mailer-daemon|postmaster|post_master", re.IGNORECASE)
_UNDELIVERED = re.compile(
    r"undeliver|returned mail|mail delivery|delivery (?:status|fail|notif)|failure notice"
    r"|mail (?:system )?error|mail failure|error sending|not be (?:sent|delivered)|non (?:remis|distribu)|unzustellbar|nicht zugestellt",
    re.IGNORECASE,
)

# It writes a trace, with what a stranger sent, for each mail that one of its detectors cannot read.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)

_Told = tuple[ReportKind, str, str, str]  # kind, address, status, the other side's words
_Way = Callable[[Message], Iterator[_Told]]


def read(data: bytes, *, now: dt.datetime, recipient: str = "") -> tuple[Report, ...]:
    """The reports in one mail; empty for what is none, such as an answer from somebody's holiday.

    recipient: the envelope's, where the mail server told it. now: aware.
    """
    bounded = _bounded(data)
    message = _parsed(bounded)
    ref = _ref(message, bounded, recipient)
    told = list(dict.fromkeys(_told(message)))[:MOST]
    raw = bounded.decode("utf-8", "replace")
    named, at = _named(message, bounded), _at(message, now)
    return tuple(
        Report(
            provider=MAILBOX,
            event_id=_event_id(named, ref, one),
            kind=one[0],
            at=at,
            ref=ref,
            address=one[1],
            status=one[2],
            detail=one[3],
            raw=raw,
        )
        for one in told
    )


def _bounded(data: bytes) -> bytes:
    """The mail with lines that end in LF, none too long, cut at LARGEST bytes."""
    lines = data[:LARGEST].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return b"\n".join(line[:WIDEST] for line in lines[:LINES])


def _parsed(data: bytes) -> Message:
    """The mail; only its header where its parts lie too deep, or a parser gives up."""
    try:
        if len(_NESTS.findall(data)) <= DEEPEST and data.count(b"\n--") <= PARTS:
            return email.message_from_bytes(data)
    except Exception:  # noqa: S110 - whatever a stranger sent, the header is tried
        pass
    return email.message_from_bytes(data.partition(b"\n\n")[0][:20_000])


# ---------------------------------------------------------------- whose copy


def _ref(message: Message, data: bytes, recipient: str) -> str:
    addresses = (recipient, *(_field(message, name) for name in _CAME_TO))
    found = next(filter(None, map(_REF.search, addresses)), None)
    if found:
        return found[1]
    returned = _RETURNED_REF.search(data)
    if returned:
        return returned[1].decode("ascii")
    handle, keys = _HANDLE.search(data), _KEY.findall(data)
    return f"{handle[1].decode('ascii')}.{keys[-1][:16].decode('ascii')}" if handle and keys else ""


# ---------------------------------------------------------------- what happened


def _told(message: Message) -> Iterator[_Told]:
    """What the mail tells, by the first way to read it that finds anything."""
    for way in (_complaints, _notifications, _failed_recipients):
        found = _tried(way, message)
        if found:
            yield from found
            return
    if is_auto_reply(message):
        return
    yield from _tried(_older_ways, message) or _tried(_by_its_subject, message)


def _tried(way: _Way, message: Message) -> list[_Told]:
    """What one way finds; nothing where the mail breaks it: a stranger's mail must stop nobody."""
    try:
        return list(way(message))
    except Exception:
        return []


def _complaints(message: Message) -> Iterator[_Told]:
    """RFC 5965. Reports on authentication (RFC 6591) and "not spam" are no complaints."""
    for part in _parts(message, "message/feedback-report"):
        fields = _first_block(part)
        kind = _field(fields, "feedback-type").strip().lower()
        address = _field(fields, "original-rcpt-to") or _field(fields, "removal-recipient")
        yield _FEEDBACK.get(kind, ReportKind.OTHER), _address(address), "", kind[:40]
    for part in message.walk():  # Outlook.com's own form of a complaint
        if address := _field(part, "x-hmxmroriginalrecipient"):
            yield ReportKind.COMPLAINED, _address(address), "", "outlook.com"


_FEEDBACK = {
    "abuse": ReportKind.COMPLAINED,
    "complaint": ReportKind.COMPLAINED,
    "fraud": ReportKind.COMPLAINED,
    "miscategorized": ReportKind.COMPLAINED,
    "virus": ReportKind.COMPLAINED,
    "opt-out": ReportKind.UNSUBSCRIBED,
    "opt-out-list": ReportKind.UNSUBSCRIBED,
}


def _notifications(message: Message) -> Iterator[_Told]:
    """RFC 3464: a group of fields for each recipient."""
    for part in _parts(message, "message/delivery-status"):
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else ():
            if isinstance(block, Message) and (told := _recipient(block)):
                yield told


def _recipient(block: Message) -> _Told | None:
    final, original = _field(block, "final-recipient"), _field(block, "original-recipient")
    action = _field(block, "action").strip().lower()
    found = _STATUS.search(_field(block, "status"))
    kind = next((kind for word, kind in _ACTIONS if action.startswith(word)), None)
    if kind is None or not (final or original):
        return None
    words = " ".join(_field(block, "diagnostic-code").split())
    address = _typed(original) or _typed(final)
    return kind, address, found[0] if found else "", words[:500]


#: Actions as servers write them, by how they begin; `error` is OpenSMTPD's word.
_ACTIONS = (
    ("fail", ReportKind.BOUNCED),
    ("error", ReportKind.BOUNCED),
    ("delay", ReportKind.DEFERRED),
    ("deliver", ReportKind.DELIVERED),
    ("relay", ReportKind.OTHER),
    ("expand", ReportKind.OTHER),
)


def _failed_recipients(message: Message) -> Iterator[_Told]:
    """Exim's and Gmail's own field; the code in the text is only text."""
    for name in _field(message, "x-failed-recipients").split(","):
        if address := _address(name):
            yield ReportKind.BOUNCED, address, "", _words(message)


def _older_ways(message: Message) -> Iterator[_Told]:
    delayed, failed = all_failures(message)
    words = _words(message)
    for kind, addresses in ((ReportKind.BOUNCED, failed), (ReportKind.DEFERRED, delayed)):
        for address in sorted(addresses):
            yield kind, _mentioned(address.decode("ascii", "replace")), "", words


def _by_its_subject(message: Message) -> Iterator[_Told]:
    """A server says that something was not delivered, and the ref alone says whose copy it was."""
    if is_from_a_server(message) and _UNDELIVERED.search(subject_of(message)):
        words = _words(message)
        yield ReportKind.BOUNCED, _mentioned(words), "", words


# ---------------------------------------------------------------- small parts


def _parts(message: Message, kind: str) -> Iterator[Message]:
    return (part for part in message.walk() if part.get_content_type() == kind)


def _first_block(part: Message) -> Message:
    """The fields of a report, which parsers take for a message of its own or for a text."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload[0] if payload and isinstance(payload[0], Message) else Message()
    decoded = part.get_payload(decode=True)
    text = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else ""
    return email.message_from_string(text.lstrip())


def _words(message: Message) -> str:
    """The first lines of the first text: for classifying, and for a person."""
    for part in message.walk():
        if part.get_content_maintype() == "text":
            decoded = part.get_payload(decode=True)
            if isinstance(decoded, bytes):
                return " ".join(decoded[:4000].decode("utf-8", "replace").split())[:500]
    return ""


def _field(message: Message, name: str) -> str:
    """A field as text; "" where it is not there."""
    return str(message.get(name, ""))[:LONGEST]


def _typed(field: str) -> str:
    """The address of `rfc822; alice@reader.example` (RFC 3464 §2.3.1), or of a field without a type."""
    kind, separator, rest = field.partition(";")
    return _address(rest if separator and "@" not in kind else field)


def _address(text: str) -> str:
    found = parseaddr(" ".join(text.split()))[1] if "@" in text else ""
    return found[:254] if found.isascii() and found.isprintable() else ""


def _mentioned(text: str) -> str:
    """The first address in a text that is no mail server's own; only told, never believed."""
    found = (one[0].strip(".") for one in _ADDRESS.finditer(text))
    return next((one for one in found if not _OWN.match(one)), "")


def _named(message: Message, data: bytes) -> bytes:
    """What makes a mail this one: its Message-ID, else its body (trace fields differ on each way)."""
    stated = _field(message, "message-id").strip()
    return stated.encode("utf-8", "replace") or data.partition(b"\n\n")[2] or data


def _event_id(named: bytes, ref: str, told: _Told) -> str:
    kind, address, status, _ = told
    rest = "\0".join((ref, kind, address, status)).encode("utf-8", "replace")
    return hashlib.sha256(named + b"\0" + rest).hexdigest()[:40]


def _at(message: Message, now: dt.datetime) -> dt.datetime:
    """The mail's own date where it can be believed, else now."""
    try:
        stated = parsedate_to_datetime(_field(message, "date")).astimezone(dt.UTC)
    except Exception:
        return now
    return stated if now - _OLDEST <= stated <= now else now
