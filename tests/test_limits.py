"""What an operator may write about the pace, and what he is told where it makes no sense."""

from __future__ import annotations

from decimal import Decimal

import pytest

from digest.limits import (
    MOST,
    Limit,
    SlowStart,
    WarmUp,
    by_provider,
    for_provider,
    read_domain_limits,
    read_limits,
    read_slow_start,
    read_warm_up,
)

DAY = 86400


def test_limits_are_read_shortest_span_first() -> None:
    found = read_limits("100000/d, 10/s,600 / min , 20000/h,300/5min")
    assert [(one.count, one.seconds) for one in found] == [
        (10, 1),
        (600, 60),
        (300, 300),
        (20000, 3600),
        (100000, DAY),
    ]


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_no_limit_is_none(text: str) -> None:
    assert read_limits(text) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10", "'10' is no limit"),
        ("10/x", "as in '10/s, 600/min"),
        ("10/m", "is no limit"),
        ("ten/s", "is no limit"),
        ("-1/s", "is no limit"),
        ("1.5/s", "is no limit"),
        ("10/s 20/min", "is no limit"),
        ("0/s", "expected 1 or more"),
        ("5/0s", "span of 1s to 31d"),
        ("5/32d", "span of 1s to 31d"),
        ("10/s, 20/s", "two limits for the same span: 10 and 20"),
        ("60/min, 1/60s", "two limits for the same span"),
    ],
)
def test_what_is_no_limit_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_limits(text)
    assert told in str(caught.value)


def test_a_text_may_name_providers() -> None:
    text = "smtp: 10/s; postmark: 50/s, 900/min; 5/s"
    assert by_provider(text) == {"smtp": "10/s", "postmark": "50/s, 900/min", "": "5/s"}
    assert for_provider(text, "smtp", read_limits) == (Limit(1, 10),)
    assert for_provider(text, "outbox", read_limits) == (Limit(1, 5),)
    assert for_provider("smtp: 10/s", "outbox", read_limits) == ()
    assert for_provider("smtp: ; 5/s;", "smtp", read_limits) == (), "a name alone lifts the limit"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("smtp: 1/s; smtp: 2/s", "provider 'smtp' is given twice"),
        ("1/s; 600/min", "put commas between limits"),
        ("My relay: 1/s", "'My relay' is no provider's name"),
        (": 1/s", "'' is no provider's name"),
    ],
)
def test_a_text_that_names_providers_badly_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:
        by_provider(text)
    assert told in str(caught.value)


# ---------------------------------------------------------------- domains

DOMAINS = (
    "gmail.com=20/s, *.orange.fr=5/s 300/min, mail.orange.fr=1/s, free.fr+online.fr=2/s, *=50/s"
)


@pytest.mark.parametrize(
    ("domain", "group"),
    [
        ("gmail.com", "gmail.com"),
        ("GMail.com.", "gmail.com"),
        ("a.orange.fr", "*.orange.fr"),
        ("b.a.orange.fr", "*.orange.fr"),
        ("mail.orange.fr", "mail.orange.fr"),
        ("orange.fr", "orange.fr"),
        ("notorange.fr", "notorange.fr"),
        ("free.fr", "free.fr"),
        ("online.fr", "free.fr"),
        ("reader.example", "reader.example"),
    ],
)
def test_the_most_specific_limit_of_a_domain_wins(domain: str, group: str) -> None:
    assert read_domain_limits(DOMAINS).group(domain) == group


def test_a_group_has_its_limits_and_all_others_the_star_s() -> None:
    found = read_domain_limits(DOMAINS)
    assert found.limits("*.orange.fr") == (Limit(1, 5), Limit(60, 300))
    assert found.limits("reader.example") == (Limit(1, 50),)
    assert found.group("*.orange.fr") == "*.orange.fr", "a group's name stands for itself"


def test_without_a_star_other_domains_are_free() -> None:
    found = read_domain_limits("gmail.com=20/s")
    assert found.group("reader.example") is None
    assert found
    assert not read_domain_limits("")


@pytest.mark.parametrize(
    ("domain", "group"),
    [
        ("googlemail.com", "google"),
        ("hotmail.co.uk", "microsoft"),
        ("outlook.com", "microsoft"),
        ("live.evil.example", None),
        ("live.example", None),
        ("yahoo.com.br", "yahoo"),
        ("myhotmail.com", None),
        ("google", "google"),
    ],
)
def test_the_name_of_a_mailbox_provider_stands_for_all_its_domains(
    domain: str, group: str | None
) -> None:
    found = read_domain_limits("google=20/s, microsoft=5/s, yahoo=5/s")
    assert found.group(domain) == group


def test_any_ending_of_a_name_may_be_meant() -> None:
    assert read_domain_limits("mailo.*=1/s").group("mailo.com") == "mailo.*"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gmail.com", "is no limit of a domain"),
        ("gmail.com=", "is no limit of a domain"),
        ("=1/s", "is no limit of a domain"),
        ("gmail=1/s", "'gmail' is no domain"),
        ("g*.com=1/s", "is no domain"),
        ("me@gmail.com=1/s", "is no domain"),
        ("gmail.com=fast", "'fast' is no limit"),
        ("*=1/s, *=2/s", "'*' is given twice"),
        ("a.example=1/s, A.example=2/s", "'a.example' is given twice"),
        ("google=1/s, gmail.com=2/s", "'gmail.com' is given twice"),
    ],
)
def test_what_is_no_limit_of_a_domain_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_domain_limits(text)
    assert told in str(caught.value)


# ---------------------------------------------------------------- warm-up and slow start


def test_a_warm_up_grows_day_by_day_and_stops_at_the_most() -> None:
    plan = read_warm_up("200 x1.5 for News.example")
    assert plan == WarmUp(200, Decimal("1.5"), "news.example")
    assert [plan.cap(day) for day in (-1, 0, 1, 2, 3)] == [200, 200, 300, 450, 675]
    assert plan.cap(1_000_000) == MOST
    assert WarmUp(200, Decimal(1)).cap(400) == 200


def test_a_cap_never_shrinks() -> None:
    plan = WarmUp(7, Decimal("1.001"))
    caps = [plan.cap(day) for day in range(0, 25_000, 100)]
    assert caps == sorted(caps)
    assert caps[-1] == MOST


@pytest.mark.parametrize(
    "text", ["200", "x2", "200 x0.5", "0 x2", "200 x2 for", "200 x2 a b", "200x"]
)
def test_what_is_no_warm_up_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="as in '200 x2'"):
        read_warm_up(text)


def test_a_slow_start_has_a_beginning_and_perhaps_an_end() -> None:
    assert read_slow_start("20") == SlowStart(20, MOST)
    assert read_slow_start(" 20/s to 500/s ") == SlowStart(20, 500)
    assert [read_slow_start("0"), read_slow_start(""), read_warm_up(" ")] == [None, None, None]


@pytest.mark.parametrize("text", ["slow", "-1", "20 to 10", "20 to", "0 to 5", "1/min"])
def test_what_is_no_slow_start_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="as in '20' or '20 to 500'"):
        read_slow_start(text)


@pytest.mark.parametrize("text", ["10/s", "600/min", "5/15min", "20000/h", "700/d", "7/90s"])
def test_a_limit_is_told_as_it_is_written(text: str) -> None:
    assert [str(one) for one in read_limits(text)] == [text]
