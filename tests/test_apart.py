"""Behind the sandbox: what code could do in the child, had it got out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.child import Worker
from digest.errors import BadInput

LOOSE = """
import ctypes, json, os, socket, subprocess
from digest import apart
def ready(): apart._fence()
def reads(data): ready(); return open(data.decode()).read().encode()
def writes(data): ready(); return b"%d" % open(data.decode(), "w").write("x")
def looks(data): ready(); return json.dumps(dict(os.environ)).encode()
def speaks(data): ready(); socket.create_connection(("127.0.0.1", 9)); return b"1"
def runs(data): ready(); return subprocess.check_output(["env"])
def shells(data): ready(); return b"%d" % os.system("true")
def forks(data): ready(); return b"%d" % os.fork()
def removes(data): ready(); os.remove(data.decode()); return b"1"
def native(data): ready(); ctypes.CDLL(None).getpid(); return b"1"
def imports(data): ready(); import colorsys; return b"1"
def dates(data):
    ready()
    import babel.dates, datetime
    return babel.dates.format_date(datetime.date(2026, 11, 29), "full", locale="th").encode()
"""


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    folder = tmp_path_factory.mktemp("loose")
    (folder / "loose.py").write_text(LOOSE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        one = Worker(seconds=10)
        one.read("loose:imports", b"", {}, item="x")
        yield one
        one.close()


@pytest.mark.parametrize(
    "way", ["reads", "writes", "speaks", "runs", "shells", "forks", "removes", "native"]
)
def test_there_is_nothing_to_be_had(worker: Worker, way: str, tmp_path: Path) -> None:
    secret = tmp_path / ".env"
    secret.write_text("DIGEST_SECRET_KEY=1")
    with pytest.raises(BadInput, match="PermissionError"):
        worker.read(f"loose:{way}", str(secret).encode(), {}, item="x")
    assert secret.read_text() == "DIGEST_SECRET_KEY=1"


def test_the_environment_is_empty(worker: Worker) -> None:
    assert set(eval(worker.read("loose:looks", b"", {}, item="x"))) <= {
        "LC_CTYPE",
        "OPENBLAS_NUM_THREADS",  # of the package itself
    }


def test_what_python_needs_can_be_read(worker: Worker) -> None:
    assert worker.read("loose:imports", b"", {}, item="x") == b"1"
    assert "พฤศจิกายน" in worker.read("loose:dates", b"", {}, item="x").decode()
