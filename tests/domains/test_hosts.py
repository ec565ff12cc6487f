"""Where bounces come back to, and whether a server's reverse name leads back to it."""

from __future__ import annotations

import pytest

from digest.domains.hosts import examine_returns, examine_sender
from tests.zones import Zone

BACK = "bounce.gazette.example"


@pytest.mark.parametrize(
    ("text", "fine", "words"),
    [
        (
            f"{BACK}. MX 20 b.example.\n{BACK}. MX 10 a.example.\na.example. A 192.0.2.1\nb.example. A 192.0.2.2",
            True,
            "a.example, b.example",
        ),
        (
            f"{BACK}. MX 10 a.example.\n{BACK}. MX 20 b.example.\nb.example. AAAA 2001:db8::1",
            True,
            "not there: a.example",
        ),
        (f"{BACK}. A 192.0.2.1", True, "no MX"),
        (f"{BACK}. MX 10 a.example.", False, "no such server"),
        (f"{BACK}. MX 0 .", False, "null MX"),
        ("", False, "takes no mail"),
    ],
)
def test_whether_bounces_arrive(text: str, fine: bool, words: str) -> None:
    found = examine_returns(Zone.of(text), BACK)
    assert (found.fine, words in found.text) == (fine, True)


def test_what_is_offered_lets_them_arrive() -> None:
    zone = Zone.of("mail.gazette.example. A 192.0.2.1")
    zone.publish(*examine_returns(zone, BACK, server="mail.gazette.example").publish)
    assert examine_returns(zone, BACK).fine


def test_a_server_whose_reverse_name_leads_back_is_fine() -> None:
    zone = Zone.of("mail.gazette.example. A 198.51.100.7\n")
    zone.records["mail.gazette.example", "A"] = ["9.9.9.7", "10.0.0.1"]
    (found,) = examine_sender(zone, "mail.gazette.example")
    assert (found.fine, "no reverse name" in found.text) == (False, True)
    zone.publish(*found.publish)
    (found,) = examine_sender(zone, "mail.gazette.example")
    assert (found.fine, found.text) == (True, "mail.gazette.example, and back")


def test_a_reverse_name_that_leads_elsewhere_is_told() -> None:
    zone = Zone.of("7.9.9.9.in-addr.arpa. PTR other.example.\nmail.gazette.example. A 9.9.9.7")
    (found,) = examine_sender(zone, "mail.gazette.example")
    assert (found.fine, "does not lead back" in found.text) == (False, True)


def test_a_relay_that_is_not_there_is_told() -> None:
    (found,) = examine_sender(Zone(), "mail.gazette.example")
    assert not found.fine
