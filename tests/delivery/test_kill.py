"""kill -9 at any moment: nobody lost, nobody twice but what was on the wire, and a ledger that tells the truth."""

from __future__ import annotations

import itertools
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.bootstrap import House
from digest.model import Issue, IssueStatus
from digest.providers.outbox import OutboxProvider
from digest.store import issues
from digest.store.engine import Database
from tests import forks
from tests.delivery import sending_process, web_process
from tests.delivery.sundays import a_house, lines, names, put_approved, put_frozen, put_readers
from tests.forks import Forked
from tests.providers.relay import Relay, running

CHANNELS = 6

#: A few kills for every day; docs/faults.md has the command for fifty in 20,000.
READERS, KILLS = int(os.environ.get("READERS", "600")), int(os.environ.get("KILLS", "4"))

#: The send's hour of all tests here, by the real clock.
BEGAN = time.time()

#: How long a relay takes for each mail once a sender was asked to stop, in seconds: no machine is too slow to hear it.
WHILE_IT_STOPS_S = 0.05

pytestmark = pytest.mark.slow


@pytest.fixture
def relay() -> Iterator[Relay]:
    with running() as found:
        yield found


def frozen(database: Database, folder: Path, readers: int = READERS) -> tuple[House, Issue]:
    house = a_house(database, folder, OutboxProvider(folder=folder / "outbox"))
    return house, put_frozen(house, names(readers))


def start(house: House, relay: Relay, policy: str, *, folder: Path | None = None) -> Forked:
    here = str(folder or house.data)
    given = (here, house.database.url, str(relay.port), policy, str(CHANNELS), str(BEGAN))
    return forks.start(sending_process.main, *given, said=a_file(house))


def a_file(house: House) -> Path:
    """For what one process says."""
    return house.data / f"said-{len(list(house.data.glob('said-*')))}"


def killed(process: Forked) -> None:
    process.kill()  # it may have died of the first one, and be buried already
    process.wait()


def run_killed(
    house: House, relay: Relay, policy: str, *, seed: int, at_the_dot: bool = False
) -> None:
    """Start it, kill it when the relay has taken so many more, and again, until one run ends by itself.

    The kill comes from within the relay, between its taking a message and its answer: the worst
    moment, on every other kill (at_the_dot: on each); otherwise a little later.
    """
    dice = random.Random(seed)
    points = sorted(dice.sample(range(10, READERS - 50), KILLS))
    process = start(house, relay, policy)
    due = threading.Event()
    taken = itertools.count(1)

    def watch(recipient: str) -> None:
        if points and next(taken) >= points[0]:
            points.pop(0)
            if at_the_dot or len(points) % 2:
                process.kill()
            due.set()

    relay.on_mail = watch
    while True:
        while process.poll() is None and not due.wait(0.02):
            pass
        if not due.is_set():
            break
        due.clear()
        time.sleep(dice.random() * 0.03)
        killed(process)
        process = start(house, relay, policy)
    assert process.wait() == 0, process.last_words()


def told(house: House, issue: Issue) -> Counter[str]:
    return Counter(state for state, _, _ in lines(house, issue).values())


def test_under_hold_nobody_is_lost_and_nobody_gets_two(
    database: Database, tmp_path: Path, relay: Relay
) -> None:
    house, issue = frozen(database, tmp_path)
    run_killed(house, relay, "hold", seed=1)
    ledger, copies = lines(house, issue), relay.copies
    assert max(copies.values()) == 1
    for address, (state, _, _) in ledger.items():
        assert state in ("accepted", "uncertain")
        assert state == "uncertain" or copies[address] == 1, address
    assert told(house, issue)["uncertain"] <= KILLS * CHANNELS
    assert list(house.flight.glob("*.map")) == []


