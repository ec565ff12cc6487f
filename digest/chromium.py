"""The system's Chromium as a camera: one headless process, spoken to over a pipe, without a network.

Every request of a page is answered by us (DevTools' Fetch domain), so it loads the images that we give
it and asks nobody else for anything; scripts do not run. Protocol: https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest.errors import NotFound, RenderError

#: How the program is called, first come first served.
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)

#: Quiet, and without a word to anybody's servers.
ARGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-default-browser-check",
    "--no-first-run",
)

#: Where a page seems to come from: a name that cannot exist (RFC 6761), by https as mails are read.
PAGE = "https://mail.invalid/"

#: The highest picture, in device pixels: a PNG's lines are counted in 15 bits by some who read it.
HIGHEST = 32_000
#: How long one answer may take, and how long its end, in seconds.
PATIENCE_S = 120.0
END_S = 5.0

#: What the address of an image gives: its media type and its bytes; None where there is nothing.
Source = Callable[[str], tuple[str, bytes] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a page is looked at: its width in CSS pixels, light or dark, device pixels to a CSS pixel.

    height: so much of its top, in CSS pixels; None for the whole of it.
    """

    width: int
    height: int | None = None
    dark: bool = False
    scale: float = 2.0


def executable(named: str = "") -> str:
    """The program; `named` is a path or a name. Raises NotFound, saying what to install."""
    for name in (named,) if named else NAMES:
        if found := shutil.which(name):
            return found
    if named:
        raise NotFound(f"there is no program {named!r} that could take pictures")
    raise NotFound(
        f"pictures need Chromium, and none is on PATH (looked for {', '.join(NAMES)}): install one"
        " (Debian: apt install chromium), or name it with --browser"
    )


@contextlib.contextmanager
def opened(program: str) -> Iterator[Chromium]:
    """A running Chromium with an empty profile; it ends with the block. Raises RenderError."""
    with tempfile.TemporaryDirectory(prefix="digest-chromium-", ignore_cleanup_errors=True) as home:
        words = Path(home) / "last-words"
        process, given, taken = _start(program, words, f"--user-data-dir={home}/profile")
        try:
            yield Chromium(given, taken, words)
        finally:
            os.close(given)  # it ends by itself when nobody speaks to it any more
            os.close(taken)
            _end(process)


def _start(program: str, words: Path, *more: str) -> tuple[int, int, int]:
    """Process, the pipe to it and the pipe from it. DevTools wants them as its descriptors 3 and 4.

    words: the file for what it says on its standard error.
    """
    # As root, as in most containers, it starts only without its sandbox: no script runs in it anyway.
    unboxed = ("--no-sandbox",) if os.geteuid() == 0 else ()
    theirs_in, given = map(_high, os.pipe())
    taken, theirs_out = map(_high, os.pipe())
    nothing = os.open(os.devnull, os.O_RDWR)
    said = os.open(words, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    moves = ((nothing, 0), (nothing, 1), (said, 2), (theirs_in, 3), (theirs_out, 4))
    try:
        process = os.posix_spawn(
            program,
            [program, *ARGS, *unboxed, *more],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, ours, theirs) for ours, theirs in moves],
            setpgroup=0,
        )
    except OSError as error:
        os.close(given)
        os.close(taken)
        raise NotFound(f"{program} cannot be started: {error.strerror}") from error
    finally:
        for descriptor in (theirs_in, theirs_out, nothing, said):
            os.close(descriptor)
    return process, given, taken


