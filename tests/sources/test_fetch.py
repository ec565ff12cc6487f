from __future__ import annotations

import gzip
import hashlib
import socket
import ssl
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler
from types import SimpleNamespace

import httpcore
import pytest

from digest.errors import FetchError
from digest.protocols import PollState
from digest.sources import fetch as fetching
from digest.sources import gate, turns
from digest.sources.fetch import Deadline, Fetched, Limits, fetch
from digest.sources.turns import Turns
from tests.sources.web import LOOPBACK, Site


def get(url: str, **more: object) -> Fetched:
    return fetch(url, allowed=LOOPBACK, **more)  # type: ignore[arg-type]


def test_a_page_comes_with_its_type_and_what_to_remember(site: Site) -> None:
    site.give("/a", b"hello", Content_Type="text/plain", ETag='"7"', Last_Modified="yesterday")
    found = get(f"{site.url}/a")
    assert (found.body, found.content_type, found.unchanged) == (b"hello", "text/plain", False)
    assert found.state == PollState('"7"', "yesterday", hashlib.sha256(b"hello").hexdigest())


def test_the_request_shows_who_asks_and_brings_no_cookie(site: Site) -> None:
    site.give("/a", status=302, Location="/b", Set_Cookie="who=reader")
    site.give("/b", b"b")
    get(f"{site.url}/a")
    (_, _), (path, headers) = site.asked
    assert path == "/b"
    assert "Cookie" not in headers
    assert headers["User-Agent"].startswith("SundayCatchup/")
    assert headers["Accept-Encoding"] == "gzip, deflate"


def test_an_environment_proxy_is_not_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    site.give("/a", b"straight")
    assert get(f"{site.url}/a").body == b"straight"


