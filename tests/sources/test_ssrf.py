"""Addresses that would have the fetcher knock inside: every form through the real client, with an internet of our own.

The internet is one resolver and one listener. Names stand in a table, numbers are read by the system as it reads them;
whatever is dialled, public or private, is written down and ends at the listener, which would tell a secret.
"""

from __future__ import annotations

import ipaddress
import socket
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from digest.errors import FetchError
from digest.sources import gate
from digest.sources.fetch import Limits, fetch
from tests.sources import web

PUBLIC = "93.184.216.34"
SECRET = b"the keys of the cloud"
#: name → what each question about it is answered, the last answer again and again.
NAMES: dict[str, list[list[str]]] = {
    "public.example": [[PUBLIC]],
    "localhost": [["127.0.0.1", "::1"]],
    "localhost.": [["127.0.0.1"]],
    "localhost.localdomain": [["127.0.0.1"]],
    "ip6-localhost": [["::1"]],
    "news.localhost": [["127.0.0.1"]],
    "127.0.0.1.": [["127.0.0.1"]],
    "10.0.0.1.wildcard.example": [["10.0.0.1"]],
    "metadata.google.internal": [["169.254.169.254"]],
    "metadata": [["169.254.169.254"]],
    "instance-data": [["169.254.169.254"]],
    "host.docker.internal": [["172.17.0.1"]],
    "kubernetes.default.svc": [["10.96.0.1"]],
    "router.lan": [["192.168.1.1"]],
    "mapped.example": [["::ffff:10.0.0.1"]],
    "scoped.example": [["fe80::1%1"]],
    "mixed.example": [[PUBLIC, "10.0.0.1"]],
    "mixed-too.example": [["fd00::1", PUBLIC]],
    "xn--bcher-kva.example": [["192.168.0.10"]],
    "rebinding.example": [[PUBLIC], ["127.0.0.1"]],
    "rebound.example": [[PUBLIC], [PUBLIC, "169.254.169.254"]],
}
NOT_PUBLIC = "is not a public address"
NOT_KNOWN = "is not known"
NO_SITE = "only http and https"
NO_ADDRESS = "not a web address"
PASSWORD = "password in it"
PORT = "is no web site's"

