"""What a connection says, and when: envelopes, bodies and chunks, as many in one write as the relay takes.

What the answers mean is the business of `smtp_wire`, which stands on this.
"""

from __future__ import annotations

from digest.model import Message
from digest.protocols import Feed
from digest.providers.smtp_connection import SmtpConnection
from digest.providers.smtp_manners import IN_TURN, TOGETHER, Manners
from digest.providers.smtp_places import Places
from digest.providers.smtp_session import Limits
from digest.providers.smtp_turns import DATA, END, MAIL, PART, RCPT, Envelopes, Step, Turn
from digest.providers.smtp_usual import Usual


class SmtpSpeaker(SmtpConnection):
    """One session after its login. offers: what EHLO told. depth: messages under way where chunks are used."""

    def __init__(
        self, offers: dict[str, str], *, limits: Limits, manners: Manners, depth: int
    ) -> None:
        super().__init__(limits)
        self._manners, self._depth = manners, depth
        self._envelopes = Envelopes(offers)
        self._groups = "PIPELINING" in offers
        self._may_chunk = self._groups and "CHUNKING" in offers
        self._hurries = depth > 1
        self._places = Places()
        self._usual = Usual()
        self._feed: Feed | None = None
        self._overlaps = True
        self._soiled = False
        self._early: Turn | None = None

    @property
    def _placed(self) -> bool:
        """Chunks are used, or will be once a message went well."""
        return self._may_chunk and self._manners.chunks

    @property
    def _whole(self) -> bool:
        """Envelope and chunk in one group: more is under way at once, and a refusal is heard too late."""
        return self._depth > 1 and self._overlaps and self._placed and self._places.sure

    @property
    def _trips(self) -> int:
        return self._manners.trips if self._groups else IN_TURN

    def _fill(self) -> None:
        """Begin as many messages as may be under way."""
        assert self._feed is not None
        while not self.broken and self._has_room():
            message = self._feed.next()
            if message is None:
                return
            self._start(message)

    def _has_room(self) -> bool:
        """Whether the next envelope may be written now."""
        turns = self._turns
        if not turns:
            return True
        if not self._overlaps:
            return False
        if self._depth > 1 and self._whole:
            last, careful = turns[-1], turns[-1].careful or self._manners.careful
            return len(turns) < self._depth and not careful and (last.whole or last.handed)
        return len(turns) == 1 and turns[0].handed and self._trips == TOGETHER

    def _start(self, message: Message) -> None:
        """MAIL, RCPT and DATA or the whole message; in one group where the relay takes groups."""
        assert self._feed is not None
        try:
            pieces = message.pieces
            size = sum(map(len, pieces))
            mail, rcpt = self._envelopes.of(message, size)
        except Exception as error:
            self._feed.answered(message, error)
            return
        manners = self._manners
        turn = Turn(message, pieces, size, message.careful or manners.careful)
        turn.placed = self._placed
        turn.chunked = turn.placed and self._places.learned
        turn.whole = self._depth > 1 and self._whole
        turn.trips = TOGETHER if self._turns else self._trips
        if self._turns:
            self._early = turn
        self._turns.append(turn)
        self._clean(turn)
        if turn.chunked:
            self._say(mail + rcpt, (MAIL, turn), (RCPT, turn))
            if turn.whole:
                self._chunk(turn)
        elif turn.trips == IN_TURN:
            turn.rest = (mail, MAIL), (rcpt, RCPT), ("DATA\r\n", DATA)
            if not self._expected:  # else a reset is to be answered first
                self._say_next(turn)
        else:
            self._say(f"{mail}{rcpt}DATA\r\n", (MAIL, turn), (RCPT, turn), (DATA, turn))

    def _clean(self, turn: Turn) -> None:
        """RSET where a refused message may have left half an envelope (it would become the next one's).

        Where a refusal is heard too late for that: always.
        """
        if self._soiled or turn.whole:
            self._soiled = False
            self._say("RSET\r\n", (Step.RESET, turn))

    def _say_next(self, turn: Turn) -> None:
        (command, step), *turn.rest = turn.rest
        self._say(command, (step, turn))

    def _chunk(self, turn: Turn) -> None:
        """The message as one chunk, the last; where care is taken the end of it is a chunk of its own."""
        if turn.careful:
            self._say(f"BDAT {turn.size}\r\n", (PART, turn))
            self._out += turn.pieces
            return
        self._hand(turn)
        self._say(f"BDAT {turn.size} LAST\r\n", (END, turn))
        self._out += turn.pieces
        if not turn.whole:
            self._fill()

    def _pour(self, turn: Turn) -> None:
        """The body and its dot; where care is taken the dot waits until the body must have arrived."""
        self._out += turn.pieces
        if turn.careful:
            self._loop.call_later(self._limits.settle, self._dot, turn)
        else:
            self._end(turn, ".\r\n")

    def _dot(self, turn: Turn) -> None:
        assert self._transport is not None
        if self.broken:
            return
        if self._transport.get_write_buffer_size():  # a slow line: the body is not even away
            self._loop.call_later(self._limits.settle, self._dot, turn)
        else:
            self._end(turn, ".\r\n")
            self._flush()

    def _end(self, turn: Turn, end: str) -> None:
        self._hand(turn)
        self._say(end, (END, turn))
        self._fill()

    def _hand(self, turn: Turn) -> None:
        assert self._feed is not None
        self._feed.handed(turn.message)
        turn.handed = True
        self._unwritten.append(turn)
