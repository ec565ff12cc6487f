"""What every provider must do: a test of one subclasses this and says how to make it and what arrived."""

from __future__ import annotations

import asyncio
import email
import email.policy
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.errors import DeliveryError
from digest.model import Message, Receipt
from digest.protocols import Provider


def a_message(
    recipient: str = "alice@example.net", *, key: str = "key0of0alice", body: bytes = b"Hello\r\n"
) -> Message:
    """A small message; `body` is dot-stuffed already."""
    head = f"To: <{recipient}>\r\nMessage-ID: <{key}@gazette.example>\r\n".encode()
    data = head + b"Subject: The quay\r\n\r\n" + body
    return Message("bounce@gazette.example", recipient, key, data)


def hand_over(provider: Provider, *messages: Message) -> list[Receipt | DeliveryError]:
    """Send by one channel, one after another; what each came to."""
    return asyncio.run(_hand_over(provider, messages, []))


def hand_over_watched(provider: Provider, *messages: Message) -> list[str]:
    """The same; returns what happened in order: `wire <key>`, `done <key>`."""
    seen: list[str] = []
    asyncio.run(_hand_over(provider, messages, seen))
    return seen


async def _hand_over(
    provider: Provider, messages: tuple[Message, ...], seen: list[str]
) -> list[Receipt | DeliveryError]:
    found: list[Receipt | DeliveryError] = []
    async with provider.open() as channel:
        for message in messages:
            key = message.key
            try:
                found.append(
                    await channel.send(message, lambda key=key: seen.append(f"wire {key}"))
                )  # type: ignore[misc]
            except DeliveryError as error:
                found.append(error)
            seen.append(f"done {key}")
    return found


class ProviderContract:
    """Subclass it: `provider` makes one, `arrived` lists what it delivered, as true .eml bytes."""

    @abstractmethod
    @contextmanager
    def provider(self, folder: Path) -> Iterator[Provider]:
        """A provider that accepts everything."""
        raise NotImplementedError
        yield

    @abstractmethod
    def arrived(self, folder: Path) -> list[bytes]:
        """The messages that were accepted, in any order."""
        raise NotImplementedError

    def test_it_has_a_name_and_says_how_many_channels_it_may_open(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            assert provider.name
            assert provider.channels >= 1
            assert provider.replays in (True, False)

    def test_an_accepted_message_arrives_as_it_was(self, tmp_path: Path) -> None:
        message = a_message(body="Grüße\r\n".encode())
        with self.provider(tmp_path) as provider:
            (receipt,) = hand_over(provider, message)
            assert isinstance(receipt, Receipt)
            assert receipt.reply
            assert "\n" not in receipt.reply
            assert self.arrived(tmp_path) == [message.data]

    def test_stuffed_dots_are_taken_out_on_the_other_side(self, tmp_path: Path) -> None:
        message = a_message(body=b"..\r\n..hidden\r\na.b\r\n")
        with self.provider(tmp_path) as provider:
            hand_over(provider, message)
            (found,) = self.arrived(tmp_path)
        parsed = email.message_from_bytes(found, policy=email.policy.SMTP)
        assert parsed.get_content().splitlines() == [".", ".hidden", "a.b"]

    def test_the_wire_is_told_once_and_before_the_answer(self, tmp_path: Path) -> None:
        messages = [a_message(f"r{n}@example.net", key=f"key{n}") for n in range(3)]
        with self.provider(tmp_path) as provider:
            seen = hand_over_watched(provider, *messages)
        assert seen == [
            "wire key0",
            "done key0",
            "wire key1",
            "done key1",
            "wire key2",
            "done key2",
        ]

    def test_many_messages_go_by_one_channel(self, tmp_path: Path) -> None:
        messages = [a_message(f"r{n}@example.net", key=f"key{n}") for n in range(40)]
        with self.provider(tmp_path) as provider:
            found = hand_over(provider, *messages)
            assert all(isinstance(one, Receipt) for one in found)
            assert sorted(self.arrived(tmp_path)) == sorted(one.data for one in messages)

    def test_channels_work_side_by_side(self, tmp_path: Path) -> None:
        async def all_at_once(provider: Provider) -> None:
            batches = [
                tuple(a_message(f"r{n}{c}@example.net", key=f"key{n}{c}") for n in range(5))
                for c in "abcd"
            ]
            await asyncio.gather(*(_hand_over(provider, batch, []) for batch in batches))

        with self.provider(tmp_path) as provider:
            asyncio.run(all_at_once(provider))
            assert len(self.arrived(tmp_path)) == 20

    def test_a_big_message_arrives_whole(self, tmp_path: Path) -> None:
        message = a_message(
            body=b"A line of seventy-two letters, as quoted-printable has them, or so.\r\n" * 30_000
        )
        with self.provider(tmp_path) as provider:
            hand_over(provider, message)
            assert self.arrived(tmp_path) == [message.data]

    def test_the_same_key_twice_is_harmless_where_the_provider_says_so(
        self, tmp_path: Path
    ) -> None:
        with self.provider(tmp_path) as provider:
            hand_over(provider, a_message(), a_message())
            assert len(self.arrived(tmp_path)) == (1 if provider.replays else 2)
