"""What every provider with an HTTP API must do, on top of the contract: no failure loses or doubles."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest.contracts.hand_over import ListFeed, Sent, a_message, messages, send
from digest.contracts.providers import Arrived, ProviderContract
from digest.errors import Refused, SendHalted, Uncertain
from digest.protocols import Provider
from digest.providers import http_api
from digest.providers.pace import Pace
from tests.providers.fakes import Fake, Shape, running

#: More than fits into one request of any test provider here.
MANY = 60


def quick(per_s: float = 0.0) -> Pace:
    """A pace whose waits a test can afford."""
    return Pace(per_s=per_s, first_s=0.01)


class HttpContract(ProviderContract):
    """Subclass it: `shape`, `made` and, where the provider knows idempotency keys, `keyed`."""

    keyed = False

    @abstractmethod
    def shape(self) -> Shape:
        """How the provider is spoken to."""

    @abstractmethod
    def made(self, url: str, *, most: int = 20) -> Provider:
        """The provider at an address, with so many messages a request and a `quick` pace."""

    @contextmanager
    def fake(self, **wishes: object) -> Iterator[tuple[Fake, Provider]]:
        with running(Fake(self.shape(), keyed=self.keyed, **wishes)) as fake:  # type: ignore[arg-type]
            yield fake, self.made(fake.url)

    @contextmanager
    def provider(self, folder: Path) -> Iterator[Provider]:
        with self.fake() as (fake, provider):
            self._fake = fake
            yield provider

    def arrived(self, folder: Path) -> list[Arrived]:
        return self._fake.got

    def sent(self, *script: str, channels: int = 1, **wishes: object) -> tuple[Sent, Fake]:
        """MANY readers, with the script done to the first requests."""
        with self.fake(script=deque(script), **wishes) as (fake, provider):
            return send(provider, messages(MANY), channels=channels), fake

    def nobody_twice(self, fake: Fake) -> None:
        assert set(fake.copies.values()) <= {1}

    # ------------------------------------------------ batches

    def test_many_go_in_one_request_and_by_one_connection(self) -> None:
        sent, fake = self.sent()
        assert [len(one) for one in sent.feed.requests] == [20, 20, 20]
        assert (len(fake.posted), fake.connections) == (3, 1)

    def test_what_was_one_request_is_one_request_again(self) -> None:
        batch = [a_message(n, batch="b" if 2 <= n < 7 else "") for n in range(9)]
        with self.fake() as (_, provider):
            sent = send(provider, batch)
        assert sent.feed.requests == [
            ("key0", "key1"), ("key2", "key3", "key4", "key5", "key6"), ("key7", "key8"),
        ]  # fmt: skip

    # ------------------------------------------------ nothing was taken

    def test_without_a_connection_all_is_given_back_and_the_door_is_told(self) -> None:
        with self.fake() as (_, provider):
            pass
        feed = ListFeed.of(messages(3))
        sent = send(provider, feed, reopen=2)
        assert (len(sent.broke), sent.halted, feed.told) == (3, None, {})
        assert len(feed.queue) == 3
        assert "no connection" in sent.broke[0].reply

    @pytest.mark.parametrize("told", ["429:0", "429", "429:0.05"])
    def test_too_fast_is_nobodys_attempt_and_all_arrive_in_the_end(self, told: str) -> None:
        sent, fake = self.sent(told, "ok", told, told)
        assert len(sent.feed.keys()) == MANY
        assert (sent.broke, sent.halted) == ([], None)
        assert sum(sent.feed.given_back.values()) == MANY
        self.nobody_twice(fake)

    def test_a_long_wait_is_told_to_the_door(self) -> None:
        with self.fake(script=deque(["429:600"])) as (fake, provider):
            sent = send(provider, messages(5), reopen=0)
        assert [error.wait_s for error in sent.broke] == [600.0]
        assert len(sent.feed.queue) == 5
        assert len(fake.posted) == 1

    def test_a_wrong_token_halts_and_blames_nobody(self) -> None:
        sent, fake = self.sent("401")
        assert sent.halted is not None
        assert "401" in sent.halted.reply
        assert len(sent.feed.keys(SendHalted)) == 20
        assert len(sent.feed.queue) == MANY - 20
        assert fake.got == []

    # ------------------------------------------------ some were not taken

    def test_one_bad_apple_fails_nobody_but_itself(self) -> None:
        bad = frozenset({"reader3@example.net", "reader41@example.net"})
        sent, fake = self.sent(faulty=bad)
        assert sorted(sent.feed.keys(Refused)) == ["key3", "key41"]
        assert len(sent.feed.keys()) == MANY - 2
        assert fake.copies == Counter(
            f"reader{n}@example.net" for n in range(MANY) if n not in (3, 41)
        )

    def test_if_all_are_refused_it_is_us_and_nobody_is_blamed(self) -> None:
        sent, fake = self.sent(faulty=frozenset(f"reader{n}@example.net" for n in range(MANY)))
        assert sent.halted is not None
        assert sent.feed.keys(Refused) == []
        assert fake.got == []
        assert len(fake.posted) <= http_api.SUSPICIOUS

    # ------------------------------------------------ in doubt

    @pytest.mark.parametrize(
        "fault", ["500", "503", "drop", "accept-500", "accept-drop", "badjson", "short"]
    )
    def test_what_is_in_doubt_is_asked_again_under_its_key_or_uncertain(self, fault: str) -> None:
        sent, fake = self.sent("ok", fault)
        in_doubt = [f"key{n}" for n in range(20, 40)]
        self.nobody_twice(fake)
        if self.keyed and not self.keeps_in_doubt(fault):
            assert len(sent.feed.keys()) == MANY
            assert len(fake.got) == MANY
            assert fake.posted[1].body == fake.posted[2].body
        else:
            assert sent.feed.keys(Uncertain) == in_doubt
            assert len(sent.feed.keys()) == MANY - 20
        assert sent.halted is None

    def test_silence_and_then_a_refusal_is_a_refusal_where_there_is_a_key(self) -> None:
        bad = frozenset({"reader3@example.net"})
        sent, fake = self.sent("drop", faulty=bad)
        if self.keyed:
            assert sent.feed.keys(Refused) == ["key3"]
            assert len(sent.feed.keys()) == MANY - 1
        else:
            assert sent.feed.keys(Uncertain) == [f"key{n}" for n in range(20)]
        self.nobody_twice(fake)

    def keeps_in_doubt(self, fault: str) -> bool:
        """True where even a key does not tell whether it was taken."""
        return False

    def test_silence_has_an_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http_api, "WHOLE_S", 2.0)
        sent, fake = self.sent("accept-hang")
        assert len(sent.feed.keys() + sent.feed.keys(Uncertain)) == MANY
        assert len(sent.feed.keys(Uncertain)) == (0 if self.keyed else 20)
        self.nobody_twice(fake)

    def test_a_server_that_never_recovers_leaves_them_uncertain(self) -> None:
        tries = http_api.ATTEMPTS if self.keyed else 1
        sent, _ = self.sent(*["500"] * tries)
        assert sent.feed.keys(Uncertain) == [f"key{n}" for n in range(20)]
        assert len(sent.feed.keys()) == MANY - 20

    def test_an_outage_costs_one_batch_and_then_one_reader_a_try(self) -> None:
        tries = http_api.ATTEMPTS if self.keyed else 1
        sent, fake = self.sent(*["503"] * tries * 4)
        assert len(sent.feed.keys(Uncertain)) == 20 + 3
        assert len(sent.feed.keys()) == MANY - 23
        assert len(sent.broke) >= 1, "the door is told, for it may know another way"
        self.nobody_twice(fake)

    def test_a_refusal_in_nobodys_words_after_a_doubt_does_not_make_it_a_new_request(self) -> None:
        """The key was used up, and a gateway put its own page over the API's answer that says so."""
        sent, fake = self.sent("accept-drop", "badjson")
        assert set(sent.feed.keys()) | set(sent.feed.keys(Uncertain)) == {
            f"key{n}" for n in range(MANY)
        }
        self.nobody_twice(fake)

    def test_with_all_faults_at_once_nobody_is_lost_and_only_the_refused_fail(self) -> None:
        script = ["429:0", "ok", "accept-drop", "503", "429", "badjson", "ok", "accept-500", "drop"]
        bad = frozenset({"reader7@example.net"})
        sent, fake = self.sent(*script, channels=3, faulty=bad)
        feed = sent.feed
        assert set(feed.keys()) | set(feed.keys(Uncertain)) | set(feed.keys(Refused)) == {
            f"key{n}" for n in range(MANY)
        }
        assert set(feed.keys(Refused)) <= {"key7"}
        self.nobody_twice(fake)
        for key in feed.keys():  # noqa: SIM118
            assert f"reader{key.removeprefix('key')}@example.net" in fake.copies
