"""Backups in the middle of a send: `python bench/backup.py [--readers 100000] [--backups 3] [--postgres]`.

A process sends to `--readers` readers. While it does, backups are made one after another; the send goes on, and what it
costs is told beside a send without any. In the middle of the last one the sender is killed (`kill -9`). Then every backup is
restored into an empty house of its own: what a worker of it sends by itself (nothing), that the database is
whole, that every reader of the audience stands somewhere. Of the last one the send is resumed by a person's word: who had
a copy from the killed sender and gets a second one is counted (none: who had no result is uncertain).
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import houses, postgres
from bench.houses import Place, Templates
from digest import backup, identity, restore
from digest.backup import Kept
from digest.delivery import sender, steer
from digest.protocols import Feed
from digest.store import snapshots
from digest.store.engine import Database

SIZE = 20_000
DAY = dt.timedelta(days=1)


@dataclass
class Noting:
    """A provider that accepts all and writes each number to a file of its own, before it says so."""

    path: Path
    pause_s: float = 0.0
    name: str = "noting"
    channels: int = 8
    in_flight: int = 1
    replays: bool = False
    replay_s: float = 0.0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Noting]:
        yield self

    async def run(self, feed: Feed) -> None:
        with self.path.open("ab", buffering=0) as file:
            while await feed.more():
                message = feed.next()
                if message is None:
                    continue
                feed.handed(message)
                file.write(f"{message.recipient}\n".encode())
                if self.pause_s:
                    await asyncio.sleep(self.pause_s)
                feed.accepted(message)


def send(place: Place, noted: Path, pause_s: float) -> None:
    """The child: sends until everybody is final."""
    house = houses.opened(place, Noting(noted, pause_s))
    sender.drain(house, until_empty=True)


def noted(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def kept(place: Place) -> Kept:
    return Kept(Database(place.url), place.folder, place.folder / "schedules")


@contextmanager
def sending(place: Place, path: Path, pause_s: float) -> Iterator[multiprocessing.Process]:
    child = multiprocessing.get_context("spawn").Process(target=send, args=(place, path, pause_s))
    child.start()
    try:
        yield child
    finally:
        if child.is_alive():
            child.kill()
        child.join()


def until(path: Path, count: int, child: multiprocessing.Process) -> None:
    while child.is_alive() and (not path.exists() or path.read_bytes().count(b"\n") < count):
        time.sleep(0.02)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=100_000)
    parser.add_argument("--backups", type=int, default=3)
    parser.add_argument("--pause", type=float, default=0.00005, help="seconds a message takes")
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="digest-bench-backup-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        server = stack.enter_context(postgres.started()) if given.postgres else None
        templates = Templates(folder, SIZE, server=server)
        print(f"{given.readers} readers, {templates.kind}")
        place = stack.enter_context(templates.copy(given.readers))
        backups = backed_up(place, folder, given)
        left = set(noted(folder / "first"))
        print(f"killed after {len(left)} copies had left")
        empty = Templates(folder, SIZE, server=server)
        for number, made in enumerate(backups):
            last = number == len(backups) - 1
            look(empty, made, folder, left, given.readers, resumed=last)


def backed_up(place: Place, folder: Path, given: argparse.Namespace) -> list[Path]:
    """Backups made while a child sends; the child is killed right after the last one began to be whole."""
    made: list[Path] = []
    path = folder / "first"
    house = kept(place)
    with sending(place, path, given.pause) as child:
        for number in range(1, given.backups + 1):
            until(path, given.readers * number // (given.backups + 2), child)
            before, begun = len(noted(path)), time.perf_counter()
            done = backup.make(house, folder / "backups", now=dt.datetime.now(dt.UTC))
            seconds = time.perf_counter() - begun
            after = len(noted(path))
            print(
                f"backup {number}: {done.manifest.size / 1e6:.0f} MB in {seconds:.1f} s;"
                f" {before} copies had left, {after - before} more meanwhile"
            )
            made.append(done.folder)
        if child.pid and child.is_alive():
            os.kill(child.pid, signal.SIGKILL)
    house.database.close()
    return made


def look(
    templates: Templates, made: Path, folder: Path, left: set[str], readers: int, *, resumed: bool
) -> None:
    """A backup in an empty house: whole, silent, and every reader somewhere."""
    place = empty_place(templates, folder, made.name)
    house = kept(place)
    begun = time.perf_counter()
    key = houses.opened(place, Noting(folder / "nobody")).key
    restore.restore(house, made, key=key, now=dt.datetime.now(dt.UTC) + DAY)
    seconds = time.perf_counter() - begun
    noting = Noting(folder / f"second-{made.name}")
    again = houses.opened(place, noting)
    sender.drain(again)
    silent = len(noted(noting.path))
    standing = houses.standing(place)
    whole = "whole" if not house.database.is_sqlite or not broken(house) else "BROKEN"
    print(
        f"restored {made.name} in {seconds:.1f} s: {whole}, {silent} sent by itself,"
        f" {sum(standing.values())} of {readers} accounted for: {standing}"
    )
    if resumed:
        identity.take(again.database, again.data, by="bench", now=again.clock())
        steer.resume(again, houses.issue_of(again), by="bench", now=again.clock())
        sender.drain(again, until_empty=True)
        second = noted(noting.path)
        twice = left & set(second)
        standing = houses.standing(place)
        unnamed = readers - len(left | set(second)) - standing.get("uncertain", 0)
        print(
            f"resumed: {len(second)} more copies, {len(twice)} readers had one from the killed sender,"
            f" {max(unnamed, 0)} without a copy and not named; now {standing}"
        )
    again.database.close()
    house.database.close()


def broken(house: Kept) -> bool:
    return bool(snapshots.faults_of(snapshots.file_of(house.database)))


def empty_place(templates: Templates, folder: Path, name: str) -> Place:
    place = templates.empty(f"restored_{name}".lower())
    shutil.rmtree(place.folder, ignore_errors=True)
    place.folder.mkdir(parents=True)
    return place


if __name__ == "__main__":
    main()
