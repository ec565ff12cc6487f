"""The source held against the contract of all sources, on a small council of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sunday_catchup_minutes import PLUGIN, MinutesOptions

from digest.contracts import SourceContract
from digest.plugins import Place
from digest.protocols import Source

MEETINGS = [
    {
        "id": number,
        "title": f"Meeting {number}: the harbour levy",
        "held": "2026-11-24T18:00:00+01:00",
        "committee": "harbour" if number < 3 else "schools",
        "link": f"https://council.example/meetings/{number}",
        "minutes": f"The committee cut levy {number}.\n\nNine of fourteen voted for it.",
    }
    for number in (1, 2, 3)
]


class Council(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"meetings": [*MEETINGS, {"id": "no meeting"}]}).encode()
        self.send_response(200 if self.path == "/meetings.json" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def council() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Council)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


class TestMinutes(SourceContract):
    @pytest.fixture(autouse=True)
    def _there(self, council: str) -> None:
        self.council = council

    def made(self, path: str, **options: str) -> Source:
        given = MinutesOptions(**options)
        place = Place(
            key=self.key, url=f"{self.council}{path}", options=given, allowed=("127.0.0.0/8",)
        )
        return PLUGIN.make(place)

    @contextmanager
    def source(self, folder: Path) -> Iterator[Source]:
        yield self.made("/meetings.json")

    @contextmanager
    def lost(self, folder: Path) -> Iterator[Source]:
        yield self.made("/none")

    def test_what_is_no_meeting_is_told_and_costs_no_other(self, tmp_path: Path) -> None:
        found = self.polled(tmp_path)
        assert len(found.articles) == 3
        assert "no meeting" in str(found.errors[0])
