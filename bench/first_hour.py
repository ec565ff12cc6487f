"""A new user's way from nothing to the first mail, timed: `python -m bench.first_hour [--keep FOLDER]`.

An empty HOME, a fresh virtual environment, no settings: the wheel is built of this checkout and installed, `digest init` is
answered on a real terminal with little more than the Enter key, against a WordPress on this machine that has the demo's stories;
then the preview must hold them, `digest doctor` must have nothing to mend that init could, and `digest up` must open the desk.

Only what pip needs to reach its index is taken over from this machine. Exit status 1 where a step fails or it takes too long.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import pty
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.sources.test_wordpress import Blog, post
from tests.sources.web import served

ROOT = Path(__file__).resolve().parents[1]
BAR_S = 180.0
#: Seconds for one step at the most.
PATIENCE_S = 600.0

#: What is asked → what somebody types who has read nothing. Enter alone takes what is offered.
ANSWERS = {
    "Your site's address": "{site}",
    "The newsletter's name": "",
    "The sender's address": "sunday@harbour-times.net",
    "Your time zone": "",
    "How mail leaves": "",
    "The first editor's address": "erin@harbour-times.net",
}


def main() -> int:
    """Run and print the steps."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--keep", type=Path, help="work there and leave everything for a look")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="first-hour-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return _walk(Walk(folder.resolve()))
    finally:
        if given.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


class Walk:
    """One user, and how long each step took."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.house = folder / "home" / "catchup"
        self.house.mkdir(parents=True)
        self.digest = folder / "venv" / "bin" / "digest"
        self.took: dict[str, float] = {}

    @property
    def environ(self) -> dict[str, str]:
        """That of a container: a path, an empty home, and what pip needs."""
        kept = {k: v for k, v in os.environ.items() if k.startswith("PIP_") or "proxy" in k.lower()}
        return {
            **kept,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.house.parent),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
        }

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began, spent = time.monotonic(), _spent()
        yield
        self.took[name] = time.monotonic() - began
        busy = _spent() - spent
        print(f"{name:<34} {self.took[name]:6.1f} s  {busy:5.1f} s of CPU", flush=True)

    def run(self, *words: str | Path, where: Path | None = None) -> str:
        done = subprocess.run(  # noqa: S603
            [str(word) for word in words],
            cwd=where or self.house,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        if done.returncode:
            raise SystemExit(
                f"{words[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout


def _spent() -> float:
    """Seconds of processor time of everything that was started and has ended."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def _walk(walk: Walk) -> int:
    with walk.step("the wheel is built"):
        _build(walk)
    with served() as site:
        Blog(site, _posts(), [])
        with walk.step("a virtual environment"):
            walk.run(sys.executable, "-m", "venv", walk.folder / "venv")
        with walk.step("pip install"):
            (wheel,) = (walk.folder / "dist").glob("*.whl")
            walk.run(walk.folder / "venv" / "bin" / "pip", "install", "-q", wheel)
        with walk.step("digest init, six answers"):
            told = _typed(walk, [str(walk.digest), "init"], site.url)
        stories = _seen(walk)
    with walk.step("digest up opens the desk"):
        _opened(walk)
    total = sum(walk.took.values())
    print(
        f"{'in all':<34} {total:6.1f} s, at most {BAR_S:.0f}; {stories} stories stand in the preview"
    )
    if "Next:" not in told or not stories:
        print("init did not come to its end")
        return 1
    return 0 if total <= BAR_S else 1


def _build(walk: Walk) -> None:
    """Out of a copy: nothing is written into the checkout."""
    words = (
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "-w",
        walk.folder / "dist",
        ROOT,
    )
    walk.run(*words)


def _posts() -> list[dict[str, Any]]:
    """The demo's stories as a WordPress tells them, one every four hours up to now."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    found = []
    for number, path in enumerate(sorted((ROOT / "digest" / "demo" / "week").glob("*.md")), 1):
        head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
        title = head.splitlines()[0].removeprefix("title: ")
        at = (now - dt.timedelta(hours=4 * number)).strftime("%Y-%m-%dT%H:%M:%S")
        paragraphs = "".join(f"<p>{one}</p>" for one in body.split("\n\n"))
        found.append(
            post(
                number,
                date=at,
                date_gmt=at,
                title={"rendered": title},
                content={"rendered": paragraphs, "protected": False},
            )
        )
    return found


# ---------------------------------------------------------------- at the terminal


def _typed(walk: Walk, words: list[str], site: str) -> str:
    """Answer each question on a terminal as it is asked; what was shown."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(walk.house)
        os.execve(words[0], words, walk.environ)  # noqa: S606
    shown, asked = "", set[str]()
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # Linux says so where the other side has ended
                break
            if not piece:
                break
            shown += piece.decode("utf-8", "replace")
        for question, answer in ANSWERS.items():
            if question in shown and question not in asked:
                asked.add(question)
                os.write(terminal, f"{answer.format(site=site)}\n".encode())
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    if status or asked != ANSWERS.keys():
        raise SystemExit(f"init ended with {status}, asked {sorted(asked)}:\n{shown}")
    return shown


def _seen(walk: Walk) -> int:
    """How many of the site's stories stand in the preview."""
    page = (walk.house / "preview" / "first-look.html").read_text(encoding="utf-8")
    titles = [one["title"]["rendered"].split(",")[0][:25] for one in _posts()]
    found = sum(title.replace("&", "&amp;") in page for title in titles)
    print(f"{'':<34} {walk.house / 'preview' / 'first-look.html'}")
    return found


def _opened(walk: Walk) -> None:
    """The link that `digest up` prints leads into the desk."""
    log = walk.folder / "up.log"
    words = [str(walk.digest), "up", "--port", "8642"]
    with log.open("w") as told:
        up = subprocess.Popen(  # noqa: S603
            words, cwd=walk.house, env=walk.environ, stdout=told, stderr=told
        )
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and up.poll() is None:
            found = re.search(r"The desk: (\S+)", log.read_text(encoding="utf-8"))
            if found and _answers(found[1]):
                return
            time.sleep(0.2)
        raise SystemExit(f"digest up did not open the desk:\n{log.read_text(encoding='utf-8')}")
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait(60)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310  # our own
            return bool(answer.status == 200)
    except OSError:  # it has printed the link, and listens in a moment
        return False


if __name__ == "__main__":
    sys.exit(main())
