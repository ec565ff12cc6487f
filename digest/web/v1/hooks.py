"""Webhooks: where a newsletter's events are told, each event with its attempts, and once more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, Field

from digest.errors import BadInput
from digest.hooks import managing
from digest.hooks.managing import Actor
from digest.model import HookKind, Scope
from digest.store import hook_events, hooks
from digest.store.hook_events import EventState, HookEvent, Try
from digest.store.hooks import Hook, HookState
from digest.web.v1 import guard, problems, versions
from digest.web.v1.bearer import Caller, CallerHere
from digest.web.v1.bodies import Body, NewsletterName
from digest.web.v1.guard import needs
from digest.web.v1.numbered import Number
from digest.web.v1.paging import Page, PagingHere
from digest.web.v1.versions import IfMatch

router = guard.routed("/webhooks", "webhooks")

Url = Annotated[str, Field(min_length=8, max_length=1000)]
Kinds = Annotated[list[HookKind], Field(min_length=1, max_length=len(HookKind))]


class NewWebhook(Body):
    """A webhook. url: by https. with_addresses: whether readers' addresses are told as well."""

    newsletter: NewsletterName
    url: Url
    events: Kinds
    with_addresses: bool = False


class WebhookChange(Body):
    """What is to be otherwise; what is not named stays."""

    url: Url | None = None
    events: Kinds | None = None
    with_addresses: bool | None = None
    on: bool | None = None


class Webhook(BaseModel):
    """A webhook. state: `failed` where it was given up, for the reason `why`. failing_since: nothing has arrived since then."""

    webhook: int
    newsletter: str
    url: str
    events: list[HookKind]
    with_addresses: bool
    state: HookState
    why: str
    failing_since: dt.datetime | None
    created_at: dt.datetime


class WebhookMade(Webhook):
    """With its secret, which is told this once: it signs what is told to the webhook."""

    secret: str


class Secret(BaseModel):
    """Another secret, told this once."""

    secret: str


class Attempt(BaseModel):
    """One attempt. status: of the answer, 0 for none."""

    at: dt.datetime
    status: int
    ms: int
    why: str


class Delivery(BaseModel):
    """One event for a webhook. id: the `webhook-id` that it goes under."""

    delivery: int
    id: str
    event: str
    state: EventState
    created_at: dt.datetime
    due_at: dt.datetime | None
    attempts: list[Attempt]


@router.get("", **needs(Scope.WEBHOOKS_READ, 404))
def webhooks(
    caller: CallerHere,
    paging: PagingHere,
    newsletter: Annotated[str, Query(max_length=40, description="Only of this newsletter.")] = "",
) -> Page[Webhook]:
    """Every webhook, without its secret."""
    if newsletter:
        caller.house.schedule(newsletter)
    with caller.house.database.read() as session:
        every = [_told(one) for one in hooks.all(session, newsletter)]
    return paging.of_all(every, lambda one: str(one.webhook))


@router.post("", status_code=201, **needs(Scope.WEBHOOKS_WRITE, changes=True))
def make(body: NewWebhook, caller: CallerHere, response: Response) -> WebhookMade:
    """Make a webhook. Its secret stands in this answer and nowhere else. With addresses: `readers:read` as well."""
    _may_have(caller, body.with_addresses)
    with _placed():
        made, secret = managing.add(
            Actor(caller.house, caller.actor),
            body.newsletter,
            body.url,
            body.events,
            with_addresses=body.with_addresses,
        )
    response.headers["location"] = f"{caller.house.public_url}/api/v1/webhooks/{made.id}"
    return WebhookMade(**_told(made).model_dump(), secret=secret)


@router.get("/{webhook}", **needs(Scope.WEBHOOKS_READ, 404))
def webhook(webhook: Number, caller: CallerHere, response: Response) -> Webhook:
    """One webhook."""
    shown = _told(_found(caller, webhook))
    response.headers["etag"] = versions.tag(shown)
    return shown


