"""What foreign bytes or templates may upset runs in a child process: killed when it hangs, stopped when it swells.

One child lives as long as it behaves and is fed by pipes; it ends at the end of its input, so a
parent that dies leaves none behind. It is a fresh interpreter without our environment or memory, so
that it holds no secret. Answers come back as JSON: a child that a hostile page has taken over can hand
in wrong text, and nothing else.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping
from typing import IO, Any

from digest.errors import BadInput

SECONDS = 15.0
MEMORY = 1_500_000_000
#: A fresh child may take so many seconds more to load its parsers.
START_UP = 30.0
#: A fresh child after so many jobs: parsers leak.
JOBS = 2_000
#: Parsers make many objects and few circles: to look for those so rarely saves a twentieth of a page's time.
_GARBAGE = (50_000, 20, 100)
#: No answer is longer than this; bytes.
_LONGEST_ANSWER = 64_000_000
#: Nothing of ours; Windows starts no Python without this one.
_ENVIRONMENT = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
_SIZES = struct.Struct(">II")
_SIZE = struct.Struct(">I")
_START = "import sys; sys.path[:] = sys.argv[2:]; from digest import child; child.serve()"


#: Whoever has started a child: it ends with the program, whosever it is.
_STARTED: weakref.WeakSet[Worker] = weakref.WeakSet()


class Worker:
    """A child process that is started when first needed. Threads take turns."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._memory = seconds, memory
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner, self._jobs = 0, 0

    def read(self, reader: str, data: bytes, options: Mapping[str, object], *, item: str) -> bytes:
        """What `reader` ("module:function") makes of `data`, as JSON.

        The function takes (data, **options) and returns JSON as bytes. Raises BadInput with `item`
        where it raises, hangs or needs too much memory.
        """
        head = json.dumps({"reader": reader, "options": options, "seconds": self._seconds}).encode()
        with self._lock:
            answer = self._ask(_SIZES.pack(len(head), len(data)), head, data)
        if answer is None:
            raise BadInput(item, "could not be read in the time and memory that it may take")
        if answer[:1] == b"-":
            raise BadInput(item, answer[1:].decode("utf-8", "replace"))
        return answer[1:]

    def interrupt(self) -> None:
        """End what the child is at, so that a thread that waits for its answer waits no longer."""
        process = self._process
        if process and self._owner == os.getpid():
            process.kill()

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._end()

    def _ask(self, *frames: bytes) -> bytes | None:
        """One job. None where the child had to be ended; the next job gets a new one."""
        process = self._living()
        ended = threading.Event()
        start_up = 0 if self._jobs else START_UP

        def stop() -> None:
            ended.set()
            process.kill()

        timer = threading.Timer(self._seconds + start_up + 1, stop)
        timer.daemon = True
        timer.start()
        try:
            answer = _exchange(process, frames)
        except OSError:
            answer = None
        timer.cancel()
        timer.join()
        self._jobs += 1
        if answer is None or ended.is_set() or self._jobs >= JOBS:
            self._end()
        return answer

    def _living(self) -> subprocess.Popen[bytes]:
        """The child; a new one where there is none, it has ended, or it belongs to a parent of ours."""
        process = self._process
        if process and self._owner == os.getpid() and process.poll() is None:
            return process
        self._end()
        command = [sys.executable, "-I", "-B", "-c", _START, str(self._memory), *sys.path]
        self._process = process = subprocess.Popen(  # noqa: S603 — our own program, no shell
            command,
            env=_ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._owner, self._jobs = os.getpid(), 0
        _STARTED.add(self)
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            try:
                if pipe:
                    pipe.close()
            except OSError:  # a frame half written: nobody is there to read the rest
                pass
        process.wait()


def _exchange(process: subprocess.Popen[bytes], frames: tuple[bytes, ...]) -> bytes | None:
    assert process.stdin is not None
    assert process.stdout is not None
    for frame in frames:
        process.stdin.write(frame)
    process.stdin.flush()
    size = process.stdout.read(_SIZE.size)
    if len(size) < _SIZE.size:
        return None
    (length,) = _SIZE.unpack(size)
    answer = process.stdout.read(length) if length <= _LONGEST_ANSWER else b""
    return answer if answer and len(answer) == length else None


class Crew:
    """As many workers as the machine has processors, each started when the others are busy."""

    def __init__(self, size: int) -> None:
        self._workers = [Worker() for _ in range(size)]
        self._idle: queue.LifoQueue[Worker] = queue.LifoQueue()
        for worker in reversed(self._workers):
            self._idle.put(worker)

    def read(self, reader: str, data: bytes, options: Mapping[str, object], *, item: str) -> bytes:
        """`Worker.read` of one that is free; waits for one."""
        worker = self._idle.get()
        try:
            return worker.read(reader, data, options, item=item)
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End the children."""
        for worker in self._workers:
            worker.close()


#: How many are read at once; more than this parse no faster than the rest of the program stores.
AT_ONCE = max(1, min(4, os.cpu_count() or 1))
#: The children that this process shares.
_SHARED: Crew | Worker = Crew(AT_ONCE)


def close() -> None:
    """End the children that this process shares; the next job starts new ones."""
    _SHARED.close()


def _close_all() -> None:
    for worker in list(_STARTED):
        worker.interrupt()
        worker.close()


atexit.register(_close_all)


def read(reader: str, data: bytes, options: Mapping[str, object], *, item: str) -> bytes:
    """`Worker.read` of a child that this process shares. Threads that read at once get one each."""
    return _SHARED.read(reader, data, options, item=item)


def serve() -> None:
    """The child's own life: jobs from standard input until it ends."""
    gc.set_threshold(*_GARBAGE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit(int(sys.argv[1]))
    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    while len(sizes := jobs.read(_SIZES.size)) == _SIZES.size:
        head, body = (jobs.read(size) for size in _SIZES.unpack(sizes))
        answer = _do(json.loads(head), body)
        _send(answers, answer)


def _limit(memory: int) -> None:
    """Cap memory, write no file, leave no core. Windows has no such limits."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _do(job: Mapping[str, Any], body: bytes) -> bytes:
    """One job's answer: "+" and JSON, or "-" and the reason. Its alarm rings even if the parent is gone."""
    try:
        module, _, name = job["reader"].partition(":")
        function = getattr(importlib.import_module(module), name)
        _alarm(job["seconds"])
        return b"+" + bytes(function(body, **job["options"]))
    except MemoryError:
        return b"-needs more memory than it may take"
    except BadInput as error:
        return b"-" + error.reason.encode("utf-8", "replace")
    except RecursionError:
        return b"-nested too deeply"
    except Exception as error:
        return b"-" + f"{type(error).__name__}: {error}"[:500].encode("utf-8", "replace")
    finally:
        _alarm(0)


def _alarm(seconds: float) -> None:
    """SIGALRM, or SIGXCPU, ends the process, also inside a C library that never returns. 0: neither."""
    if sys.platform == "win32":
        return
    import resource

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = int(used.ru_utime + used.ru_stime + seconds) + 2 if seconds else hard
    with contextlib.suppress(ValueError):  # a machine's own limit may be lower still
        resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def _send(answers: IO[bytes], answer: bytes) -> None:
    answers.write(_SIZE.pack(len(answer)))
    answers.write(answer)
    answers.flush()
