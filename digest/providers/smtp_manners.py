"""How one relay wants to be talked to: learned while talking, by all its connections together.

Everything here is about speed and certainty, never about whom to mail. It begins with what the relay
offers and steps down by itself where the relay shows that it does not like it:

- chunks (BDAT, RFC 3030), else DATA;
- one round trip a message (the next envelope goes with this message's end, RFC 2920 §3.1),
  else the envelope in one group, else one command at a time;
- where connections were lost right after messages, the end of a message is held back until its body
  has had time to arrive: a relay that breaks in the body is then told from one that breaks after it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from digest import logs

log = logs.get(__name__)

#: Doubts in so many messages make us careful.
_DOUBTS, _WITHIN = 2, 200
#: So many messages in a row that went well end it.
_CALM = 50

#: Connections that ended with early words unanswered, in a row, before it is no chance any more.
_CHANCE = 3

#: Round trips a message.
TOGETHER, GROUPED, IN_TURN = 1, 2, 4


@dataclass
class Manners:
    """What is known of one relay. trips: TOGETHER, GROUPED or IN_TURN; chunks: whether BDAT is used.

    certificate_ends: as it was last seen.
    """

    trips: int = TOGETHER
    chunks: bool = True
    careful: bool = False
    certificate_ends: dt.datetime | None = None
    _fixed: bool = False
    _doubts: int = 0
    _since: int = 0
    _helpful: bool = True
    _cut: int = 0

    @classmethod
    def told(cls, trips: int | None) -> Manners:
        """As an operator says it is, else to be found out."""
        return cls() if trips is None else cls(trips=trips, _fixed=True)

    def disliked(self, reason: str, *, chunked: bool, trips: int = TOGETHER) -> None:
        """The relay lost its step where a simpler way would not have let it.

        trips: the way that it disliked; several connections may say so of the same one, once is enough.
        """
        if chunked:
            if not self.chunks:
                return
            self.chunks = False
        elif self._fixed or self.trips != trips or trips == IN_TURN:
            return
        else:
            self.trips = GROUPED if self.trips == TOGETHER else IN_TURN
        log.warning(
            "a relay is asked more simply", trips=self.trips, chunks=self.chunks, why=reason
        )

    def early_was_fine(self) -> None:
        """What was said before the last answer came was heard."""
        self._cut = 0

    def early_was_cut(self, reason: str, *, chunked: bool) -> None:
        """A connection ended with early words unanswered: once is chance, three times running is not."""
        self._cut += 1
        if self._cut >= _CHANCE:
            self._cut = 0
            self.disliked(reason, chunked=chunked)

    def fine(self) -> None:
        """One more message was answered as it should be."""
        self._since += 1
        if self.careful and self._since >= _CALM:
            self.careful, self._doubts = False, 0
        elif self._since >= _WITHIN:
            self._doubts, self._since = 0, 0

    def doubt(self, *, careful: bool) -> None:
        """The connection was lost after the end of a message. careful: it had been held back, in vain."""
        if careful:
            self.careful, self._helpful = False, False
            return
        self._doubts += 1
        if self._doubts >= _DOUBTS and self._helpful and not self.careful:
            log.warning("a relay drops connections: the end of each message is held back for now")
            self.careful, self._since = True, 0

    def broke_in_body(self) -> None:
        """Holding back was right: go on doing it for a while."""
        self._since = 0
