"""Signature Version 4: what botocore signs, letter for letter."""

from __future__ import annotations

import datetime as dt
from unittest import mock

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.providers.aws_signature import Signer

NOW = dt.datetime(2026, 11, 29, 7, 0, 5, tzinfo=dt.UTC)
URL = "https://email.eu-west-1.amazonaws.com/v2/email/outbound-bulk-emails"
JSON = "application/json"


def by_botocore(
    signer: Signer, url: str, body: bytes, kind: str, now: dt.datetime, *, method: str = "POST"
) -> str:
    """The Authorization header of Amazon's own library."""
    token = signer.session_token or None
    keys = Credentials(signer.key_id, signer.secret, token)
    request = AWSRequest(method=method, url=url, data=body, headers={"Content-Type": kind})
    with mock.patch("botocore.auth.get_current_datetime", return_value=now):
        SigV4Auth(keys, signer.service, signer.region).add_auth(request)
    return str(request.headers["Authorization"])


def a_signer(token: str = "") -> Signer:
    return Signer(
        key_id="AKIDEXAMPLE", secret="wJalrXUt/EXAMPLE", region="eu-west-1", session_token=token
    )


@pytest.mark.parametrize("token", ["", "a session's token=="])
@pytest.mark.parametrize(
    "url",
    [
        URL,
        "http://127.0.0.1:5000/v2/email/outbound-emails",
        "https://mail.gazette.example:443/a%20path/v2",
        "http://[::1]:4000/",
        "https://mail.gazette.example",
    ],
)
def test_the_authorization_is_that_of_botocore(url: str, token: str) -> None:
    signer = a_signer(token)
    found = signer.headers(url, b'{"a": 1}', JSON, now=NOW)
    assert found["authorization"] == by_botocore(signer, url, b'{"a": 1}', JSON, NOW)
    assert found["x-amz-date"] == "20261129T070005Z"
    assert found.get("x-amz-security-token", "") == token


def test_a_look_is_signed_as_the_get_that_it_is() -> None:
    url = "https://email.eu-west-1.amazonaws.com/v2/email/account"
    found = a_signer().headers(url, b"", JSON, now=NOW, method="GET")["authorization"]
    assert found == by_botocore(a_signer(), url, b"", JSON, NOW, method="GET")


@given(
    body=st.binary(max_size=300),
    secret=st.text("abcXYZ0189+/=", min_size=1, max_size=60),
    seconds=st.integers(0, 4 * 10**9),
)
@settings(max_examples=60, deadline=None)
def test_any_body_key_and_time_sign_like_botocore(body: bytes, secret: str, seconds: int) -> None:
    now = dt.datetime.fromtimestamp(seconds, dt.UTC)
    signer = Signer(key_id="AKID", secret=secret, region="us-east-1")
    found = signer.headers(URL, body, JSON, now=now)["authorization"]
    assert found == by_botocore(signer, URL, body, JSON, now)


def test_the_time_of_another_zone_is_told_in_utc() -> None:
    east = NOW.astimezone(dt.timezone(dt.timedelta(hours=9)))
    assert a_signer().headers(URL, b"", JSON, now=east) == a_signer().headers(
        URL, b"", JSON, now=NOW
    )


def test_no_secret_is_shown() -> None:
    assert "wJalr" not in repr(a_signer("top secret"))
    assert "top secret" not in repr(a_signer("top secret"))
