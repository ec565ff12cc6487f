"""The disk: whether it can be written and has room, whose the files are, and who else can read them."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from digest.checkup.setup import ENV_FILE, Setup
from digest.delivery.room import LEAST_FREE
from digest.domains.records import Finding
from digest.risks import LOW
from digest.setting_files import PREFIX, from_environ, from_file
from digest.settings import FROM_FILES

#: Files that are left, of those that a disk can hold at all, where a send had better not begin.
LEAST_FILES = 1000
#: Disks of other machines, on which SQLite's locks hold nothing: https://www.sqlite.org/faq.html#q5
_ELSEWHERE = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "fuse.sshfs",
    "fuse.s3fs",
    "fuse.rclone",
    "afs",
)
_MOUNTS = Path("/proc/self/mounts")

_WHO = "readers' addresses and the key that signs their links lie there"


def examine(data: Path) -> Iterator[Finding]:
    """The data folder and what lies in it."""
    try:
        there = data.is_dir() and (data / "..").exists()  # by way of it: it must be open to us
    except PermissionError as error:
        yield _closed(data, error)
        return
    if not there:
        yield _not_yet(data)
        return
    yield from _writable(data)
    yield _room(data)
    yield from _left_files(data)
    yield _owned(data)
    yield _private(data)
    yield from _elsewhere(data)


def of_settings(setup: Setup, environ: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Files that hold secrets of the settings."""
    environ = os.environ if environ is None else environ
    listed = (*from_file(ENV_FILE, []), *from_environ(environ))
    here = [(name, value, place) for name, value, place in listed if value and _is_secret(name)]
    if any(place[0] == str(ENV_FILE) and not name.endswith("_FILE") for name, _, place in here):
        yield from _readable(ENV_FILE, str(ENV_FILE), 0o077)
    for name, value, _ in here:
        if name.endswith("_FILE") and not value.startswith("/run/secrets/"):
            yield from _readable(
                Path(value),
                setup.at(name.removeprefix(PREFIX).removesuffix("_FILE").lower()),
                0o007,
            )


def _is_secret(name: str) -> bool:
    return name.removeprefix(PREFIX).removesuffix("_FILE").lower() in FROM_FILES


def _readable(path: Path, where: str, bits: int) -> Iterator[Finding]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return
    if mode & bits:
        yield Finding(
            "secret",
            False,
            f"{path} can be read by others (mode {mode:04o})",
            where=where,
            why="who has an account on this machine has your passwords",
            remedy=f"chmod 600 {path}",
        )


# ---------------------------------------------------------------- the data folder


def _not_yet(data: Path) -> Finding:
    """The first start makes the folder: whether it can."""
    if data.exists():
        return unwritable(data, NotADirectoryError(errno.ENOTDIR, "it is no folder"))
    above = next(one for one in data.absolute().parents if one.exists())
    if os.access(above, os.W_OK | os.X_OK) and above.is_dir():
        return Finding("data folder", True, f"{data} is not made yet; the first start makes it")
    code = errno.EROFS if os.statvfs(above).f_flag & os.ST_RDONLY else errno.EACCES
    return unwritable(above, OSError(code, os.strerror(code)))


def _closed(data: Path, error: OSError) -> Finding:
    """A command that was typed as somebody else cannot even look into it."""
    try:
        owner = data.stat().st_uid
    except OSError:
        return unwritable(data, error)
    mine = owner == os.geteuid()
    return Finding(
        "data folder",
        False,
        f"{data} belongs to {_name(owner)}, and {_me()} may not look into it",
        where="DIGEST_DATA",
        why="what cannot be read and written there is not sent",
        remedy=f"chmod 700 {data}" if mine else _run_as(owner),
    )


def _writable(data: Path) -> Iterator[Finding]:
    """A file is put into each folder that will be written to, and taken away."""
    for folder in (data, data / "flight", data / "outbox"):
        if not folder.is_dir():
            continue
        try:
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
                file.write(b"\0" * 4096)
                file.flush()
        except OSError as error:
            yield unwritable(folder, error)
            return


