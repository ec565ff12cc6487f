"""`digest up` as a person starts it: one process, a page within seconds, and it goes when asked."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from digest import bootstrap, settings
from digest.cli import start
from digest.settings import Settings
from tests.houses import SCHEDULE
from tests.ports import free_port

ROOT = Path(__file__).parents[2]


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


def get(url: str, *, patience_s: float = 120.0) -> tuple[int, str]:
    """Status and body, asked again until the server is there."""
    until = time.monotonic() + patience_s
    while True:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
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
    lines = [process.stdout.readline() for _ in range(4)]
    assert lines[0].strip() == f"Readers:  {url}/"
    (link,) = re.findall(r"http://\S+/desk/setup/\S+", lines[1])
    assert link.startswith(url)
    assert get(link)[0] == 200
    assert lines[3].startswith("Mail:     goes into sample/data/outbox and to nobody yet")
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=120)
    assert process.returncode in (0, -signal.SIGTERM)


def test_what_would_spoil_a_sunday_is_told_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    house = bootstrap.open_house(Settings(data=tmp_path, schedules=schedules_in(tmp_path)))
    house.database.close()
    start.tell_what_is_wrong(Settings(data=tmp_path, api_token=SecretStr("change-me")), house)
    told = capsys.readouterr().err.splitlines()
    assert "is an example, not a secret: `openssl rand -hex 32` makes one" in told[0]
    assert f"others can look into {tmp_path} (mode 0755): chmod 700 {tmp_path}" in told[1]


def test_a_port_that_only_up_knows_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    start.tell_where_others_lead(settings.load(changes={"port": 8642}))
    told = capsys.readouterr().err
    assert "links to http://127.0.0.1:8000: write DIGEST_PORT=8642 into .env" in told
    (tmp_path / ".env").write_text("DIGEST_PORT=8642\n")
    start.tell_where_others_lead(settings.load(changes={"port": 8642}))
    assert capsys.readouterr().err == ""


def schedules_in(folder: Path) -> Path:
    files = folder / "schedules"
    files.mkdir()
    (files / "sunday.toml").write_text(SCHEDULE, encoding="utf-8")
    return files
