"""Events leave for their webhooks: by the guarded client, signed, and again for a day and a half.

It runs beside everything else and holds nothing up: what happens is written down with the transaction that it happens in,
and told later. An event may arrive twice, under the same id; never is it lost unseen.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from digest import logs
from digest.errors import DigestError, FetchError
from digest.hooks import managing, signing
from digest.hooks.managing import HookHouse
from digest.sources.fetch import Limits, post
from digest.store import hook_events, hooks, subscribers
from digest.store.engine import Session
from digest.store.hook_events import EventState, HookEvent, Try
from digest.store.hooks import Hook, HookState

log = logs.get(__name__)

#: So long after each attempt that failed the next one is made: thirty-six hours in all.
PAUSES = tuple(
    dt.timedelta(seconds=seconds)
    for seconds in (10, 60, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 18.4 * 3600)
)
#: How long one attempt may take; the specification asks for 15 to 30 seconds of patience.
LIMITS = Limits(seconds=15.0, size=0)
#: Events of one webhook in one go, and webhooks at once.
MOST, AT_ONCE = 20, 4
#: So long events are in one process's hand; longer than `MOST` attempts that all hang.
IN_HAND = dt.timedelta(minutes=10)
#: Who says that it is gone is asked no more.
GONE = 410

Post = Callable[..., tuple[int, float | None]]


def deliver(house: HookHouse, *, post: Post = post) -> int:
    """Tell what is due; how many events arrived. Any number of processes may do it at once."""
    with house.database.read() as session:
        ready = hook_events.due(session, now=house.clock())
    if not ready:
        return 0
    with ThreadPoolExecutor(min(AT_ONCE, len(ready)), thread_name_prefix="webhook") as pool:
        return sum(pool.map(lambda hook: _one_after_another(house, hook, post), ready))


def _one_after_another(house: HookHouse, number: int, post: Post) -> int:
    """The events of one webhook, in order; where one gets no answer the others wait as well."""
    try:
        now = house.clock()
        with house.database.write() as session:
            hook = hooks.by_id(session, number)
            found = hook_events.claim(session, number, most=MOST, now=now, until=now + IN_HAND)
        for place, event in enumerate(found):
            if not _tell(house, hook, event, post):
                _leave(house, found[place + 1 :])
                return place
        return len(found)
    except DigestError as error:
        log.warning("a webhook was not told", webhook=number, why=str(error))
        return 0


def _leave(house: HookHouse, rest: Sequence[HookEvent]) -> None:
    if rest:
        with house.database.write() as session:
            hook_events.put_back(session, [one.id for one in rest], now=house.clock())


def _tell(house: HookHouse, hook: Hook, event: HookEvent, post: Post) -> bool:
    """One attempt; True where it arrived."""
    begun = time.monotonic()
    status, wait, why = _asked(house, hook, event, post)
    ms = round(1000 * (time.monotonic() - begun))
    arrived = 200 <= status < 300
    attempt = Try(house.clock(), status, ms, "" if arrived else (why or f"answered {status}"))
    with house.database.write() as session:
        if arrived:
            hooks.arrived(session, hook.id)
            hook_events.tried(
                session, event.id, attempt, state=EventState.DELIVERED, due_at=attempt.at
            )
        else:
            _failed(session, hook, event, attempt, wait)
    log.info("a webhook was told", webhook=hook.id, kind=event.kind, status=status, ms=ms)
    return arrived


def _asked(
    house: HookHouse, hook: Hook, event: HookEvent, post: Post
) -> tuple[int, float | None, str]:
    """(status, seconds to wait, why there was no answer)."""
    secret = managing.opened(house.key, hook)
    if secret is None:
        return 0, None, "its secret was sealed with another key: make a new one"
    body = _body(house, hook, event)
    headers = {
        "content-type": "application/json",
        **signing.headers(secret, event.name, body, now=house.clock()),
    }
    try:
        status, wait = post(
            hook.url, body, headers=headers, allowed=house.fetch_allow, limits=LIMITS
        )
    except FetchError as error:
        return 0, error.wait_s, error.reason
    return status, wait, ""


def _body(house: HookHouse, hook: Hook, event: HookEvent) -> bytes:
    """As it was written down; with the reader's address of now where the webhook asks for it."""
    if event.reader is None or not hook.with_addresses:
        return event.body.encode()
    told = json.loads(event.body)
    with house.database.read() as session:
        reader = subscribers.by_id(session, event.reader)
    told["data"]["address"] = reader.address if reader else None
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _failed(
    session: Session, hook: Hook, event: HookEvent, attempt: Try, wait: float | None
) -> None:
    """Try again later; after the last attempt let it be, and its webhook where nothing else arrives either."""
    hooks.failing(session, hook.id, now=attempt.at)
    over = event.attempts >= len(PAUSES) or attempt.status == GONE
    if not over:
        pause = max(PAUSES[event.attempts], dt.timedelta(seconds=min(wait or 0, 3600)))
        hook_events.tried(
            session, event.id, attempt, state=EventState.WAITING, due_at=attempt.at + pause
        )
        return
    hook_events.tried(session, event.id, attempt, state=EventState.FAILED, due_at=attempt.at)
    now = hooks.by_id(session, hook.id)
    if attempt.status == GONE or _nothing_arrives(session, now, event):
        why = "it answers that it is gone (410)" if attempt.status == GONE else _since(now, attempt)
        if now.state is HookState.ON and hooks.give_up(session, hook.id, why, now=attempt.at):
            log.error("a webhook was given up", webhook=hook.id, why=why)


def _nothing_arrives(session: Session, hook: Hook, event: HookEvent) -> bool:
    """Not one event since this one was tried first."""
    first = hook_events.tries(session, [event.id])[event.id][0]
    return hook.failing_since is not None and hook.failing_since <= first.at


def _since(hook: Hook, attempt: Try) -> str:
    since = hook.failing_since or attempt.at
    return f"nothing has arrived since {since:%d %b %H:%M} UTC: {attempt.why}"
