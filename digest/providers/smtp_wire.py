"""The wire: one connection that sends one message after another as fast as the relay takes them.

An asyncio Protocol without a task a message: what comes in decides what goes out. Commands and
bodies that belong together leave in one write, and replies are matched to what they answer in the
order in which it was asked (RFC 2920). Where chunks are offered (RFC 3030) a whole message goes in
one write; else its body and dot, and with them the next message's envelope: one round trip a message
either way. The mark "handed over" is set right before the bytes that make a message count.

A session that lost its step is closed: every message on it has its answer, or is in doubt if its end
was written, or goes to another connection. Nobody is blamed for a broken session.
"""

from __future__ import annotations

import re
from collections import deque

from digest.errors import TryLater, Uncertain
from digest.protocols import Feed
from digest.providers.smtp_manners import IN_TURN
from digest.providers.smtp_replies import Reply, lost
from digest.providers.smtp_speaker import SmtpSpeaker
from digest.providers.smtp_turns import (
    DATA,
    END,
    MAIL,
    PART,
    RCPT,
    Step,
    Turn,
    meaning,
)

#: What a relay answers to BDAT that does not take it after all.
_NO_CHUNKS = (500, 501, 502, 503, 504)

#: Words of a relay that was talked to before it wanted to be.
_TOO_EARLY = re.compile(r"pipelin|synchroni[sz]ation", re.IGNORECASE)


