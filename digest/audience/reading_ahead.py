"""A long file of readers read by a process of its own, ahead of the one that writes.

Reading takes a third of an import's time, and a Python process uses one processor. What is read waits as bytes,
a fifth of what the same rows take as objects.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, NamedTuple

from digest.audience.admission import Incoming
from digest.audience.member_files import Table
from digest.audience.member_rows import Told, told
from digest.audience.standings import Standing
from digest.errors import BadInput

#: A file of fewer rows is read sooner than another process has begun.
LONG = 5_000
#: So many rows are put in order together: at first few, so that writing begins soon, then as many as were
#: read by then, up to the second.
WINDOWS = 8_000, 64_000
#: So many are handed over at once, and so many such blocks wait while the next window is read.
_BLOCK, _WAITING = 1_000, 48
#: Bytes of the pipe between the two. After each write the one who reads ahead waits for its own interpreter's
#: lock, 5 ms: little writes through a little pipe make it slower than the one who writes.
_PIPE = 1 << 20
#: Ctrl-C is for the one who writes, and ends this one with it.
_START = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); sys.path[:] = sys.argv[1:]; "
    "from digest.audience import reading_ahead; reading_ahead.serve()"
)
#: Bytes of a hash, by which rows are put in order. Who tells of nobody comes first.
_HASH = 32
_NOBODY = bytes(_HASH)
_STANDINGS = {one.rank: one for one in Standing}


class _Broken(NamedTuple):
    """Where a file cannot be read on, and why."""

    item: str
    reason: str


@contextlib.contextmanager
def told_ahead(tables: Sequence[Table], key: bytes) -> Iterator[Iterator[Told]]:
    """What `told` tells, by another process: it begins at once and ends with this block. Raises BadInput as `told`.

    The order is the same every time: of each window first the rows that tell of nobody, then the others by their
    hash. What is written together then stands together in an index of hashes, which else would write a page for
    every reader.
    """
    command = [sys.executable, "-I", "-B", "-c", _START, *sys.path]
    with subprocess.Popen(  # noqa: S603 — our own program, no shell
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pipesize=_PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with contextlib.suppress(BrokenPipeError), process.stdin as order:  # it is told below
                pickle.dump((tables, key), order)
            yield _heard(process.stdout, str(tables[0].path))
        finally:
            process.kill()


def _heard(said: IO[bytes], file: str) -> Iterator[Told]:
    try:
        while block := pickle.load(said):  # nosec B301  # noqa: S301  our own child's, by a pipe
            if isinstance(block, _Broken):
                raise BadInput(*block)
            for one in block:
                yield _unpacked(one)
    except (EOFError, pickle.UnpicklingError):
        raise BadInput(file, "the process that reads it has ended: try again") from None


# ---------------------------------------------------------------- the reading process


def serve() -> None:
    """The reading process's own life: one order, and its rows in blocks; an empty one at the end."""
    tables, key = pickle.load(sys.stdin.buffer)  # nosec B301  # noqa: S301  our own parent's, by a pipe
    gc.freeze()
    gc.set_threshold(50_000)  # rows form no cycles, and come by the million
    said: queue.Queue[object] = queue.Queue(_WAITING)
    threading.Thread(target=_hand_over, args=(said,), daemon=True).start()
    try:
        for block in _blocks(told(tables, key)):
            said.put(block)
    except BadInput as error:
        said.put(_Broken(error.item, error.reason))
    said.put([])
    said.join()


def _hand_over(said: queue.Queue[object]) -> None:
    """Say what waits, while the next rows are read. Where nobody hears it, or it cannot be said, all is over."""
    try:
        while True:
            block = pickle.dumps(said.get(), pickle.HIGHEST_PROTOCOL)
            sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()
            said.task_done()
    finally:
        os._exit(1)


def _blocks(found: Iterator[Told]) -> Iterator[list[bytes]]:
    size, largest = WINDOWS
    read = 0
    while window := [_packed(row) for row in islice(found, size)]:
        window.sort(key=_hash_of)
        read += len(window)
        size = min(max(size, read), largest)
        for start in range(0, len(window), _BLOCK):
            yield window[start : start + _BLOCK]
        window.clear()  # before the next one grows


# ---------------------------------------------------------------- rows as bytes


def _hash_of(packed: bytes) -> bytes:
    return packed[:_HASH]


def _packed(row: Told) -> bytes:
    """A row as bytes, its hash first."""
    person, error = row
    if person is None:
        return _NOBODY + pickle.dumps((None, error), pickle.HIGHEST_PROTOCOL)
    address, key, hashed, standing, *rest = person
    key = address if key == address else key  # the same string twice is written once
    plain = (address, key, standing.rank, *rest)
    return bytes.fromhex(hashed) + pickle.dumps((plain, error), pickle.HIGHEST_PROTOCOL)


def _unpacked(packed: bytes) -> Told:
    plain, error = pickle.loads(packed[_HASH:])  # nosec B301  # noqa: S301  as above
    if plain is None:
        return Told(None, error)
    address, key, rank, *rest = plain
    person = address, key, packed[:_HASH].hex(), _STANDINGS[rank], *rest
    return Told(Incoming._make(person), error)
