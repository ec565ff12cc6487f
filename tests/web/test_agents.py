"""Browsers are told apart for their owners."""

from __future__ import annotations

import pytest

from digest.web import agents

MOZILLA = "Mozilla/5.0"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"{MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (f"{MOZILLA} (Windows NT 10.0) Chrome/141.0 Safari/537.36 Edg/141.0", "Edge, Windows"),
        (f"{MOZILLA} (Linux; Android 15) Chrome/141.0 Mobile Safari/537.36", "Chrome, Android"),
        (f"{MOZILLA} (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1", "Safari, iPhone"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 15_1) Chrome/141.0 Safari/537.36", "Chrome, Mac"),
        ("curl/8.5", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_two_words(user_agent: str, words: str) -> None:
    assert agents.spoken(user_agent) == words
