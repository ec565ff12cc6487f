"""Addresses on a page: whose they are stays, what may be a secret in them goes."""

from __future__ import annotations

import pytest

from digest.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.example/feed/", "https://a.example/feed/"),
        ("https://u:p%40ss@a.example/feed", "https://a.example/feed"),
        ("HTTPS://u@a.example", "HTTPS://a.example"),
        ("https://a.example/f?key=abc&format=rss", "https://a.example/f?key=…&format=…"),
        ("https://a.example/f?abcdef", "https://a.example/f?…"),
        ("https://a.example/f?key=abc#token=d", "https://a.example/f?key=…"),
        ("https://a.example/f#token", "https://a.example/f"),
        ("https://a.example/f?key=a: answered 503", "https://a.example/f?key=…: answered 503"),
        ("(see https://a.example/?k=v).", "(see https://a.example/?k=…)."),
        ("one https://b:c@d.example/x two http://e.example?y=z", "one https://d.example/x two http://e.example?y=…"),
        ("https://a@b@c.example/", "https://c.example/"),
        ("bob@example.net wrote? https://", "bob@example.net wrote? https://"),
        ("", ""),
    ],
)  # fmt: skip
def test_logins_parameters_and_fragments_are_hidden(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_what_is_masked_stays_as_it_is() -> None:
    once = masked("https://u:p@a.example/f?key=abc&b, and more")
    assert masked(once) == once
