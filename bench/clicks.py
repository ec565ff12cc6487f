"""What a burst of clicks costs: `python bench/clicks.py [--clicks 20000] [--readers 400]`.

A real server on a new SQLite database redirects as fast as it is asked, over connections that stay, from many readers'
addresses; beside it a writer does what a sender does, a small transaction every 50 ms. Told are the clicks a second, the
server's processor time for one, how long the writer waited with and without clicks, and whether the sums are right.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import datetime as dt
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import uvicorn

from bench.measure import cpu_s
from digest import logs
from digest.bootstrap import House
from digest.clicks import Kind
from digest.mail import routes
from digest.store import clicks, heartbeats, issues, migrate
from digest.store.engine import Database
from digest.web.app import create_app
from tests.houses import SCHEDULE, SUNDAY, SetClock, make_house
from tests.past_issues import period_of, put_sent
from tests.sample_issue import content

CONNECTIONS = 16
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
)


def main(words: Sequence[str]) -> int:
    asked = _asked(words)
    if asked.at:
        asyncio.run(_ask(asked.at, asked.clicks, asked.readers))
        return 0
    logs.set_up("ERROR")
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder)) as (house, url, counting):
        with _writing(house) as waited:
            time.sleep(3)
        quiet = _told(waited)
        began, cpu = time.perf_counter(), cpu_s()
        with _writing(house) as waited:
            took = _burst(url, asked)
            cpu = cpu_s() - cpu
            counting.write(all_of_it=True)
        seconds = time.perf_counter() - began
        print(f"{asked.clicks:,} clicks in {took:.1f} s: {asked.clicks / took:,.0f} a second")
        print(
            f"the server's processor: {cpu / asked.clicks * 1e6:,.0f} µs a click (in {seconds:.1f} s)"
        )
        print(f"a writer beside it waits: {_told(waited)}; without clicks: {quiet}")
        return _right(house, asked.clicks)


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clicks", type=int, default=20_000)
    parser.add_argument("--readers", type=int, default=400)
    parser.add_argument("--at", default="", help=argparse.SUPPRESS)
    return parser.parse_args(words)


@contextmanager
def _served(folder: Path) -> Iterator[tuple[House, str, object]]:
    database = Database(f"sqlite:///{folder}/digest.db")
    migrate.upgrade(database)
    made = make_house(database, folder, schedule=f"{SCHEDULE}\n[clicks]\ncount = true\n")
    house = dataclasses.replace(made, trusted_proxies=("127.0.0.0/8",))
    put_sent(house, 0, content(period=period_of(0)), {})
    later = house.schedule("sunday").calendar.moments(SUNDAY).send_at + dt.timedelta(hours=2)
    assert isinstance(house.clock, SetClock)
    house.clock.now = later
    app = create_app(house)
    config = uvicorn.Config(app, port=0, log_level="error", access_log=False)
    listener = config.bind_socket()
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    port = listener.getsockname()[1]
    yield house, f"http://127.0.0.1:{port}/r/sunday/{period_of(0)}/", app.state.counting
    server.should_exit = True
    thread.join()


def _burst(url: str, asked: argparse.Namespace) -> float:
    """Ask from another process; how many seconds it took by its own clock."""
    command = [sys.executable, __file__, "--at", url]
    sizes = ["--clicks", str(asked.clicks), "--readers", str(asked.readers)]
    done = subprocess.run([*command, *sizes], capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)


async def _ask(url: str, count: int, readers: int) -> None:
    codes = sorted(routes.links_of(content(period=period_of(0))))
    requests = [_request(url, codes, n, readers) for n in range(count)]
    began = time.perf_counter()
    await asyncio.gather(*(_talk(url, requests[n::CONNECTIONS]) for n in range(CONNECTIONS)))
    print(time.perf_counter() - began)


def _request(url: str, codes: Sequence[str], n: int, readers: int) -> bytes:
    reader = n % readers
    peer = f"10.{reader >> 8 & 255}.{reader & 255}.7"
    path, host = urlsplit(url).path, urlsplit(url).netloc
    return (
        f"GET {path}{codes[reader % len(codes)]} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {AGENT}\r\n"
        f"X-Forwarded-For: {peer}\r\n\r\n"
    ).encode()


async def _talk(url: str, requests: Sequence[bytes]) -> None:
    parts = urlsplit(url)
    reading, writing = await asyncio.open_connection(parts.hostname, parts.port)
    for request in requests:
        writing.write(request)
        head = await reading.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 302"), head
    writing.close()


@contextmanager
def _writing(house: House) -> Iterator[list[float]]:
    """A small transaction every 50 ms; how long each took, in milliseconds."""
    took: list[float] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.05):
            began = time.perf_counter()
            with house.database.write() as session:
                heartbeats.beat(session, "bench", now=house.clock())
            took.append((time.perf_counter() - began) * 1000)

    thread = threading.Thread(target=write)
    thread.start()
    yield took
    stop.set()
    thread.join()


def _told(took: Sequence[float]) -> str:
    return f"{statistics.median(took):.0f} ms, p95 {statistics.quantiles(took, n=20)[-1]:.0f} ms"


def _right(house: House, sent: int) -> int:
    with house.database.read() as session:
        issue = issues.recent(session, "sunday", limit=1)[0]
        found = clicks.of_issues(session, [issue.id])[issue.id]
    sums = {kind: sum(count[kind] for count in found.values()) for kind in Kind}
    print(f"counted: {', '.join(f'{count:,} {kind}' for kind, count in sums.items() if count)}")
    return 0 if sum(sums.values()) == sent else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
