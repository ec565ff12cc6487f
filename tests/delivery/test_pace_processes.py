"""Four processes and one limit, on one database: together they never have more than it allows."""

from __future__ import annotations

from pathlib import Path

from digest.store.engine import Database
from tests import forks
from tests.delivery import pace_process
from tests.delivery.test_budget import most_in
from tests.delivery.test_paced_send import held

EACH, LIMIT = 90, 150


def test_four_processes_share_one_limit(database: Database, tmp_path: Path) -> None:
    given = (database.url, f"{LIMIT}/s, 100000/d", str(EACH))
    processes = [
        forks.start(pace_process.main, *given, said=tmp_path / f"said-{number}")
        for number in range(4)
    ]
    told = [process.last_words() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    granted = [[int(word) for word in line.split()] for line in "".join(told).splitlines()]
    assert sum(count for _, count in granted) == 4 * EACH
    assert held(database, "", provider="smtp") == [4 * EACH], "no share was lost or counted twice"
    assert most_in(1_000_000, [one for one in granted if one[1]]) <= LIMIT
