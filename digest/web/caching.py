"""Public pages that may be kept and are asked for again each time: an ETag, and 304 where nothing has changed.

RFC 9110 §8.8.3 and §13.1.2, RFC 9111 §5.2.2.4. What is taken off the web is gone with the next look, from every cache.
"""

from __future__ import annotations

import hashlib
import re

from fastapi import Request
from starlette.responses import Response

#: Kept by everybody, shown by nobody without asking.
ASKED_AGAIN = "public, no-cache"

_TAGS = re.compile(r'(?:W/)?"([^"]*)"')


def revalidated(request: Request, answer: Response) -> Response:
    """The answer with its ETag, or 304 without a body where the asker has it."""
    tag = hashlib.sha256(bytes(answer.body)).hexdigest()[:32]
    answer.headers["etag"] = f'"{tag}"'
    answer.headers["cache-control"] = ASKED_AGAIN
    if answer.status_code != 200 or not _has(request.headers.get("if-none-match", ""), tag):
        return answer
    kept = {name: answer.headers[name] for name in ("etag", "cache-control")}
    policy = answer.headers.get("content-security-policy")
    return Response(
        status_code=304, headers=kept | ({"content-security-policy": policy} if policy else {})
    )


def _has(asked: str, tag: str) -> bool:
    """Weak comparison: what stands before the quotation mark does not count."""
    return asked.strip() == "*" or tag in _TAGS.findall(asked)
