"""A provider tried without sending: what was found, or what to look at. The relays are those of `digest doctor`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from digest.delivery import tryout
from digest.delivery.tryout import Tried
from digest.errors import SendHalted, TryLater


@dataclass
class Provider:
    """Answers as the test says, or never."""

    answer: str | Exception | None

    async def tried(self) -> str:
        if self.answer is None:
            await asyncio.Event().wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        assert self.answer is not None
        return self.answer


def tried(answer: str | Exception | None) -> Tried:
    return asyncio.run(tryout.tried("smtp", Provider(answer)))


def test_one_that_lets_us_in_is_fine() -> None:
    assert tried("logged in as sunday") == Tried(True, "logged in as sunday")


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        (SendHalted("535 5.7.8 wrong"), "DIGEST_SMTP_USERNAME and DIGEST_SMTP_PASSWORD"),
        (TryLater("no connection to relay.example:25"), "DIGEST_SMTP_HOST and DIGEST_SMTP_PORT"),
    ],
)
def test_one_that_does_not_says_why_and_what_to_look_at(answer: Exception, remedy: str) -> None:
    found = tried(answer)
    assert (found.fine, found.remedy) == (False, remedy)
    assert str(found) == f"{answer}: {remedy}"


def test_one_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.delivery.tryout.TRIAL_S", 0.001)
    found = tried(None)
    assert not found.fine
    assert found.words.startswith("no reply within")
