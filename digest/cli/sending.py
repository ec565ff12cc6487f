"""`digest send`: one approved issue on its way, until every reader has a final state."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

import typer

from digest import remedies
from digest.bootstrap import House
from digest.cli import noting
from digest.cli.screen import Stages
from digest.cli.standing import told
from digest.cli.stopping import asked_to_stop
from digest.delivery import finish, freeze, ledger, refusals, sender, steer
from digest.delivery.big_weeks import is_big
from digest.delivery.waves import planned
from digest.errors import BadInput, Conflict, NotFound
from digest.model import DeliveryState, Issue, IssueStatus, UncertainPolicy
from digest.moments import wall_clock
from digest.store import contests, sends
from digest.store.sends import Send, SendStatus

#: Exit statuses: everybody is final; it is not over; all are final, and not all of them well.
WELL, NOT_OVER, NOT_ALL = 0, 1, 3

#: Why an issue is not sent, by its status.
_NOT_SENT = {
    IssueStatus.DUE: "there is no draft yet; `digest build` makes one",
    IssueStatus.DRAFT: "it is not approved; `digest approve`",
    IssueStatus.HELD: "it is held; `digest approve` lets it go",
    IssueStatus.SKIPPED: "it was skipped; `digest build --revive` brings it back before its hour",
}


def send_issue(
    house: House, issue: Issue, *, policy: str | None, at_once: bool, strict: bool = False
) -> int:
    """Send or go on sending; an exit status. Raises Conflict where it may not go on.

    strict: NOT_ALL where not everybody got it, though all are final.
    """
    house = _with_policy(house, issue.newsletter, policy)
    _begin(house, issue, at_once=at_once)
    _go_on(house, issue)
    with Stages() as progress, asked_to_stop() as stop:
        try:
            sender.drain(house, progress=progress, until_empty=True, stop=stop.is_set)
        except KeyboardInterrupt:
            typer.echo("stopped by you; what was on the wire was finished", err=True)
    finish.finish(house, now=house.clock())
    refusals.judge_all(house.database, key=house.key, now=house.clock())
    return _outcome(house, issue, strict=strict)


def _begin(house: House, issue: Issue, *, at_once: bool) -> None:
    """Freeze the audience, if it is not. Raises Conflict where the issue may not be sent."""
    if issue.status in (IssueStatus.SENDING, IssueStatus.SENT):
        return
    if issue.status is not IssueStatus.APPROVED:
        raise Conflict(f"the issue {issue.period} is not sent: {_NOT_SENT[issue.status]}")
    send_at, zone = issue.moments.send_at, house.schedule(issue.newsletter).calendar.zone
    if house.clock() < send_at and not at_once:
        raise Conflict(f"its hour is {wall_clock(send_at, zone)}; --now sends it at once")
    if house.schedule(issue.newsletter).deliver.deliver_at == "reader":
        then = "--now freezes the audience now; " if at_once else ""
        typer.echo(f"{then}each reader gets it at the own hour, and this waits for the last:")
        for line in wave_lines(house, issue):
            typer.echo(f"  {line}")
    subject, early = f"{issue.newsletter}/{issue.period}", house.clock() < send_at
    noting.note(house, "began the send", subject=subject, early=early)
    freeze.freeze(house, issue, now=house.clock())
    _tell_of_two_subjects(house, issue)


def _tell_of_two_subjects(house: House, issue: Issue) -> None:
    with house.database.read() as session:
        held = contests.of_send(session, sends.of_issue(session, issue.id).id)
    if held and held.share:
        rest_at = wall_clock(held.rest_at, house.schedule(issue.newsletter).calendar.zone)
        typer.echo(f"two subjects: this waits for the rest, which goes {rest_at}")
    elif held:
        typer.echo(held.why, err=True)


def _go_on(house: House, issue: Issue) -> None:
    """Who asks for a send wants it to go on, also where the program stopped it; not where a person did."""
    send = steer.go_on(house, issue, by="operator", now=house.clock())
    if send.status is not SendStatus.PAUSED:
        return
    if send.resume_at:
        typer.echo(_waits(house, send, send.resume_at), err=True)
    else:
        typer.echo(f"it had stopped ({send.reason}) and goes on", err=True)


def _waits(house: House, send: Send, until: dt.datetime) -> str:
    told = wall_clock(until, house.schedule(send.newsletter).calendar.zone)
    return f"it waits until {told}: {send.reason}"


def _outcome(house: House, issue: Issue, *, strict: bool) -> int:
    with house.database.read() as session:
        counts = ledger.counts(session, issue.id)
        send = sends.of_issue(session, issue.id)
    ended = f"cancelled by {send.cancelled_by}: " if send.cancelled_by else ""
    typer.echo(ended + (told(counts) or "nobody to send to"))
    if send.status is not SendStatus.DONE:
        _not_over(house, send)
        return NOT_OVER
    hints = list(_hints(counts))
    for hint in hints:
        typer.echo(hint, err=True)
    return NOT_ALL if hints and strict else WELL


def _not_over(house: House, send: Send) -> None:
    """Why it is not over, and how it goes on."""
    if send.status is not SendStatus.PAUSED:
        typer.echo("it is not over: `digest send` or the worker goes on where it was", err=True)
        return
    if send.resume_at:
        typer.echo(_waits(house, send, send.resume_at), err=True)
        return
    typer.echo(f"stopped: {send.reason}", err=True)
    remedy = remedies.paused(send.reason, send.paused_with)
    typer.echo(f"what to do: {remedy}", err=True)


def _hints(counts: dict[str, int]) -> Iterator[str]:
    """What can be done for those who did not get it."""
    if failed := counts[DeliveryState.FAILED]:
        again = "`digest resend --undelivered` tries them again"
        yield f"{failed} failed: `digest ledger` says why; {again}"
    if uncertain := counts[DeliveryState.UNCERTAIN]:
        again = "`digest resend --uncertain` sends once more, and some may get two"
        yield f"{uncertain} uncertain: `digest ledger` names them; {again}"


def before_the_end(house: House, issue: Issue) -> str:
    """How far a send is, for who is about to end it. Raises NotFound where there is none."""
    with house.database.read() as session:
        try:
            send = sends.of_issue(session, issue.id)
        except NotFound:
            raise NotFound(f"{issue.period} has no send: it is {issue.status}") from None
        counts = ledger.counts(session, issue.id)
    left = counts[ledger.WAITING] + counts[DeliveryState.QUEUED]
    had = send.audience - left
    whose = f"{issue.newsletter}/{issue.period}"
    return f"{whose}: {had} of {send.audience} are settled, {left} would be skipped."


def wave_lines(house: House, issue: Issue) -> Iterator[str]:
    """When how many readers of which zones are mailed; whose hour is past, at once."""
    schedule, now = house.schedule(issue.newsletter), house.clock()
    with house.database.read() as session:
        big = is_big(session, issue, schedule)
        found = planned(session, schedule, issue.moments.send_at, moment=now, big=big)
    late = [wave for wave in found if wave.at <= now]
    groups = ([("at once", late)] if late else []) + [
        (wall_clock(wave.at, schedule.calendar.zone), [wave]) for wave in found if wave.at > now
    ]
    for when, waves in groups:
        readers = sum(wave.readers for wave in waves)
        named = (zone or schedule.newsletter.timezone for wave in waves for zone in wave.zones)
        yield f"{when:<20} {readers:>8} readers  {', '.join(dict.fromkeys(named))}"


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
