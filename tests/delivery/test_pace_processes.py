"""Four processes and one limit, on one database: together they never have more than it allows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from digest.store.engine import Database
from tests.delivery.test_budget import most_in
from tests.delivery.test_paced_send import held

CHECKOUT = Path(__file__).parents[2]
EACH, LIMIT = 90, 150


def start(database: Database) -> subprocess.Popen[str]:
    module = [sys.executable, "-m", "tests.delivery.pace_process"]
    arguments = [database.url, f"{LIMIT}/s, 100000/d", str(EACH)]
    return subprocess.Popen([*module, *arguments], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)


def test_four_processes_share_one_limit(database: Database) -> None:
    processes = [start(database) for _ in range(4)]
    told = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    granted = [[int(word) for word in line.split()] for line in "".join(told).splitlines()]
    assert sum(count for _, count in granted) == 4 * EACH
    assert held(database, "", provider="smtp") == [4 * EACH], "no share was lost or counted twice"
    assert most_in(1_000_000, [one for one in granted if one[1]]) <= LIMIT
