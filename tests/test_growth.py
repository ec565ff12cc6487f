"""Several workers on one PostgreSQL, each with a data folder of its own: they share a send, and one may die."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from digest.bootstrap import House
from digest.delivery import freeze
from digest.model import Issue
from digest.providers.outbox import OutboxProvider
from digest.store import jobs, sends
from digest.store.engine import Database
from tests import forks
from tests.delivery.sundays import (
    a_house,
    going_on,
    lines,
    names,
    put_approved,
    put_readers,
    states,
)
from tests.forks import Forked
from tests.houses import MONDAY
from tests.providers.relay import Relay, running
from tests.queue_of import jobs_waiting, workers_listening

ROOT = Path(__file__).parents[1]
READERS, CHANNELS = 2000, 3

#: What the workers' clocks show, and when it was that by the real one: no worker begins a send by itself yet.
THURSDAY = MONDAY + dt.timedelta(days=3, hours=6)
BEGAN = time.time()

pytestmark = pytest.mark.slow


@pytest.fixture
def relay() -> Iterator[Relay]:
    with running() as found:
        found.on_mail = lambda recipient: time.sleep(0.001)
        yield found


class Machines:
    """Workers, each on a "machine": a process with its own folder."""

    def __init__(self, folder: Path, database: Database, relay: Relay) -> None:
        self.folder, self.database, self.relay = folder, database, relay
        self.processes: list[subprocess.Popen[bytes] | Forked] = []

    def start(self, **settings: object) -> Forked:
        """One more worker."""
        environ, said = self._place(settings)
        given = (THURSDAY.isoformat(), str(BEGAN), "worker")
        process = forks.start(forks.digest, *given, said=said, folder=self.folder, environ=environ)
        self.processes.append(process)
        return process

    def start_program(self, program: str) -> None:
        """One more worker, by this program instead of `digest worker`."""
        environ, said = self._place({})
        with said.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-c", program],
                cwd=self.folder,
                env=environ,
                stdout=file,
                stderr=file,
            )
        self.processes.append(process)

    def _place(self, settings: Mapping[str, object]) -> tuple[dict[str, str], Path]:
        """All that a worker finds in its environment, and the file of what it says."""
        number = len(self.processes)
        given = {
            "database_url": self.database.url,
            "data": self.folder / f"machine{number}",
            "schedules": self.folder / "schedules",
            "secret_key": "k" * 32,
            "provider": "smtp",
            "smtp_host": "127.0.0.1",
            "smtp_port": self.relay.port,
            "smtp_security": "none",
            "connections": CHANNELS,
            "give_up_h": 1e6,
            **settings,
        }
        named = {f"DIGEST_{key.upper()}": str(value) for key, value in given.items()}
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **named}
        return environ, self.folder / f"machine{number}.log"

    def said(self, number: int) -> str:
        return (self.folder / f"machine{number}.log").read_text()

    def owner(self, number: int) -> str:
        """What the ledger calls a machine; empty while it has not sent anything."""
        path = self.folder / f"machine{number}" / "flight" / "owner"
        return path.read_text() if path.exists() else ""

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def machines(postgres: Database, tmp_path: Path, relay: Relay) -> Iterator[Machines]:
    made = Machines(tmp_path, postgres, relay)
    try:
        yield made
    finally:
        made.end()


def approved(machines: Machines, readers: int = READERS) -> tuple[House, Issue]:
    folder = machines.folder
    house = a_house(machines.database, folder, OutboxProvider(folder=folder / "outbox"))
    house = dataclasses.replace(house, clock=going_on(THURSDAY, BEGAN))
    put_readers(house, names(readers))
    return house, put_approved(house)


def wait_for(true: Callable[[], bool], what: str, seconds: float = 240.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"it did not come about: {what}"
        time.sleep(0.02)


def owners(database: Database) -> Counter[str]:
    """How many chunks each machine has in hand."""
    with database.read() as session:
        found = session.connection().scalars(text("SELECT owner FROM chunk WHERE owner != ''"))
        return Counter(str(one) for one in found)


def is_sent(house: House, issue: Issue) -> bool:
    with house.database.read() as session:
        return sends.of_issue(session, issue.id).status is sends.SendStatus.DONE


@contextmanager
def held(relay: Relay) -> Iterator[None]:
    """The relay answers no mail meanwhile: whoever is slow to begin still finds the send on its way."""
    relay.waits = lambda: True
    try:
        yield
    finally:
        relay.waits = lambda: False


def share_it(machines: Machines, house: House, issue: Issue, *, open: int = 0) -> None:
    """Both workers listen, the audience is frozen, both have chunks in hand and so many connections open."""
    wait_for(lambda: workers_listening(house.database) == 2, "both workers listen")
    with held(machines.relay):
        freeze.freeze(house, issue, now=house.clock())
        wait_for(lambda: len(owners(house.database)) == 2, "both workers have chunks")
        wait_for(lambda: machines.relay.open >= open, "their connections are open")


def test_another_worker_takes_over_what_a_killed_one_had_in_hand(machines: Machines) -> None:
    house, issue = approved(machines)
    killed, _ = machines.start(), machines.start()
    share_it(machines, house, issue)
    wait_for(lambda: len(machines.relay.mails) > 300, "a part is sent")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    with house.database.read() as session:
        asked = text("SELECT coalesce(sum(ahead), 0) FROM chunk WHERE owner = :owner")
        written_ahead = session.connection().scalar(asked, {"owner": machines.owner(0)})
    wait_for(
        lambda: machines.owner(0) not in owners(house.database), "its chunks have another owner"
    )
    wait_for(lambda: is_sent(house, issue), "the send is done")
    ledger, copies = lines(house, issue), machines.relay.copies
    assert set(copies.values()) == {1}
    assert {one for one, (state, _, _) in ledger.items() if state == "accepted"} <= set(copies)
    told = states(house, issue)
    assert set(told) <= {"accepted", "uncertain"}
    assert sum(told.values()) == READERS
    assert written_ahead is not None
    assert told.get("uncertain", 0) <= written_ahead
    wait_for(lambda: jobs_waiting(house.database) == 0, "every job is handled")


def test_a_dead_workers_chunk_is_taken_over_also_by_one_that_has_enough_in_hand(
    machines: Machines,
) -> None:
    house, issue = approved(machines, 1500)
    killed, _ = (machines.start(limits="10/s") for _ in range(2))
    share_it(machines, house, issue)
    wait_for(lambda: len(machines.relay.mails) > 30, "a part is sent")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    wait_for(lambda: machines.owner(0) not in owners(house.database), "its chunk has another owner")
    assert owners(house.database)[machines.owner(1)] == 2
    assert len(machines.relay.mails) < 500  # so the survivor's own first chunk is not over


def test_a_worker_that_is_asked_to_stop_finishes_the_wire_and_another_goes_on(
    machines: Machines,
) -> None:
    house, issue = approved(machines)
    asked, _ = machines.start(), machines.start()
    share_it(machines, house, issue)
    asked.send_signal(signal.SIGTERM)
    assert asked.wait(240) == 0
    assert machines.owner(0) not in owners(house.database)
    wait_for(lambda: is_sent(house, issue), "the send is done")
    assert states(house, issue) == {"accepted": READERS}
    assert set(machines.relay.copies.values()) == {1}


def test_jobs_that_come_twice_and_late_send_nobody_two(machines: Machines) -> None:
    house, issue = approved(machines, 700)
    machines.start()
    freeze.freeze(house, issue, now=house.clock())
    with house.database.write() as session:
        send = sends.of_issue(session, issue.id)
        assert jobs.announce(session, send.id, chunks=2) == 2
    machines.start()
    wait_for(lambda: is_sent(house, issue), "the send is done")
    with house.database.write() as session:
        jobs.announce(session, send.id, chunks=2)
        jobs.announce(session, 999, chunks=1)
    wait_for(lambda: jobs_waiting(house.database) == 0, "every job is handled")
    assert states(house, issue) == {"accepted": 700}
    assert set(machines.relay.copies.values()) == {1}


WITHOUT = f"""
import sys
sys.modules["procrastinate"] = None
from digest.store import jobs
from tests import forks
jobs.installed = lambda: False
forks.digest("{THURSDAY.isoformat()}", "{BEGAN}", "worker")
"""


def test_without_procrastinate_a_worker_works_and_says_once_what_it_lacks(
    machines: Machines,
) -> None:
    house, issue = approved(machines, 40)
    freeze.freeze(house, issue, now=house.clock())
    machines.start_program(WITHOUT)
    wait_for(lambda: is_sent(house, issue), "the send is done")
    assert states(house, issue) == {"accepted": 40}
    assert workers_listening(house.database) == 0
    assert machines.said(0).count("sunday-catchup[queue]") == 1


def test_two_workers_together_never_have_more_connections_than_there_are_in_all(
    machines: Machines,
) -> None:
    house, issue = approved(machines, 1500)
    for _ in range(2):
        machines.start(connections_in_all=5)
    share_it(machines, house, issue, open=4)
    wait_for(lambda: is_sent(house, issue), "the send is done")
    assert states(house, issue) == {"accepted": 1500}
    assert machines.relay.most_open == 4  # of five, one is for notices


def test_a_worker_that_dies_leaves_its_connections_to_the_others(machines: Machines) -> None:
    house, issue = approved(machines)
    first = machines.start(connections_in_all=CHANNELS + 1)
    wait_for(lambda: workers_listening(house.database) == 1, "the first worker listens")
    freeze.freeze(house, issue, now=house.clock())
    wait_for(lambda: len(machines.relay.mails) > 100, "it sends")
    with held(machines.relay):
        machines.start(connections_in_all=CHANNELS + 1)
        wait_for(lambda: "every connection is taken" in machines.said(1), "the second one has none")
    assert machines.owner(1) not in owners(house.database)
    first.send_signal(signal.SIGKILL)
    wait_for(lambda: is_sent(house, issue), "the send is done")
    assert set(machines.relay.copies.values()) == {1}
    assert sum(states(house, issue).values()) == READERS
