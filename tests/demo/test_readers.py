"""The demo's readers: many languages, awkward addresses, and nobody who could be reached."""

from __future__ import annotations

import pytest
from email_validator import validate_email

from digest.demo.readers import readers

RESERVED = ("example.net", "example.org", "example.com")


def test_readers_are_the_same_ones_each_time_and_no_address_comes_twice() -> None:
    people = list(readers(1000))
    assert people == list(readers(1000))
    assert people[:200] == list(readers())
    assert len({address.casefold() for _, address in people}) == 1000


@pytest.mark.parametrize("address", [address for _, address in readers(60)])
def test_an_address_is_valid_and_leads_nowhere(address: str) -> None:
    ascii_email = validate_email(address, check_deliverability=False).ascii_email
    assert ascii_email
    assert ascii_email.rsplit("@", 1)[1].endswith(RESERVED)


def test_the_awkward_addresses_are_among_them() -> None:
    addresses = [address for _, address in readers()]
    assert "Soren.Odegaard@Example.NET" in addresses
    assert "hakon+gazette@example.org" in addresses
    assert "juergen@küste.example.net" in addresses


def test_names_come_in_several_scripts() -> None:
    names = " ".join(name for name, _ in readers())
    for name in ("مريم", "Ελένη", "さくら", "Оксана", "רות", "Müller-Voss"):
        assert name in names
