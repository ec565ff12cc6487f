"""The outbox: a folder of `.eml` files. The real provider of a demo, a trial, and a test."""

from __future__ import annotations

import asyncio
import math
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from digest.errors import SendHalted
from digest.model import Message
from digest.protocols import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxProvider:
    """Writes each message once, under its key: a second hand-over replaces it by the same bytes."""

    name: ClassVar[str] = "outbox"
    replays: ClassVar[bool] = True
    replay_s: ClassVar[float] = math.inf
    folder: Path
    channels: int = 10

    @property
    def in_flight(self) -> int:
        return 1

    @asynccontextmanager
    async def open(self) -> AsyncIterator[_OutboxChannel]:
        yield _OutboxChannel(self.folder)


@dataclass(frozen=True, slots=True)
class _OutboxChannel:
    folder: Path

    async def run(self, feed: Feed) -> None:
        """Raises SendHalted where the folder cannot be written: the disk is full, or not ours."""
        while await feed.more():
            message = feed.next()
            if message is not None:
                await self._keep(feed, message)

    async def _keep(self, feed: Feed, message: Message) -> None:
        feed.handed(message)
        try:
            await asyncio.to_thread(_write, self.folder, message)
        except OSError as error:
            halted = SendHalted(f"the outbox cannot be written: {error}")
            feed.answered(message, halted)
            raise halted from error
        feed.accepted(message)


def _write(folder: Path, message: Message) -> None:
    """Whole or not at all: a file beside, then a rename. Nobody else reads it: mails hold links that open doors."""
    key = re.sub(r"[^A-Za-z0-9_-]", "_", message.key)
    path = folder / key[:2].lower() / f"{key}.eml"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}.part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(message.data)
    beside.replace(path)
