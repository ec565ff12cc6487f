"""The signature, held against the scheme's own library and its own example."""

from __future__ import annotations

import datetime as dt

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from digest.hooks import signing

BODY = '{"type":"issue.sent","data":{"title":"Grüße"}}'.encode()


def test_the_schemes_own_library_believes_us_and_nobody_who_changed_a_letter() -> None:
    secret, now = (
        signing.new_secret(),
        dt.datetime.now(dt.UTC),
    )  # the library has a clock of its own
    headers = signing.headers(secret, "msg_1", BODY, now=now)
    assert Webhook(secret).verify(BODY.decode(), headers)
    signature = headers["webhook-signature"].removeprefix("v1,")
    other = "B" if signature[0] != "B" else "C"
    for changed in (
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(int(now.timestamp()) + 1)},
        {"webhook-signature": f"v1,{other}{signature[1:]}"},
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(BODY.decode(), headers | changed)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret()).verify(BODY.decode(), headers)
    old = signing.headers(secret, "msg_1", BODY, now=now - dt.timedelta(minutes=6))
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY.decode(), old)


def test_the_signature_is_that_of_the_published_example() -> None:
    """https://docs.svix.com/receiving/verifying-payloads/how-manual, whose scheme this is."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    name, at = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330"
    signed = signing.signature(secret, name, at, body)
    assert signed == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_has_256_random_bits_and_another_word_is_none() -> None:
    made = {signing.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(one) for one in made} == {len("whsec_") + 44}
    with pytest.raises(ValueError, match="base64"):
        signing.signature("whsec_!", "msg", "1", b"")
