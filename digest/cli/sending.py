"""`digest send`: one approved issue on its way, until every reader has a final state."""

from __future__ import annotations

import dataclasses

import typer

from digest.bootstrap import House
from digest.cli.screen import Stages
from digest.cli.stopping import asked_to_stop
from digest.delivery import finish, freeze, ledger, refusals, sender
from digest.errors import BadInput, Conflict
from digest.model import Issue, IssueStatus, UncertainPolicy
from digest.store import sends
from digest.store.sends import SendStatus


def send_issue(house: House, issue: Issue, *, policy: str | None, at_once: bool) -> bool:
    """Send or go on sending; True when every reader is final and the states sum to the audience."""
    house = _with_policy(house, issue.newsletter, policy)
    if issue.status is IssueStatus.APPROVED:
        if house.clock() < issue.moments.send_at and not at_once:
            raise Conflict(
                f"its hour is {issue.moments.send_at:%A %H:%M} UTC; --now sends it at once"
            )
        freeze.freeze(house, issue, now=house.clock())
    elif issue.status not in (IssueStatus.SENDING, IssueStatus.SENT):
        raise Conflict(f"the issue {issue.period} is {issue.status}; only an approved one is sent")
    _resume(house, issue)
    with Stages() as progress, asked_to_stop() as stop:
        sender.drain(house, progress=progress, until_empty=True, stop=stop.is_set)
    finish.finish(house, now=house.clock())
    refusals.judge_all(house.database, key=house.key, now=house.clock())
    return _outcome(house, issue)


def _resume(house: House, issue: Issue) -> None:
    """Who asks for a send wants it to go on: a paused one is no longer."""
    with house.database.write() as session:
        send = sends.of_issue(session, issue.id)
        if sends.resume(session, send.id, now=house.clock()):
            typer.echo(f"it had stopped ({send.reason}) and goes on", err=True)


def _outcome(house: House, issue: Issue) -> bool:
    with house.database.read() as session:
        counts = ledger.counts(session, issue.id)
        send = sends.of_issue(session, issue.id)
    typer.echo(", ".join(f"{n} {state}" for state, n in counts.items() if n) or "nobody to send to")
    if send.status is SendStatus.PAUSED:
        typer.echo(f"stopped: {send.reason}", err=True)
    return send.status is SendStatus.DONE


def _with_policy(house: House, newsletter: str, policy: str | None) -> House:
    """The house with the newsletter's policy for uncertain deliveries replaced, if one was given."""
    if policy is None:
        return house
    schedule = house.schedule(newsletter)
    if policy not in set(UncertainPolicy):
        raise BadInput("--in-doubt", f"{policy!r} is none of {', '.join(UncertainPolicy)}")
    chosen = UncertainPolicy(policy)
    deliver = schedule.deliver.model_copy(update={"uncertain": chosen})
    changed = schedule.model_copy(update={"deliver": deliver})
    return dataclasses.replace(house, schedules={**house.schedules, newsletter: changed})
