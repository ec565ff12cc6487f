"""Who is measured against whom: each peer sends so many messages of one size to one port."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bench import houses, measure
from bench.houses import Templates
from bench.measure import Failed, Run
from bench.postfix import Postfix


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one run is to do, and how long it may take."""

    port: int
    connections: int
    messages: int
    limit_s: float


class Peer(Protocol):
    """One sender."""

    @property
    def name(self) -> str: ...

    def messages(self, *, most: int, seconds: float, connections: int, round_trip_s: float) -> int:
        """How many messages make a run of some `seconds`, at most `most`."""

    def run(self, task: Task) -> Run:
        """Send them. Raises Failed."""


def _count(rate: float, trips: float, connections: int, round_trip_s: float) -> float:
    """Messages a second where only the sender or only the round trips limit it."""
    return min(rate, connections / (trips * round_trip_s)) if round_trip_s else rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Our sender, whole: ledger, state maps, personal messages, in `workers` processes.

    how: what SmtpProvider is told beyond the address, such as `trips` and `depth`. ledger: False
    for the same messages by the same provider with nothing kept, in one process.
    """

    templates: Templates
    workers: int = 1
    how: Mapping[str, Any] = field(default_factory=dict)
    ledger: bool = True

    @property
    def name(self) -> str:
        if not self.ledger:
            return "no-ledger"
        return "ours" if self.workers == 1 else f"ours x{self.workers}"

    def messages(self, *, most: int, seconds: float, connections: int, round_trip_s: float) -> int:
        trips = self.how.get("trips", 1) / self.how.get("depth", 1)
        return min(most, int(seconds * _count(1e9, trips, connections, round_trip_s)))

    def run(self, task: Task) -> Run:
        """One frozen issue to its last reader; the ledger must say `accepted` of every one."""
        with self.templates.copy(task.messages) as place:
            job = {
                "url": place.url,
                "folder": str(place.folder),
                "port": task.port,
                "connections": max(1, task.connections // self.workers),
                "readers": task.messages,
                "ledger": self.ledger,
                "how": dict(self.how),
            }
            command = measure.python("our_sender", **job)
            run = measure.together([command] * self.workers, limit_s=task.limit_s)
            states = houses.standing(place)
        if self.ledger and states != {"accepted": task.messages}:
            raise Failed(f"the ledger says {states} of {task.messages} readers")
        return run


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """smtplib or aiosmtplib, with a message made before. rate: about what it does on one core."""

    name: str
    rate: float
    message: Path

    def messages(self, *, most: int, seconds: float, connections: int, round_trip_s: float) -> int:
        return min(most, int(seconds * _count(self.rate, 4, connections, round_trip_s)))

    def run(self, task: Task) -> Run:
        job = {
            "library": self.name,
            "port": task.port,
            "connections": task.connections,
            "messages": task.messages,
            "message": str(self.message),
        }
        return measure.together([measure.python("library_sender", **job)], limit_s=task.limit_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSource:
    """Postfix's smtp-source: C, no content, no ledger. size: bytes of each message."""

    tools: Postfix
    size: int
    name: str = "smtp-source"

    def messages(self, *, most: int, seconds: float, connections: int, round_trip_s: float) -> int:
        return min(most, int(seconds * _count(1e9, 4, connections, round_trip_s)))

    def run(self, task: Task) -> Run:
        command = self.tools.source_command(
            task.port, connections=task.connections, messages=task.messages, size=self.size
        )
        return measure.foreign(command, self.tools.environment, task.messages, limit_s=task.limit_s)