class SmtpWire(SmtpSpeaker):
    """One session after its login: it speaks, and knows what the answers mean."""

    async def run(self, feed: Feed) -> None:
        """See protocols.Channel."""
        self._feed, self._overlaps = feed, feed.overlaps
        try:
            await self._run(feed)
        except BaseException as error:
            if not self.broken:  # a goodbye now would stand in the middle of a body
                self._break(f"the channel was ended: {type(error).__name__}")
            raise

    async def _run(self, feed: Feed) -> None:
        while not self.broken:
            self._fill()
            self._flush()
            if self._turns:
                self._woken = self._loop.create_future()
                await self._woken
            elif not await feed.more():
                return
        raise lost(self.broken)

    # ------------------------------------------------------------ what comes in

    def _all_well(self, data: bytes) -> bool:
        """A message is taken, and the next one's envelope, which went early, is too: its body may go.

        What the long way does in ten steps, which cost more than the kernel's copy of the body.
        """
        expected, following, places = self._expected, self._early, self._places
        if following is None or len(expected) != (3 if following.chunked else 4):
            return False
        (step, turn), (second, other) = expected[0], expected[1]
        if (
            step is not END
            or second is not MAIL
            or other is not following
            or turn.fault is not None
        ):
            return False
        usual, placed = self._usual, turn.placed
        tail = usual.chunks if following.chunked else usual.data
        if (placed and not places.learned) or not self._replies.is_between:
            return False
        if not usual.hears(data, tail, placed=placed):
            return False
        assert self._feed is not None
        self._heard, self._early = self._loop.time(), None
        places.sure = turn.chunked
        expected.clear()
        self._turns.popleft()
        self._feed.accepted(turn.message)
        self._manners.early_was_fine()
        self._manners.fine()
        if following.chunked:
            self._chunk(following)
        else:
            self._pour(following)
        return True

    def _hear(self, reply: Reply) -> None:
        step, turn = self._expected.popleft()
        if reply.code == 421:
            self._close(reply)
        elif step is END:
            self._on_end(turn, reply)
        elif step is DATA:
            self._on_data(turn, reply)
        elif step is Step.EMPTY:
            self._conclude(turn)
        elif step is Step.RESET:
            if reply.code != 250:
                self._break(f"no reset: {reply}")
            elif turn.rest:
                self._say_next(turn)
        else:
            self._on_envelope(step, turn, reply)

    def _close(self, reply: Reply) -> None:
        """The session is over. After 421 nothing is taken any more: not this one and not those behind it."""
        if self.broken:
            return
        if reply.code == 421:
            for turn in self._turns:
                turn.handed = False
            self._break(str(reply))
        else:
            self._lose_step(reply, chunked=self._may_chunk)

    def _lose_step(self, reply: Reply, *, chunked: bool) -> None:
        """An answer that was not asked for, or the next one's: from now on DATA, which shows it each time."""
        why = f"the session lost its step: {reply}"
        if chunked:
            self._manners.disliked(why, chunked=True)
        self._break(why)

    def _heard_early(self) -> None:
        self._early = None
        self._manners.early_was_fine()

    def _disliked(self, turn: Turn, reply: Reply) -> bool:
        """Whether this refusal is about how we talk; then a simpler way is taken, and nobody is blamed."""
        early = turn is self._early
        if early:
            self._early = None
        if (turn.trips == IN_TURN and not turn.chunked) or turn.fault is not None:
            return False
        if not (_TOO_EARLY.search(reply.text) or (early and reply.code == 503)):
            return False
        self._manners.disliked(str(reply), chunked=turn.chunked, trips=turn.trips)
        self._break(str(reply))
        return True

    def _on_envelope(self, step: Step, turn: Turn, reply: Reply) -> None:
        """MAIL, RCPT, or a chunk that is not the last."""
        if reply.good:
            self._usual.learn(step, reply)
            if turn.placed and self._reads_odd(step, reply) and self._misplaced(turn, reply):
                return
            if turn is self._early:
                self._heard_early()
        elif self._disliked(turn, reply) or (step is PART and self._unknown_chunk(turn, reply)):
            return
        elif reply.fine or (reply.lost_step and turn.fault is None):
            self._break(str(reply))
            return
        else:
            turn.note(step, reply)
        self._go_on(step, turn)

    def _go_on(self, step: Step, turn: Turn) -> None:
        """What follows an answer before the last one."""
        if turn.rest and turn.fault is None:
            self._say_next(turn)
        elif turn.rest:
            self._conclude(turn)
        elif step is RCPT and turn.chunked and not turn.whole:
            self._after_envelope(turn)
        elif step is PART:
            self._after_part(turn)

    def _after_envelope(self, turn: Turn) -> None:
        """The envelope is heard: the chunk goes, unless it would go to nobody."""
        if turn.fault is None:
            self._chunk(turn)
        else:
            self._conclude(turn)

    def _after_part(self, turn: Turn) -> None:
        if turn.fault is None:
            self._end(turn, "BDAT 0 LAST\r\n")
        else:
            self._conclude(turn)

    def _unknown_chunk(self, turn: Turn, reply: Reply) -> bool:
        """A relay that offers chunks and does not take them: it gets DATA from now on."""
        if not turn.chunked or turn.fault is not None or reply.code not in _NO_CHUNKS:
            return False
        self._manners.disliked(str(reply), chunked=True)
        turn.handed = False
        self._break(str(reply))
        return True

    def _on_data(self, turn: Turn, reply: Reply) -> None:
        if reply.code == 354:
            self._usual.learn(DATA, reply)
            if turn.fault is None:
                self._pour(turn)
            else:  # let through although nobody receives: end it with nothing in it (RFC 2920 §3.1)
                self._say(".\r\n", (Step.EMPTY, turn))
        elif reply.fine or (turn.fault is None and reply.lost_step):
            self._break(str(reply))
        elif not self._disliked(turn, reply):
            turn.note(DATA, reply)
            self._conclude(turn)

    def _on_end(self, turn: Turn, reply: Reply) -> None:
        """The one reply that counts."""
        assert self._feed is not None
        if turn.fault is not None:
            self._conclude(turn)
        elif reply.good:
            if turn.placed and not self._places.end(reply, turn) and self._misplaced(turn, reply):
                return
            self._turns.popleft()
            self._feed.accepted(turn.message)
            self._manners.fine()
            self._fill()
        elif self._unknown_chunk(turn, reply):
            return
        elif reply.fine or reply.code == 503:
            self._lose_step(reply, chunked=False)
        else:
            turn.note(END, reply)
            self._conclude(turn)

    def _reads_odd(self, step: Step, reply: Reply) -> bool:
        places = self._places
        if reply is (places.mail if step is MAIL else places.rcpt) and step is not PART:
            return False
        return not places.hear(step, reply)

    def _misplaced(self, turn: Turn, reply: Reply) -> bool:
        """An answer that cannot be told from others; True where it may be one of them. With DATA it is not."""
        if turn.chunked:
            self._lose_step(reply, chunked=True)
        else:
            self._manners.disliked(f"no answer shows its place: {reply}", chunked=True)
        return turn.chunked

    def _conclude(self, turn: Turn) -> None:
        """A refused message: say what it means, and leave nothing of it to the next one."""
        assert turn.fault is not None
        self._turns.remove(turn)
        self._soiled = turn.fault[0] is not END or turn.chunked
        about_us = self._answer(turn)
        if about_us:
            self._break(about_us)
        else:
            self._fill()

    def _answer(self, turn: Turn) -> str:
        """Tell the refusal; returns why the session should end, where it spoke of us and not of a reader."""
        assert self._feed is not None
        assert turn.fault is not None
        answer = meaning(*turn.fault)
        if isinstance(answer, TryLater) and not answer.counts:
            self._feed.give_back(turn.message, answer.reply)
            return answer.reply
        self._feed.answered(turn.message, answer)
        return ""

    # ------------------------------------------------------------ when it breaks

    def _break(self, reason: str) -> None:
        """Nothing more is said here, and every message on the wire gets its answer."""
        assert self._transport is not None
        self.broken = reason
        if self._early is not None:
            self._manners.early_was_cut(reason, chunked=self._early.chunked)
        for turn in self._unwritten:
            turn.handed = False  # marked, and then not a byte of its end was written
        turns, self._turns = self._turns, deque()
        self._expected.clear()
        self._out = []
        for turn in turns:
            self._leave(turn, reason)
        self._transport.abort()
        self._wake()

    def _leave(self, turn: Turn, reason: str) -> None:
        assert self._feed is not None
        if turn.fault is not None:
            self._answer(turn)
        elif turn.handed:
            self._manners.doubt(careful=turn.careful)
            self._feed.answered(turn.message, Uncertain(reason))
        else:
            if turn.careful:
                self._manners.broke_in_body()
            self._feed.give_back(turn.message, reason)

    def _overdue(self, silent_s: float) -> None:
        early = self._early
        if early is not None and self._expected and self._expected[0][1] is early:
            self._early = None
            self._manners.disliked(
                "an envelope that went early was not heard", chunked=early.chunked
            )
        self._break(f"no reply within {silent_s:.3g} s")

    def _patience_s(self) -> float:
        limits = self._limits
        step, turn = self._expected[0]
        if turn is self._early:
            return min(limits.early, limits.command)
        if step is DATA:
            return limits.data
        return limits.dot if step in (END, Step.EMPTY, PART) else limits.command
