"""An Amazon SNS of our own: a certificate, and messages signed by it."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass, field
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from digest.errors import FetchError

NOW = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
HOST = "https://sns.eu-west-1.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-0123456789abcdef.pem"
SUBSCRIBE = f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f"


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def certificate(
    *, days: int = 300, signs: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None
) -> bytes:
    """Of the SNS, valid from a month before NOW for so many days more."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key((signs or key()).public_key())
        .serial_number(1)
        .not_valid_before(NOW - dt.timedelta(days=30))
        .not_valid_after(NOW + dt.timedelta(days=days))
        .sign(key(), hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


@dataclass
class Web:
    """A Fetch that knows its pages and remembers what was asked."""

    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if url not in self.pages:
            raise FetchError(url, "answered 404")
        return self.pages[url]


def a_web() -> Web:
    return Web({CERTIFICATE: certificate(), SUBSCRIBE: b"<ConfirmSubscriptionResponse/>"})


ORDER = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
}  # fmt: skip


def a_message(message: str = "", *, at: dt.datetime = NOW, version: str = "2", **changes: str) -> dict[str, str]:  # fmt: skip
    """A message as it comes, rightly signed. changes: made before it is signed."""
    told = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": message,
        "Timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.324Z"),
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": f"{HOST}/?Action=Unsubscribe",
        **changes,
    }
    return {**told, "Signature": signature(told)}


def a_confirmation(**changes: str) -> dict[str, str]:
    own = {"Type": "SubscriptionConfirmation", "SubscribeURL": SUBSCRIBE, "Token": "2336412f"}
    told = a_message("You have chosen to subscribe", **{**own, **changes})
    return {name: value for name, value in told.items() if name != "UnsubscribeURL"}


def signature(told: dict[str, str]) -> str:
    names = ORDER.get(told["Type"], ORDER["SubscriptionConfirmation"])
    data = "".join(f"{name}\n{told[name]}\n" for name in names if name in told).encode()
    algorithm = hashes.SHA1() if told["SignatureVersion"] == "1" else hashes.SHA256()
    return base64.b64encode(key().sign(data, padding.PKCS1v15(), algorithm)).decode()


def body(told: object) -> bytes:
    return json.dumps(told).encode()
