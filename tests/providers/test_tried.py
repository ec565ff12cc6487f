"""One look at each API that changes nothing: with the credentials of mail, and what they are worth."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from digest.contracts.providers import Arrived
from digest.errors import SendHalted, TryLater
from digest.protocols import Triable
from digest.providers.aws_signature import Signer
from digest.providers.brevo import BrevoProvider
from digest.providers.postmark import PostmarkProvider
from digest.providers.resend import ResendProvider
from digest.providers.sendgrid import SendGridProvider
from digest.providers.ses import SesProvider
from tests.providers.fakes import Answered, Fake, Posted, running

SIGNER = Signer(key_id="AKIA", secret="s", region="eu-west-1")


@dataclass(frozen=True)
class Anything:
    """Answers whatever is asked with one body."""

    body: Any
    status: int = 200

    def read(self, posted: Posted) -> list[Arrived]:
        return []

    def taken(self, copies: Sequence[Arrived], refused: Mapping[int, str]) -> Answered:
        return Answered(self.status, self.body)

    def wrong(self, words: str) -> Answered:
        return Answered(400, {"message": words})

    def key(self, posted: Posted) -> str:
        return ""

    def again(self, before: Answered) -> Answered:
        return before


def provider_of(name: str, url: str) -> Triable:
    made = {
        "postmark": lambda: PostmarkProvider(token="t", base_url=url),
        "resend": lambda: ResendProvider(token="t", base_url=url),
        "brevo": lambda: BrevoProvider(token="t", base_url=url),
        "sendgrid": lambda: SendGridProvider(token="t", base_url=url),
        "ses": lambda: SesProvider(signer=SIGNER, base_url=url),
    }
    return cast(Triable, made[name]())


def tried(name: str, shape: Anything, *script: str) -> tuple[str, list[Posted]]:
    """What the provider says, and what it asked."""
    fake = Fake(shape)
    fake.script += script
    with running(fake):
        return asyncio.run(provider_of(name, fake.url).tried()), fake.posted


ACCOUNT = {
    "SendingEnabled": True,
    "ProductionAccessEnabled": True,
    "SendQuota": {"Max24HourSend": 50000.0},
}
WELL: dict[str, tuple[Any, str, str]] = {
    "postmark": ({"Name": "Gazette"}, "/server", "the server 'Gazette'"),
    "resend": ({"data": []}, "/domains", "the key is known"),
    "brevo": ({"companyName": "Gazette"}, "/account", "that of Gazette"),
    "sendgrid": ({"scopes": ["mail.send"]}, "/v3/scopes", "may send"),
    "ses": (ACCOUNT, "/v2/email/account", "may send 50000 in 24 hours"),
}


@pytest.mark.parametrize("name", WELL)
def test_a_key_that_fits_is_found_well_with_one_look(name: str) -> None:
    body, path, words = WELL[name]
    told, asked = tried(name, Anything(body))
    assert words in told
    assert [(one.path, one.body) for one in asked] == [(path, b"")]


@pytest.mark.parametrize("name", WELL)
def test_a_wrong_key_halts_and_a_server_in_trouble_is_for_later(name: str) -> None:
    with pytest.raises(SendHalted, match="401"):
        tried(name, Anything({}), "401")
    with pytest.raises(TryLater, match="500"):
        tried(name, Anything({}), "500")


@pytest.mark.parametrize("name", WELL)
def test_nobody_there_is_for_later(name: str) -> None:
    with running(Fake(Anything({}))) as fake:
        url = fake.url
    with pytest.raises(TryLater, match="no connection"):
        asyncio.run(provider_of(name, url).tried())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("resend", "This API key is restricted to only send emails"),
        ("ses", "User: arn:x is not authorized to perform: ses:GetAccount"),
    ],
)
def test_a_key_that_may_do_nothing_but_send_is_known(name: str, words: str) -> None:
    assert tried(name, Anything({"message": words}, status=401))[0] == "the key is known"


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("sendgrid", {"scopes": ["alerts.read"]}, "may not send"),
        ("ses", {**ACCOUNT, "ProductionAccessEnabled": False}, "sandbox"),
        ("ses", {**ACCOUNT, "SendingEnabled": False}, "may not send"),
    ],
)
def test_an_account_that_may_not_send_halts(name: str, body: Any, words: str) -> None:
    with pytest.raises(SendHalted, match=words):
        tried(name, Anything(body))
