"""SES as moto speaks it: another's reading of Amazon's API, over a real socket."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from digest.contracts.hand_over import a_message, messages, send
from digest.errors import Refused
from digest.providers.aws_signature import Signer
from digest.providers.ses import SesProvider
from tests.ports import free_port
from tests.providers.http_contract import quick

SIGNER = Signer(key_id="AKID", secret="s3cret", region="eu-west-1")
_START_S = 240.0


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    port = free_port()
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(process, url)
        yield url
    finally:
        process.terminate()
        process.wait(240)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + _START_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{url}/moto-api/", trust_env=False, timeout=10)
            return
        time.sleep(0.1)
    pytest.fail(f"moto did not start (exit {process.poll()})")


def verify(url: str, identity: str) -> None:
    """Make it known as ours, by a request that is signed as all others are."""
    address = f"{url}/v2/email/identities"
    body = f'{{"EmailIdentity":"{identity}"}}'.encode()
    headers = SIGNER.headers(
        address, body, "application/json", now=SesProvider(signer=SIGNER).clock()
    )
    httpx.post(address, content=body, headers=headers, trust_env=False).raise_for_status()


def test_a_message_of_ours_is_taken_once_its_sender_is_known(moto: str) -> None:
    provider = SesProvider(signer=SIGNER, base_url=moto, raw=True, pace=quick())
    before = send(provider, messages(1))
    (error,) = before.feed.told["key0"]
    assert isinstance(error, Refused)
    assert error.policy, "it may as well be the sender's fault"
    assert error.reply.startswith("400 MessageRejected")
    verify(moto, "news@gazette.example")
    after = send(provider, [a_message(1, name="Zoë"), a_message(2)])
    assert after.feed.keys() == ["key1", "key2"]


def test_what_moto_does_not_know_halts_and_blames_nobody(moto: str) -> None:
    """It has no SendBulkEmail: a SES that has none is no doubt, for nothing was taken."""
    sent = send(SesProvider(signer=SIGNER, base_url=moto, pace=quick()), messages(3))
    assert sent.halted is not None
    assert "404" in sent.halted.reply
    assert sent.feed.keys() == []
