"""The disk: whose the files are, who can read them, and whether there is room; each with what to type."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest.checkup import files
from digest.domains.records import Finding
from tests import left_out

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder as the program makes it."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    for name in ("secret.key", "digest.db"):
        (folder / name).touch(mode=0o600)
    return folder


def bad(data: Path) -> list[Finding]:
    return [one for one in files.examine(data) if one.weight != "ok"]


def test_a_folder_as_it_should_be_has_nothing_to_mend(data: Path) -> None:
    assert bad(data) == []


def test_a_folder_or_a_file_that_others_can_read_is_named_with_the_commands(data: Path) -> None:
    data.chmod(0o755)
    (data / "secret.key").chmod(0o644)
    (one,) = bad(data)
    assert f"{data} (mode 0755)" in one.text
    assert "readers' addresses" in one.why
    assert one.remedy == f"chmod 700 {data}; chmod 600 {data / 'secret.key'}"


def test_a_file_that_another_user_made_is_named(data: Path) -> None:
    if os.geteuid() != 0:
        left_out.because("only root can give files away")
    os.chown(data / "digest.db", 65534, 65534)
    (one,) = bad(data)
    assert (one.subject, "digest.db in" in one.text) == ("owner", True)
    assert "chown -R root" in one.remedy


def test_a_house_of_another_user_is_not_to_be_given_to_who_asks(data: Path) -> None:
    if os.geteuid() != 0:
        left_out.because("only root can give files away")
    for path in (data, *data.iterdir()):
        os.chown(path, 65534, 65534)
    (one,) = bad(data)
    assert one.subject == "owner"
    assert one.remedy.startswith("run every command as nobody: `sudo -u nobody digest")
    assert "chown" not in one.remedy
    os.chown(data / "digest.db", 0, 0)
    (one,) = bad(data)
    assert one.remedy.endswith(f"chown -R nobody {data}")


def test_a_folder_that_cannot_be_written_says_who_could(data: Path) -> None:
    if os.geteuid() == 0:
        data = Path("/sys/kernel")  # nobody may write there
    else:
        data.chmod(0o500)
    found = next(one for one in bad(data) if "written" in one.text or "read-only" in one.text)
    assert found.where == "DIGEST_DATA"
    assert "what cannot be written down is not sent" in found.why
    assert found.remedy


def small(change: Callable[[list[int]], None]) -> Callable[[Path], os.statvfs_result]:
    """A disk with other numbers; a real one would need root."""

    def told(path: Path) -> os.statvfs_result:
        numbers = list(os.statvfs(path))
        change(numbers)
        return os.statvfs_result(numbers[:10])

    return told


@pytest.mark.parametrize(
    ("megabytes", "weight", "why"),
    [(50, "BAD", "no send begins with less than 100 MB"), (300, "warn", "below 100 MB")],
)
def test_a_disk_with_little_room_is_told_before_it_is_full(
    data: Path, monkeypatch: pytest.MonkeyPatch, megabytes: int, weight: str, why: str
) -> None:
    def change(numbers: list[int]) -> None:
        numbers[1], numbers[4] = 2**20, megabytes  # the size of a block, and how many are free

    monkeypatch.setattr(files, "_statvfs", small(change))
    (one,) = bad(data)
    assert (one.weight, why in one.why) == (weight, True)
    assert "move DIGEST_DATA" in one.remedy


def test_a_disk_without_inodes_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(numbers: list[int]) -> None:
        numbers[5], numbers[7] = 100_000, 12  # files in all, and how many more

    monkeypatch.setattr(files, "_statvfs", small(change))
    (one,) = bad(data)
    assert "12 more files" in one.text
    assert "df -i" in one.remedy


def test_a_full_disk_is_told_apart_from_one_that_is_read_only(data: Path) -> None:
    for number, word in ((28, "is full"), (30, "is read-only"), (13, "cannot be written")):
        one = files.unwritable(data, OSError(number, os.strerror(number)))
        assert word in one.text
        assert one.remedy


SMALL_DISK = r"""
import subprocess, sys
from pathlib import Path
from digest.checkup import files
root = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(root)], check=True)
data = root / "data"
data.mkdir(mode=0o700)
try:
    (root / "fill").write_bytes(b"x" * 2**21)
except OSError:
    pass
def told():
    return [f"{one.text}: {one.remedy}" for one in files.examine(data) if one.subject != "rights" and not one.fine]
print("\n".join(told()))
print("---")
subprocess.run(["mount", "-o", "remount,ro", str(root)], check=True)
print("\n".join(told()))
"""


def test_a_real_disk_that_is_full_and_then_read_only(tmp_path: Path) -> None:
    namespace = ["unshare", "--mount"]
    if os.geteuid() != 0 or subprocess.run([*namespace, "true"], check=False).returncode:
        left_out.because("only root can mount a disk of its own (unshare)")
    done = subprocess.run(
        [*namespace, sys.executable, "-c", SMALL_DISK, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    full, _, read_only = done.stdout.partition("---\n")
    assert f"{tmp_path / 'data'} is full: free some of it" in full
    assert f"{tmp_path / 'data'} is read-only: mount it for writing" in read_only


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
nas:/exports /srv/my\\040share nfs4 rw 0 0
/dev/sdb1 /srv/my\\040share/local ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/digest", "ext4"),
        ("/srv/my share/digest", "nfs4"),
        ("/srv/my share/local/digest", "ext4"),
    ],
)
def test_the_disk_of_a_path_is_that_of_its_nearest_mount(path: str, kind: str) -> None:
    assert files.disk_kind(Path(path), MOUNTS) == kind
    assert files.disk_kind(Path(path), "") == ""


def test_sqlite_on_a_disk_of_another_machine_is_told(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = data.parent / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nnas:/x {data.parent.resolve()} nfs rw 0 0\n")
    monkeypatch.setattr(files, "_MOUNTS", mounts)
    (one,) = bad(data)
    assert "another machine (nfs)" in one.text
    assert "PostgreSQL" in one.remedy


def test_a_folder_that_is_not_there_is_told_by_whether_it_can_be_made(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fine,) = files.examine(data / "deep" / "down")
    assert (fine.fine, "the first start makes it" in fine.text) == (True, True)
    with monkeypatch.context() as changed:  # root is refused nothing
        changed.setattr(files.os, "access", lambda path, mode: False)
        (found,) = files.examine(data / "down")
    assert (found.fine, f"{data} cannot be written" in found.text) == (False, True)
    (data / "file").touch()
    (found,) = files.examine(data / "file")
    assert (found.fine, "it is no folder" in found.text) == (False, True)


@contextmanager
def as_nobody() -> Iterator[None]:
    if os.geteuid() != 0:
        left_out.because("only root can be somebody else")
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_of_another_user_that_is_closed_says_as_whom_to_type() -> None:
    """As `digest doctor` meets it that was typed by whoever was logged in."""
    with tempfile.TemporaryDirectory() as closed, as_nobody():
        (found,) = files.examine(Path(closed))
        (deeper,) = files.examine(Path(closed, "deep", "data"))
    assert (found.fine, deeper.fine) == (False, False)
    assert f"{closed} belongs to root, and nobody may not look into it" in found.text
    assert found.remedy == "run every command as root: `sudo -u root digest …`"
    assert "Permission denied" in deeper.text
