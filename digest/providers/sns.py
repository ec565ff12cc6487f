"""Amazon SNS: messages that prove by a certificate of Amazon's which topic they come from.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. Anybody may have a topic
and let it call us with a right signature: only the topics that are named in the settings are believed,
and nothing is fetched from anywhere but their own region's SNS.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from digest import logs
from digest.errors import FetchError, Forged
from digest.providers import event_json

log = logs.get(__name__)

#: GET of an https address: its body. Raises FetchError.
Fetch = Callable[[str], bytes]

#: SNS tries again for an hour: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
_OLDEST_S = 3600 + 300
#: How far ahead of us Amazon's clock may be, in seconds.
_AHEAD_S = 300
_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}")
_KEPT = 8
_LONGEST = 64 * 1024
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
    ),
}  # fmt: skip
_SIGNED["UnsubscribeConfirmation"] = _SIGNED["SubscriptionConfirmation"]


def fetch(url: str) -> bytes:
    """The default Fetch: no redirects, no proxies of the environment, at most 64 KB."""
    try:
        with (
            httpx.Client(timeout=10, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code != 200:
                raise FetchError(url, f"answered {response.status_code}")
            body = b""
            for piece in response.iter_bytes():
                body += piece
                if len(body) > _LONGEST:
                    raise FetchError(url, "answered too much")
            return body
    except httpx.HTTPError as error:
        raise FetchError(url, f"{type(error).__name__} {error}") from error


@dataclass(frozen=True, slots=True)
class Topics:
    """What some topics send us. Raises ValueError for an ARN of none.

    arns: `arn:aws:sns:eu-west-1:123456789012:bounces`, one or more. fetch: how certificates come and
    subscriptions are confirmed.
    """

    arns: frozenset[str]
    fetch: Fetch = fetch
    _keys: dict[str, tuple[x509.Certificate, rsa.RSAPublicKey]] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        for arn in self.arns:
            _host(arn)

    def message(self, body: bytes, *, now: dt.datetime) -> str | None:
        """What a notification says; None where it is none. A subscription is confirmed on the way.

        Raises Forged, BadInput, or FetchError where Amazon's certificate cannot be had now.
        """
        found = event_json.table(event_json.load(body, "sns"))
        told = {name: value for name, value in found.items() if isinstance(value, str)}
        kind, arn = told.get("Type", ""), told.get("TopicArn", "")
        if arn not in self.arns or kind not in _SIGNED:
            raise Forged("the message is of no topic of ours")
        self._check_time(told, now)
        self._check_signature(told, _host(arn), now)
        if kind == "Notification":
            return told.get("Message", "")
        if kind == "SubscriptionConfirmation":
            self._confirm(told.get("SubscribeURL", ""), arn)
        else:
            log.warning("a topic no longer sends to this webhook", topic=arn)
        return None

    def _check_time(self, told: Mapping[str, str], now: dt.datetime) -> None:
        at = event_json.moment(told.get("Timestamp"))
        if at is None or not -_AHEAD_S <= (now - at).total_seconds() <= _OLDEST_S:
            raise Forged("the message was not sent now")

    def _check_signature(self, told: Mapping[str, str], host: str, now: dt.datetime) -> None:
        algorithm = {"1": hashes.SHA1, "2": hashes.SHA256}.get(told.get("SignatureVersion", ""))
        names = [name for name in _SIGNED[told["Type"]] if name in told]
        signed = "".join(f"{name}\n{told[name]}\n" for name in names)
        certificate, key = self._certificate(told.get("SigningCertURL", ""), host)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise Forged("the certificate is not valid now")
        try:
            signature = base64.b64decode(told.get("Signature", ""), validate=True)
            if algorithm is None:
                raise ValueError("no version of signatures that we know")
            data = signed.encode("utf-8", "surrogatepass")
            key.verify(signature, data, padding.PKCS1v15(), algorithm())
        except (InvalidSignature, binascii.Error, ValueError):
            raise Forged("the message's signature does not fit") from None

    def _certificate(self, url: str, host: str) -> tuple[x509.Certificate, rsa.RSAPublicKey]:
        """Fetched once. Raises Forged where it would come from elsewhere, or is none."""
        if not re.fullmatch(rf"https://{re.escape(host)}/SimpleNotificationService-\w+\.pem", url, re.ASCII):  # fmt: skip
            raise Forged("the certificate is not one of Amazon SNS")
        if url not in self._keys:
            try:
                certificate = x509.load_pem_x509_certificate(self.fetch(url))
                key = certificate.public_key()
            except ValueError as error:
                raise Forged("the certificate cannot be read") from error
            if not isinstance(key, rsa.RSAPublicKey):
                raise Forged("the certificate has no RSA key")
            while len(self._keys) >= _KEPT:
                del self._keys[next(iter(self._keys))]
            self._keys[url] = certificate, key
        return self._keys[url]

    def _confirm(self, url: str, arn: str) -> None:
        """Say yes to a topic of ours that asks whether it may send to us."""
        allowed = rf"https://{re.escape(_host(arn))}/\?Action=ConfirmSubscription&[\w=&%:.~-]+"
        if not re.fullmatch(allowed, url, re.ASCII):
            raise Forged("the way to confirm leads elsewhere")
        self.fetch(url)
        log.info("a topic may send to this webhook from now on", topic=arn)


def _host(arn: str) -> str:
    """The SNS of a topic's own region. Raises ValueError where it is no topic."""
    found = _ARN.fullmatch(arn)
    if found is None:
        raise ValueError(f"expected the ARN of an SNS topic, not {arn!r}")
    end = "amazonaws.com.cn" if found[1] == "aws-cn" else "amazonaws.com"
    return f"sns.{found[2]}.{end}"
