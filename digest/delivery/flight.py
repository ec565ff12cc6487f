"""What is on the wire: a memory-mapped file a chunk, one byte a reader, which survives `kill -9`.

The byte is set to HANDED right before a message may count as taken (SMTP: between the body and its
dot) and to the outcome when the answer is in; the ledger follows in group flushes. After a crash
the map says exactly who was in flight, and, in two more bytes, which of them in one request. An exclusive
lock on the file, held for as long as it is open, dies with its holder: so one process sends a chunk, and
none waits for a dead one. The file goes after the commit that closes the chunk.

A map is believed while the row of its chunk names it (`born`) and the machine has not started anew since:
its pages outlive a process, but a power cut may leave the disk an older state of them.
"""

from __future__ import annotations

import errno
import fcntl
import functools
import hashlib
import mmap
import os
import uuid
from array import array
from collections.abc import Iterator, Sequence
from enum import IntEnum
from pathlib import Path

from digest.errors import Conflict, NoRoom
from digest.model import SubscriberId
from digest.store.chunks import Chunk, ChunkState
from digest.store.sends import Send

_MAGIC = b"DIGEST-FLIGHT-4\n"
_PROOF = len(_MAGIC)
_BOOT = _PROOF + 32
_HEAD = _BOOT + 16
#: Sets this map apart from every earlier one of the same chunk.
_BORN = 4
_MARKS = _HEAD + _BORN


class Mark(IntEnum):
    """One reader's byte."""

    UNTRIED = 0
    HANDED = 1
    ACCEPTED = 2
    LATER = 3
    REFUSED = 4


#: What every message sets; plain numbers, since an enum's attribute takes long before Python 3.12.
_HANDED, _ACCEPTED = int(Mark.HANDED), int(Mark.ACCEPTED)
_ALONE = bytes(2)


class Busy(Conflict):
    """Another living process holds the chunk."""


class FlightMap:
    """The open map of one chunk; slots are the readers' places in the chunk's list."""

    def __init__(self, path: Path, descriptor: int, memory: mmap.mmap, size: int) -> None:
        self.path, self._descriptor, self._memory, self._size = path, descriptor, memory, size
        self._requests = 0
        self.is_new = False

    @classmethod
    def open(
        cls, folder: Path, name: str, readers: Sequence[int], *, identity: str, born: str = ""
    ) -> FlightMap:
        """The map of chunk `name`, made or found; `is_new` says which. Raises Busy where another process has it.

        readers: the chunk's reader ids in order. identity: what makes this send itself and no other
        of the same number. born: the map that the chunk's row names, where it was being sent from this
        folder. Another one that says that somebody was mailed cannot be explained: Conflict.
        """
        path = cls.path_of(folder, name)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = _locked(path)
        try:
            head = _MAGIC + _proof(identity, readers) + _boot()
            size = _MARKS + 3 * len(readers)
            is_new = not (born and _is_found(descriptor, head, size, bytes.fromhex(born)))
            if is_new:
                _write_new(descriptor, head, size)
            memory = mmap.mmap(descriptor, size)
        except BaseException:
            os.close(descriptor)
            raise
        found = cls(path, descriptor, memory, len(readers))
        found.is_new = is_new
        if not is_new:
            found._requests = max(map(found.request, range(len(readers))), default=0)
        return found

    @classmethod
    def of(
        cls, folder: Path, send: Send, chunk: Chunk, ids: tuple[SubscriberId, ...], *, owner: str
    ) -> FlightMap:
        """The map of a send's chunk, for the owner of this folder; see `open`."""
        identity = _identity(send, chunk)
        ours = chunk.state is ChunkState.CLAIMED and chunk.owner == owner
        born = chunk.born if ours else ""
        return cls.open(folder, f"{send.id}-{chunk.no}", ids, identity=identity, born=born)

    @classmethod
    def copied(
        cls, folder: Path, send: Send, chunk: Chunk, ids: tuple[SubscriberId, ...]
    ) -> FlightMap | None:
        """A map out of a backup, to be read; None where there is none of this chunk's readers.

        Of whichever claim and machine: what it says of somebody was true when it was copied.
        """
        path = cls.path_of(folder, f"{send.id}-{chunk.no}")
        size = _MARKS + 3 * len(ids)
        found = path.read_bytes() if path.exists() else b""
        if found[:_BOOT] != _MAGIC + _proof(_identity(send, chunk), ids) or len(found) != size:
            return None
        memory = mmap.mmap(-1, size)
        memory[:] = found
        return cls(path, os.open(os.devnull, os.O_RDONLY), memory, len(ids))

    @property
    def born(self) -> str:
        """What the chunk's row names it by."""
        return self._memory[_HEAD:_MARKS].hex()

    @staticmethod
    def path_of(folder: Path, name: str) -> Path:
        return folder / f"{name}.map"

    def __getitem__(self, slot: int) -> Mark:
        return Mark(self._memory[_MARKS + slot])

    def __setitem__(self, slot: int, mark: Mark) -> None:
        self._memory[_MARKS + slot] = mark

    def alone(self, slot: int) -> None:
        """Mark this one as handed over, in a request of its own."""
        at = _MARKS + self._size + 2 * slot
        self._memory[at : at + 2] = _ALONE
        self._memory[_MARKS + slot] = _HANDED

    def accepted(self, slot: int) -> None:
        """The same as setting the mark ACCEPTED."""
        self._memory[_MARKS + slot] = _ACCEPTED

    def together(self, slots: Sequence[int]) -> None:
        """Mark these as handed over in one request: which one is on record before they are."""
        if len(slots) > 1:
            self._requests = self._requests % 0xFFFF + 1
        number = (self._requests if len(slots) > 1 else 0).to_bytes(2, "little")
        for slot in slots:
            at = _MARKS + self._size + 2 * slot
            self._memory[at : at + 2] = number
        for slot in slots:
            self[slot] = Mark.HANDED

    def request(self, slot: int) -> int:
        """The number of the request that this reader was in; 0 where it went alone."""
        at = _MARKS + self._size + 2 * slot
        return int.from_bytes(self._memory[at : at + 2], "little")

    def label(self, slot: int) -> str:
        """What the company of this reader's request is known by, for ever; empty where it went alone."""
        number = self.request(slot)
        return f"{self.path.stem}-{self.born}-{number}" if number else ""

    def __iter__(self) -> Iterator[Mark]:
        return (Mark(byte) for byte in self._memory[_MARKS : _MARKS + self._size])

    def close(self, *, remove: bool) -> None:
        """Let go of the chunk, once; `remove` when the ledger holds everything that the map said."""
        if self._memory.closed:
            return
        if remove:
            self.path.unlink(missing_ok=True)
        self._memory.close()
        os.close(self._descriptor)


