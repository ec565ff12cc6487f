"""How fast mail may leave, as an operator writes it: what is understood, and how a slip is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from digest import limits
from digest.limits import Limit, SlowStart, WarmUp


def test_limits_stand_in_the_order_of_their_spans() -> None:
    found = limits.read_limits("100000/d, 10/s,600 / min ,20000/h")
    assert found == (Limit(1, 10), Limit(60, 600), Limit(3600, 20000), Limit(86400, 100000))
    assert limits.read_limits("") == ()


def test_a_text_may_speak_of_several_providers() -> None:
    text = "smtp: 10/s; postmark: 50/s; 5/s"
    read = limits.read_limits
    assert limits.for_provider(text, "smtp", read) == (Limit(1, 10),)
    assert limits.for_provider(text, "postmark", read) == (Limit(1, 50),)
    assert limits.for_provider(text, "ses", read) == (Limit(1, 5),)


def test_the_domains_of_one_mailbox_provider_share_a_limit() -> None:
    found = limits.read_domain_limits("google=20/s, orange.fr=5/s, *=50/s")
    assert found.group("gmail.com") == found.group("googlemail.com") == "google"
    assert found.group("orange.fr") == "orange.fr"
    assert found.group("example.net") == "example.net"  # each other domain for itself
    assert found.limits("google") == (Limit(1, 20),)
    assert found.limits("example.net") == (Limit(1, 50),)


def test_a_domain_without_a_limit_has_none() -> None:
    assert limits.read_domain_limits("google=20/s").group("example.net") is None


def test_a_warm_up_grows_by_its_factor() -> None:
    plan = limits.read_warm_up("200 x2")
    assert plan == WarmUp(200, Decimal(2), "")
    assert [plan.cap(day) for day in range(4)] == [200, 400, 800, 1600]
    assert limits.read_warm_up("") is None


def test_a_slow_start_has_a_first_rate_and_perhaps_a_last_one() -> None:
    assert limits.read_slow_start("20 to 500") == SlowStart(20, 500)
    assert limits.read_slow_start("0") is None


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (limits.read_limits, "ten a second"),
        (limits.read_limits, "10/fortnight"),
        (limits.read_domain_limits, "gmail.com"),
        (limits.read_domain_limits, "gmail.com=5/s, gmail.com=6/s"),
        (limits.read_domain_limits, "*=5/s, *=6/s"),
        (limits.read_warm_up, "200"),
        (limits.read_warm_up, "0 x2"),
        (limits.read_slow_start, "slowly"),
        (limits.by_provider, "smtp: 1/s; smtp: 2/s"),
        (limits.by_provider, "My Relay: 1/s"),
    ],
)
def test_what_is_no_limit_is_told(read: object, text: str) -> None:
    assert callable(read)
    with pytest.raises(ValueError, match=r"."):
        read(text)
