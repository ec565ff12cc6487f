"""The one guarded outbound client: http and https, checked addresses, a deadline and a size for all.

No proxy (it would resolve names for us), no cookies, no compression that cannot be undone piece by
piece. A name is resolved once, every address of it is judged (`gate`), and that one is dialled; every
wait gets only what is left of the request's time. Conditional requests: RFC 9110 §13; Retry-After: §10.2.3.
"""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpcore
import httpx

from digest import __version__
from digest.errors import FetchError
from digest.protocols import PollState
from digest.sources import gate, inflate
from digest.sources.turns import Turns

USER_AGENT = f"SundayCatchup/{__version__}"
REDIRECTS = 5
#: The longest wait that a server may ask for, in seconds.
LONGEST_WAIT_S = 86_400.0
_GONE = frozenset({400, 401, 403, 404, 405, 406, 410, 451})
_MOVED = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_BUSY = frozenset({429, 503})
_TURNS = Turns()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take: seconds from first to last, and bytes once inflated; of a body of 0 nothing is read."""

    seconds: float = 20.0
    size: int = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What an address gave.

    url: where it was found in the end. moved_to: the address to ask from now on, where every
    redirect was for good. unchanged: the server says so, or the body is the last one's; then
    `body` is empty. state: what to hand in next time. headers: of the answer, names in lower case.
    """

    url: str
    body: bytes = b""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False
    moved_to: str | None = None
    state: PollState = field(default_factory=PollState)


def fetch(
    url: str,
    *,
    state: PollState | None = None,
    allowed: Sequence[str] = (),
    limits: Limits | None = None,
    accept: str = "*/*",
) -> Fetched:
    """Get an address. Raises FetchError, also for one that must not be asked.

    allowed: networks (CIDR) that may be asked though they are not public.
    """
    state, limits = state or PollState(), limits or Limits()
    deadline = Deadline(time.monotonic() + limits.seconds)
    headers = {"Accept": accept, **_conditions(state)}
    asked = _Asked(url, headers, state, limits, deadline)
    with (
        _told(url, limits),
        _client(_Door(gate.networks(allowed), deadline)) as client,
    ):
        return _follow(client, _checked(url, url), asked)


def post(
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    allowed: Sequence[str] = (),
    limits: Limits,
) -> tuple[int, float | None]:
    """Hand a body over once: the status of the answer, and the seconds that it asks to wait. No redirect is followed.

    Raises FetchError where there is no answer. What it says is not read.
    """
    deadline = Deadline(time.monotonic() + limits.seconds)
    with (
        _told(url, limits),
        _client(_Door(gate.networks(allowed), deadline)) as client,
        client.stream("POST", _checked(url, url), content=body, headers=headers) as response,
    ):
        return response.status_code, _wait(response)


@contextmanager
def _told(url: str, limits: Limits) -> Iterator[None]:
    """What the libraries raise, as a FetchError."""
    try:
        yield
    except gate.Barred as error:
        raise FetchError(url, str(error), permanent=True) from error
    except (httpx.TimeoutException, httpcore.TimeoutException) as error:
        raise FetchError(url, f"no whole answer in {limits.seconds:g} seconds") from error
    except (httpx.HTTPError, httpcore.ConnectError) as error:
        raise FetchError(url, f"no answer: {error}") from error
    except (httpx.InvalidURL, UnicodeError) as error:  # of a redirect, which httpx reads before us
        raise FetchError(url, "sends us to what is no web address") from error


@dataclass(slots=True)
class Deadline:
    """When a request must be done, in seconds of `time.monotonic`."""

    at: float

    def left(self, timeout: float | None = None) -> float:
        """Seconds until then, at most `timeout`. Raises ReadTimeout where none are left."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the request took longer than it may")
        return left if timeout is None else min(left, timeout)

    @contextmanager
    def after(self, turn: AbstractContextManager[float]) -> Iterator[None]:
        """A turn; what a request waits for it, it is given more."""
        with turn as waited:
            self.at += waited
            yield


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for, and by when."""

    url: str
    headers: dict[str, str]
    state: PollState
    limits: Limits
    deadline: Deadline


def _client(door: _Door) -> httpx.Client:
    transport = httpx.HTTPTransport(verify=_tls(), trust_env=False)
    transport.close()
    # httpx 0.28 takes no network backend; `_pool` is where it keeps httpcore's (pinned, tested).
    transport._pool = httpcore.ConnectionPool(ssl_context=_tls(), network_backend=door)
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"}
    jar = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    return httpx.Client(
        transport=transport, headers=headers, cookies=jar, trust_env=False, follow_redirects=False
    )


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _conditions(state: PollState) -> dict[str, str]:
    """The validators, as the server wrote them."""
    given = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in given.items() if value}


