"""DMARC of 2026: the walk up the tree, the tags that came and went, and who agrees with whom."""

from __future__ import annotations

import pytest

from digest.domains import dmarc
from digest.domains.dmarc import Identities, agree, organisation, walk
from tests.zones import Zone


def zone(**records: str) -> Zone:
    """Records by domain, with `_` for a full stop."""
    made = Zone()
    for name, text in records.items():
        made.publish(f'_dmarc.{name.replace("_", ".")}. TXT "{text}"')
    return made


def organised(names: Zone, domain: str) -> str:
    return organisation(domain, walk(names, domain))


def test_a_walk_asks_for_eight_names_at_the_most() -> None:
    """RFC 9989 §4.10, its own example."""
    names = Zone()
    walk(names, "a.b.c.d.e.f.g.h.i.j.mail.example.com")
    assert list(names.asked) == [
        f"_dmarc.{one}"
        for one in (
            "a.b.c.d.e.f.g.h.i.j.mail.example.com",
            "g.h.i.j.mail.example.com",
            "h.i.j.mail.example.com",
            "i.j.mail.example.com",
            "j.mail.example.com",
            "mail.example.com",
            "example.com",
            "com",
        )
    ]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ({}, "a.mail.example.com"),
        (
            {"mail_example_com": "v=DMARC1; p=none", "example_com": "v=DMARC1; p=none"},
            "example.com",
        ),
        (
            {"mail_example_com": "v=DMARC1; p=none; psd=n", "example_com": "v=DMARC1"},
            "mail.example.com",
        ),
        ({"com": "v=DMARC1; p=none; psd=y"}, "example.com"),
        ({"example_com": "v=DMARC1; psd=y", "com": "v=DMARC1"}, "mail.example.com"),
        ({"example_com": "v=DMARC1; psd=u", "com": "v=DMARC1; psd=y"}, "example.com"),
        ({"a_mail_example_com": "v=DMARC1; psd=y"}, "a.mail.example.com"),
    ],
)
def test_the_organisation_is_found_by_the_walk(records: dict[str, str], expected: str) -> None:
    assert organised(zone(**records), "a.mail.example.com") == expected


@pytest.mark.parametrize(
    "text", ["v=DMARC2; p=none", "v=dmarc1; p=none", "p=none; v=DMARC1", "v=DMARC12"]
)
def test_what_does_not_begin_with_its_version_is_no_record(text: str) -> None:
    assert walk(zone(gazette_example=text), "gazette.example") == []


def test_of_two_records_none_counts() -> None:
    names = zone(gazette_example="v=DMARC1; p=none")
    names.publish('_dmarc.gazette.example. TXT "v=DMARC1; p=reject"')
    (found,) = dmarc.examine(names, "gazette.example", Identities())
    assert (found.fine, "2 records" in found.text) == (False, True)


@pytest.mark.parametrize(
    ("records", "policy"),
    [
        (
            {"news_gazette_example": "v=DMARC1; p=reject", "gazette_example": "v=DMARC1; p=none"},
            "reject",
        ),
        ({"gazette_example": "v=DMARC1; p=reject; sp=quarantine"}, "quarantine"),
        ({"gazette_example": "v=DMARC1; p=reject"}, "reject"),
        ({"example": "v=DMARC1; p=reject; psd=y"}, "reject"),
        ({"gazette_example": "v=DMARC1; p=none", "example": "v=DMARC1; p=reject; psd=y"}, "none"),
        ({"gazette_example": "v=DMARC1; rua=mailto:d@gazette.example"}, "none"),
        ({"gazette_example": "v=DMARC1; p=rejct; rua=mailto:d@gazette.example"}, "none"),
        ({"gazette_example": "v=DMARC1; p=reject; np=x; rua=mailto:d@x.example"}, "none"),
    ],
)
def test_the_policy_is_that_of_the_author_the_organisation_or_the_registry(
    records: dict[str, str], policy: str
) -> None:
    found, *_ = dmarc.examine(zone(**records), "news.gazette.example", Identities())
    assert found.fine
    assert f"p={policy} by" in found.text


@pytest.mark.parametrize("text", ["", "v=DMARC1", "v=DMARC1; p=rejct", "v=DMARC1; p=none; sp=no"])
def test_without_a_policy_one_is_offered_that_is_enough(text: str) -> None:
    names = zone(gazette_example=text) if text else Zone()
    (found,) = dmarc.examine(names, "gazette.example", Identities())
    assert not found.fine
    names.records.clear()
    names.publish(*found.publish)
    assert all(one.fine for one in dmarc.examine(names, "gazette.example", Identities()))


def test_tags_that_are_gone_are_named_and_left_out_of_what_is_offered() -> None:
    names = zone(gazette_example="v=DMARC1; p=reject; pct=50; rf=afrf; ri=86400; adkim=s; t=y")
    found, *_ = dmarc.examine(names, "gazette.example", Identities())
    assert found.fine
    for words in ("pct, rf, ri: no longer known", "t=y: only a test", "no rua"):
        assert words in found.text
    (line,) = found.publish
    assert '"v=DMARC1; p=reject; adkim=s; t=y; rua=mailto:dmarc@gazette.example"' in line


def test_the_tags_of_2026_need_no_word() -> None:
    text = "v=DMARC1; p=reject; sp=none; np=reject; psd=n; t=n; rua=mailto:d@gazette.example"
    found, *_ = dmarc.examine(zone(gazette_example=text), "gazette.example", Identities())
    assert (found.text, found.publish) == ("p=reject by _dmarc.gazette.example", ())


@pytest.mark.parametrize(
    ("author", "other", "strict", "expected"),
    [
        ("gazette.example", "gazette.example", True, True),
        ("gazette.example", "bounce.gazette.example", False, True),
        ("gazette.example", "bounce.gazette.example", True, False),
        ("news.gazette.example", "bounce.gazette.example", False, True),
        ("gazette.example", "provider.example", False, False),
        ("gazette.example", "evilgazette.example", False, False),
    ],
)
def test_who_agrees_with_whom(author: str, other: str, strict: bool, expected: bool) -> None:
    names = zone(gazette_example="v=DMARC1; p=none", provider_example="v=DMARC1; p=none")
    assert agree(names, author, other, strict=strict) is expected


def test_one_identity_that_agrees_is_enough_and_both_are_told() -> None:
    names = zone(gazette_example="v=DMARC1; p=none; aspf=s; rua=mailto:d@gazette.example")
    both = Identities(signed="gazette.example", returns="bounce.gazette.example")
    _, found = dmarc.examine(names, "gazette.example", both)
    assert found.fine
    assert "the signature's gazette.example agrees" in found.text
    assert "the return path's bounce.gazette.example does not agree (aspf=s)" in found.text
    _, found = dmarc.examine(names, "gazette.example", Identities(signed="provider.example"))
    assert not found.fine
