"""The engine behind a mail, measured against npm's mjml: `python bench/engine.py COMMAND`.

official FOLDER   the official templates (mjmlio/email-templates): compiled, and looked at beside npm's
own               our own mails, looked at beside npm's
fuzz [N]          N hostile documents through guard and engine: no crash, panic or hang over 2 s
escape            templates that try to get out of the sandbox: no leak
speed [FILE]      the mail of a 60-story week: its milliseconds, and how many times npm's it is; FILE: figures as JSON
"""

from __future__ import annotations

import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import measure, pixels  # noqa: E402
from bench.npm_mjml import VERSION, NpmMjml  # noqa: E402
from digest import render  # noqa: E402
from digest.errors import RenderError  # noqa: E402
from digest.mail import mjml  # noqa: E402
from digest.model import IssueContent  # noqa: E402
from digest.schedules import Schedule  # noqa: E402
from tests import own_mails, sample_issue  # noqa: E402
from tests.mail import escapes, hostile  # noqa: E402

__all__ = ["VERSION", "main", "own", "speed"]

#: What is promised.
ALIKE, HANG_S, COMPILE_MS, RATIO = 22, 2, 60.0, 10.0


def official(folder: Path) -> bool:
    """Each template through the guard, not through our own strictness: npm's rules are wider."""
    found = sorted(folder.rglob("*.mjml"))
    same = compiled = 0
    with NpmMjml() as npm, pixels.camera() as camera:
        for path in found:
            source = path.read_text(encoding="utf-8")
            ours = mjml.to_html(source, path.name, strictly=False)
            compiled += 1
            theirs, _ = npm.html(source)
            odd = [width for width in pixels.WIDTHS if not camera.alike(ours, theirs, width)]
            same += not odd
            print(f"{path.stem:24}{f'differs at {odd}' if odd else 'alike'}")
    print(f"{compiled} of {len(found)} compile, {same} look alike at {pixels.WIDTHS} pixels")
    return compiled == len(found) and same >= min(ALIKE, len(found))


def own(only: Collection[str] = ()) -> bool:
    """Our mails, or those with these names."""
    same = True
    with NpmMjml() as npm, pixels.camera() as camera:
        for name, source, html in own_mails.all_of_them():
            if only and name not in only:
                continue
            theirs, _ = npm.html(source)
            odd = [width for width in pixels.WIDTHS if not camera.alike(html, theirs, width)]
            same = same and not odd
            print(f"{name:24}{f'differs at {odd}' if odd else 'alike'}")
    return same


def fuzz(count: int) -> bool:
    """Every document ends as a page or as our own error, within HANG_S; else this process ends badly."""
    seeds = [source for _, source, _ in own_mails.all_of_them()]
    ends: Counter[str] = Counter()
    slowest = 0.0
    for number, document in enumerate(hostile.documents(seeds, count, seed=4)):
        signal.setitimer(signal.ITIMER_REAL, HANG_S)  # its signal ends this process
        began = time.perf_counter()
        ends[_end(document, strictly=number % 2 == 0)] += 1
        slowest = max(slowest, time.perf_counter() - began)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if (number + 1) % 10_000 == 0 or number + 1 == count:
            print(f"{number + 1:,}: {dict(ends)}, the slowest {slowest * 1000:.0f} ms", flush=True)
    return sum(ends.values()) == count


def _end(document: str, *, strictly: bool) -> str:
    try:
        mjml.to_html(document, "fuzz", strictly=strictly)
    except RenderError as error:
        return "the engine refused" if error.reason.startswith("MJML:") else "we refused"
    return "compiled"


