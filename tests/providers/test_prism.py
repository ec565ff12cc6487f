"""Our requests fit the providers' own API descriptions, and what would not fit is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from digest.contracts.hand_over import messages
from digest.providers.brevo import BrevoProvider
from digest.providers.http_api import Api
from digest.providers.postmark import PostmarkProvider
from digest.providers.resend import ResendProvider
from digest.providers.sendgrid import SendGridProvider
from tests.providers import prism

pytestmark = [pytest.mark.shared, pytest.mark.slow]


@pytest.fixture(scope="module")
def postmark() -> Iterator[str]:
    with prism.serving(prism.description("postmark-server.yml")) as url:
        yield url


@pytest.fixture(scope="module")
def resend() -> Iterator[str]:
    with prism.serving(prism.description("resend.yaml")) as url:
        yield url


@pytest.fixture(scope="module")
def brevo() -> Iterator[str]:
    with prism.serving(prism.description("brevo-transactional.yml")) as url:
        yield url


@pytest.fixture(scope="module")
def sendgrid() -> Iterator[str]:
    with prism.serving(prism.description("sendgrid_tsg_mail_v3.json")) as url:
        yield url


def as_it_is(body: Any) -> Any:
    return body


def posted(
    api: Api, change: Callable[[Any], Any] = as_it_is, headers: Mapping[str, str] | None = None
) -> int:
    """The status of a request for three readers; its JSON changed, its headers too."""
    request = api.request(messages(3))
    body = json.dumps(change(json.loads(request.data)))
    fields = {**api.headers, **request.headers, **(headers or {})}
    found = httpx.post(api.url, content=body, headers=fields, trust_env=False, timeout=60)
    return found.status_code


def without(name: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    def change(body: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{key: value for key, value in one.items() if key != name} for one in body]

    return change


def test_postmarks_description_takes_our_batch(postmark: str) -> None:
    api = PostmarkProvider(token="t0ken", base_url=postmark)
    assert posted(api) == 200
    assert posted(api, lambda body: [{**one, "Subject": 7} for one in body]) == 422
    assert posted(api, lambda body: [{**one, "TrackLinks": "Maybe"} for one in body]) == 422


def test_resends_description_takes_our_batch(resend: str) -> None:
    api = ResendProvider(token="t0ken", base_url=resend)
    assert posted(api) == 200
    assert posted(api, without("subject")) == 422
    assert posted(api, lambda body: [{**one, "to": []} for one in body]) == 422
    assert posted(api, headers={"idempotency-key": "x" * 257}) == 422
    assert posted(api, headers={"authorization": ""}) == 401


def test_brevos_description_takes_each_of_our_versions(brevo: str) -> None:
    """It knows no `messageVersions`; a version put over the request must be a request in itself."""
    api = BrevoProvider(token="t0ken", base_url=brevo)
    assert posted(api, lambda body: {**body, **body["messageVersions"][0]}) == 201
    assert posted(api, lambda body: {**body, **body["messageVersions"][2]}) == 201
    assert posted(api, lambda body: {**body, "to": [{"name": "x"}]}) == 400
    assert posted(api, lambda body: {**body, "sender": {"email": "x"}, "to": []}) == 400


def test_sendgrids_description_takes_our_batch(sendgrid: str) -> None:
    """Prism answers a 202 with whatever it likes; a real one is empty."""
    api = SendGridProvider(token="t0ken", base_url=sendgrid)
    assert posted(api) == 202
    assert posted(api, lambda body: {**body, "personalizations": [{}]}) == 400
    assert posted(api, lambda body: {**body, "content": [{"type": "text/html"}]}) == 400
    assert (
        posted(api, lambda body: {**body, "personalizations": body["personalizations"] * 334})
        == 400
    )
    assert posted(api, lambda body: {key: one for key, one in body.items() if key != "from"}) == 400
    assert posted(api, headers={"authorization": ""}) == 401
