"""The numbers of the door, and whose domain has none."""

from __future__ import annotations

import pytest

from digest.audience import caps
from digest.audience.caps import DAY, HOUR, MONTH


def test_the_numbers_are_those_of_the_page_about_readers() -> None:
    assert caps.PER_ASKER == ((5, HOUR), (20, DAY))
    assert caps.PER_NETWORK == ((30, HOUR), (120, DAY))
    assert caps.PER_NEWSLETTER == ((1, DAY), (3, MONTH))
    assert caps.PER_ADDRESS == ((5, DAY),)
    assert caps.PER_DOMAIN == ((60, HOUR),)


@pytest.mark.parametrize(
    "domain", ["gmail.com", "yahoo.co.uk", "hotmail.fr", "web.de", "proton.me", "qq.com"]
)
def test_mailboxes_of_millions_have_no_limit(domain: str) -> None:
    assert caps.is_large(domain)


@pytest.mark.parametrize("domain", ["university.example", "gmail.com.example.net", "notgmail.com"])
def test_every_other_domain_has_one(domain: str) -> None:
    assert not caps.is_large(domain)
