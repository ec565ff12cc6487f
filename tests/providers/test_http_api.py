"""The channel that all HTTP providers share, where no provider's own test shows it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import pytest

from digest.contracts.hand_over import ListFeed, messages, send
from digest.errors import Refused, SendHalted, TryLater, Uncertain
from digest.model import Message
from digest.providers import http_api
from digest.providers.http_replies import Answer, Reply, Verdict
from digest.providers.pace import Pace
from digest.providers.postmark import PostmarkProvider
from digest.providers.resend import ResendProvider
from tests.providers import certificates
from tests.providers.fakes import Fake, running
from tests.providers.http_contract import quick
from tests.providers.shapes import PostmarkShape, ResendShape


def test_the_key_of_a_batch_is_of_its_keys_in_order() -> None:
    one, two = messages(2)
    assert http_api.batch_key([one, two]) == http_api.batch_key([one, two])
    keys = {http_api.batch_key(batch) for batch in ([one], [two], [one, two], [two, one])}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {64}


def test_who_is_stopped_in_the_middle_leaves_what_was_posted_uncertain() -> None:
    feed = ListFeed.of(messages(3))

    async def stopped(provider: ResendProvider, fake: Fake) -> None:
        async with provider.open() as channel:
            task = asyncio.create_task(channel.run(feed))
            while not fake.posted:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with running(Fake(ResendShape(), script=deque(["accept-hang"]))) as fake:
        asyncio.run(stopped(ResendProvider(token="t", base_url=fake.url, pace=quick()), fake))
    assert feed.keys(Uncertain) == ["key0", "key1", "key2"]
    assert feed.unanswered == set()


def test_a_redirect_is_not_followed() -> None:
    with running(Fake(PostmarkShape())) as elsewhere, running(Fake(PostmarkShape())) as fake:
        fake.script.append("307")
        fake.elsewhere = f"{elsewhere.url}/email/batch"
        sent = send(PostmarkProvider(token="t", base_url=fake.url, pace=quick()), messages(2))
    assert (sent.halted is not None, elsewhere.posted, fake.got) == (True, [], [])


def test_a_proxy_of_the_environment_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with running(Fake(PostmarkShape())) as fake:
        sent = send(PostmarkProvider(token="t", base_url=fake.url, pace=quick()), messages(2))
    assert len(sent.feed.keys()) == 2


def test_an_answer_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_api, "LONGEST_ANSWER", 10)
    with running(Fake(PostmarkShape())) as fake:
        sent = send(PostmarkProvider(token="t", base_url=fake.url, pace=quick()), messages(2))
    assert sent.feed.keys(Uncertain) == ["key0", "key1"]


def test_a_fault_of_ours_in_one_copy_is_told_of_that_copy_and_the_others_are_sent() -> None:
    found = messages(5)
    found[3] = dataclasses.replace(found[3], values={})
    with running(Fake(PostmarkShape())) as fake:
        sent = send(PostmarkProvider(token="t", base_url=fake.url, pace=quick()), found)
    (error,) = sent.feed.told["key3"]
    assert isinstance(error, KeyError)
    assert sorted(sent.feed.keys()) == ["key0", "key1", "key2", "key4"]
    assert len(fake.got) == 4


def test_after_one_was_taken_even_many_refusals_are_about_the_readers() -> None:
    bad = frozenset(f"reader{n}@example.net" for n in range(1, 20))
    with running(Fake(PostmarkShape(), faulty=bad)) as fake:
        sent = send(PostmarkProvider(token="t", base_url=fake.url, pace=quick()), messages(20))
    assert sent.halted is None
    assert sent.feed.keys() == ["key0"]
    assert len(sent.feed.keys(Refused)) == 19


def test_a_few_who_are_refused_alone_may_be_our_fault_and_say_so() -> None:
    bad = frozenset(f"reader{n}@example.net" for n in range(3))
    with running(Fake(PostmarkShape(), faulty=bad)) as fake:
        sent = send(PostmarkProvider(token="t", base_url=fake.url, pace=quick()), messages(3))
    answers = [said[-1] for said in sent.feed.told.values()]
    assert [getattr(answer, "policy", None) for answer in answers] == [True, True, True]


class Halting(PostmarkProvider):
    """One whose answer speaks of us in the middle of a batch."""

    def answers(self, batch: Sequence[Message], reply: Reply) -> Sequence[Answer]:
        return [SendHalted("the account is closed") if n else None for n in range(len(batch))]

    def verdict(self, reply: Reply) -> Verdict:
        raise AssertionError("every answer here is a 200")


def test_one_answer_that_speaks_of_us_halts_after_all_were_told() -> None:
    with running(Fake(PostmarkShape())) as fake:
        sent = send(Halting(token="t", base_url=fake.url, pace=quick(), most=3), messages(6))
    assert sent.halted is not None
    assert sent.feed.keys() == ["key0"]
    assert sent.feed.keys(SendHalted) == ["key1", "key2"]
    assert len(sent.feed.queue) == 3


def test_a_certificate_that_cannot_be_verified_halts_and_nothing_is_sent(tmp_path: Path) -> None:
    tls = certificates.make(tmp_path).server()
    with running(Fake(PostmarkShape()), tls) as fake:
        url = fake.url.replace("http:", "https:")
        sent = send(PostmarkProvider(token="t", base_url=url, pace=quick()), messages(2))
    assert sent.halted is not None
    assert "certificate" in sent.halted.reply
    assert (fake.posted, sent.feed.keys()) == ([], [])


def test_a_provider_that_closed_for_long_is_told_to_the_door_by_every_channel() -> None:
    pace = quick()
    pace.hold(600)
    with running(Fake(PostmarkShape())) as fake:
        provider = PostmarkProvider(token="t", base_url=fake.url, pace=pace)
        sent = send(provider, messages(2), channels=3, reopen=0)
    assert len(sent.broke) == 3
    assert all(590 < (error.wait_s or 0) <= 600 for error in sent.broke)
    assert (fake.posted, len(sent.feed.queue)) == ([], 2)


def test_who_waited_for_a_turn_looks_again_before_posting() -> None:
    class Closing(Pace):
        """One that another channel closes while this one stands in the row."""

        def turn_s(self) -> float:
            if not posted:
                self.hold(0.05)
            posted.append(1)
            return 0.0

    posted: list[int] = []
    with running(Fake(PostmarkShape())) as fake:
        sent = send(PostmarkProvider(token="t", base_url=fake.url, pace=Closing()), messages(2))
    assert sorted(sent.feed.given_back) == ["key0", "key1"]
    assert sorted(sent.feed.keys()) == ["key0", "key1"]
    assert len(fake.posted) == 1


def test_too_fast_for_one_of_a_batch_slows_down_the_next() -> None:
    class Busy(PostmarkProvider):
        def answers(self, batch: Sequence[Message], reply: Reply) -> Sequence[Answer]:
            return [TryLater("429 slower", wait_s=600, counts=False)]

    with running(Fake(PostmarkShape())) as fake:
        provider = Busy(token="t", base_url=fake.url, pace=quick(), most=1)
        sent = send(provider, messages(2), reopen=0)
    assert sent.feed.keys(TryLater) == ["key0"]
    assert len(sent.feed.queue) == len(fake.posted) == len(sent.broke) == 1
