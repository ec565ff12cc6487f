"""What a relay says: replies of SMTP (RFC 5321 §4.2), cut out of what comes in, and what some of them mean."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field

from digest.errors import DeliveryError, SendHalted, TryLater

_REPLY = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"[245]\.(\d{1,3})\.\d{1,3}\b")

#: More lines than this, or a longer one, are no reply of a relay in its right mind.
_MOST_LINES = 100
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: its code and its lines as one text. good: 2xx, what was asked is done.

    line: its bytes, where it is one line that ends as it must; else empty.
    """

    code: int
    text: str
    line: bytes = field(default=b"", repr=False, compare=False)
    good: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "good", 200 <= self.code < 300)

    @property
    def fine(self) -> bool:
        return self.code < 400

    @property
    def lost_step(self) -> bool:
        """503, or 421 with a closing door: it says nothing about what was asked."""
        return self.code in (421, 503)

    @property
    def is_policy(self) -> bool:
        """x.7.x (RFC 3463 §3.8): security or policy, perhaps ours, perhaps the reader's."""
        found = _ENHANCED.match(self.text)
        return found is not None and found[1] == "7"

    @property
    def wants_login(self) -> bool:
        return self.code in (530, 535, 538)

    def __str__(self) -> str:
        return f"{self.code} {' '.join(self.text.split())}"


def lost(reason: str) -> TryLater:
    """The session is over, and no reader is to blame."""
    return TryLater(reason, counts=False)


#: Short lines heard before: a relay says the same three for every message.
_KNOWN: dict[bytes, Reply] = {}


class Replies:
    """Bytes in, whole replies out, however they were cut on the way."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[bytes] = []
        self.garbage = False

    @property
    def is_between(self) -> bool:
        """True where no reply has begun and not ended."""
        return not (self._rest or self._lines)

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that are complete now; `garbage` where what came after them is no reply of SMTP."""
        *lines, self._rest = (self._rest + data if self._rest else data).split(b"\n")
        found: list[Reply] = []
        for line in lines:
            reply = _KNOWN.get(line)
            if reply is None or self._lines:
                reply = self._whole(line)
                if self.garbage:
                    return found
                if reply is None:
                    continue
            found.append(reply)
        self.garbage = len(self._rest) > _LONGEST
        return found

    def _whole(self, line: bytes) -> Reply | None:
        """The reply that ends with this line; None where more lines of it follow."""
        match = _REPLY.fullmatch(line.rstrip(b"\r"))
        if match is None or len(self._lines) >= _MOST_LINES:
            self.garbage = True
            return None
        code, dash, text = match.groups()
        if dash == b"-":
            self._lines.append(text)
            return None
        single = not self._lines
        text = b"\n".join((*self._lines, text or b""))
        self._lines.clear()
        whole = line + b"\n" if single and line.endswith(b"\r") else b""
        reply = Reply(int(code), text.decode("utf-8", "replace"), whole)
        if single and len(line) < 40 and len(_KNOWN) < 100:
            _KNOWN[line] = reply
        return reply


def about_all(reply: Reply) -> DeliveryError:
    """A refusal before any message: for a while, or until somebody mends it."""
    if reply.code >= 500 and not reply.lost_step:
        return SendHalted(str(reply))
    return lost(str(reply))


def about_login(reply: Reply) -> DeliveryError:
    """A refusal of encryption or login; 4.7.x says that trying again at once would be no use."""
    return SendHalted(str(reply)) if reply.is_policy and reply.code != 421 else about_all(reply)


def untrusted(error: ssl.SSLError) -> SendHalted:
    """Encryption that did not come about as it must."""
    detail = getattr(error, "verify_message", "") or error.reason or str(error)
    return SendHalted(f"no trusted encryption with the relay: {detail}")
