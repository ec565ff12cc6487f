"""SPF as receivers evaluate it, and what is said of a record."""

from __future__ import annotations

import ipaddress

import pytest

from digest.domains import spf
from digest.domains.spf import LOOKUPS, Result, Walk
from tests.zones import Zone

DOMAIN = "gazette.example"


def of(record: str, more: str = "") -> Zone:
    return Zone.of(f'{DOMAIN}. TXT "{record}"\n{more}')


def result(zone: Zone, address: str) -> Result:
    return Walk(zone, ipaddress.ip_address(address)).result(DOMAIN)


HOSTS = """
gazette.example. A 192.0.2.10
gazette.example. AAAA 2001:db8::10
gazette.example. MX 10 mx.gazette.example.
mx.gazette.example. A 192.0.2.25
inner.example. TXT "v=spf1 ip4:198.51.100.0/24 -all"
listed.example. A 127.0.0.2
"""


@pytest.mark.parametrize(
    ("record", "address", "expected"),
    [
        ("v=spf1 ip4:192.0.2.1 -all", "192.0.2.1", Result.PASS),
        ("v=spf1 ip4:192.0.2.1 -all", "192.0.2.2", Result.FAIL),
        ("v=spf1 ip4:192.0.2.0/30 ~all", "192.0.2.3", Result.PASS),
        ("v=spf1 ip4:192.0.2.0/30 ~all", "192.0.2.4", Result.SOFTFAIL),
        ("v=spf1 ip6:2001:db8::/32 ?all", "2001:db8::1", Result.PASS),
        ("v=spf1 ip6:2001:db8::/32 ?all", "192.0.2.1", Result.NEUTRAL),
        ("v=spf1 ip4:192.0.2.1", "192.0.2.9", Result.NEUTRAL),
        ("v=spf1 +all", "192.0.2.9", Result.PASS),
        ("V=SPF1 A -ALL", "192.0.2.10", Result.PASS),
        ("v=spf1 a -all", "2001:db8::10", Result.PASS),
        ("v=spf1 a/24 -all", "192.0.2.99", Result.PASS),
        ("v=spf1 a//64 -all", "2001:db8::99", Result.PASS),
        ("v=spf1 a//64 -all", "192.0.2.99", Result.FAIL),
        ("v=spf1 a:mx.gazette.example -all", "192.0.2.25", Result.PASS),
        ("v=spf1 mx -all", "192.0.2.25", Result.PASS),
        ("v=spf1 mx/28 -all", "192.0.2.17", Result.PASS),
        ("v=spf1 -mx +all", "192.0.2.25", Result.FAIL),
        ("v=spf1 include:inner.example -all", "198.51.100.7", Result.PASS),
        ("v=spf1 include:inner.example ?all", "192.0.2.1", Result.NEUTRAL),
        ("v=spf1 redirect=inner.example", "198.51.100.7", Result.PASS),
        ("v=spf1 redirect=inner.example", "192.0.2.1", Result.FAIL),
        ("v=spf1 redirect=inner.example ~all", "192.0.2.1", Result.SOFTFAIL),
        ("v=spf1 exists:listed.example -all", "192.0.2.1", Result.PASS),
        ("v=spf1 exists:%{i}.nowhere.example -all", "192.0.2.1", Result.FAIL),
        ("v=spf1 ptr -all", "192.0.2.1", Result.FAIL),
        ("v=spf1 exp=why.example -all", "192.0.2.1", Result.FAIL),
        ("v=spf1 include:nowhere.example -all", "192.0.2.1", Result.ERROR),
        ("v=spf1 ipv4:192.0.2.1 -all", "192.0.2.1", Result.ERROR),
        ("v=spf1 ip4:192.0.2.300 -all", "192.0.2.1", Result.ERROR),
        ("v=spf10 -all", "192.0.2.1", Result.NONE),
    ],
)
def test_an_address_is_judged_as_the_standard_says(
    record: str, address: str, expected: Result
) -> None:
    assert result(of(record, HOSTS), address) is expected


@pytest.mark.parametrize(
    "term",
    ["all:x.example", "all/8", "include", "include:", "include:a.example/24", "exists", "exists:a.example/8",
     "a:", "a:-", "a:1.2.3.4", "a:example", "a/33", "a//129", "a/024", "mx:/24", "ptr/8", "ip4:192.0.2.0/024",
     "ip4:2001:db8::1", "ip6:192.0.2.1", "ip6", "redirect=", "redirect=x", "exp=", "=x", "?", "include:%{z}.example",
     "redirect=a.example redirect=b.example", "foo", "a:ü.example"],
)  # fmt: skip
def test_one_term_that_is_none_breaks_the_whole_record_even_behind_all(term: str) -> None:
    zone = of("v=spf1 -all")
    zone.texts = lambda name: [f"v=spf1 ip4:192.0.2.1 all {term}"]  # type: ignore[method-assign]
    assert result(zone, "192.0.2.1") is Result.ERROR