def _locked(path: Path) -> int:
    """The file, created where it is missing, with our lock on it.

    A holder that finishes removes the file: a lock on a removed file excludes nobody, so it is
    taken again on the new one.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise Busy(f"{path.name} is being sent by another process") from None
        if _is_still(path, descriptor):
            return descriptor
        os.close(descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _identity(send: Send, chunk: Chunk) -> str:
    return f"{send.id} {chunk.no} {send.edition_id} {send.cut_off.isoformat()}"


def _proof(identity: str, readers: Sequence[int]) -> bytes:
    """32 bytes that only the same send's same readers in the same order give."""
    return hashlib.sha256(identity.encode() + b"\0" + array("q", readers).tobytes()).digest()


@functools.cache
def _boot() -> bytes:
    """16 bytes that are others after the machine has started anew; zeros where it does not tell (not Linux)."""
    try:
        return uuid.UUID(Path("/proc/sys/kernel/random/boot_id").read_text().strip()).bytes
    except (OSError, ValueError):
        return bytes(16)


def _is_found(descriptor: int, head: bytes, size: int, born: bytes) -> bool:
    """True where the file is the map that was in use; False where that one is lost.

    What a crash left half made says of nobody that he was mailed. Raises Conflict where the file says so, and is
    not that map.
    """
    found = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    if not found.startswith(_MAGIC):
        return False
    if found[:_BOOT] == head[:_BOOT] and found[_HEAD:_MARKS] == born and len(found) == size:
        return found[_BOOT:_HEAD] == head[_BOOT:]
    if any(found[_MARKS:]):
        raise Conflict("the state map speaks of other readers: move it away and look")
    return False


def _write_new(descriptor: int, head: bytes, size: int) -> None:
    """A new map, its space on the disk taken at once: a full disk must show here, not at a mark.

    The magic comes last, so that a half-written head is none.
    """
    os.ftruncate(descriptor, 0)
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise NoRoom("the disk of the state maps is full") from error
        raise
    os.pwrite(descriptor, os.urandom(_BORN), _HEAD)
    os.pwrite(descriptor, head[len(_MAGIC) :], len(_MAGIC))
    os.pwrite(descriptor, _MAGIC, 0)