def _high(descriptor: int) -> int:
    """The same out of the way of descriptors 0 to 4; a child does not inherit it."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


def _end(process: int) -> None:
    """Wait for it, and end it where it will not: all of its group, since it has helpers."""
    until = time.monotonic() + END_S
    while os.waitpid(process, os.WNOHANG)[0] == 0:
        if time.monotonic() > until:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return
        time.sleep(0.02)


class Chromium:
    """A browser that is spoken to. Every method raises RenderError where it fails or falls silent."""

    def __init__(self, given: int, taken: int, words: Path) -> None:
        self._given, self._taken, self._words = given, taken, words
        self._number = 0
        self._rest = b""
        self._page: dict[str, str] = {}
        self._html = b""
        self._source: Source = lambda url: None
        self._loaded = False

    def picture(self, html: str, view: View, source: Source) -> bytes:
        """The page as PNG, from its top to its end, however long. source: answers its requests."""
        if not self._page:
            self._page = {"sessionId": self._new_page()}
        self._html, self._source, self._loaded = html.encode(), source, False
        self._look(view)
        self._call("Page.navigate", url=PAGE)
        until = time.monotonic() + PATIENCE_S
        while not self._loaded:
            self._hear(until)
        height = view.height or self._call("Page.getLayoutMetrics")["cssContentSize"]["height"]
        if height * view.scale > HIGHEST:
            self._look(view, scale=HIGHEST / height)
        clip = {"x": 0, "y": 0, "width": view.width, "height": height, "scale": 1}
        shot = self._call(
            "Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip
        )
        return base64.b64decode(shot["data"])

    def _new_page(self) -> str:
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._page = {"sessionId": session}
        self._call("Page.enable")
        self._call("Fetch.enable", patterns=[{"urlPattern": "*"}])
        self._call("Emulation.setScriptExecutionDisabled", value=True)
        return str(session)

    def _look(self, view: View, *, scale: float | None = None) -> None:
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=view.width,
            height=800,
            deviceScaleFactor=scale or view.scale,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if view.dark else "light"}
        self._call("Emulation.setEmulatedMedia", media="screen", features=[scheme])

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask, and answer the page's own requests until the answer is there."""
        number = self._say(method, params)
        until = time.monotonic() + PATIENCE_S
        while (heard := self._hear(until)).get("id") != number:
            pass
        if "error" in heard:
            raise RenderError("Chromium", f"{method}: {heard['error'].get('message')}")
        found: dict[str, Any] = heard["result"]
        return found

    def _say(self, method: str, params: dict[str, Any]) -> int:
        self._number += 1
        said = {"id": self._number, "method": method, "params": params, **self._page}
        data = json.dumps(said).encode() + b"\0"
        try:
            while data:
                data = data[os.write(self._given, data) :]
        except OSError as error:
            raise self._ended() from error
        return self._number

    def _hear(self, until: float) -> dict[str, Any]:
        """The next thing that it says; a request of the page is answered at once."""
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._taken], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise RenderError("Chromium", f"said nothing for {PATIENCE_S:.0f} seconds")
            piece = os.read(self._taken, 1 << 20)
            if not piece:
                raise self._ended()
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\0")
        heard: dict[str, Any] = json.loads(line)
        if heard.get("method") == "Fetch.requestPaused":
            self._answer(heard["params"])
        self._loaded = self._loaded or heard.get("method") == "Page.loadEventFired"
        return heard

    def _ended(self) -> RenderError:
        """With its last words, which tell of a sandbox that may not be, or of a library that is missing."""
        words = self._words.read_text(encoding="utf-8", errors="replace").strip()
        told = f": {words.splitlines()[-1][:300]}" if words else ""
        return RenderError("Chromium", f"ended before its picture was taken{told}")

    def _answer(self, asked: dict[str, Any]) -> None:
        """Give the page, or what the source has for this address, or nothing."""
        url, number = asked["request"]["url"], asked["requestId"]
        page = ("text/html; charset=utf-8", self._html)
        image = asked["resourceType"] == "Image"
        found = page if url == PAGE else self._source(url) if image else None
        if found is None:
            reason = {"requestId": number, "errorReason": "BlockedByClient"}
            self._say("Fetch.failRequest", reason)
            return
        kind, body = found
        answer = {
            "requestId": number,
            "responseCode": 200,
            "responseHeaders": [{"name": "Content-Type", "value": kind}],
            "body": base64.b64encode(body).decode("ascii"),
        }
        self._say("Fetch.fulfillRequest", answer)
