"""Forty-six ways in which a server, a name or a link may attack who fetches it: refused, or held within bounds.

A server of our own plays the attacker. No request may reach what is not public, take longer than its time, or
bring more bytes than its size, whatever is sent to it; each is over in a second or two.
"""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from digest.errors import FetchError
from digest.sources import fetch as fetching
from digest.sources.fetch import Limits, fetch
from digest.sources.turns import Turns

SECONDS, SIZE = 0.8, 200_000
#: Attacks that go on and on, go on for so many seconds: far longer than a fetch may take on any machine.
_FOR_EVER = 120
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
Wire = socket.socket


class Outlasted(Exception):
    """An attack that goes on and on was not left by the one attacked."""


def _reads(wire: Wire) -> None:
    wire.settimeout(_FOR_EVER)
    while b"\r\n\r\n" not in wire.recv(65_536):
        pass


def _sends(*pieces: bytes, times: int = 1) -> Callable[[Wire], None]:
    def attack(wire: Wire) -> None:
        _reads(wire)
        for _ in range(times):
            for piece in pieces:
                wire.sendall(piece)

    return attack


def _drips(piece: bytes, *, after: bytes = b"") -> Callable[[Wire], None]:
    """Ten times a second, on and on."""

    def attack(wire: Wire) -> None:
        _reads(wire)
        wire.sendall(after)
        for _ in range(10 * _FOR_EVER):
            wire.sendall(piece)
            time.sleep(0.1)
        raise Outlasted

    return attack


def _coded(coding: str, body: bytes) -> Callable[[Wire], None]:
    head = HEAD + f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return _sends(head + body)


def _leads(target: str) -> Callable[[Wire], None]:
    return _sends(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode())


def _resets(wire: Wire) -> None:
    _reads(wire)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _silent(wire: Wire) -> None:
    """Hears everything, until nothing more is said."""
    wire.settimeout(_FOR_EVER)
    try:
        while wire.recv(65_536):
            pass
    except TimeoutError:
        raise Outlasted from None


_BOMB = gzip.compress(b"\0" * 20_000_000)
_RAW = zlib.compressobj(wbits=-15)
_DEFLATE_BOMB = _RAW.compress(b"\0" * 20_000_000) + _RAW.flush()

