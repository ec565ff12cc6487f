"""Makes sure that real mail servers are there for the tests: fetched by apt, unpacked, never installed.

Each server gets a folder in the virtual environment that holds its packages' files and the shared
libraries they need: enough to run it under chroot(8), where it sees nothing else of the machine.
No script of a package runs, no user is made, nothing outside that folder changes.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

#: Our name of a server → Debian's package of it.
PACKAGES = {"postfix": "postfix", "exim": "exim4-daemon-light", "opensmtpd": "opensmtpd"}

#: The file that tells the version of the package.
VERSION = "package-version"

_LIBRARY = re.compile(r"(?:=>\s+|^\s*)(/\S+) \(0x", re.MULTILINE)


def cache() -> Path:
    """Where the unpacked servers are: in the virtual environment, so that nothing of it is tracked."""
    inside = sys.prefix != sys.base_prefix
    venv = Path(sys.prefix) if inside else Path(__file__).resolve().parents[2] / ".venv"
    return venv / "mail-servers"


def unpacked(name: str) -> Path | None:
    """The folder of one server, or None where it is not fetched."""
    found = cache() / name
    return found if (found / VERSION).exists() else None


def ensure(name: str) -> Path:
    """Fetch and unpack one server where it is not there yet. Raises RuntimeError, saying why not."""
    if found := unpacked(name):
        return found
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise RuntimeError("fetching a mail server needs root and apt")
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as work:
        packages = download(PACKAGES[name], Path(work) / "packages")
        tree = Path(work) / "tree"
        for package in packages:
            run("dpkg", "-x", str(package), str(tree))
        shutil.rmtree(tree / "usr/share", ignore_errors=True)  # documentation
        _forget_set_ids(tree)
        (tree / "bin").mkdir(exist_ok=True)
        shutil.copy("/bin/sh", tree / "bin/sh")  # OpenSMTPD delivers by way of a shell
        _add_libraries(tree)
        (tree / VERSION).write_text(version(PACKAGES[name], packages))
        tree.chmod(0o755)
        shutil.rmtree(cache() / name, ignore_errors=True)
        return tree.rename(cache() / name)


def download(package: str, folder: Path) -> list[Path]:
    """The package and those it needs that this machine lacks. Nothing is installed. Raises RuntimeError."""
    (folder / "partial").mkdir(parents=True)
    options = ("-o", f"Dir::Cache::archives={folder}", "-o", "Debug::NoLocking=1")
    wanted = ("--download-only", "--reinstall", "--no-install-recommends", package)
    get = ("apt-get", "install", "-y", "-qq", *options, *wanted)
    try:
        run(*get)
    except RuntimeError:  # the lists may be old, or not there at all
        run("apt-get", "update", "-qq")
        run(*get)
    return sorted(folder.glob("*.deb"))


def run(*command: str, **environment: str) -> str:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C", **environment}
    done = subprocess.run(command, check=False, env=quiet, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:2])}: {done.stderr.strip()[-500:]}")
    return done.stdout


def version(package: str, packages: list[Path]) -> str:
    """Of the package itself, as Debian counts."""
    itself = next(one for one in packages if one.name.startswith(f"{package}_"))
    return run("dpkg-deb", "-f", str(itself), "Version").strip()


def _forget_set_ids(tree: Path) -> None:
    """No program in a folder of tests may hand out root: exim4 is set-user-ID in its package."""
    for path in tree.rglob("*"):
        if not path.is_symlink() and (mode := path.stat().st_mode) & (stat.S_ISUID | stat.S_ISGID):
            path.chmod(stat.S_IMODE(mode) & ~(stat.S_ISUID | stat.S_ISGID))


def _add_libraries(tree: Path) -> None:
    """Copy what the programs are linked with from this machine to the same places in the tree."""
    own = [path for path in tree.rglob("*") if _is_program(path)]
    folders = ":".join(sorted({str(path.parent) for path in own if ".so" in path.name}))
    listed = "".join(_linked(path, folders) for path in own)
    for library in map(Path, sorted(set(_LIBRARY.findall(listed)))):
        if not library.is_relative_to(tree):
            target = tree / library.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, target)


def _is_program(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _linked(path: Path, folders: str) -> str:
    try:
        return run("ldd", str(path), LD_LIBRARY_PATH=folders)
    except RuntimeError:  # not linked with anything
        return ""


if __name__ == "__main__":
    for server in PACKAGES:
        try:
            print(f"{server}: {(ensure(server) / VERSION).read_text()}")
        except RuntimeError as error:
            print(f"{server}: {error}; the tests that need it are left out", file=sys.stderr)