@pytest.mark.parametrize(
    "term",
    ["a:a.example/24//64", "A:A.EXAMPLE.", "exists:%{ir}.%{v}._spf.%{d2}", "ip6:2001:db8::/32", "ip6:::ffff:192.0.2.0/120",
     "op=helo", "x-y.z=%{s}", "a:c--x.xn--p1ai", "?include:_spf.a.example"],
)  # fmt: skip
def test_a_term_of_any_right_form_is_read(term: str) -> None:
    assert result(of(f"v=spf1 ip4:192.0.2.1 {term}"), "192.0.2.1") is Result.PASS


def test_two_records_are_an_error() -> None:
    zone = of("v=spf1 -all", f'{DOMAIN}. TXT "v=spf1 mx -all"')
    assert result(zone, "192.0.2.1") is Result.ERROR
    assert "2 SPF records" in spf.examine(zone, DOMAIN).text


def test_a_record_that_includes_itself_comes_to_an_end() -> None:
    found = spf.examine(of(f"v=spf1 include:{DOMAIN} -all"), DOMAIN)
    assert not found.fine
    assert "without end" in found.text


@pytest.mark.parametrize(("many", "fine"), [(LOOKUPS, True), (LOOKUPS + 1, False)])
def test_ten_lookups_are_allowed_and_counted_through_all_that_is_included(
    many: int, fine: bool
) -> None:
    inner = " ".join(f"a:h{n}.gazette.example" for n in range(many - 1))
    hosts = "\n".join(f"h{n}.gazette.example. A 192.0.2.{n + 1}" for n in range(many))
    zone = of(
        "v=spf1 include:inner.example -all", f'inner.example. TXT "v=spf1 {inner} -all"\n{hosts}'
    )
    found = spf.examine(zone, DOMAIN)
    assert found.fine is fine
    assert (f"{many} of 10" if fine else f"asks DNS {many} times") in found.text


def test_three_names_that_are_not_there_are_too_many() -> None:
    voids = "a:x.example a:y.example"
    assert spf.examine(of(f"v=spf1 {voids} -all"), DOMAIN).fine
    found = spf.examine(of(f"v=spf1 {voids} mx:z.example -all"), DOMAIN)
    assert (found.fine, "3 names" in found.text) == (False, True)


def test_more_than_ten_mail_servers_are_an_error() -> None:
    servers = "\n".join(f"{DOMAIN}. MX 10 m{n}.example." for n in range(11))
    assert "11 mail servers" in spf.examine(of("v=spf1 mx -all", servers), DOMAIN).text


# ---------------------------------------------------------------- what to publish


def mended(zone: Zone, **wanted: object) -> None:
    """What is said to be published is enough."""
    found = spf.examine(zone, DOMAIN, **wanted)  # type: ignore[arg-type]
    assert not found.fine
    zone.records.pop((DOMAIN, "TXT"), None)
    zone.publish(*found.publish)
    assert spf.examine(zone, DOMAIN, **wanted).fine  # type: ignore[arg-type]


def test_without_a_record_one_is_offered_that_is_enough() -> None:
    provider = 'spf.mtasv.net. TXT "v=spf1 ip4:198.51.100.0/24 -all"'
    mended(Zone.of(HOSTS), senders=("192.0.2.77", "2001:db8::77"))
    mended(Zone.of(HOSTS))
    mended(Zone.of(provider), include="spf.mtasv.net")


def test_what_is_missing_is_added_to_what_is_there() -> None:
    zone = of(
        "v=spf1 mx include:inner.example ~all",
        HOSTS + 'spf.mtasv.net. TXT "v=spf1 ip4:198.51.100.0/24 -all"',
    )
    found = spf.examine(zone, DOMAIN, include="spf.mtasv.net")
    assert '"v=spf1 mx include:inner.example include:spf.mtasv.net ~all"' in found.publish[0]
    mended(zone, include="spf.mtasv.net")
    zone = of("v=spf1 redirect=inner.example", HOSTS)
    mended(zone, senders=("192.0.2.77",))


def test_an_include_counts_wherever_it_stands() -> None:
    zone = of(
        "v=spf1 include:inner.example -all",
        'inner.example. TXT "v=spf1 include:SPF.mtasv.net. -all"\nspf.mtasv.net. TXT "v=spf1 -all"',
    )
    assert spf.examine(zone, DOMAIN, include="spf.mtasv.net").fine


def test_a_record_for_everybody_is_let_pass_with_a_word() -> None:
    found = spf.examine(of("v=spf1 +all"), DOMAIN)
    assert found.fine
    assert "distrust" in found.text