def test_this_machine_is_refused_without_an_allowed_network(site: Site) -> None:
    site.give("/a", b"secret")
    with pytest.raises(FetchError, match="not a public address") as caught:
        fetch(f"{site.url}/a")
    assert caught.value.permanent
    assert not site.asked


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://a.example/",
        "gopher://a.example",
        "http://",
        "http://a:b@c.example/",
        "http://a\x00b.example/",
        "nonsense",
    ],
)
def test_what_is_no_web_address_is_refused_for_good(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        fetch(url)
    assert caught.value.permanent


def test_a_redirect_to_another_scheme_or_a_private_network_is_refused(site: Site) -> None:
    site.give("/file", status=302, Location="file:///etc/passwd")
    site.give("/meta", status=302, Location="http://169.254.169.254/latest/meta-data/")
    for path in ("/file", "/meta"):
        with pytest.raises(FetchError) as caught:
            get(site.url + path)
        assert caught.value.permanent


def test_five_redirects_are_followed_and_no_more(site: Site) -> None:
    for number in range(7):
        site.give(f"/{number}", status=302, Location=f"/{number + 1}")
    site.give("/7", b"end")
    assert get(f"{site.url}/2").body == b"end"
    with pytest.raises(FetchError, match="more than 5"):
        get(f"{site.url}/1")


def test_a_move_for_good_is_told_and_a_temporary_one_is_not(site: Site) -> None:
    site.give("/old", status=301, Location="/new")
    site.give("/busy", status=302, Location="/new")
    site.give("/new", b"here")
    assert get(f"{site.url}/old").moved_to == f"{site.url}/new"
    assert get(f"{site.url}/busy").moved_to is None
    assert get(f"{site.url}/new").moved_to is None


def test_nothing_new_is_asked_for_and_understood(site: Site) -> None:
    site.give("/feed", status=304)
    state = PollState('W/"x"', "Tue, 24 Nov 2026 10:00:00 GMT", "abc")
    found = get(f"{site.url}/feed", state=state)
    assert (found.unchanged, found.state) == (True, state)
    (_, headers) = site.asked[0]
    assert headers["If-None-Match"] == 'W/"x"'
    assert headers["If-Modified-Since"] == "Tue, 24 Nov 2026 10:00:00 GMT"


def test_the_same_body_again_is_nothing_new(site: Site) -> None:
    site.give("/feed", b"same")
    first = get(f"{site.url}/feed")
    again = get(f"{site.url}/feed", state=first.state)
    assert (again.unchanged, again.body) == (True, b"")


@pytest.mark.parametrize(
    ("status", "permanent"), [(410, True), (404, True), (500, False), (503, False)]
)
def test_an_error_says_whether_to_ask_again(site: Site, status: int, permanent: bool) -> None:
    site.give("/a", status=status)
    with pytest.raises(FetchError, match=str(status)) as caught:
        get(f"{site.url}/a")
    assert caught.value.permanent is permanent


def test_retry_after_is_read_as_seconds_or_as_a_date(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.give("/s", status=429, Retry_After="120")
    site.give("/long", status=429, Retry_After="9999999")
    site.give("/odd", status=429, Retry_After="soon")
    site.answers["/d"] = _busy_until_noon
    waits = []
    for path in ("/s", "/long", "/odd", "/d"):
        monkeypatch.setattr(fetching, "_TURNS", Turns())
        with pytest.raises(FetchError) as caught:
            get(site.url + path)
        waits.append(caught.value.wait_s)
    assert waits == [120.0, 86_400.0, None, 3600.0]


def test_a_host_that_asks_for_quiet_gets_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    site.give("/busy", status=503, Retry_After="60")
    site.give("/other", b"other")
    with pytest.raises(FetchError):
        get(f"{site.url}/busy")
    with pytest.raises(FetchError, match="left alone") as caught:
        get(f"{site.url}/other")
    assert caught.value.wait_s == 60
    assert [path for path, _ in site.asked] == ["/busy"]


def test_a_host_is_asked_one_thing_at_a_time(site: Site) -> None:
    at_once: list[int] = [0]
    most: list[int] = [0]

    def slow(request: BaseHTTPRequestHandler) -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        time.sleep(0.05)
        at_once[0] -= 1
        request.send_response(200)
        request.send_header("Content-Length", "0")
        request.end_headers()

    site.answers["/slow"] = slow
    threads = [threading.Thread(target=get, args=(f"{site.url}/slow",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most[0], len(site.asked)) == (1, 4)


def test_waiting_for_a_turn_costs_a_request_none_of_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]

    class Busy:
        """A turn that is another's for seven seconds."""

        def acquire(self, timeout: float) -> bool:
            now[0] += 7
            return True

        def release(self) -> None:
            pass

    monkeypatch.setattr(turns, "time", SimpleNamespace(monotonic=lambda: now[0]))
    hosts, late = Turns(), Deadline(5.0)
    hosts._host("a").lock = Busy()  # type: ignore[assignment]
    with late.after(hosts.of("a", "http://a/")):
        pass
    assert late.at == 12


@pytest.mark.parametrize(
    ("status", "missing", "gone"), [(404, True, False), (410, True, True), (403, False, False)]
)
def test_what_is_missing_or_gone_is_told_apart(
    site: Site, status: int, missing: bool, gone: bool
) -> None:
    site.give("/x", status=status)
    with pytest.raises(FetchError) as caught:
        get(f"{site.url}/x")
    assert (caught.value.missing, caught.value.gone) == (missing, gone)


def _busy_until_noon(request: BaseHTTPRequestHandler) -> None:
    request.send_response_only(503)
    request.send_header("Date", "Tue, 24 Nov 2026 11:00:00 GMT")
    request.send_header("Retry-After", "Tue, 24 Nov 2026 12:00:00 GMT")
    request.send_header("Content-Length", "0")
    request.end_headers()


def _bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b"news " * 50_000)),
        ("x-gzip", gzip.compress(b"news " * 20_000) + gzip.compress(b"news " * 30_000)),
        ("gzip", gzip.compress(b"news " * 50_000) + b"\0" * 9),
        ("deflate", zlib.compress(b"news " * 50_000)),
        ("deflate", _bare(b"news " * 50_000)),
        ("identity", b"news " * 50_000),
    ],
)
def test_compressed_answers_are_inflated(site: Site, coding: str, packed: bytes) -> None:
    site.give("/a", packed, Content_Encoding=coding)
    assert get(f"{site.url}/a").body == b"news " * 50_000


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip"])
def test_other_and_stacked_compressions_are_refused(site: Site, coding: str) -> None:
    site.give("/a", gzip.compress(gzip.compress(b"x")), Content_Encoding=coding)
    with pytest.raises(FetchError, match="not asked for"):
        get(f"{site.url}/a")


def test_a_compressed_answer_that_is_cut_or_broken_is_refused(site: Site) -> None:
    packed = gzip.compress(bytes(range(256)) * 400)
    site.give("/cut", packed[:-20], Content_Encoding="gzip")
    site.give("/broken", packed[:40] + b"\xff" * 40 + packed[80:], Content_Encoding="gzip")
    for path in ("/cut", "/broken"):
        with pytest.raises(FetchError, match="compressed answer"):
            get(site.url + path)


def test_a_bomb_stops_at_the_size_that_is_asked_for(site: Site) -> None:
    site.give("/bomb", gzip.compress(b"\0" * 30_000_000), Content_Encoding="gzip")
    with pytest.raises(FetchError, match="larger than 1 MB"):
        get(f"{site.url}/bomb", limits=Limits(size=1_000_000))


def test_a_length_that_is_too_large_is_not_even_read(site: Site) -> None:
    site.give("/a", b"x", Content_Length="99999999")
    with pytest.raises(FetchError, match="larger"):
        get(f"{site.url}/a")


