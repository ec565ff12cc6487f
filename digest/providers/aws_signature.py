"""AWS Signature Version 4: proof that a request comes from the owner of a key and was not changed.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
The tests compare it with botocore, letter for letter; a whole SDK for one header is too much.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

_METHOD = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Signs for one service in one region. session_token: empty for keys that do not end by themselves."""

    key_id: str
    secret: str = field(repr=False)
    region: str
    session_token: str = field(default="", repr=False)
    service: str = "ses"

    def headers(
        self, url: str, body: bytes, content_type: str, *, now: dt.datetime, method: str = "POST"
    ) -> dict[str, str]:
        """The header fields that a request with `body` to `url` (without a query) needs.

        now: aware; AWS believes five minutes either way.
        """
        moment = now.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
        own = {"x-amz-date": moment}
        if self.session_token:
            own["x-amz-security-token"] = self.session_token
        signed = {"content-type": content_type, "host": _host(url), **own}
        names = ";".join(sorted(signed))
        scope = f"{moment[:8]}/{self.region}/{self.service}/aws4_request"
        asked = hashlib.sha256(_canonical(method, url, signed, body)).hexdigest()
        what = f"{_METHOD}\n{moment}\n{scope}\n{asked}"
        signature = hmac.digest(self._key(moment[:8]), what.encode(), "sha256").hex()
        proof = f"Credential={self.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
        return {"content-type": content_type, **own, "authorization": f"{_METHOD} {proof}"}

    def _key(self, day: str) -> bytes:
        """The key of one day, region and service."""
        key = f"AWS4{self.secret}".encode()
        for part in (day, self.region, self.service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return key


def _canonical(method: str, url: str, signed: dict[str, str], body: bytes) -> bytes:
    """The request as both sides write it down; the empty line in it is that of the query."""
    lines = (
        method,
        quote(urlsplit(url).path or "/", safe="/~"),
        "",
        *(f"{name}:{' '.join(signed[name].split())}" for name in sorted(signed)),
        "",
        ";".join(sorted(signed)),
        hashlib.sha256(body).hexdigest(),
    )
    return "\n".join(lines).encode()


def _host(url: str) -> str:
    """What stands in the Host field: the port only where it is not the scheme's own."""
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"
