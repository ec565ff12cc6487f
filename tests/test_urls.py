"""URL keys: all spellings of one page are one, and no two pages are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.urls import TRACKER_PREFIXES, TRACKERS, url_key

PAGE = "https://gazette.example/ferry?p=123"

SAME = [
    "http://gazette.example/ferry?p=123",
    "HTTPS://Gazette.Example/ferry?p=123",
    "https://www.gazette.example/ferry?p=123",
    "https://gazette.example:443/ferry?p=123",
    "http://gazette.example:80/ferry?p=123",
    "https://gazette.example./ferry?p=123",
    "https://gazette.example/ferry?p=123#comments",
    "https://gazette.example/ferry?p=123&utm_source=mail&utm_medium=email",
    "https://gazette.example/ferry?fbclid=abc&p=123",
    "https://gazette.example/ferry?p=123&outputType=amp",
    "https://gazette.example/a/../ferry?p=123",
    "https://gazette.example/f%65rry?p=123",
    "  https://gazette.example/ferry?p=123\n",
    "https://reader:secret@gazette.example/ferry?p=123",
    "https://gazette.example/ferry?UTM_Campaign=x&p=123",
]
OTHER = [
    "https://gazette.example/ferry",
    "https://gazette.example/ferry?p=124",
    "https://gazette.example/ferry?p=123&page=2",
    "https://gazette.example/ferry?p=123&utm=1",
    "https://gazette.example/ferry?p=123&outputType=full",
    "https://gazette.example:8443/ferry?p=123",
    "https://m.gazette.example/ferry?p=123",
    "https://gazette.example/Ferry?p=123",
    "https://gazette.example/ferry?p=123&ref=",
]


@pytest.mark.parametrize("url", SAME)
def test_another_spelling_is_the_same_page(url: str) -> None:
    assert url_key(url) == url_key(PAGE) == "gazette.example/ferry?p=123"


@pytest.mark.parametrize("url", OTHER)
def test_another_page_has_another_key(url: str) -> None:
    assert url_key(url) not in (None, url_key(PAGE))


@pytest.mark.parametrize("tracker", sorted(TRACKERS) + [p + "x" for p in TRACKER_PREFIXES])
def test_a_tracker_is_dropped_wherever_it_stands(tracker: str) -> None:
    assert url_key(f"https://a.example/?{tracker}=1") == "a.example/"
    assert url_key(f"https://a.example/?a=1&{tracker}=1&b=2") == "a.example/?a=1&b=2"


@pytest.mark.parametrize(
    "url",
    ["", "   ", "/ferry", "gazette.example/ferry", "mailto:a@b.example", "javascript:alert(1)",
     "https://", "https:///ferry", "https://a.example:port/", "https://[::1", "ftp://a.example/x"],
)  # fmt: skip
def test_what_is_no_web_address_has_no_key(url: str) -> None:
    assert url_key(url) is None


def test_a_host_in_unicode_and_in_ascii_are_one() -> None:
    assert url_key("https://bücher.example/ü") == url_key("https://xn--bcher-kva.example/%C3%BC")


@given(st.text(max_size=80))
def test_any_text_gives_a_key_or_none_and_a_key_is_its_own_key(text: str) -> None:
    for url in (text, "https://a.example/" + text):
        key = url_key(url)
        assert key is None or url_key("https://" + key) == key