#: What the attacker's server does once it is asked.
SERVERS: dict[str, Callable[[Wire], None]] = {
    "a body that drips": _drips(b"x", after=HEAD + b"\r\n"),
    "headers that drip": _drips(b"X-A: b\r\n", after=HEAD),
    "headers without end": _sends(HEAD, b"X-A: " + b"b" * 60_000 + b"\r\n", times=60),
    "one header of megabytes": _sends(HEAD + b"X-A: " + b"b" * 3_000_000 + b"\r\n\r\n"),
    "a body without end": _sends(HEAD + b"\r\n", *[b"x" * 60_000] * 100),
    "chunks without end": _sends(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"EA60\r\n" + b"x" * 60_000 + b"\r\n"] * 100
    ),
    "a chunk that claims terabytes": _sends(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFF\r\n", *[b"x" * 60_000] * 100
    ),
    "chunks of one byte": _drips(b"1\r\nx\r\n", after=HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
    "a length that lies low": _sends(HEAD + b"Content-Length: 5\r\n\r\nshortx" + b"x" * 500_000),
    "a length that lies high": _sends(HEAD + b"Content-Length: 50000\r\n\r\nshort"),
    "a length beyond the size": _sends(HEAD + b"Content-Length: 99999999999\r\n\r\nx"),
    "a length below nothing": _sends(HEAD + b"Content-Length: -1\r\n\r\nx"),
    "two lengths": _sends(HEAD + b"Content-Length: 1\r\nContent-Length: 9\r\n\r\nxxxxxxxxx"),
    "a length and chunks": _sends(
        HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nxxx"
    ),
    "a gzip bomb": _coded("gzip", _BOMB),
    "a deflate bomb": _coded("deflate", zlib.compress(b"\0" * 20_000_000)),
    "a bare deflate bomb": _coded("deflate", _DEFLATE_BOMB),
    "a bomb in a bomb": _coded("gzip, gzip", gzip.compress(_BOMB)),
    "brotli that nobody asked for": _coded("br", b"\x8b\x03\x80x\x03"),
    "zstd that nobody asked for": _coded("zstd", b"\x28\xb5\x2f\xfd"),
    "gzip that breaks off": _coded("gzip", gzip.compress(b"x" * 9_000)[:20]),
    "gzip that is none": _coded("gzip", b"no gzip at all"),
    "many members of gzip": _coded("gzip", gzip.compress(b"x" * 1_000) * 500),
    "silence": _silent,
    "a connection cut": _resets,
    "no HTTP at all": _sends(b"220 smtp ready\r\n"),
    "a status that is none": _sends(b"HTTP/1.1 999999 Odd\r\n\r\n"),
    "an early hint without end": _drips(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "a switch of protocols": _sends(
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", b"x" * 500_000
    ),
    "to a cloud's metadata": _leads("http://169.254.169.254/latest/meta-data/"),
    "to a file": _leads("file:///etc/passwd"),
    "to gopher": _leads("gopher://127.0.0.1:6379/_FLUSHALL"),
    "to a private network": _leads("http://10.0.0.1/"),
    "to another port of ours by IPv6": _leads("http://[::1]:22/"),
    "to an address within an address": _leads("http://[::ffff:10.0.0.1]/"),
    "to a password": _leads("http://user:secret@127.0.0.1/"),
    "in a circle": _leads("/again"),
    "to nothing that is an address": _leads("http://[broken/"),
}

#: Links that lead to this machine or its networks, however they are written.
LINKS = {
    "decimal": "http://2130706433/",
    "octal": "http://0177.0.0.1/",
    "hexadecimal": "http://0x7f000001/",
    "short": "http://127.1/",
    "NAT64": "http://[64:ff9b::7f00:1]/",
    "6to4": "http://[2002:7f00:1::]/",
    "multicast": "http://224.0.0.1/",
    "carrier's own": "http://100.64.0.1/",
}


def test_there_are_forty_six() -> None:
    assert len(SERVERS) + len(LINKS) == 46


@dataclass
class Attacker:
    """A server that attacks each connection in the way that the test says. outlasted: how often it was the one to end."""

    url: str
    attack: Callable[[Wire], None]
    outlasted: int = 0


@pytest.fixture
def attacker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Attacker]:
    monkeypatch.setattr(fetching, "_TURNS", Turns())
    with socket.create_server(("127.0.0.1", 0)) as server:
        one = Attacker(f"http://127.0.0.1:{server.getsockname()[1]}/", _silent)

        def serve() -> None:
            while True:
                try:
                    wire, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=play, args=(wire,), daemon=True).start()

        def play(wire: Wire) -> None:
            with wire:
                try:
                    one.attack(wire)
                except OSError:
                    pass  # the one attacked had enough
                except Outlasted:
                    one.outlasted += 1

        threading.Thread(target=serve, daemon=True).start()
        yield one
        server.shutdown(socket.SHUT_RDWR)


def bounded(url: str, *allowed: str) -> bytes:
    """What a fetch gave: nothing where it was refused. It may never be more bytes than it may."""
    try:
        body = fetch(url, allowed=allowed, limits=Limits(SECONDS, SIZE)).body
    except FetchError:
        body = b""
    assert len(body) <= SIZE
    return body


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_that_attacks_is_refused_or_held_within_bounds(
    attacker: Attacker, name: str
) -> None:
    attacker.attack = SERVERS[name]
    body = bounded(attacker.url, "127.0.0.1/32")
    assert attacker.outlasted == 0
    assert b"root:" not in body
    assert len(body) < 10 or not name.startswith("to ")


@pytest.mark.parametrize("name", LINKS)
def test_a_link_to_ourselves_is_refused_however_it_is_written(name: str) -> None:
    assert bounded(LINKS[name]) == b""


def test_a_server_that_never_finishes_the_greeting_of_tls_is_left(attacker: Attacker) -> None:
    attacker.attack = _silent
    assert bounded(attacker.url.replace("http:", "https:"), "127.0.0.1/32") == b""
    assert attacker.outlasted == 0
