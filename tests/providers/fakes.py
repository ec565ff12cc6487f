"""HTTP providers as we know them from their documentation: they answer as told, and remember.

A real server on a real socket, in a thread. `Shape` says how one provider's requests and answers look.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from digest.contracts.providers import Arrived

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Posted:
    """One request. headers: names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answered:
    """One answer, as JSON."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Shape(Protocol):
    """How one provider is spoken to."""

    def read(self, posted: Posted) -> list[Arrived]:
        """The copies in a request. Raises where a real one would say 400."""

    def taken(self, copies: Sequence[Arrived], refused: Mapping[int, str]) -> Answered:
        """The answer where all are taken but those at these places; refused: place → why."""

    def wrong(self, words: str) -> Answered:
        """The answer to a request of which nothing is taken."""

    def key(self, posted: Posted) -> str:
        """The idempotency key; empty where there is none."""

    def again(self, before: Answered) -> Answered:
        """The answer to a key that came before."""


@dataclass
class Fake:
    """The server's script and its memory.

    script: what is done to each request, one after another, then `ok` for ever:
    `ok`, `429:S` (Retry-After S), `429` (without), `400`, `401`, `500`, `503`, `drop` (nothing taken, no answer),
    `accept-500`, `accept-drop`, `accept-hang`, `badjson`, `short` (one answer too few; taken).
    `307` sends elsewhere. faulty: recipients that fail their whole request. refused: recipients refused one by one.
    """

    shape: Shape
    port: int = 0
    keyed: bool = False
    script: deque[str] = field(default_factory=deque)
    faulty: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    elsewhere: str = ""
    got: list[Arrived] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)
    connections: int = 0
    _keys: dict[str, Answered] = field(default_factory=dict)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def copies(self) -> Counter[str]:
        return Counter(one.recipient for one in self.got)

    # ------------------------------------------------ what is answered

    def answer(self, posted: Posted) -> tuple[str, Answered]:
        """What to do, and the answer if one is to be given."""
        self.posted.append(posted)
        do, _, detail = (self.script.popleft() if self.script else "ok").partition(":")
        if do == "429":
            return do, Answered(429, {}, {"retry-after": detail} if detail else {})
        if do in ("400", "401", "500", "503"):
            return do, Answered(int(do), {"message": f"as told: {do}"})
        if do == "307":
            return do, Answered(307, {}, {"location": self.elsewhere})
        if do == "drop":
            return do, Answered(0, None)
        return do, self._take(posted)

    def _take(self, posted: Posted) -> Answered:
        key = self.shape.key(posted) if self.keyed else ""
        if key in self._keys:
            return self.shape.again(self._keys[key])
        copies = self.shape.read(posted)
        if found := self.faulty.intersection(one.recipient for one in copies):
            return self.shape.wrong(f"no such thing as {min(found)}")
        refused = {n: "inactive" for n, one in enumerate(copies) if one.recipient in self.refused}
        self.got += [one for n, one in enumerate(copies) if n not in refused]
        answered = self.shape.taken(copies, refused)
        if key:
            self._keys[key] = answered
        return answered

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while posted := await _read(reader):
                do, answered = self.answer(posted)
                if do == "accept-hang":
                    await reader.read(1)  # until the other side has had enough
                if do in ("drop", "accept-drop", "accept-hang"):
                    break
                if do == "accept-500":
                    answered = Answered(500, {"message": "after it was taken"})
                writer.write(_written(do, answered))
                await writer.drain()
        writer.close()

    async def hang_up(self) -> None:
        """Leave no connection behind."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Posted | None:
    first = await reader.readline()
    if not first:
        return None
    headers: dict[str, str] = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Posted(first.split(b" ")[1].decode(), headers, body)


def _written(do: str, answered: Answered) -> bytes:
    body = b"" if answered.body is None else json.dumps(answered.body).encode()
    if do == "badjson":
        body = b"<html>gateway</html>"
    elif do == "short":
        body = b"[]" if isinstance(answered.body, list) else b"{}"
    fields = {"content-type": "application/json", "content-length": str(len(body))}
    lines = [f"{name}: {value}\r\n" for name, value in {**fields, **answered.headers}.items()]
    return f"HTTP/1.1 {answered.status} X\r\n{''.join(lines)}\r\n".encode() + body


@contextmanager
def running(fake: Fake, tls: ssl.SSLContext | None = None) -> Iterator[Fake]:
    """The server, on a free port, for as long as it is needed."""
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()

    async def life() -> None:
        server = await asyncio.start_server(fake.serve, HOST, 0, limit=2**20, ssl=tls)
        fake.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()
        await fake.hang_up()

    thread = threading.Thread(target=lambda: loop.run_until_complete(life()), daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield fake
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()
