"""`digest up` as a person starts it: one process, a page within seconds, and it goes when asked."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The sample newsletter on a port of its own; ended by SIGTERM."""
    port = free_port()
    clean = {k: v for k, v in os.environ.items() if not k.startswith("DIGEST_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "digest", "up", "--sample", "sample", "--port", str(port)],
        cwd=tmp_path,
        env={**clean, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process, f"http://127.0.0.1:{port}"
    if process.poll() is None:
        process.kill()
    process.communicate()


def get(url: str, *, patience_s: float = 30.0) -> tuple[int, str]:
    """Status and body, asked again until the server is there."""
    until = time.monotonic() + patience_s
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def test_it_serves_readers_and_the_desk_and_its_clock_ticks(
    served: tuple[subprocess.Popen[str], str],
) -> None:
    process, url = served
    status, page = get(url + "/")
    assert status == 200
    assert "The Sunday Catchup" in page
    status, health = get(url + "/healthz")
    assert json.loads(health)["status"] == "ok"
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(2)]
    assert lines[0].strip() == f"Readers:  {url}/"
    (link,) = re.findall(r"http://\S+/desk/setup/\S+", lines[1])
    assert link.startswith(url)
    assert get(link)[0] == 200
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)
    assert process.returncode in (0, -signal.SIGTERM)
