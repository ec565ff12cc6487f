"""`Idempotency-Key`: a call that is sent again is answered again, and done once.

draft-ietf-httpapi-idempotency-key-header-07. An answer is kept for a day, sealed with the house's key. What broke on our
side, and what was turned away at the door, is not kept: it may be tried again with the same key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from digest import logs, sealing
from digest.errors import Busy, NoRoom
from digest.store import api_calls
from digest.web.v1.bearer import Caller
from digest.web.v1.problems import Problem

log = logs.get(__name__)

HEADER = "idempotency-key"
#: A string of a structured field (RFC 9651 §3.3.3), or the same without its quotes.
_KEY = re.compile(r'"(?:[ !#-\[\]-~]|\\["\\]){1,255}"|[!#-\[\]-~]{1,255}')
_PURPOSE = "answers of the API"
#: What is kept of an answer's header.
_KEPT = ("content-type", "location", "etag")

Work = Callable[[], Awaitable[Response]]


async def done(request: Request, caller: Caller, work: Work) -> Response:
    """The answer of `work`, or of the same call before. Raises Problem for a key that is none, is running, or is another's."""
    given = request.headers.get(HEADER)
    if given is None:
        return await work()
    if not _KEY.fullmatch(given):
        raise Problem("malformed", "An idempotency key is up to 255 printable letters of ASCII.")
    key = _hash(str(caller.token.id), given.strip('"'))
    asked = _hash(request.method, str(request.url.path), request.url.query, await request.body())
    before = await run_in_threadpool(_begin, caller, key, asked)
    if before is not None:
        return before
    try:
        answer = await work()
    except BaseException:
        await run_in_threadpool(_drop, caller, key)
        raise
    await run_in_threadpool(_keep, caller, key, answer)
    return answer


def _begin(caller: Caller, key: str, asked: str) -> Response | None:
    """None where the call is to be done now."""
    with caller.house.database.write() as session:
        found = api_calls.begin(session, key, asked, now=caller.now())
    if found is None:
        return None
    if found.request_hash != asked:
        raise Problem("other-call", "This idempotency key belongs to another request.")
    if found.status == 0:
        headers = {"retry-after": "1"}
        raise Problem("running", "The first call with this key has not ended yet.", headers=headers)
    kept = sealing.opened(caller.house.key, _PURPOSE, found.answer)
    if kept is None:
        raise Problem("other-call", "The answer of this key was sealed with another secret key.")
    told: dict[str, Any] = json.loads(kept)
    return Response(told["body"], found.status, {**told["headers"], "idempotency-replayed": "true"})


def _keep(caller: Caller, key: str, answer: Response) -> None:
    """What was done is answered so, also where that cannot be written down: "try again" would have it done twice."""
    try:
        _end(caller, key, answer)
    except (Busy, NoRoom) as error:
        log.warning("the answer to a call was not kept", token=caller.token.id, why=str(error))


def _end(caller: Caller, key: str, answer: Response) -> None:
    headers = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
    told = json.dumps({"headers": headers, "body": bytes(answer.body).decode()})
    sealed = sealing.seal(caller.house.key, _PURPOSE, told)
    with caller.house.database.write() as session:
        api_calls.end(session, key, answer.status_code, sealed)


def _drop(caller: Caller, key: str) -> None:
    with caller.house.database.write() as session:
        api_calls.drop(session, key)


def _hash(*parts: str | bytes) -> str:
    made = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "big") + data)
    return made.hexdigest()
