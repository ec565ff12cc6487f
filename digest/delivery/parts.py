"""A message as parts: its fields and its body, encoded, with slots between for what differs from reader to reader."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from email.utils import format_datetime

from digest.delivery import heads, quoted
from digest.mail.slots import HEAD_SLOTS, SLOTS, plain
from digest.model import Mail, Rendered

LEAVE, LEAVE_MAIL = SLOTS["leave_url"], HEAD_SLOTS["leave_mail"]
_IN_FIELD = re.compile(f"({LEAVE}|{LEAVE_MAIL})")

Part = bytes | str  # bytes stand as they are; a str names a slot
Field = Sequence[Part]  # of a header, its line end included


def put(part: Part, values: dict[str, bytes]) -> bytes:
    """What stands in a part's place."""
    return values[part] if isinstance(part, str) else part


def laid_out(
    parts: list[Part], most: int = sys.maxsize
) -> tuple[list[bytes], list[tuple[int, str]]]:
    """Pieces as long as they can be, with empty ones for the slots, and which slot comes where.

    most: no piece is joined to another where both have more bytes than this.
    """
    pieces: list[bytes] = []
    slots: list[tuple[int, str]] = []
    for part in parts:
        if isinstance(part, str):
            slots.append((len(pieces), part))
            pieces.append(b"")
        elif (
            not pieces
            or (slots and slots[-1][0] == len(pieces) - 1)
            or len(pieces[-1]) + len(part) > most
        ):
            pieces.append(part)
        else:
            pieces[-1] += part
    return pieces, slots


def runs(pieces: Sequence[bytes], most: int) -> Iterator[tuple[int, int]]:
    """Which neighbours are worth joining: those with at most `most` bytes together."""
    start = size = 0
    for at, piece in enumerate(pieces):
        if at > start and size + len(piece) > most:
            yield start, at
            start, size = at, 0
        size += len(piece)
    if pieces:
        yield start, len(pieces)


def head(mail: Mail, to: Part, key: Part, leave: str) -> Iterator[Field]:
    """The header; the fields that differ from reader to reader come first."""
    yield [to]
    yield [b"Message-ID: <", key, f"@{mail.domain}>\r\n".encode("ascii")]
    for name, value in mail.fields:
        yield list(_field(name, value, leave))
    yield [heads.mailbox(mail.from_name, mail.from_address, field="From")]
    if mail.reply_to:
        yield [heads.mailbox("", mail.reply_to, field="Reply-To")]
    yield [heads.line("Subject", mail.rendered.subject)]
    yield [f"Date: {format_datetime(mail.date)}\r\n".encode("ascii")]
    yield [b"MIME-Version: 1.0\r\n"]
    kind, boundary = "Content-Type: multipart/alternative;", _boundary(mail.rendered)
    yield [f'{kind}\r\n boundary="{boundary}"\r\n'.encode("ascii")]


def _boundary(rendered: Rendered) -> str:
    """ "=_" cannot stand in quoted-printable, so no content holds it (RFC 2045 §6.7)."""
    return f"=_{rendered.checksum[:32]}"


def _field(name: str, value: str, leave: str) -> Iterator[Part]:
    """A field of encoded words; one with slots is folded between its links and never within one."""
    first, *rest = _IN_FIELD.split(value.replace(", ", ",\r\n "))
    if not rest:
        yield heads.words(name, value.split(" "))
        return
    yield f"{name}: {first}".encode("ascii")
    for slot, after in zip(rest[::2], rest[1::2], strict=True):
        if slot == LEAVE:
            yield leave.encode("ascii")
        yield "token" if slot == LEAVE else "mail"
        yield after.encode("ascii")
    yield b"\r\n"


def body(rendered: Rendered, leave: str) -> Iterator[Part]:
    """Both parts of a mail, encoded."""
    in_text, in_html = leaves(leave)
    text, page = encoded(rendered.text, in_text), encoded(rendered.html, in_html)
    yield from framed(rendered, text, page)


def framed(rendered: Rendered, text: Iterable[Part], page: Iterable[Part]) -> Iterator[Part]:
    """Both parts, the text first (RFC 2046 §5.1.4: the last one is the best)."""
    boundary = _boundary(rendered)
    for kind, content in (("plain", text), ("html", page)):
        yield (
            f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        ).encode("ascii")
        yield from content
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode("ascii")


def leaves(leave: str) -> tuple[str, str]:
    """What every link to leave begins with, as it stands in the text part and in the HTML."""
    return plain(leave), html.escape(leave)


def encoded(content: str, leave: str, *, is_last: bool = True) -> Iterator[Part]:
    """A part's content; each link to leave begins in the piece and ends in the reader's token.

    A token is letters, digits, "-" and "_": it needs no escape anywhere, and takes a line of its own.
    is_last: nothing follows; else whatever follows begins a line of its own.
    """
    *linked, last = content.split(LEAVE)
    for literal in linked:
        yield quoted.before_slot(literal + leave)
        yield "line:token"
    yield quoted.encode(last) if is_last else quoted.before_slot(last)
