"""A Sunday with two subjects again and again, each killed by SIGKILL at one step, and then gone on with.

    python -m tests.delivery.contest_crashes FOLDER URL        one JSON line a step

The database is emptied before each. A process of its own, forked for each life, so that imports are paid once.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from digest import contests as rules
from digest import logs
from digest.bootstrap import House
from digest.delivery import contests as steps
from digest.delivery import finish, freeze, sender
from digest.model import Arm, IssueStatus
from digest.store import audiences, chunks, contests, events, issues, sends
from digest.store.engine import Database
from tests import compiled
from tests.conftest import _empty
from tests.delivery.subjects_tried import A, B, put_contest
from tests.delivery.sundays import PERIOD, Post, a_house, later, lines
from tests.houses import MONDAY
from tests.store.test_locks import terminate_holders

READERS = 60
STEPS = ("freezing", "asking", "asked", "judging", "deciding", "decided", "rest", "amid", "sent")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Copies(Post):
    """Writes down each copy as it is handed over, in a file that survives a kill."""

    def __init__(self, file: Path, *, die_at: int) -> None:
        super().__init__()
        self.file, self.die_at = file, die_at
        self.at = self._taken
        self.named: dict[str, str] = {}

    async def _send(self, feed: Any, message: Any) -> None:
        self.named[message.recipient] = message.mail.rendered.subject
        await super()._send(feed, message)

    def _taken(self, recipient: str) -> None:
        with self.file.open("a") as file:
            file.write(f"{recipient}\t{self.named[recipient]}\n")
        if len(self.file.read_text().splitlines()) == self.die_at:
            die()


def one_life(folder: Path, url: str, step: str) -> None:
    """From wherever the last life ended to the end of the send, or to a step."""
    database, file = Database(url), folder / "copies"
    post = Copies(file, die_at={"asking": 10}.get(step, 0))
    post.pause_s, post.in_flight = 0.0, 1
    house = a_house(database, folder, post)
    again = file.exists() and step == ""
    later(house, minutes=30 if again else 0)
    with database.read() as session:
        issue = issues.get(session, "sunday", PERIOD)
    assert issue is not None
    watch(step)
    if issue.status is IssueStatus.APPROVED:
        freeze.freeze(house, issue, now=house.clock())
    sender.drain(house)
    with database.write() as session:
        send = sends.of_issue(session, issue.id)
        for number in range(READERS):
            contests.note_visit(session, send.id, Arm.B, number.to_bytes(8, "big"))
    if step == "asked":
        die()
    later(house, minutes=121)
    steps.decide_due(house, now=house.clock())
    if step == "decided":
        die()
    known = len(file.read_text().splitlines())
    post.die_at = known + {"rest": 1, "amid": 9}.get(step, -known)
    sender.drain(house)
    if step == "sent":
        die()
    finish.finish(house, now=house.clock())
    database.close()


def watch(step: str) -> None:
    """Die inside a transaction: of the freezing, of the judging, of the decision."""
    rules.least_an_arm = lambda measure: 10
    record = events.record

    def recorded(*given: Any, **told: Any) -> None:
        record(*given, **told)
        at = {"freezing": "froze the audience", "deciding": "chose the subject"}.get(step)
        if told["action"] == at:
            die()

    events.record = recorded
    if step == "judging":
        rules.judge = lambda *given: die()  # type: ignore[assignment,return-value]


def killed(life: Callable[[], None]) -> bool:
    """A fork that lives this life; True if it died of the kill."""
    child = os.fork()
    if child == 0:
        try:
            life()
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit(f"a life failed with {status}")
    return os.WIFSIGNALED(status)


def outcome(house: House) -> dict[str, object]:
    """What the ledger says, held against the copies."""
    copies: dict[str, list[str]] = {}
    for line in (house.data / "copies").read_text().splitlines():
        recipient, subject = line.split("\t")
        copies.setdefault(recipient, []).append(subject)
    with house.database.read() as session:
        issue = issues.get(session, "sunday", PERIOD)
        assert issue is not None
        send = sends.of_issue(session, issue.id)
        held = contests.of_send(session, send.id)
        assert held is not None
        wanted = {}
        for chunk in chunks.all_of(session, send.id):
            subject = B if (held.winner if chunk.rest else chunk.arm) is Arm.B else A
            wanted |= dict.fromkeys(chunks.reader_ids(session, chunk), subject)
        chosen = [e for e in events.recent(session, limit=50) if e.action == "chose the subject"]
        by_address = _by_address(session, wanted)
    ledger = lines(house, issue)
    states = Counter(state for state, _, _ in ledger.values())
    return {
        "audience": send.audience,
        "final": sum(n for state, n in states.items() if state in ("accepted", "uncertain")),
        "uncertain": states["uncertain"],
        "most": max(map(len, copies.values())),
        "unaccounted": sum(
            state == "accepted" and len(copies.get(one, ())) != 1
            for one, (state, _, _) in ledger.items()
        ),
        "mixed": [one for one, got in copies.items() if got != [by_address[one]]],
        "winner": held.winner,
        "decisions": len(chosen),
    }


def _by_address(session: Any, wanted: dict[Any, str]) -> dict[str, str]:
    found = audiences.readers(session, "sunday", list(wanted), now=MONDAY)
    return {reader.address: wanted[number] for number, reader in found.items()}


def main(folder: str, url: str) -> None:
    logs.set_up("CRITICAL")
    with compiled.once():
        one_life(*begun(Path(folder) / "whole", url), "")  # compiles what all of them will ask
        for step in STEPS:
            _tell(Path(folder) / step, url, step)


def begun(room: Path, url: str) -> tuple[Path, str]:
    """A Sunday at its hour in an empty database: its folder, and the database's URL."""
    room.mkdir()
    here = an_empty_one(url, room)
    database = Database(here)
    put_contest(a_house(database, room, Post()), READERS)
    database.close()
    return room, here


def _tell(room: Path, url: str, step: str) -> None:
    """One life that ends at a step, and what the next one made of it."""
    _, here = begun(room, url)
    died = killed(lambda: one_life(room, here, step))
    database = Database(here)
    if not database.is_sqlite:  # the server may notice only later that the killed one is gone
        terminate_holders(database)
        database.close()
    killed(lambda: one_life(room, here, ""))
    found = outcome(a_house(database, room, Post()))
    database.close()
    shutil.rmtree(room)
    print(json.dumps({"step": step, "died": died, **found}), flush=True)


def an_empty_one(url: str, room: Path) -> str:
    """The URL of an empty database: a copy of the given file, or the given server's own, emptied."""
    if not url.startswith("sqlite"):
        _empty(url)
        return url
    copy = room / "digest.db"
    shutil.copy(url.removeprefix("sqlite:///"), copy)
    return f"sqlite:///{copy}"


if __name__ == "__main__":
    main(*sys.argv[1:])
