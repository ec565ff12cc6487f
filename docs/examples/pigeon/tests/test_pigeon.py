"""The provider and its webhook held against the contracts of all."""

from __future__ import annotations

import datetime as dt
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from post import Post, running
from sunday_catchup_pigeon import PLUGIN, PigeonReports, PigeonSettings

from digest.contracts import Arrived, Call, ProviderContract, WebhookContract, messages, send
from digest.protocols import Provider, ReportReader


class TestPigeon(ProviderContract):
    post: Post

    @contextmanager
    def provider(self, folder: Path) -> Iterator[Provider]:
        with running() as self.post:
            given = PigeonSettings(token="t0ken-of-the-test", url=self.post.url)
            yield PLUGIN.make(given, 10)

    def arrived(self, folder: Path) -> list[Arrived]:
        return [
            Arrived(
                recipient=one["address"],
                subject=one["subject"],
                html=one["html"],
                text=one["text"],
                fields={name.lower(): value for name, value in one["fields"].items()},
            )
            for one in self.post.got
        ]

    def test_a_wrong_token_halts_and_blames_nobody(self, tmp_path: Path) -> None:
        with running() as post:
            provider = PLUGIN.make(PigeonSettings(token="another", url=post.url), 1)
            sent = send(provider, messages(3))
        assert sent.halted is not None
        assert post.got == []


class TestPigeonWebhook(WebhookContract):
    secret = "shared-with-pigeon"

    def reader(self) -> ReportReader:
        return PigeonReports(self.secret)

    def stranger(self) -> ReportReader:
        return PigeonReports("of-another-account")

    def bounce(self, at: dt.datetime) -> Call:
        told = {"id": "e1", "what": "bounced", "at": at.isoformat(), "ref": self.ref}
        return self.called({**told, "to": self.address, "words": "550 5.1.1 no such user"}, at)

    def not_understood(self, at: dt.datetime) -> Iterator[Call]:
        yield self.signed(b"{", at)

    def called(self, event: object, at: dt.datetime) -> Call:
        return self.signed(json.dumps(event).encode(), at)

    def signed(self, body: bytes, at: dt.datetime) -> Call:
        time = str(int(at.timestamp()))
        signature = hmac.digest(self.secret.encode(), f"{time}.".encode() + body, "sha256").hex()
        return Call({"pigeon-time": time, "pigeon-signature": signature}, body)
