"""How long a poll takes of many feeds that have nothing new: `python bench/polling.py [--feeds 200]`.

A server of its own process answers If-None-Match with 304. The first poll reads and stores everything, the
later ones are timed: requests, the store's writes and the checks of every address included.
"""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import multiprocessing
import statistics
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

import structlog

from digest import intake
from digest.sources.feeds import FeedSource
from digest.store import migrate
from digest.store.engine import Database

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
ITEM = "<item><title>Story {0}</title><guid>{0}</guid><description>Words.</description></item>"
ALLOWED = ("127.0.0.0/8",)


class Feeds(BaseHTTPRequestHandler):
    """Answers each path with a feed of its own, and with 304 who has it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("If-None-Match") == '"1"':
            self.send_response(304)
            self.send_header("ETag", '"1"')
            self.end_headers()
            return
        items = "".join(ITEM.format(f"{self.path}{number}") for number in range(10))
        body = f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def serve(told: Connection) -> None:
    """The server's process: says its port, then answers for ever."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Feeds)
    told.send(server.server_address[1])
    server.serve_forever()


def timed_poll(database: Database, sources: list[FeedSource], hour: int) -> float:
    """Seconds of one poll of all. Raises SystemExit where a source failed."""
    now = NOW + dt.timedelta(hours=hour)
    begun = time.perf_counter()
    polled = intake.poll(database, sources, {}, now=now)
    seconds = time.perf_counter() - begun
    failed = [one.error for one in polled if one.error]
    if failed or len(polled) != len(sources):
        raise SystemExit(f"{len(failed)} sources failed: {failed[:3]}")
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(there,), daemon=True)
    server.start()
    site = f"http://127.0.0.1:{here.recv()}"
    sources = [
        FeedSource(key=f"feed-{number}", url=f"{site}/{number}/", full_text=False, allowed=ALLOWED)
        for number in range(given.feeds)
    ]
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        migrate.upgrade(database)
        first = timed_poll(database, sources, 0)
        later = [timed_poll(database, sources, 2 * run) for run in range(1, given.runs + 1)]
        database.close()
    server.kill()
    print(f"{given.feeds} feeds: read at first in {first:.2f} s")
    print(f"answered 304: median {statistics.median(later):.2f} s, worst {max(later):.2f} s")


if __name__ == "__main__":
    main()