@router.patch("/{webhook}", **needs(Scope.WEBHOOKS_WRITE, 404, 412, changes=True))
def change(
    webhook: Number,
    body: WebhookChange,
    caller: CallerHere,
    response: Response,
    if_match: IfMatch = "",
) -> Webhook:
    """Change a webhook. One that was given up goes on when it is put on again. With addresses: `readers:read` as well."""
    found = _found(caller, webhook)
    _may_have(caller, found.with_addresses or bool(body.with_addresses))
    versions.expect(if_match, _told(found))
    with _placed():
        changed = managing.change(
            Actor(caller.house, caller.actor),
            found,
            url=body.url,
            kinds=body.events,
            with_addresses=body.with_addresses,
            on=body.on,
        )
    shown = _told(changed)
    response.headers["etag"] = versions.tag(shown)
    return shown


@router.delete("/{webhook}", status_code=204, **needs(Scope.WEBHOOKS_WRITE, 404, changes=True))
def remove(webhook: Number, caller: CallerHere) -> None:
    """Take a webhook away, with what waits for it."""
    managing.remove(Actor(caller.house, caller.actor), webhook)


@router.post("/{webhook}/secret", **needs(Scope.WEBHOOKS_WRITE, 404, changes=True))
def new_secret(webhook: Number, caller: CallerHere) -> Secret:
    """Another secret in the place of the old one, at once."""
    _, secret = managing.new_secret(Actor(caller.house, caller.actor), _found(caller, webhook))
    return Secret(secret=secret)


@router.post("/{webhook}/test", status_code=202, **needs(Scope.WEBHOOKS_WRITE, 404, changes=True))
def try_it(webhook: Number, caller: CallerHere) -> Delivery:
    """Tell it an event of the kind `test`, within some seconds."""
    number = managing.try_it(Actor(caller.house, caller.actor), _found(caller, webhook))
    return _delivery(caller, number)


@router.get("/{webhook}/deliveries", **needs(Scope.WEBHOOKS_READ, 404))
def deliveries(webhook: Number, caller: CallerHere, paging: PagingHere) -> Page[Delivery]:
    """What was told to it in the last thirty days, and what waits, the newest first; each with its attempts."""
    hook = _found(caller, webhook)
    with caller.house.database.read() as session:
        found, more = hook_events.page(session, hook.id, below=paging.below(), size=paging.limit)
        tries = hook_events.tries(session, [one.id for one in found])
    return paging.page([_shown(one, tries[one.id]) for one in found], more)


@router.post(
    "/{webhook}/deliveries/{delivery}/again",
    status_code=202,
    **needs(Scope.WEBHOOKS_WRITE, 404, changes=True),
)
def again(webhook: Number, delivery: Number, caller: CallerHere) -> Delivery:
    """Tell one event once more, under the same id; also one that arrived."""
    _of(caller, webhook, delivery)
    managing.again(Actor(caller.house, caller.actor), delivery)
    return _delivery(caller, delivery)


def _may_have(caller: Caller, with_addresses: bool) -> None:
    """Who may not read readers' addresses has none sent to a place of their choice either. Raises Problem."""
    if with_addresses:
        caller.needs(Scope.READERS_READ)


@contextmanager
def _placed() -> Iterator[None]:
    """What is wrong with a webhook, at the field that it is about."""
    try:
        yield
    except BadInput as error:
        with problems.about(error.item):
            raise


def _found(caller: Caller, number: int) -> Hook:
    with caller.house.database.read() as session:
        return hooks.by_id(session, number)


def _of(caller: Caller, webhook: int, delivery: int) -> None:
    """Raises NotFound for a delivery of another webhook."""
    with caller.house.database.read() as session:
        found = hook_events.by_id(session, delivery)
        hooks.by_id(session, webhook if found.hook_id == webhook else 0)


def _delivery(caller: Caller, number: int) -> Delivery:
    with caller.house.database.read() as session:
        found = hook_events.by_id(session, number)
        return _shown(found, hook_events.tries(session, [number])[number])


def _told(one: Hook) -> Webhook:
    return Webhook(
        webhook=one.id,
        newsletter=one.newsletter,
        url=one.url,
        events=sorted(one.events),
        with_addresses=one.with_addresses,
        state=one.state,
        why=one.why,
        failing_since=one.failing_since,
        created_at=one.created_at,
    )


def _shown(one: HookEvent, tries: list[Try]) -> Delivery:
    waits = one.state is EventState.WAITING
    return Delivery(
        delivery=one.id,
        id=one.name,
        event=one.kind,
        state=one.state,
        created_at=one.created_at,
        due_at=one.due_at if waits else None,
        attempts=[Attempt(at=it.at, status=it.status, ms=it.ms, why=it.why) for it in tries],
    )