def _checked(url: str, asked: str) -> httpx.URL:
    """The address parsed. Raises FetchError for what no web site has."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise FetchError(asked, f"not a web address: {error}", permanent=True) from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise FetchError(asked, "only http and https addresses are read", permanent=True)
    if parsed.userinfo:
        raise FetchError(asked, "an address with a password in it is not read", permanent=True)
    return parsed


def _follow(client: httpx.Client, url: httpx.URL, asked: _Asked) -> Fetched:
    """Ask, and ask again where it sends us; every hop passes the same door and waits for its turn."""
    for_good = True
    for _ in range(REDIRECTS + 1):
        host = f"{url.host}:{url.port or url.scheme}"
        with (
            asked.deadline.after(_TURNS.of(host, asked.url)),
            client.stream("GET", url, headers=asked.headers) as response,
        ):
            target = response.headers.get("Location", "")
            if response.status_code not in _MOVED or not target:
                found = _answer(response, asked, host)
                moved = str(url) if for_good and str(url) != asked.url else None
                return replace(found, moved_to=moved)
            for_good = for_good and response.status_code in _FOR_GOOD
        try:
            url = _checked(str(url.join(target)), asked.url).copy_with(fragment=None)
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise FetchError(asked.url, "sends us to what is no web address") from error
    raise FetchError(asked.url, f"sends us on more than {REDIRECTS} times")


def _answer(response: httpx.Response, asked: _Asked, host: str) -> Fetched:
    """The answer that is no redirect. Raises FetchError unless it is 200 or 304."""
    state = asked.state
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        return Fetched(url=str(response.url), unchanged=True, state=state)
    if response.status_code != HTTPStatus.OK:
        fault = _refusal(response, asked.url)
        if response.status_code in _BUSY and fault.wait_s:
            _TURNS.leave_alone(host, fault.wait_s)
        raise fault
    body = b"".join(_body(response, asked.url, asked.limits.size)) if asked.limits.size else b""
    digest = hashlib.sha256(body).hexdigest()
    unchanged = digest == state.body_hash
    return Fetched(
        url=str(response.url),
        body=b"" if unchanged else body,
        content_type=response.headers.get("Content-Type", ""),
        headers=dict(response.headers),
        unchanged=unchanged,
        state=PollState(
            etag=response.headers.get("ETag"),
            last_modified=response.headers.get("Last-Modified"),
            body_hash=digest,
        ),
    )


def _refusal(response: httpx.Response, asked: str) -> FetchError:
    code = response.status_code
    phrase = HTTPStatus(code).phrase if code in HTTPStatus._value2member_map_ else ""
    reason = f"answered {code} {phrase}".strip()
    return FetchError(
        asked,
        reason,
        permanent=code in _GONE,
        gone=code == HTTPStatus.GONE,
        missing=code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE),
        wait_s=_wait(response),
        status=code,
    )


def _wait(response: httpx.Response) -> float | None:
    """Retry-After in seconds: a number, or a date against the server's own clock."""
    given = response.headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdigit():
        return min(float(given[:9]), LONGEST_WAIT_S)
    try:
        until = parsedate_to_datetime(given)
        wait = (until - parsedate_to_datetime(response.headers.get("Date", ""))).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(0.0, wait), LONGEST_WAIT_S)


def _body(response: httpx.Response, asked: str, most: int) -> Iterator[bytes]:
    """The body, inflated piece by piece. Raises FetchError as soon as it is larger than `most`."""
    told = response.headers.get("Content-Length", "")
    if told.isascii() and told.isdigit() and int(told[:15]) > most:
        raise FetchError(asked, _too_large(most))
    size = 0
    for piece in _pieces(response, asked):
        size += len(piece)
        if size > most:
            raise FetchError(asked, _too_large(most))
        yield piece


def _pieces(response: httpx.Response, asked: str) -> Iterator[bytes]:
    undo = inflate.inflater(response.headers.get("Content-Encoding", ""), asked)
    if undo is None:
        yield from response.iter_raw()
        return
    for raw in response.iter_raw():
        yield from undo.feed(raw)
    yield undo.last()


def _too_large(most: int) -> str:
    return f"larger than {most / 1e6:g} MB"


class _Door(httpcore.NetworkBackend):
    """A network backend that opens connections to checked addresses only, until `deadline`."""

    def __init__(self, allowed: Sequence[gate.IPNetwork], deadline: Deadline) -> None:
        self._allowed, self._deadline = allowed, deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that answers. Raises Barred if one is not public."""
        addresses = _resolve(host, port, self._deadline.left(timeout))
        gate.check(addresses, port, self._allowed)
        for number, address in enumerate(addresses, 1):
            share = self._deadline.left(timeout) / (len(addresses) - number + 1)
            try:
                stream = self._sockets.connect_tcp(
                    str(address), port, timeout=share, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
                continue
            return _Timed(stream, self._deadline)
        raise httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Never: a web address names no socket of this machine."""
        raise gate.Barred(path)


class _Timed(httpcore.NetworkStream):
    """A stream whose every wait ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def addresses_of(host: str) -> list[gate.IPAddress]:
    """The addresses of a name; none where nobody knows it."""
    try:
        return _resolve(host, 443, 10)
    except (httpcore.ConnectError, httpcore.ConnectTimeout):
        return []


def _resolve(host: str, port: int, timeout: float) -> list[gate.IPAddress]:
    """The name's addresses. The system's resolver knows no deadline, so it works in a thread."""
    found: list[str] = []
    faults: list[OSError] = []

    def ask() -> None:
        try:
            for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append(str(entry[4][0]))
        except (OSError, UnicodeError) as error:
            faults.append(OSError(str(error)))

    thread = threading.Thread(target=ask, daemon=True, name="resolve")
    thread.start()
    thread.join(timeout)
    if thread.is_alive():
        raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time")
    if faults or not found:
        raise httpcore.ConnectError(f"the name {host} is not known")
    addresses = [ipaddress.ip_address(text.split("%")[0]) for text in found]
    return list(dict.fromkeys(addresses))
