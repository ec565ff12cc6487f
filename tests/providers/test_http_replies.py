"""What an answer means: its status, its words, and how long it asks us to wait."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from digest.providers.http_replies import LONGEST_WAIT_S, Fate, Reply, by_status


def a_reply(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, headers or {}, body)


@pytest.mark.parametrize(
    ("status", "fate"),
    [(429, Fate.LATER), (400, Fate.FAULTY), (413, Fate.FAULTY), (422, Fate.FAULTY),
     (401, Fate.HALTED), (402, Fate.HALTED), (403, Fate.HALTED), (404, Fate.HALTED),
     (405, Fate.HALTED), (301, Fate.HALTED), (307, Fate.HALTED), (451, Fate.HALTED),
     (408, Fate.DOUBT), (409, Fate.DOUBT), (500, Fate.DOUBT), (502, Fate.DOUBT),
     (503, Fate.DOUBT), (504, Fate.DOUBT), (599, Fate.DOUBT), (101, Fate.DOUBT)],
)  # fmt: skip
def test_each_status_has_its_fate(status: int, fate: Fate) -> None:
    assert by_status(a_reply(status)).fate is fate


@pytest.mark.parametrize(
    ("told", "wait"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("Sun, 29 Nov 2026 09:00:30 GMT", 30.0),
     ("Sun, 29 Nov 2026 08:00:00 GMT", 0.0), ("1795942830", 30.0), ("9e99", LONGEST_WAIT_S),
     ("soon", None), ("nan", None)],
)  # fmt: skip
def test_retry_after_is_seconds_a_date_or_a_moment_by_the_providers_clock(
    told: str, wait: float | None
) -> None:
    found = a_reply(429, headers={"date": "Sun, 29 Nov 2026 09:00:00 GMT", "retry-after": told})
    assert found.wait_s == wait


@pytest.mark.parametrize("name", ["ratelimit-reset", "x-ratelimit-reset", "x-sib-ratelimit-reset"])
def test_when_a_limit_opens_again_stands_in_many_fields(name: str) -> None:
    assert by_status(a_reply(429, headers={name: "12"})).wait_s == 12.0


def test_retry_after_goes_before_the_limits_own_field_and_none_is_none() -> None:
    assert a_reply(429, headers={"retry-after": "3", "ratelimit-reset": "12"}).wait_s == 3.0
    assert a_reply(429).wait_s is None


@pytest.mark.parametrize(
    ("body", "words"),
    [(b'{"message": "too many"}', "422 too many"), (b'{"Message": "M"}', "422 M"),
     (b'{"error": "e"}', "422 e"), (b"<html>", "422 <html>"), (b"[1]", "422 [1]"), (b"", "422"),
     (b'{"message": {"a": 1}}', '422 {"message": {"a": 1}}'), (b"\xff", "422 \ufffd")],
)  # fmt: skip
def test_the_words_are_the_providers_own(body: bytes, words: str) -> None:
    assert a_reply(422, body).words == words
