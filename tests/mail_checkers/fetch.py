"""Makes sure that the checkers of mails by other people are there: three from npm, SpamAssassin from Debian.

SpamAssassin is unpacked beside the virtual environment with the Perl modules that this machine lacks;
nothing is installed, no script of a package runs.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests import npm_packages  # noqa: E402
from tests.mail_servers import fetch as debian  # noqa: E402

#: html-validate 11 needs Node 22. axe-core is injected into a page, the others run in Node.
PACKAGES = ("caniemail@2.0.2", "html-validate@10.17.0", "axe-core@4.14.1")


def node_modules() -> Path:
    """The folder with the checkers from npm. Raises RuntimeError, saying why not."""
    return npm_packages.folder("mail-checkers", *PACKAGES)


def spamassassin() -> Path:
    """The folder with Debian's SpamAssassin, unpacked. Raises RuntimeError, saying why not."""
    found = debian.cache() / "spamassassin"
    if (found / debian.VERSION).exists():
        return found
    if not shutil.which("apt-get"):
        raise RuntimeError("SpamAssassin is fetched by apt, which this machine lacks")
    debian.cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=debian.cache()) as work:
        packages = debian.download("spamassassin", Path(work) / "packages")
        tree = Path(work) / "tree"
        for package in packages:
            debian.run("dpkg", "-x", str(package), str(tree))
        (tree / debian.VERSION).write_text(debian.version("spamassassin", packages))
        shutil.rmtree(found, ignore_errors=True)
        return tree.rename(found)


def _told(name: str, ensure: Callable[[], Path]) -> None:
    try:
        print(f"{name}: {ensure()}")
    except RuntimeError as error:
        print(f"{name}: {error}; the tests that need it are left out", file=sys.stderr)


if __name__ == "__main__":
    _told("checkers from npm", node_modules)
    _told("SpamAssassin", spamassassin)
