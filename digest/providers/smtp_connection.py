"""A connection after its login: bytes in and out, what is asked and not answered yet, and how long that takes.

What is said stands in `smtp_speaker`, what the answers mean in `smtp_wire`, each on top of the last.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from abc import abstractmethod
from collections import deque

from digest.providers.smtp_replies import Replies, Reply
from digest.providers.smtp_session import Limits
from digest.providers.smtp_turns import Step, Turn

#: The longest a goodbye is waited for, in seconds.
_GOODBYE_S = 2.0

#: Linux alone knows how to hurry an acknowledgement: tcp(7).
_HURRY = getattr(socket, "TCP_QUICKACK", None)


class SmtpConnection(asyncio.Protocol):
    """One connection. broken: why nothing more is said on it. Replies answer `_expected` in order (RFC 2920)."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._replies = Replies()
        self._expected: deque[tuple[Step, Turn]] = deque()
        self._turns: deque[Turn] = deque()
        self._out: list[bytes] = []
        self._unwritten: list[Turn] = []
        self._heard = self._loop.time()
        self._buffered = 0
        self._woken: asyncio.Future[None] | None = None
        self._gone: asyncio.Future[None] = self._loop.create_future()
        self._watch: asyncio.TimerHandle | None = None
        self._quitting = False
        self._hurries = False
        self.broken = ""

    @abstractmethod
    def _all_well(self, data: bytes) -> bool:
        """Take in the answers of a message that went well; False, and nothing is done, where it is not that."""

    @abstractmethod
    def _hear(self, reply: Reply) -> None:
        """A reply to what stands first in `_expected`."""

    @abstractmethod
    def _close(self, reply: Reply) -> None:
        """A reply to nothing that was asked."""

    @abstractmethod
    def _break(self, reason: str) -> None:
        """Nothing more is said here."""

    @abstractmethod
    def _patience_s(self) -> float:
        """How long the answer that is expected next may take."""

    @abstractmethod
    def _overdue(self, silent_s: float) -> None:
        """It took longer."""

    def begin(self, transport: asyncio.Transport) -> None:
        """The connection is ours."""
        self._transport = transport
        shortest = min(self._limits.command, self._limits.data, self._limits.dot)
        self._tick_s = min(1.0, shortest / 2)
        self._watch = self._loop.call_later(self._tick_s, self._look)

    async def quit(self) -> None:
        """Say goodbye if anybody still listens; a broken session is dropped without a word."""
        assert self._transport is not None
        if self._watch is not None:
            self._watch.cancel()
        longest_s = min(_GOODBYE_S, self._limits.command)
        if not self.broken:
            self._quitting = True
            self._woken = self._loop.create_future()
            self._transport.write(b"QUIT\r\n")
            await asyncio.wait([self._woken], timeout=longest_s)
            self._transport.close()
            await asyncio.wait([self._gone], timeout=longest_s)
        self._transport.abort()
        await asyncio.wait([self._gone], timeout=longest_s)

    def _say(self, commands: str, *expected: tuple[Step, Turn]) -> None:
        self._out.append(commands.encode("utf-8"))
        if not self._expected:
            self._heard = self._loop.time()
        self._expected += expected

    def _flush(self) -> None:
        """Everything that was said since the last time, in one write."""
        if self._out and not self.broken:
            assert self._transport is not None
            self._transport.writelines(self._out)
        if self._out:
            self._out, self._unwritten = [], []

    def data_received(self, data: bytes) -> None:
        if self._quitting:
            self._wake()
            return
        if not self._all_well(data):
            self._take_in(data)
        self._flush()
        if not self._turns:
            self._wake()

    def _take_in(self, data: bytes) -> None:
        """Reply after reply, whatever it says."""
        due = len(self._expected)
        replies = self._replies.feed(data)
        if replies:
            self._heard = self._loop.time()
        for reply in replies[:due]:
            if self.broken:
                return
            self._hear(reply)
        if len(replies) > due:  # to take it for the answer to what is asked next would be a lie
            self._close(replies[due])
        elif self._replies.garbage:
            self._break("what came is no reply of SMTP")
        if self._hurries and self._expected and not self._out:
            self._acknowledge()

    def _acknowledge(self) -> None:
        """At once, where no word of ours would carry it.

        A relay that sends its replies in small segments (Postfix does, around a chunk) keeps the next one
        back until the last is acknowledged (RFC 896), and our system takes 40 ms for that on its own account.
        """
        assert self._transport is not None
        line = self._transport.get_extra_info("socket")
        if _HURRY is not None and line is not None:
            with contextlib.suppress(
                OSError, ValueError
            ):  # the line is dead: that is told elsewhere
                line.setsockopt(socket.IPPROTO_TCP, _HURRY, 1)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._gone.done():
            self._gone.set_result(None)
        if self._quitting:
            self._wake()
        elif not self.broken:
            self._break(f"the connection was lost: {error!r}" if error else "the relay closed it")

    def _look(self) -> None:
        """Whether what is expected next is overdue."""
        assert self._transport is not None
        self._watch = self._loop.call_later(self._tick_s, self._look)
        now, waiting = self._loop.time(), self._transport.get_write_buffer_size()
        if waiting != self._buffered:
            self._heard = now  # it goes on, however slowly
        self._buffered = waiting
        if self.broken or not (self._expected or waiting):
            return
        silent_s = now - self._heard
        if silent_s > (self._limits.block if waiting else self._patience_s()):
            self._overdue(silent_s)

    def _wake(self) -> None:
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)
