"""The other side: a small Pigeon API on this machine, which remembers what it took."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Post(ThreadingHTTPServer):
    """got: every mail that was taken, once."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.got: list[dict[str, Any]] = []
        self.answered: dict[str, list[dict[str, Any]]] = {}
        self.lock = threading.Lock()

    def take(self, key: str, mails: list[dict[str, Any]]) -> list[dict[str, Any]]:
        with self.lock:
            if key not in self.answered:
                self.got += [{**mail, "address": parseaddr(mail["to"])[1]} for mail in mails]
                self.answered[key] = [{"taken": True} for _ in mails]
            return self.answered[key]


class _Counter(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece
    server: Post

    def do_POST(self) -> None:
        posted = self.rfile.read(int(self.headers["Content-Length"]))
        known = self.headers["Authorization"] == "Bearer t0ken-of-the-test"
        answer: Any = {"error": "no such token"}
        if known:
            answer = self.server.take(self.headers["Idempotency-Key"], json.loads(posted))
        body = json.dumps(answer).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def running() -> Iterator[Post]:
    post = Post()
    threading.Thread(target=post.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield post
    finally:
        post.shutdown()
        post.server_close()
