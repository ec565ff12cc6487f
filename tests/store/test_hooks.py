"""Webhooks as rows: changed only as they were seen, gone with all that waits for them, forgotten after a while."""

from __future__ import annotations

import datetime as dt

import pytest

from digest.errors import Conflict, NotFound
from digest.model import HookKind
from digest.store import hook_events, hooks
from digest.store.engine import Database
from digest.store.hook_events import EventState, Try
from digest.store.hooks import Hook, HookState
from tests.houses import MONDAY

LATER = MONDAY + dt.timedelta(days=30)


def a_hook(database: Database) -> Hook:
    with database.write() as session:
        more = {"with_addresses": False, "secret": "s", "by": "editor:1", "now": MONDAY}
        return hooks.add(session, "sunday", "https://x.example/", {HookKind.ISSUE_SENT}, **more)  # type: ignore[arg-type]


def test_a_webhook_is_changed_only_as_it_was_seen(database: Database) -> None:
    seen = a_hook(database)
    with database.write() as session:
        changed = hooks.change(session, seen, now=MONDAY, state=HookState.OFF)
    assert (changed.state, changed.changed_at > seen.changed_at) == (HookState.OFF, True)
    with database.write() as session, pytest.raises(Conflict):
        hooks.change(session, seen, now=MONDAY, url="https://y.example/")


def test_a_webhook_goes_with_what_waits_for_it_and_its_number_never_comes_again(
    database: Database,
) -> None:
    hook = a_hook(database)
    with database.write() as session:
        number = hooks.put(session, hook.id, "sunday", "test", now=MONDAY)
        attempt = Try(MONDAY, 500, 3, "answered 500")
        hook_events.tried(session, number, attempt, state=EventState.WAITING, due_at=LATER)
        hooks.remove(session, hook.id)
    with database.read() as session:
        assert hook_events.tries(session, [number]) == {number: []}
        with pytest.raises(NotFound):
            hook_events.by_id(session, number)
        with pytest.raises(NotFound):
            hooks.by_id(session, hook.id)
    assert a_hook(database).id == hook.id + 1


def test_events_are_forgotten_with_their_attempts(database: Database) -> None:
    hook = a_hook(database)
    with database.write() as session:
        old, new = (hooks.put(session, hook.id, "sunday", "test", now=at) for at in (MONDAY, LATER))
        attempt = Try(MONDAY, 204, 3, "")
        hook_events.tried(session, old, attempt, state=EventState.DELIVERED, due_at=MONDAY)
        assert hook_events.forget(session, before=LATER) == 1
    with database.read() as session:
        found, more = hook_events.page(session, hook.id)
        assert ([one.id for one in found], more) == ([new], None)
        assert hook_events.tries(session, [old]) == {old: []}
        assert hook_events.waiting(session) == {hook.id: 1}