FORMS: list[tuple[str, str]] = [
    # IPv4 as it is written, and as it is not
    ("http://127.0.0.1/", NOT_PUBLIC),
    ("https://127.0.0.1/", NOT_PUBLIC),
    ("HTTP://127.0.0.1/", NOT_PUBLIC),
    ("http://127.255.255.254/", NOT_PUBLIC),
    ("http://127.1/", NOT_PUBLIC),
    ("http://127.0.1/", NOT_PUBLIC),
    ("http://0/", NOT_PUBLIC),
    ("http://0.0.0.0/", NOT_PUBLIC),
    ("http://2130706433/", NOT_PUBLIC),
    ("http://3232235777/", NOT_PUBLIC),
    ("http://0x7f000001/", NOT_PUBLIC),
    ("http://0x7f.0x0.0x0.0x1/", NOT_PUBLIC),
    ("http://0X7F.1/", NOT_PUBLIC),
    ("http://0177.0.0.1/", NO_ADDRESS),
    ("http://017700000001/", NOT_PUBLIC),
    ("http://0300.0250.1.1/", NO_ADDRESS),
    ("http://10.0x000001/", NOT_PUBLIC),
    ("http://0000010.0.0.1/", NO_ADDRESS),  # 8.0.0.1 to some, 10.0.0.1 to others
    ("http://127.0.0.1./", NOT_PUBLIC),
    ("http://4294967297/", NOT_KNOWN),  # 1 above all that there are
    ("http://256.0.0.1/", NO_ADDRESS),
    # networks of houses, clouds and the rest that is not the internet
    ("http://10.0.0.1/", NOT_PUBLIC),
    ("http://172.31.255.255/", NOT_PUBLIC),
    ("http://192.168.1.1/", NOT_PUBLIC),
    ("http://100.64.0.1/", NOT_PUBLIC),
    ("http://198.18.0.1/", NOT_PUBLIC),
    ("http://192.88.99.1/", NOT_PUBLIC),
    ("http://224.0.0.1/", NOT_PUBLIC),
    ("http://255.255.255.255/", NOT_PUBLIC),
    ("http://169.254.169.254/latest/meta-data/", NOT_PUBLIC),
    ("http://169.254.170.2/v2/credentials", NOT_PUBLIC),
    ("http://100.100.100.200/latest/meta-data/", NOT_PUBLIC),
    ("http://168.63.129.16/metadata/", NOT_PUBLIC),
    ("http://192.0.0.192/opc/v2/", NOT_PUBLIC),
    ("http://0xa9fea9fe/latest/meta-data/", NOT_PUBLIC),
    ("http://2852039166/latest/meta-data/", NOT_PUBLIC),
    # IPv6, and IPv4 inside it
    ("http://[::1]/", NOT_PUBLIC),
    ("http://[::]/", NOT_PUBLIC),
    ("http://[0:0:0:0:0:0:0:1]/", NOT_PUBLIC),
    ("http://[::ffff:127.0.0.1]/", NOT_PUBLIC),
    ("http://[::ffff:7f00:1]/", NOT_PUBLIC),
    ("http://[::FFFF:A9FE:A9FE]/", NOT_PUBLIC),
    ("http://[::ffff:0:7f00:1]/", NOT_PUBLIC),
    ("http://[::127.0.0.1]/", NOT_PUBLIC),
    ("http://[64:ff9b::7f00:1]/", NOT_PUBLIC),
    ("http://[64:ff9b:1::a00:1]/", NOT_PUBLIC),
    ("http://[2002:7f00:1::]/", NOT_PUBLIC),
    ("http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", NOT_PUBLIC),
    ("http://[fd00:ec2::254]/", NOT_PUBLIC),
    ("http://[fe80::1]/", NOT_PUBLIC),
    ("http://[fec0::1]/", NOT_PUBLIC),
    ("http://[ff02::1]/", NOT_PUBLIC),
    ("http://[fe80::1%251]/", ""),
    ("http://[fe80::1%1]/", ""),
    ("http://[::1%25lo]/", ""),
    ("http://[::1/", NO_ADDRESS),
    # names
    ("http://localhost/", NOT_PUBLIC),
    ("http://LocalHost/", NOT_PUBLIC),
    ("http://localhost./", NOT_PUBLIC),
    ("http://localhost.localdomain/", NOT_PUBLIC),
    ("http://ip6-localhost/", NOT_PUBLIC),
    ("http://news.localhost/", NOT_PUBLIC),
    ("http://10.0.0.1.wildcard.example/", NOT_PUBLIC),
    ("http://metadata.google.internal/computeMetadata/v1/", NOT_PUBLIC),
    ("http://metadata/", NOT_PUBLIC),
    ("http://instance-data/latest/", NOT_PUBLIC),
    ("http://host.docker.internal/", NOT_PUBLIC),
    ("http://kubernetes.default.svc/", NOT_PUBLIC),
    ("http://router.lan/", NOT_PUBLIC),
    ("http://mapped.example/", NOT_PUBLIC),
    ("http://scoped.example/", NOT_PUBLIC),
    ("http://mixed.example/", NOT_PUBLIC),
    ("http://mixed-too.example/", NOT_PUBLIC),
    ("http://b\u00fccher.example/", NOT_PUBLIC),
    ("http://xn--bcher-kva.example/", NOT_PUBLIC),
    ("http://nowhere.example/", NOT_KNOWN),
    # signs that look like others
    ("http://\uff11\uff12\uff17.0.0.1/", NO_ADDRESS),
    ("http://\u2460\u2461\u2466.0.0.1/", NO_ADDRESS),
    ("http://\u0661\u0662\u0667.0.0.1/", ""),
    ("http://127\u30020\u30020\u30021/", NOT_PUBLIC),
    ("http://127\uff0e0\uff0e0\uff0e1/", NOT_PUBLIC),
    ("http://\uff4cocalhost/", NO_ADDRESS),
    ("http://\u24c1ocalhost/", NO_ADDRESS),
    ("http://local\u00adhost/", NO_ADDRESS),
    ("http://127.0.0.1\u200b/", NO_ADDRESS),
    ("http://%31%32%37.0.0.1/", ""),
    ("http://127%2e0%2e0%2e1/", ""),
    ("http://127.0.0.1%00.public.example/", ""),
    ("http://127.0.0.1\x00.public.example/", NO_ADDRESS),
    ("http://127.0.0.1\t/", NO_ADDRESS),
    ("http://127.0.0.1\r\nHost: public.example/", NO_ADDRESS),
    ("http://public.example/\r\nHost: 127.0.0.1", NO_ADDRESS),
    # who is the host?
    ("http://public.example@127.0.0.1/", PASSWORD),
    ("http://public.example:80@127.0.0.1/", PASSWORD),
    ("http://127.0.0.1@public.example/", PASSWORD),
    ("http://a@public.example@127.0.0.1/", PASSWORD),
    ("http://127.0.0.1#@public.example/", NOT_PUBLIC),
    ("http://127.0.0.1?@public.example/", NOT_PUBLIC),
    ("http://127.0.0.1\\@public.example/", ""),
    ("http://public.example\\@127.0.0.1/", ""),
    ("http://127.0.0.1:80:80/", NO_ADDRESS),
    ("http://127.0.0.1 .public.example/", ""),
    # ports
    ("http://127.0.0.1:22/", NOT_PUBLIC),
    ("http://[::1]:6379/", NOT_PUBLIC),
    ("http://localhost:5432/", NOT_PUBLIC),
    ("http://public.example:25/", PORT),
    ("http://public.example:8080/", PORT),
    ("http://public.example:65616/", PORT),  # 80, where somebody counts in 16 bits
    # schemes
    ("file:///etc/passwd", NO_SITE),
    ("file://127.0.0.1/etc/passwd", NO_SITE),
    ("ftp://127.0.0.1/", NO_SITE),
    ("gopher://127.0.0.1:6379/_FLUSHALL", NO_SITE),
    ("dict://127.0.0.1:11211/stats", NO_SITE),
    ("ldap://127.0.0.1/", NO_SITE),
    ("data:text/html,hello", NO_SITE),
    ("javascript:alert(1)", NO_SITE),
    ("jar:http://127.0.0.1!/", NO_SITE),
    ("http+unix://%2Frun%2Fdocker.sock/info", NO_SITE),
    ("ws://127.0.0.1/", NO_SITE),
    # half of an address
    ("127.0.0.1", NO_SITE),
    ("127.0.0.1/admin", NO_SITE),
    ("localhost:80", NO_SITE),
    ("//127.0.0.1/", NO_SITE),
    ("\\\\127.0.0.1\\share", NO_SITE),
    ("http:127.0.0.1/", NO_SITE),
    ("http:/127.0.0.1/", NO_SITE),
    ("http:///127.0.0.1/", NO_SITE),
    ("http://", NO_SITE),
    ("", NO_SITE),
]
#: What leads a redirect to another place without telling all of it.
HALVES = [
    "//127.0.0.1/",
    "//localhost/",
    "//[::1]/",
    "///127.0.0.1/",
    "/\\127.0.0.1/",
    "\\\\127.0.0.1\\",
    "http:127.0.0.1/",
    "http:///127.0.0.1/",
    "127.0.0.1/",
    "//public.example@127.0.0.1/",
    "?http://127.0.0.1/",
    "/to?url=http://127.0.0.1/",
]


