"""The answers of a message that goes well, known again by their bytes: the way that nearly every message takes. Pure.

A relay answers MAIL, RCPT and DATA in the same words every time. So what comes behind the answer to a message's
end is held against what was heard in those places before; where it is the same, byte by byte, nothing is cut into
replies and nothing is asked of each. Whatever reads otherwise in the least takes the long way.
"""

from __future__ import annotations

from digest.providers.smtp_replies import Reply
from digest.providers.smtp_turns import DATA, MAIL, RCPT, Step

#: A longer answer is looked at closely.
_LONGEST = 200


class Usual:
    """What one connection has heard. chunks, data: the answers to an envelope before a chunk, and before a body."""

    __slots__ = ("_mail", "_rcpt", "chunks", "data")

    def __init__(self) -> None:
        self._mail = self._rcpt = self.chunks = self.data = b""

    def learn(self, step: Step, reply: Reply) -> None:
        """A good answer in its place; those of one envelope come in order."""
        if step is MAIL:
            self._mail = reply.line
        elif step is RCPT:
            self._rcpt = reply.line
            self.chunks = self._mail + self._rcpt if self._mail and self._rcpt else b""
        elif step is DATA:
            self.data = self.chunks + reply.line if self.chunks and reply.line else b""

    def hears(self, data: bytes, tail: bytes, *, placed: bool) -> bool:
        """Whether this is one `250`, and behind it nothing but `tail`, which must have been learned.

        placed: the first answer must also read otherwise than those to MAIL and RCPT; see `smtp_places`.
        """
        end = len(data) - len(tail)
        if not (tail and end < _LONGEST and data.endswith(tail) and data.startswith(b"250 ")):
            return False
        if data.find(b"\n") != end - 1 or data[end - 2] != 13:
            return False
        if not placed:
            return True
        line = data[:end]
        return not (line.startswith(b"2.1.", 4) or line == self._mail or line == self._rcpt)
