"""The whole mission, once: a sample week, its Sunday, one mail to each reader; and killed at every step."""

from __future__ import annotations

import json
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from digest.demo.run import run

READERS = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo")
    run(made, readers=READERS)
    return made


def test_the_whole_mission_runs(tmp_path: Path) -> None:
    stages: list[str] = []

    def watch(stage: str, done: int, total: int) -> None:
        if stage not in stages:
            stages.append(stage)

    result = run(tmp_path, readers=READERS, progress=watch)
    assert result.complete
    assert not result.already
    assert result.approved_by == "deadline rule"
    assert result.deliveries["accepted"] == result.audience == READERS
    assert result.content.coverage.adds_up
    assert result.content.coverage.total >= 25
    way = ["readers", "collect", "storylines", "summarise", "rank", "compose", "render"]
    assert [stage for stage in stages if stage in way] == way
    assert {"draft", "approve", "freeze", "deliver", "finish"} <= set(stages)


def test_a_second_run_changes_nothing_and_sends_nothing_twice(folder: Path) -> None:
    outbox = folder / "data" / "outbox"
    before = {mail: mail.stat().st_mtime_ns for mail in outbox.rglob("*.eml")}
    again = run(folder, readers=READERS)
    assert again.already
    assert again.complete
    assert {mail: mail.stat().st_mtime_ns for mail in outbox.rglob("*.eml")} == before


def test_every_mail_is_whole_and_can_be_left_with_one_click(folder: Path) -> None:
    mails = list((folder / "data" / "outbox").rglob("*.eml"))
    assert len(mails) == READERS
    ids = set()
    for path in mails:
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert not mail.defects
        assert [part.get_content_type() for part in mail.iter_parts()] == [
            "text/plain",
            "text/html",
        ]
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "/leave/sunday/" in mail["List-Unsubscribe"]
        ids.add(mail["Message-ID"])
    assert len(ids) == READERS


def test_the_same_week_gives_the_same_checksum_anywhere(folder: Path, tmp_path: Path) -> None:
    one, two = run(folder, readers=READERS), run(tmp_path / "elsewhere", readers=3)
    assert one.checksum == two.checksum


@pytest.mark.slow
def test_killed_twice_at_every_boundary_it_ends_the_same(tmp_path: Path) -> None:
    script = Path(__file__).with_name("crashes.py")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), "12"],
        cwd=root,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    *steps, killed, whole = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(steps) > 20
    assert all(all(step["killed"]) for step in steps), steps
    assert {**killed, "stage": "whole"} == whole
    assert (whole["status"], whole["issues"], whole["editions"]) == ("sent", 1, 1)
    assert whole["states"] == {"accepted": 12}
    assert (whole["mails"], whole["readers"]) == (12, 12)
