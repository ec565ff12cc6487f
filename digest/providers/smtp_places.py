"""Which place in the order an answer belongs to, where chunks leave that to counting. Pure.

DATA has its 354 in the middle of every message: one answer more than was asked for, and it stands in the wrong place.
Chunks (RFC 3030) have no such mark: the answer to RCPT could be taken for the one that counts. So a
connection sends by DATA until a message was accepted, and learns how MAIL and RCPT are answered (2.1.x
of RFC 3463 §3.2, or always the same words); chunks go only where the last answer reads otherwise.
"""

from __future__ import annotations

from digest.providers.smtp_replies import Reply
from digest.providers.smtp_turns import MAIL, PART, Step, Turn

_OF_ADDRESSES = "2.1."


class Places:
    """What one connection has learned. learned: by DATA, in step. sure: and found again with a chunk.

    mail, rcpt: what was said last in these places; the very same object needs no second look.
    """

    __slots__ = ("_mail", "_part", "_rcpt", "learned", "mail", "rcpt", "sure")

    def __init__(self) -> None:
        self.mail: Reply | None = None
        self.rcpt: Reply | None = None
        self._mail, self._rcpt, self._part = "", "", ""
        self.learned = self.sure = False

    def hear(self, step: Step, reply: Reply) -> bool:
        """A good answer before the last one; False where it is not what this place is known by."""
        words = _known_by(reply)
        if step is PART:
            self._part = words
            return words not in (self._mail, self._rcpt)
        if step is MAIL:
            known, self._mail, self.mail = self._mail, words, reply
        else:
            known, self._rcpt, self.rcpt = self._rcpt, words, reply
        return known == words or not self.learned

    def end(self, reply: Reply, turn: Turn) -> bool:
        """The last answer, a good one; False where it might be one of those before."""
        self.learned, self.sure = True, turn.chunked
        words = _known_by(reply)
        if words == self._mail or words == self._rcpt:
            return False
        return not (turn.careful and turn.chunked and words == self._part)


def _known_by(reply: Reply) -> str:
    words = reply.text
    return _OF_ADDRESSES if words[:4] == _OF_ADDRESSES else words