def test_a_body_of_no_length_stops_at_the_size_too(site: Site) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(3000):
            request.wfile.write(b"x" * 10_000)

    site.answers["/a"] = endless
    with pytest.raises(FetchError, match=r"larger than 0\.1 MB"):
        get(f"{site.url}/a", limits=Limits(size=100_000))


def test_a_server_that_drips_is_left_at_the_deadline(site: Site) -> None:
    dripped = []

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for number in range(200):
            request.wfile.write(b"x")
            request.wfile.flush()
            dripped.append(number)
            time.sleep(0.05)

    site.answers["/a"] = drip
    with pytest.raises(FetchError, match=r"no whole answer in 0\.5 seconds"):
        get(f"{site.url}/a", limits=Limits(seconds=0.5))
    assert len(dripped) < 200


def test_headers_that_drip_are_left_too(site: Site) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            request.wfile.write(b"X-%d: y\r\n" % number)
            request.wfile.flush()
            time.sleep(0.05)

    site.answers["/a"] = drip
    with pytest.raises(FetchError, match="no whole answer"):
        get(f"{site.url}/a", limits=Limits(seconds=0.4))


def test_nobody_there_and_rubbish_are_told(site: Site) -> None:
    def rubbish(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"\x16\x03\x01 not http\r\n\r\n")

    site.answers["/a"] = rubbish
    with pytest.raises(FetchError, match="no answer"):
        get(f"{site.url}/a")
    with pytest.raises(FetchError):
        get("http://127.0.0.1:1/")


def test_a_page_that_speaks_no_tls_is_told(site: Site) -> None:
    with pytest.raises(FetchError):
        get(site.url.replace("http:", "https:"))


def test_certificates_are_checked() -> None:
    context = fetching._tls()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def _door(*allowed: str, seconds: float = 60) -> fetching._Door:
    return fetching._Door(gate.networks(allowed), Deadline(time.monotonic() + seconds))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "::1"])
def test_this_machine_is_refused_however_it_is_spelt(host: str) -> None:
    with pytest.raises(gate.Barred):
        _door().connect_tcp(host, 80)


def test_one_private_address_among_public_ones_refuses_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def two(host: str, port: int, **kinds: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with pytest.raises(gate.Barred):
        _door().connect_tcp("both.example", 80)


def test_the_checked_address_is_dialled_and_the_name_is_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def rebinding(host: str, port: int, **kinds: object) -> list[tuple[object, ...]]:
            asked.append(host)
            address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
            return [(2, 1, 6, "", (address, port))]

        monkeypatch.setattr(fetching.socket, "getaddrinfo", _only(rebinding, "rebind.example"))
        stream = _door("127.0.0.1/32").connect_tcp("rebind.example", port)
        stream.close()
    assert asked == ["rebind.example"]


def _only(fake, name: str):  # type: ignore[no-untyped-def]
    """Resolve one name by hand and leave the others to the system."""
    real = socket.getaddrinfo

    def choose(host, *rest, **kinds):  # type: ignore[no-untyped-def]
        return fake(host, *rest, **kinds) if host == name else real(host, *rest, **kinds)

    return choose


def test_the_next_address_is_tried_where_the_first_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.2", 0)) as server:
        port = server.getsockname()[1]

        def both(host: str, port: int, **kinds: object) -> list[tuple[object, ...]]:
            return [(2, 1, 6, "", (address, port)) for address in ("127.0.0.3", "127.0.0.2")]

        monkeypatch.setattr(fetching.socket, "getaddrinfo", _only(both, "both.example"))
        stream = _door("127.0.0.0/8").connect_tcp("both.example", port)
        assert stream.get_extra_info("server_addr")[0] == "127.0.0.2"
        stream.close()


def test_a_name_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(host: str, port: int, **kinds: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(fetching.socket, "getaddrinfo", _only(nobody, "nowhere.invalid"))
    with pytest.raises(httpcore.ConnectError):
        _door().connect_tcp("nowhere.invalid", 80)


def test_a_resolver_that_hangs_does_not_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()

    def hanging(host: str, port: int, **kinds: object) -> list[tuple[object, ...]]:
        free.wait(240)
        return []

    monkeypatch.setattr(fetching.socket, "getaddrinfo", hanging)
    with pytest.raises(httpcore.ConnectTimeout):
        _door(seconds=0.2).connect_tcp("slow.example", 80)
    free.set()


def test_no_time_left_is_a_timeout() -> None:
    with pytest.raises(httpcore.ReadTimeout):
        _door(seconds=-1).connect_tcp("127.0.0.1", 80)


def test_sockets_of_the_machine_are_never_opened() -> None:
    with pytest.raises(gate.Barred):
        _door().connect_unix_socket("/run/docker.sock")
