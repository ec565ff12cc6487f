"""Makes sure that a Chromium is there: the system's, else Debian's by apt, else playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from digest.chromium import NAMES

#: Quiet, headless, and without a word to anybody's servers.
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

#: How long something is waited for that will come: a machine may be busy. Milliseconds.
PATIENCE = 240_000
expect.set_options(timeout=PATIENCE)


def launched(playwright: Playwright, *more: str) -> Browser:
    """A Chromium, with more arguments."""
    return playwright.chromium.launch(
        executable_path=executable(), args=[*ARGS, *more], timeout=PATIENCE
    )


def executable() -> str | None:
    """The system's Chromium, or None: then playwright looks for its own."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def program() -> str:
    """The system's Chromium, else playwright's own; for what starts it without playwright."""
    found = executable()
    if found is None:
        with sync_playwright() as play:
            found = play.chromium.executable_path
    return found


def ensure() -> None:
    """Install one where none is there."""
    if executable():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=quiet)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        if (
            subprocess.run(install, check=False, env=quiet, stdout=subprocess.DEVNULL).returncode
            == 0
        ):
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


if __name__ == "__main__":
    ensure()
    print(f"browser: {executable() or 'playwright’s own'}")