def test_under_resend_everybody_has_one_and_a_few_have_two_with_one_message_id(
    database: Database, tmp_path: Path, relay: Relay
) -> None:
    house, issue = frozen(database, tmp_path)
    run_killed(house, relay, "resend", seed=3)
    assert set(relay.copies) == set(names(READERS))
    assert relay.copies.total() - READERS <= KILLS * CHANNELS
    ids: dict[str, set[bytes]] = {}
    for _, recipient, body in relay.mails:
        head = body.partition(b"\r\n\r\n")[0]
        found = [line for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:")]
        ids.setdefault(recipient, set()).update(found)
    assert {len(one) for one in ids.values()} == {1}
    assert told(house, issue)["failed"] == 0


def test_f3_killed_between_the_dot_and_its_answer_each_is_held_and_gets_no_second(
    sqlite: Database, tmp_path: Path, relay: Relay
) -> None:
    house, issue = frozen(sqlite, tmp_path)
    run_killed(house, relay, "hold", seed=5, at_the_dot=True)
    ledger = lines(house, issue)
    taken = {one for one, (state, _, _) in ledger.items() if state == "uncertain"} & set(
        relay.copies
    )
    assert KILLS <= len(taken) <= KILLS * CHANNELS
    assert set(relay.copies.values()) == {1}
    assert told(house, issue).keys() == {"accepted", "uncertain"}


def test_f5_two_machines_at_once_on_one_postgresql_send_nobody_two(
    postgres: Database, tmp_path: Path, relay: Relay
) -> None:
    """Each has a data folder of its own, so that only the locks of PostgreSQL keep them apart."""
    house, issue = frozen(postgres, tmp_path, 1400)
    both = [
        start(house, relay, "hold", folder=tmp_path / f"machine{number}") for number in range(2)
    ]
    ended = [process.last_words() for process in both]
    assert min(process.wait() for process in both) == 0, ended
    assert set(relay.copies.values()) == {1}
    assert told(house, issue) == {"accepted": 1400}


def test_two_processes_at_once_send_nobody_two(
    database: Database, tmp_path: Path, relay: Relay
) -> None:
    house, issue = frozen(database, tmp_path, 1400)
    both = [start(house, relay, "hold") for _ in range(2)]
    ended = [process.last_words() for process in both]
    codes = sorted(process.wait() for process in both)
    assert codes[0] == 0, ended
    assert set(relay.copies.values()) == {1}
    assert told(house, issue) == {"accepted": 1400}


def test_f5_four_web_servers_at_the_hour_of_one_send_mail_nobody_twice(
    database: Database, tmp_path: Path, relay: Relay
) -> None:
    """Each of them schedules and sends besides; the audience is frozen by whoever comes first."""
    house = a_house(database, tmp_path, OutboxProvider(folder=tmp_path / "outbox"))
    put_readers(house, names(1400))
    issue = put_approved(house)
    servers = [start_web(house, relay) for _ in range(4)]
    try:
        wait_until(lambda: status(house, issue) is IssueStatus.SENT)
    finally:
        for server in servers:
            server.terminate()
        ended = [server.last_words() for server in servers]
    assert [server.returncode for server in servers] == [0] * 4, ended
    assert set(relay.copies.values()) == {1}
    assert told(house, issue) == {"accepted": 1400}


def test_f4_a_web_server_that_is_stopped_finishes_what_is_on_the_wire_and_leaves_no_doubt(
    sqlite: Database, tmp_path: Path, relay: Relay
) -> None:
    house = a_house(sqlite, tmp_path, OutboxProvider(folder=tmp_path / "outbox"))
    put_readers(house, names(READERS))
    issue = put_approved(house)
    server = start_web(house, relay)

    def stop(recipient: str) -> None:
        if len(relay.mails) == 40:
            server.terminate()
        if len(relay.mails) >= 40:
            time.sleep(WHILE_IT_STOPS_S)

    relay.on_mail = stop
    said = server.last_words(timeout=240)
    assert server.returncode == 0, said
    assert 40 <= relay.copies.total() < READERS
    ledger = lines(house, issue)
    assert {one for one, (told, _, _) in ledger.items() if told == "accepted"} == set(relay.copies)
    assert told(house, issue)["uncertain"] == 0
    assert list(house.flight.glob("*.map")) == []


def start_web(house: House, relay: Relay) -> Forked:
    given = (str(house.data), house.database.url, str(relay.port))
    return forks.start(web_process.main, *given, said=a_file(house))


def status(house: House, issue: Issue) -> IssueStatus:
    with house.database.read() as session:
        found = issues.get(session, issue.newsletter, issue.period)
    assert found is not None
    return found.status


def wait_until(true: Callable[[], bool], seconds: float = 240.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.1)


def test_ctrl_c_finishes_what_is_on_the_wire_and_leaves_no_doubt(
    sqlite: Database, tmp_path: Path, relay: Relay
) -> None:
    house, issue = frozen(sqlite, tmp_path)
    process = start(house, relay, "hold")

    def interrupt(recipient: str) -> None:
        if len(relay.mails) == 40:
            process.send_signal(signal.SIGINT)
        if len(relay.mails) >= 40:
            time.sleep(WHILE_IT_STOPS_S)

    relay.on_mail = interrupt
    assert process.wait() != 0
    sent = relay.copies
    assert 40 <= sent.total() < READERS
    ledger = lines(house, issue)
    assert {one for one, (state, _, _) in ledger.items() if state == "accepted"} == set(sent)
    assert told(house, issue)["uncertain"] == 0
    assert list(house.flight.glob("*.map")) == []