def escape() -> bool:
    leaks = 0
    with tempfile.TemporaryDirectory() as place:
        secret = Path(place) / ".env"
        secret.write_text(f"DIGEST_SECRET_KEY={escapes.SECRET}\n")
        for attempt in escapes.ATTEMPTS:
            came = _tried(attempt.replace("{file}", str(secret)), Path(place) / "mine")
            found = [leak for leak in escapes.LEAKS if leak in came]
            leaks += bool(found)
            print(f"{'LEAK' if found else 'fine'}  {attempt[:60]:62}{came[:90]!r}")
    print(f"{len(escapes.ATTEMPTS)} attempts, {leaks} leaks")
    return leaks == 0


def _tried(text: str, folder: Path) -> str:
    """What comes of a template: its page, or the error."""
    (folder / "confirm").mkdir(parents=True, exist_ok=True)
    (folder / "confirm" / "body.txt").write_text(text)
    schedule = sample_issue.schedule()
    look = schedule.render.model_copy(update={"templates": folder})
    schedule = schedule.model_copy(update={"render": look})
    values = {"confirm_url": "https://a.example/"}
    try:
        made = render.render_notice("confirm", values, schedule, public_url="https://a.example")
    except RenderError as error:
        return str(error)
    return made.text


def speed(rounds: int = 21, file: Path | None = None) -> bool:
    """The first compile of a fresh process, and medians of more in turn, in processor time of each side.

    Every round is another week to both: its links and its title are new. What stays the same in the
    templates may be remembered. Each side checks the source as well.
    """
    content, schedule = sample_issue.big(60), sample_issue.schedule()
    source = own_mails.source_of(content, schedule)
    ours, theirs, whole = list[float](), list[float](), list[float]()
    with NpmMjml() as npm:
        for number in range(rounds):
            week = source.replace("https://gazette.example/", f"https://week-{number}.example/")
            week = week.replace("<mj-title>", f"<mj-title>{number}")
            theirs.append(npm.html(week)[1])
            ours.append(_first(source) if not number else _ms(_compiled, week))
            whole.append(_ms(_edition, content, schedule))
    print(f"a source of {len(source):,} bytes with {source.count('<')} tags; ms of processor time")
    _told("the first one", ours[0], theirs[0])
    measure.keep(file, ours_ms=ours, npm_ms=theirs, edition_ms=whole)
    ratio = _told(f"median of {rounds - 1}", *map(statistics.median, (ours[1:], theirs[1:])))
    edition = statistics.median(whole[1:])
    print(f"the edition, filled and compiled and its text part: {edition:.1f}")
    return ratio >= RATIO and edition <= COMPILE_MS


def _told(what: str, ours: float, theirs: float) -> float:
    print(
        f"{what:14} guard, check, engine {ours:6.2f}   npm mjml {theirs:6.2f}   {theirs / ours:.1f} x"
    )
    return theirs / ours


def _first(source: str) -> float:
    """The first compile of a process that has loaded everything."""
    program = (
        f"import sys, time; sys.path[:0] = [{str(ROOT)!r}]; from digest.mail import mjml\n"
        "source = sys.stdin.read(); began = time.process_time(); mjml.to_html(source, 'x')\n"
        "print((time.process_time() - began) * 1000)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)


def _compiled(source: str) -> None:
    mjml.to_html(source, "speed")


def _edition(content: IssueContent, schedule: Schedule) -> None:
    render.render(content, schedule, public_url="https://a.example")


def _ms(work: Callable[..., None], *given: Any) -> float:
    began = time.process_time()
    work(*given)
    return (time.process_time() - began) * 1000


def main(command: str = "", given: str = "") -> bool:
    if command == "official" and given:
        return official(Path(given))
    if command == "fuzz":
        return fuzz(int(given or 100_000))
    if command == "speed" and given:
        return speed(file=Path(given))
    plain = {"own": own, "escape": escape, "speed": speed}
    if command not in plain:
        print(__doc__)
        return False
    return plain[command]()


if __name__ == "__main__":
    met = main(*sys.argv[1:3])
    print(f"bar: {'met' if met else 'missed'}")
    sys.exit(0 if met else 1)
