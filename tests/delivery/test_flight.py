"""The state map: it survives its process, one process holds it, and it never speaks of the wrong people."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from digest.delivery import flight as flights
from digest.delivery.flight import Busy, FlightMap, Mark
from digest.errors import Conflict

READERS = [3, 5, 8, 13]
CHECKOUT = Path(__file__).parents[2]


def opened(
    folder: Path, readers: list[int] = READERS, *, identity: str = "send 1", born: str = ""
) -> FlightMap:
    return FlightMap.open(folder, "1-0", readers, identity=identity, born=born)


def left(flight: FlightMap) -> str:
    """A map as a killed process leaves it; returns what the row of its chunk says."""
    born = flight.born
    flight.close(remove=False)
    return born


def test_a_new_map_knows_nothing(tmp_path: Path) -> None:
    flight = opened(tmp_path / "flight")
    assert list(flight) == [Mark.UNTRIED] * 4
    flight.close(remove=False)


def test_marks_survive_kill_9(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; "
        "from digest.delivery.flight import FlightMap, Mark; "
        "m = FlightMap.open(Path(sys.argv[1]), '1-0', [3, 5, 8, 13], identity='send 1'); print(m.born, flush=True); "
        "m[0] = Mark.ACCEPTED; m[2] = Mark.HANDED; os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    killed = subprocess.run(command, cwd=CHECKOUT, check=False, stdout=subprocess.PIPE, text=True)
    flight = opened(tmp_path, born=killed.stdout.strip())
    assert list(flight) == [Mark.ACCEPTED, Mark.UNTRIED, Mark.HANDED, Mark.UNTRIED]
    flight.close(remove=False)


def test_only_one_holds_a_map_and_letting_go_frees_it(tmp_path: Path) -> None:
    first = opened(tmp_path)
    with pytest.raises(Busy):
        opened(tmp_path)
    first.close(remove=False)
    opened(tmp_path).close(remove=False)


def test_a_removed_map_is_made_anew(tmp_path: Path) -> None:
    flight = opened(tmp_path)
    flight[1] = Mark.ACCEPTED
    flight.close(remove=True)
    assert list(tmp_path.iterdir()) == []
    flight = opened(tmp_path)
    assert flight[1] is Mark.UNTRIED
    flight.close(remove=True)


def test_a_lock_on_a_file_that_was_removed_meanwhile_is_taken_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, real = opened(tmp_path), fcntl.flock
    asked: list[int] = []

    def slow(descriptor: int, kind: int) -> None:
        asked.append(descriptor)
        if len(asked) == 1:
            first.close(remove=True)
        real(descriptor, kind)

    monkeypatch.setattr(fcntl, "flock", slow)
    second = opened(tmp_path)
    assert len(asked) == 2
    assert (tmp_path / "1-0.map").exists()
    second.close(remove=True)


OTHERS = [([3, 5, 8, 14], "send 1"), ([3, 5, 8], "send 1"), (READERS, "send 1 of another database")]


@pytest.mark.parametrize(("readers", "identity"), OTHERS)
def test_a_map_that_says_others_were_mailed_is_not_believed_while_its_chunk_is_in_hand(
    tmp_path: Path, readers: list[int], identity: str
) -> None:
    flight = opened(tmp_path)
    flight[2] = Mark.HANDED
    born = left(flight)
    with pytest.raises(Conflict, match="other readers"):
        opened(tmp_path, readers, identity=identity, born=born)
    assert opened(tmp_path, born=born)[2] is Mark.HANDED


def test_another_map_than_the_row_names_is_lost_unless_it_says_that_somebody_was_mailed(
    tmp_path: Path,
) -> None:
    born = left(opened(tmp_path))
    flight = opened(
        tmp_path, born="00000000"
    )  # as after a crash between making a map and the commit
    assert (flight.is_new, flight.born != born) == (True, True)
    flight[0] = Mark.ACCEPTED
    flight.close(remove=False)
    with pytest.raises(Conflict):
        opened(tmp_path, born=born)


def test_after_the_machine_has_started_anew_a_map_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut may leave the disk a state of the map from before the last messages."""
    flight = opened(tmp_path)
    flight[0] = Mark.ACCEPTED
    born = left(flight)
    monkeypatch.setattr(flights, "_boot", lambda: b"another machine!")
    flight = opened(tmp_path, born=born)
    assert flight.is_new
    assert list(flight) == [Mark.UNTRIED] * 4


def test_a_left_over_of_a_chunk_that_is_in_nobodys_hand_is_made_anew(tmp_path: Path) -> None:
    old = opened(tmp_path)
    old[0] = Mark.ACCEPTED
    old.close(remove=False)
    flight = opened(tmp_path)
    assert list(flight) == [Mark.UNTRIED] * 4
    flight.close(remove=False)


@pytest.mark.parametrize("length", [0, 7, 40, 67, 70])
def test_a_file_cut_short_by_a_crash_is_made_anew(tmp_path: Path, length: int) -> None:
    born = left(opened(tmp_path))
    path = tmp_path / "1-0.map"
    content = path.read_bytes()
    path.write_bytes(b"\0" * min(length, 16) + content[16:length])
    flight = opened(tmp_path, born=born)
    assert list(flight) == [Mark.UNTRIED] * 4
    flight.close(remove=False)


def test_a_map_is_nobody_elses_business(tmp_path: Path) -> None:
    opened(tmp_path / "flight").close(remove=False)
    path = tmp_path / "flight" / "1-0.map"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_who_went_in_one_request_is_known_by_a_label_that_is_never_used_again(
    tmp_path: Path,
) -> None:
    flight = opened(tmp_path)
    flight.together([0, 1])
    flight.together([2, 3])
    first = [flight.label(slot) for slot in range(4)]
    assert first[0] == first[1] != first[2] == first[3]
    flight = opened(tmp_path, born=left(flight))
    assert [flight.label(slot) for slot in range(4)] == first
    flight.together([1, 3])
    assert flight.label(1) == flight.label(3)
    assert flight.label(1) not in first
    flight.close(remove=True)
    flight = opened(tmp_path)
    flight.together([0, 1])
    assert flight.label(0) not in first
    flight.close(remove=True)


def test_who_goes_alone_has_left_the_company_of_an_earlier_request(tmp_path: Path) -> None:
    flight = opened(tmp_path)
    flight.together([0, 1, 2])
    flight.alone(1)
    assert flight[1] is Mark.HANDED
    assert (flight.label(1), flight.request(1)) == ("", 0)
    flight.accepted(1)
    assert list(flight)[:3] == [Mark.HANDED, Mark.ACCEPTED, Mark.HANDED]
    assert flight.label(0) == flight.label(2) != ""
    flight.close(remove=True)
