"""What the rows of a file tell, read by another process: the same, in an order of its own that stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from digest.audience import member_files, reading_ahead
from digest.audience.member_files import Table
from digest.audience.member_rows import Told, told
from digest.audience.reading_ahead import told_ahead
from digest.errors import BadInput

KEY = b"k" * 32
MANY = reading_ahead.LONG
ROOT = Path(__file__).parents[2]


def tables(folder: Path, text: str) -> list[Table]:
    path = folder / "people.csv"
    path.write_text(text)
    return member_files.open_tables(path)


def a_long_file(rows: int = MANY) -> str:
    ordinary = "".join(f"r{n}@reader.example,active\n" for n in range(rows))
    return f"email,status\n{ordinary}nobody,active\nr7@reader.example,active\nr8@reader.example,unsubscribed\n"


def ahead(found: list[Table]) -> list[Told]:
    with told_ahead(found, KEY) as rows:
        return list(rows)


def by_line(rows: list[Told]) -> list[str]:
    return sorted(map(str, rows))


def test_another_process_reads_what_this_one_would(tmp_path: Path) -> None:
    found = tables(tmp_path, a_long_file())
    here, there = list(told(found, KEY)), ahead(found)
    assert by_line(there) == by_line(here)
    assert len(here) == MANY + 3
    people = [row.person for row in here if row.person]
    assert len(people) == MANY + 1  # the one who left since is graver than their own row above


def test_what_is_read_ahead_comes_by_its_hash_and_what_is_wrong_before_it(tmp_path: Path) -> None:
    found = ahead(tables(tmp_path, a_long_file()))
    hashes = [row.person.hashed if row.person else "" for row in found]
    assert hashes == sorted(hashes)
    assert found[0].error is not None
    assert found[0].error.text == "nobody"


def test_windows_grow_and_each_is_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_ahead, "WINDOWS", (3, 10))
    rows = told(tables(tmp_path, a_long_file(40)), KEY)
    blocks = [[one[:32] for one in block] for block in reading_ahead._blocks(rows)]
    assert [len(block) for block in blocks] == [3, 3, 6, 10, 10, 10, 1]
    assert all(block == sorted(block) for block in blocks)


def test_it_comes_in_the_same_order_every_time(tmp_path: Path) -> None:
    found = tables(tmp_path, a_long_file())
    assert ahead(found) == ahead(found)


def test_a_file_that_breaks_further_down_is_told_with_its_line(tmp_path: Path) -> None:
    rows = tables(tmp_path, 'email\na@reader.example\n"' + "x" * 200_000)
    with pytest.raises(BadInput, match="line 3"):
        ahead(rows)


def test_who_stops_listening_leaves_no_process_behind(tmp_path: Path) -> None:
    before = children()
    with told_ahead(tables(tmp_path, a_long_file()), KEY) as rows:
        assert isinstance(next(rows), Told)
        assert len(children() - before) == 1
    assert children() <= before


@pytest.mark.parametrize(
    "said", ["", "\\x80\\x05\\x95\\xff\\0\\0\\0\\0\\0\\0\\0]", "\\x80\\x05]\\x94(K"]
)
def test_a_process_that_is_killed_also_in_the_middle_of_a_word_is_told_as_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    dies = f"import os; os.write(1, b'{said}'); os.kill(os.getpid(), 9)"
    monkeypatch.setattr(reading_ahead, "_START", dies)
    with pytest.raises(BadInput, match="has ended"):
        ahead(tables(tmp_path, a_long_file(1)))


def test_ctrl_c_is_for_the_one_who_writes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A terminal gives it to both."""
    found, before = tables(tmp_path, a_long_file()), children()
    with told_ahead(found, KEY) as rows:
        read = [next(rows)]
        (child,) = children() - before
        os.kill(int(child), signal.SIGINT)
        read += rows
    assert len(read) == MANY + 3
    assert capfd.readouterr().err == ""


def test_what_cannot_be_said_ends_the_process_that_reads() -> None:
    """Or the one who hears it would wait for ever."""
    program = (
        "import queue; from digest.audience import reading_ahead; said = queue.Queue();"
        "said.put(lambda: 0); reading_ahead._hand_over(said)"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=120, check=False)
    assert ended.returncode == 1


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
