from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from digest import child
from digest.child import Worker
from digest.errors import BadInput

NAUGHTY = """
import os, time
from digest.errors import BadInput
def echo(data, **options): return b'"%s"' % data
def pid(data): return str(os.getpid()).encode()
def hang(data):
    while True: pass
def sleep(data): time.sleep(600)
def swell(data): return bytes(10**12)
def raises(data): raise ValueError("odd bytes")
def refuses(data): raise BadInput("x", "no article")
def deep(data): return deep(data)
def dies(data): os._exit(3)
def writes(data):
    with open(data, "wb") as file: file.write(b"x")
    return b"1"
def prints(data):
    print("noise"); return b"1"
"""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    (tmp_path / "naughty.py").write_text(NAUGHTY)
    monkeypatch.syspath_prepend(str(tmp_path))
    one = Worker(seconds=20)
    yield one
    one.close()


@pytest.fixture
def impatient(worker: Worker) -> Iterator[Worker]:
    """For what never ends: half a second is enough for it."""
    one = Worker(seconds=0.5)
    yield one
    one.close()


def ask(worker: Worker, name: str, data: bytes = b"") -> bytes:
    return worker.read(f"naughty:{name}", data, {}, item="page 7")


def test_a_reader_answers_from_another_process_that_stays(worker: Worker) -> None:
    assert ask(worker, "echo", b"hello") == b'"hello"'
    first = int(ask(worker, "pid"))
    assert first != os.getpid()
    assert int(ask(worker, "pid")) == first


@pytest.mark.parametrize("way", ["hang", "sleep"])
def test_a_page_that_hangs_is_bad_input_and_the_next_is_read(impatient: Worker, way: str) -> None:
    before = int(ask(impatient, "pid"))
    with pytest.raises(BadInput, match="page 7: could not be read in the time"):
        ask(impatient, way)
    assert not psutil.pid_exists(before)
    assert ask(impatient, "echo", b"on") == b'"on"'


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("swell", "memory"),
        ("raises", "ValueError: odd bytes"),
        ("refuses", "no article"),
        ("deep", "nested"),
        ("dies", "could not be read"),
        ("missing", "AttributeError"),
    ],
)
def test_what_goes_wrong_in_the_child_is_bad_input(worker: Worker, way: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        ask(worker, way)
    assert ask(worker, "echo", b"on") == b'"on"'


def test_the_child_writes_no_file_and_what_it_prints_is_no_answer(
    worker: Worker, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    with pytest.raises(BadInput):
        ask(worker, "writes", str(target).encode())
    assert not target.exists() or not target.stat().st_size
    assert ask(worker, "prints") == b"1"


def test_threads_take_turns(worker: Worker) -> None:
    answers: list[bytes] = []

    def work(number: int) -> None:
        answers.append(ask(worker, "echo", b"%d" % number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [b'"%d"' % number for number in range(8)]


def test_a_child_is_replaced_after_its_share_of_jobs(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "JOBS", 2)
    pids = [ask(worker, "pid") for _ in range(3)]
    assert pids[0] == pids[1] != pids[2]


def test_closing_ends_the_child_and_it_can_start_again(worker: Worker) -> None:
    first = int(ask(worker, "pid"))
    worker.close()
    assert not psutil.pid_exists(first)
    assert int(ask(worker, "pid")) != first


@pytest.mark.parametrize("busy", [False, True])
def test_a_parent_that_is_killed_leaves_no_child(tmp_path: Path, busy: bool) -> None:
    (tmp_path / "naughty.py").write_text(NAUGHTY)
    job = (
        "worker.read('naughty:hang', b'', {}, item='x')" if busy else "import time; time.sleep(60)"
    )
    program = f"""
import sys; sys.path[:0] = {[str(tmp_path), *sys.path]!r}
from digest.child import Worker
worker = Worker(seconds=2)
print(worker.read('naughty:pid', b'', {{}}, item='x').decode(), flush=True)
{job}
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    orphan = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _, alive = psutil.wait_procs([orphan], timeout=90)
    assert not alive


def test_a_program_that_ends_does_not_wait_for_what_its_child_is_at(tmp_path: Path) -> None:
    (tmp_path / "naughty.py").write_text(NAUGHTY)
    program = f"""
import sys, threading; sys.path[:0] = {[str(tmp_path), *sys.path]!r}
from digest.child import Worker
worker = Worker(seconds=600)
worker.read('naughty:pid', b'', {{}}, item='x')
def ask():
    try: worker.read('naughty:sleep', b'', {{}}, item='x')
    except Exception: pass
threading.Thread(target=ask, daemon=True).start()
while not worker._lock.locked(): pass
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_a_program_that_ends_leaves_no_child_and_says_nothing(tmp_path: Path) -> None:
    program = f"""
import sys; sys.path[:] = {sys.path!r}
from digest import child, own_templates
from digest.sources import pages
pages.parse_page(b'<h1>T</h1><p>' + b'word ' * 90)
own_templates.fill("mine.txt", {{}}, {{"mine.txt": "x"}})
print(*(worker._process.pid for worker in child._STARTED))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stderr == b""
    pids = [int(one) for one in done.stdout.split()]
    assert len(pids) == 2
    assert not any(psutil.pid_exists(one) for one in pids)