class Internet:
    """The one resolver, and what was dialled; wherever that is, `site` answers."""

    def __init__(self, site: web.Site) -> None:
        self.site, self.dialled = site, list[tuple[str, int]]()
        self.asked: dict[str, int] = defaultdict(int)
        self._find, self._dial = socket.getaddrinfo, socket.create_connection

    def find(self, host: str, port: int, *rest: Any, **kinds: Any) -> list[Any]:
        answers = NAMES.get(host.lower())
        if answers is None:  # a number, or nothing: no question leaves this machine
            return self._find(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        turn, self.asked[host] = self.asked[host], self.asked[host] + 1
        found = answers[min(turn, len(answers) - 1)]
        return [(0, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    def dial(self, address: tuple[str, int], *rest: Any, **more: Any) -> socket.socket:
        self.dialled.append(address[:2])
        here = int(self.site.url.rpartition(":")[2])
        return self._dial(("127.0.0.1", here), *rest, **more)

    def inside(self) -> list[tuple[str, int]]:
        """What was dialled that is no checked public address; a name is none."""
        return [one for one in self.dialled if not _is_number(one[0]) or not _public(one[0])]


def _is_number(host: str) -> bool:
    return set(host.lower()) <= set("0123456789abcdef.:%")


def _public(host: str) -> bool:
    return gate.is_public(ipaddress.ip_address(host))


@pytest.fixture(scope="module")
def listener() -> Iterator[web.Site]:
    with web.served() as one:
        yield one


@pytest.fixture
def internet(listener: web.Site, monkeypatch: pytest.MonkeyPatch) -> Internet:
    listener.asked.clear()
    listener.answers.clear()
    listener.give("/", SECRET)
    made = Internet(listener)
    monkeypatch.setattr(socket, "getaddrinfo", made.find)
    monkeypatch.setattr(socket, "create_connection", made.dial)
    return made


def refused(url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(url, limits=Limits(seconds=10))
    assert caught.value.reason.strip()
    return caught.value


def test_what_is_public_is_dialled_by_its_checked_number(internet: Internet) -> None:
    assert fetch("http://public.example/").body == SECRET
    assert internet.dialled == [(PUBLIC, 80)]
    assert internet.asked == {"public.example": 1}


def test_an_inside_that_was_dialled_would_be_seen(internet: Internet) -> None:
    for url in ("http://127.0.0.1/", "http://localhost/"):
        assert fetch(url, allowed=(*web.LOOPBACK, "::1/128")).body == SECRET
    assert internet.inside() == [("127.0.0.1", 80), ("127.0.0.1", 80)]


def test_the_corpus_is_large_and_has_nothing_twice() -> None:
    assert len({url for url, _ in FORMS}) == len(FORMS) > 100


@pytest.mark.parametrize(("url", "why"), FORMS, ids=[ascii(url) for url, _ in FORMS])
def test_no_form_of_an_address_gets_inside(internet: Internet, url: str, why: str) -> None:
    assert why in str(refused(url))
    assert not internet.dialled


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_gets_inside(internet: Internet, code: int) -> None:
    """Each form as where a public site sends us; half of an address is one at that site."""
    places = [url for url, _ in FORMS if url and "\r" not in url] + HALVES
    for place in places if code == 302 else places[::9]:
        target = place.encode().decode("latin-1")
        internet.site.give("/go", status=code, Location=target)
        refused("http://public.example/go")
        assert not internet.inside(), place


def test_a_long_way_round_ends_at_the_same_gate(internet: Internet) -> None:
    internet.site.give("/1", status=301, Location="https://public.example:80/2")
    internet.site.give("/a", status=302, Location="/b")
    internet.site.give("/b", status=307, Location="//public.example/c")
    internet.site.give("/c", status=308, Location="http://[::ffff:169.254.169.254]/")
    assert NOT_PUBLIC in str(refused("http://public.example/a"))
    assert [path for path, _ in internet.site.asked] == ["/a", "/b", "/c"]
    assert not internet.inside()


@pytest.mark.parametrize("name", ["rebinding.example", "rebound.example"])
def test_a_name_that_moves_inside_between_two_requests_is_refused(
    internet: Internet, name: str
) -> None:
    internet.site.give("/a", status=302, Location=f"http://{name}/")
    assert NOT_PUBLIC in str(refused(f"http://{name}/a"))
    assert internet.dialled == [(PUBLIC, 80)]
    assert internet.asked[name] == 2


def test_a_name_that_moves_inside_after_the_look_is_not_looked_up_again(internet: Internet) -> None:
    assert fetch("http://rebinding.example/").body == SECRET
    assert internet.dialled == [(PUBLIC, 80)]
    assert internet.asked == {"rebinding.example": 1}


def test_a_header_that_is_split_leads_nowhere(internet: Internet) -> None:
    internet.site.give("/go", status=302, Location="/x\r\nLocation: http://127.0.0.1/")
    refused("http://public.example/go")
    assert not internet.inside()
