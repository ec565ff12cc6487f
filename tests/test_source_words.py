"""What ails a source: the errors that sources raise, in plain words, each with something to do."""

from __future__ import annotations

import pytest

from digest.errors import FetchError
from digest.source_words import Ailment, ailment


def of(reason: str) -> Ailment:
    return ailment(str(FetchError("https://gazette.example/certificate-no-answer", reason)))


@pytest.mark.parametrize(
    ("reason", "words", "remedy"),
    [
        ("answered 410 Gone", "gone for good", "once a week"),
        ("answered 404 Not Found", "nothing at this address", "sources find"),
        ("answered 403 Forbidden", "does not let us in", "let the program in"),
        ("answered 429 Too Many Requests", "asks for quiet", "Nothing to do"),
        ("its host asked to be left alone for 40 seconds more", "asks for quiet", "`every`"),
        ("answered 503 Service Unavailable", "out of order", "by itself"),
        ("answered 206 Partial Content", "another answer", "sources find"),
        ("10.0.0.7 is not a public address", "network of our own", "DIGEST_FETCH_ALLOW"),
        ("port 25 is no web site's", "port", "without the port"),
        ("an address with a password in it is not read", "password", "without it"),
        ("only http and https addresses are read", "no web address", "sources find"),
        ("no answer: [Errno -2] Name or service not known", "name is not known", "spelled"),
        ("no answer: [SSL: CERTIFICATE_VERIFY_FAILED] expired", "certificate", "renew"),
        ("no answer: [Errno 111] Connection refused", "Nobody answers", "by itself"),
        ("no answer: ", "cannot be reached", "by itself"),
        ("no whole answer in 20 seconds", "too slow", "`every`"),
        ("its host was busy with other requests of ours all the time", "too slow", "by itself"),
        ("larger than 30 MB", "larger", "sources find"),
        ("sends us on more than 5 times", "circle", "browser"),
        ("the compressed answer is broken", "broken", "by itself"),
        ("there is no such file or folder", "not there", "path"),
        ("could not be stored: OperationalError", "database", "doctor"),
        ("could not be read in the time and memory that it may take", "memory", "huge"),
        ("is no sitemap", "not what the schedule says", "`kind`"),
        ("is no answer of Ghost's Content API", "not what the schedule says", "`kind`"),
        ("no feed: <unknown>:2:7: not well-formed", "not what the schedule says", "`kind`"),
        ("posts.zip: cannot be opened: bad header", "not what the schedule says", "`kind`"),
        ("KeyError: 'items'", "could not be read", "sources find"),
    ],
)
def test_each_error_has_plain_words_and_a_remedy(reason: str, words: str, remedy: str) -> None:
    found = of(reason)
    assert words in found.words
    assert remedy in found.remedy


def test_words_in_the_address_are_not_taken_for_the_error() -> None:
    assert "out of order" in of("answered 500 Internal Server Error").words
