"""What every private mail server has: a root of its own, a free port of the loopback, a log, readers' mail.

A server runs as root under chroot(8) in a folder that holds its unpacked package (`fetch.py`), its
configuration and its own accounts: it sees no file of the machine and changes none. It dies with
the test run, also with one that is killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests import left_out
from tests.mail_servers import fetch
from tests.ports import HOST, free_port

#: Seconds that anything here may take before it counts as failed; far more than it ever does.
PATIENCE = 240.0

#: name, number: the servers' own accounts, and the owner of all delivered mail.
ACCOUNTS = (
    ("root", 0),
    ("postfix", 7001),
    ("postdrop", 7002),
    ("Debian-exim", 7003),
    ("opensmtpd", 7004),
    ("opensmtpq", 7005),
    ("readers", 7010),
    ("nobody", 65534),
)

#: The numbers by name, for chown.
NUMBERS = dict(ACCOUNTS)

#: What a server needs to find of devices: name, numbers (Linux, devices.txt).
_DEVICES = (("null", 1, 3), ("zero", 1, 5), ("random", 1, 8), ("urandom", 1, 9))


def until(question: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait until the question is answered by something true. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not question():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.02)


@dataclass
class Server:
    """One running server. version: of its package. root: what it sees as /. log: where it writes it."""

    name: str
    version: str
    root: Path
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self, command: Sequence[str], *, greets: bool = True) -> None:
        """Run it in its root until `stop`, and come back when it greets (or listens only)."""
        output = self.root / "var/log/output"
        with output.open("ab") as file:
            self.process = _spawn(self.root, command, file)
        ready = self._greets if greets else self._listens
        until(lambda: ready() or self._died(), f"{self.name} answers on {self.port}")
        if self._died():
            self.stop()
            raise RuntimeError(f"{self.name} ended at once: {self.told()[-2000:]}")

    def stop(self) -> None:
        """End it and all that it started."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(ProcessLookupError):  # its children, in the session we made for it
            os.killpg(self.process.pid, signal.SIGKILL)

    def told(self) -> str:
        """Its whole log, and what it wrote where nobody looks."""
        files = (self.log, self.root / "var/log/output")
        return "".join(one.read_text(errors="replace") for one in files if one.exists())

    def mails(self, box: str = "readers") -> list[Path]:
        """What was delivered into one box, in no order."""
        folder = self.root / "var/mail" / box / "new"
        return list(folder.iterdir()) if folder.exists() else []

    def _greets(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 5) as peer:
            greeted = peer.recv(3) == b"220"
            peer.sendall(b"QUIT\r\n")
            while greeted and peer.recv(4096):
                pass
            return greeted
        return False

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 5):
            return True
        return False

    def _died(self) -> bool:
        return self.process is not None and self.process.poll() is not None


def needed(name: str) -> Path:
    """The unpacked server. Skips the test where there is none and none can be run; fails it under CI."""
    reason = ""
    if os.geteuid() != 0:
        reason = f"a private {name} is started under chroot, which needs root"
    elif fetch.unpacked(name) is None:
        reason = f"{name} is not fetched: python tests/mail_servers/fetch.py"
    if reason:
        left_out.because(reason)
    found = fetch.unpacked(name)
    assert found is not None
    return found


def lay(name: str, folder: Path) -> Server:
    """A root for one server in a new folder, with a port; nothing runs yet."""
    base = needed(name)
    shutil.copytree(base, folder, symlinks=True, copy_function=_same)
    for part in ("dev", "etc", "tmp", "run", "var/run", "var/log", "var/mail"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "tmp").chmod(0o1777)
    for device, major, minor in _DEVICES:
        _make_device(folder / "dev" / device, os.makedev(major, minor))
    _write_accounts(folder / "etc")
    os.chown(folder / "var/mail", NUMBERS["readers"], NUMBERS["readers"])
    version = (base / fetch.VERSION).read_text()
    return Server(name, version, folder, free_port(), folder / "var/log/mail.log")


def own_folder(path: Path, owner: str, mode: int, group: str | None = None) -> None:
    """A folder of one account."""
    path.mkdir(parents=True, exist_ok=True)
    os.chown(path, NUMBERS[owner], NUMBERS[group or owner])
    path.chmod(mode)


def _same(source: str, target: str) -> str:
    """The file itself under a second name; a copy where it is on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _make_device(path: Path, numbers: int) -> None:
    try:
        os.mknod(path, 0o20666, numbers)
        path.chmod(0o666)
        path.read_bytes() if path.name == "null" else None
    except PermissionError:  # a container that may not: an empty file does for what they need here
        path.unlink(missing_ok=True)
        path.touch(0o666)


def _write_accounts(etc: Path) -> None:
    lines = [f"{name}:x:{number}:{number}::/:/usr/sbin/nologin\n" for name, number in ACCOUNTS]
    (etc / "passwd").write_text("".join(lines))
    (etc / "group").write_text("".join(f"{name}:x:{number}:\n" for name, number in ACCOUNTS))
    (etc / "hosts").write_text("127.0.0.1 localhost relay.example\n")
    databases = ("passwd", "group", "hosts", "services", "protocols")
    (etc / "nsswitch.conf").write_text("".join(f"{one}: files\n" for one in databases))


def _spawn(root: Path, command: Sequence[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    inside = ("setpriv", "--pdeathsig", "KILL", "chroot", str(root), *command)
    return subprocess.Popen(
        inside,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd="/",
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        start_new_session=True,
    )
