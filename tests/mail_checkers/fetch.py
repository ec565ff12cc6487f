"""Makes sure that the checkers of mails by other people are there: three from npm, SpamAssassin from Debian.

SpamAssassin is unpacked beside the virtual environment with the Perl modules that this machine lacks;
nothing is installed, no script of a package runs.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests import npm  # noqa: E402
from tests.mail_servers import fetch as debian  # noqa: E402

#: html-validate 11 needs Node 22. axe-core is injected into a page, the others run in Node.
VERSIONS = {"caniemail": "2.0.2", "html-validate": "10.17.0", "axe-core": "4.14.1"}


class Missing(Exception):
    """A checker that cannot be had on this machine; the message says why."""


def modules(package: str) -> Path:
    """The `node_modules` that hold a checker from npm. Raises Missing."""
    try:
        return npm.modules(package, VERSIONS[package])
    except npm.CannotInstall as error:
        raise Missing(str(error)) from error


def spamassassin() -> Path:
    """The folder with Debian's SpamAssassin, unpacked. Raises Missing."""
    found = debian.cache() / "spamassassin"
    if (found / debian.VERSION).exists():
        return found
    if not shutil.which("apt-get"):
        raise Missing("SpamAssassin is fetched by apt, which this machine lacks")
    debian.cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=debian.cache()) as work:
        try:
            packages = debian.download("spamassassin", Path(work) / "packages")
            tree = _unpacked(packages, Path(work) / "tree")
        except RuntimeError as error:
            raise Missing(f"SpamAssassin cannot be fetched here: {error}") from error
        shutil.rmtree(found, ignore_errors=True)
        return tree.rename(found)


def _unpacked(packages: list[Path], tree: Path) -> Path:
    for package in packages:
        debian.run("dpkg", "-x", str(package), str(tree))
    (tree / debian.VERSION).write_text(debian.version("spamassassin", packages))
    return tree


def main() -> None:
    """Fetch all of them; what cannot be had is told and hinders nobody."""
    for name in (*VERSIONS, "spamassassin"):
        try:
            found = spamassassin() if name == "spamassassin" else modules(name)
            print(f"{name}: {found}")
        except Missing as error:
            print(f"{error}; the tests that need it are left out", file=sys.stderr)


if __name__ == "__main__":
    main()