def unwritable(folder: Path, error: OSError) -> Finding:
    """What it means that something could not be written there."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full:
        text, remedy = "is full", "free some of it, or move DIGEST_DATA to another disk"
    elif error.errno == errno.EROFS:
        text, remedy = "is read-only", "mount it for writing, or move DIGEST_DATA"
    else:
        text = f"cannot be written: {error.strerror}"
        remedy = f"chown -R {_me()} {folder}, or run the program as the one who owns it"
    return Finding(
        "disk" if full else "data folder",
        False,
        f"{folder} {text}",
        where="DIGEST_DATA",
        why="what cannot be written down is not sent",
        remedy=remedy,
    )


def _room(data: Path) -> Finding:
    free = _statvfs(data).f_bavail * _statvfs(data).f_frsize
    told = f"{free // 2**20} MB free in {data}"
    remedy = "free some, or move DIGEST_DATA to another disk"
    if free < LEAST_FREE:
        why = f"no send begins with less than {LEAST_FREE // 2**20} MB"
        return Finding("disk", False, told, where="DIGEST_DATA", why=why, remedy=remedy)
    if free < LOW:
        why = f"below {LEAST_FREE // 2**20} MB no send begins"
        return Finding(
            "disk", True, told, where="DIGEST_DATA", why=why, remedy=remedy, doubtful=True
        )
    return Finding("disk", True, told)


def _left_files(data: Path) -> Iterator[Finding]:
    found = _statvfs(data)
    if found.f_files and found.f_favail < LEAST_FILES:
        yield Finding(
            "disk",
            False,
            f"has room for {found.f_favail} more files (inodes)",
            where="DIGEST_DATA",
            why="a send makes a file for every chunk in flight",
            remedy="`df -i` shows it; take away what has many small files, an old outbox perhaps",
        )


def _statvfs(data: Path) -> os.statvfs_result:
    return os.statvfs(data)


def _owned(data: Path) -> Finding:
    """A command typed as root leaves files that the service cannot open."""
    others = [path for path in _ours(data) if path.stat().st_uid != os.geteuid()]
    if not others:
        return Finding("owner", True, f"{data} and its files are {_me()}'s")
    shown = ", ".join(path.name or str(path) for path in others[:3])
    return Finding(
        "owner",
        False,
        f"{shown} in {data} belong to {_name(others[0].stat().st_uid)}, and this is {_me()}",
        where="DIGEST_DATA",
        why="the one who serves cannot write what another one made",
        remedy=_one_owner(data),
    )


def _one_owner(data: Path) -> str:
    """Files go to whom the folder belongs to: it is the service's, whoever types the command."""
    owner = data.stat().st_uid
    parts = [_run_as(owner)]
    if any(path.stat().st_uid != owner for path in _ours(data)):
        parts.append(f"once, as root: chown -R {_name(owner)} {data}")
    return "; ".join(parts)


def _run_as(owner: int) -> str:
    return f"run every command as {_name(owner)}: `sudo -u {_name(owner)} digest …`"


def _private(data: Path) -> Finding:
    """Everything of the house is for its owner alone."""
    open_ones = [path for path in _ours(data) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if not open_ones:
        return Finding("secret key", True, f"{data} and the key in it are only yours")
    files = [path for path in open_ones if path.is_file()]
    fixes = [f"chmod 700 {one}" for one in open_ones if one.is_dir()]
    fixes += [f"chmod 600 {' '.join(map(str, files))}"] if files else []
    shown = ", ".join(
        f"{path} (mode {stat.S_IMODE(path.stat().st_mode):04o})" for path in open_ones[:3]
    )
    return Finding(
        "rights",
        False,
        f"others can look into {shown}",
        where="DIGEST_DATA",
        why=_WHO,
        remedy="; ".join(fixes),
    )


def _ours(data: Path) -> list[Path]:
    """The folder and the files and folders right in it that hold what is ours."""
    names = ("secret.key", "house.json", "digest.db", "digest.db-wal", "digest.db-shm", "flight")
    return [path for path in (data, *(data / name for name in names)) if path.exists()]


def _elsewhere(data: Path) -> Iterator[Finding]:
    kind = disk_kind(data.resolve(), _MOUNTS.read_text() if _MOUNTS.exists() else "")
    if kind in _ELSEWHERE and (data / "digest.db").exists():
        yield Finding(
            "disk",
            False,
            f"{data} is on a disk of another machine ({kind})",
            where="DIGEST_DATA",
            why="SQLite's locks do not hold there: two writers can break the database",
            remedy="a disk of this machine; or PostgreSQL (docs/growing.md)",
        )


def disk_kind(path: Path, mounts: str) -> str:
    """The kind of file system that a path is on, by lines as in /proc/mounts; empty where nobody knows."""
    best = ("", "")
    for line in mounts.splitlines():
        _, place, kind, *_ = [*line.split(), "", "", ""]
        place = place.replace("\\040", " ")
        if path.is_relative_to(place or "?") and len(place) >= len(best[0]):
            best = (place, kind)
    return best[1]


def _me() -> str:
    return _name(os.geteuid())


def _name(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:  # a user without a name, as in a container
        return f"user {user}"
