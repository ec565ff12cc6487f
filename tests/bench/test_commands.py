"""The commands of the measurements run, with tiny numbers: that they work, not how fast anything is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import build, postfix
from tests import left_out

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def programs() -> None:
    try:
        build.program("fast_sink")
        build.program("delay_proxy")
    except build.CannotBuild as error:
        left_out.because(str(error))


def told_by(script: str, *words: str) -> str:
    """What the command prints; it must end well."""
    done = subprocess.run(
        [sys.executable, f"bench/{script}", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_the_peers_send_into_the_fast_sink_and_the_ratios_are_told(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    words = ("--quick", "--only", "fast@4", "--peers", "ours", "no-ledger", "aiosmtplib")
    printed = told_by("delivery.py", *words, "--json", str(figures))
    (block,) = read(figures)["blocks"]
    assert set(block["runs"]) == {"ours", "no-ledger", "aiosmtplib"}
    assert [run["messages"] for run in block["runs"]["ours"]] == [40]
    assert "rate, ours / aiosmtplib" in block["ratios"]
    assert "fast@4" in printed


def test_several_workers_share_one_send(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    words = ("--quick", "--only", "fast-data@0", "--peers", "ours", "smtplib", "--workers", "2")
    told_by("delivery.py", *words, "--trips", "4", "--json", str(figures))
    (block,) = read(figures)["blocks"]
    assert [run["messages"] for run in block["runs"]["ours x2"]] == [40]


def test_the_ledger_is_measured_on_sqlite(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    told_by("ledger.py", "--quick", "--databases", "sqlite", "--json", str(figures))
    found = read(figures)["audiences"]
    assert [one["readers"] for one in found] == [40]
    assert all(one["ledger"][0]["messages"] == one["readers"] for one in found)


def test_messages_are_made_in_pieces_and_by_the_standard_library() -> None:
    assert "ratio" in told_by("compile.py", "0.05")


def test_signatures_are_made_by_us_and_by_dkimpy() -> None:
    assert "ratio" in told_by("dkim.py", "0.05")


def test_a_missing_compiler_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(build.CannotBuild, match="no C compiler"):
        build.program("fast_sink")


def test_missing_tools_of_postfix_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(postfix, "_ADMIN", str(tmp_path))
    with pytest.raises(postfix.NoPostfix, match="without apt-get"):
        postfix.find()
