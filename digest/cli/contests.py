"""`digest ab`: two subjects for one issue, how they stand, and a person's choice between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import start
from digest.cli.naming import Edition, issue_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.bootstrap import House
    from digest.contests import Setting
    from digest.model import Change, Contest, Issue
    from digest.schedules import Schedule
    from digest.store.contests import Held

ab = typer.Typer(help="Two subjects for one issue.", no_args_is_help=True, rich_markup_mode=None)

By = Annotated[str, typer.Option("--by", help="Who says so, for the log.")]


@ab.command("set")
def set_(
    subject: Annotated[str, typer.Option(help="Subject B; A is the issue's own.")],
    edition: Edition = None,
    share: Annotated[
        int | None, typer.Option(help="Percent of the readers who are asked first.")
    ] = None,
    wait: Annotated[str, typer.Option(help="Until the rest goes: 90m, 2h.")] = "",
    measure: Annotated[str, typer.Option(help="What decides: clicks, opens or hand.")] = "",
    by: By = "operator",
) -> None:
    """Try a second subject on a part of the readers. What is not said is the schedule's."""
    from digest import contests as rules
    from digest import shaping
    from digest.delivery import contests as steps
    from digest.errors import Conflict
    from digest.model import Words, WriteMail

    _, house = start.opened()
    issue = issue_of(house, edition)
    table = house.schedule(issue.newsletter).deliver.ab
    minutes = _minutes(wait) if wait else str(table.wait // 60)
    terms = rules.read_terms(str(share or table.share), minutes, measure or table.measure)
    wanted = {Words.SECOND: subject, **terms}
    contest = rules.wanted(wanted, table, issue.content.subject if issue.content else "")
    if contest is None:
        raise Conflict("the second subject is empty, or the first one again")
    with house.database.read() as session:
        setting = steps.setting(session, house, issue, now=house.clock())
        seen = shaping.shape_of(session, issue)
    if why := rules.obstacle(contest, setting):
        raise Conflict(why)
    changes = [
        WriteMail(what=what, value=value)
        for what, value in wanted.items()
        if seen.mail.get(what, "") != value
    ]
    _write(house, issue, changes, seen.version, by)
    for line in _plan(contest, setting):
        typer.echo(line)


@ab.command("off")
def off(edition: Edition = None, by: By = "operator") -> None:
    """One subject only."""
    from digest import shaping
    from digest.model import Words, WriteMail

    _, house = start.opened()
    issue = issue_of(house, edition)
    with house.database.read() as session:
        seen = shaping.shape_of(session, issue).version
    _write(house, issue, [WriteMail(what=Words.SECOND, value="")], seen, by)
    typer.echo(f"{issue.newsletter}/{issue.period} has one subject")


@ab.command("show")
def show(edition: Edition = None) -> None:
    """The plan, or how both stand and what was decided."""
    _, house = start.opened()
    for line in _standing(house, issue_of(house, edition)):
        typer.echo(line)


@ab.command("choose")
def choose(
    arm: Annotated[str, typer.Argument(help="a or b.")],
    edition: Edition = None,
    by: By = "operator",
) -> None:
    """Send one to the rest: at once while nothing is decided, else in the other one's place."""
    from digest.delivery import contests as steps
    from digest.errors import BadInput
    from digest.model import Arm

    if arm.lower() not in set(Arm):
        raise BadInput("arm", "expected a or b")
    _, house = start.opened()
    issue, now = issue_of(house, edition), house.clock()
    first = steps.choose(house, issue, Arm(arm.lower()), by=by, actor=by, now=now)
    then = "goes to the rest now" if first else "goes in the other one's place"
    typer.echo(f"{arm.upper()} {then}, with the worker or `digest send`")


def _minutes(wait: str) -> str:
    """A span as `90m` or `2h` in whole minutes; anything else as it stands, to be refused."""
    number, unit = wait[:-1], wait[-1:]
    if not (number.isascii() and number.isdecimal()) or unit not in ("m", "h"):
        return wait
    return str(int(number[:6]) * (60 if unit == "h" else 1))


def _write(house: House, issue: Issue, changes: Sequence[Change], seen: int, by: str) -> None:
    from digest import shaping
    from digest.shaping import Author

    author = Author(name=by, actor=by, may_publish=True)
    if changes:
        shaping.change(house, issue, *changes, seen=seen, author=author, now=house.clock())


def _plan(contest: Contest, setting: Setting) -> Iterator[str]:
    from digest import contests as rules
    from digest.moments import wall_clock

    zone = setting.schedule.calendar.zone
    yield f"B: {contest.second}"
    yield rules.promise(contest, setting.readers)
    yield f"the winner goes {wall_clock(rules.rest_at(contest, setting.begins_at), zone)}"


def _standing(house: House, issue: Issue) -> Iterator[str]:
    from digest import contests as rules
    from digest.delivery import contests as steps
    from digest.store import contests, sends

    contest, schedule = (issue.content and issue.content.contest), house.schedule(issue.newsletter)
    with house.database.read() as session:
        send = sends.if_begun(session, issue.id)
        held = contests.of_send(session, send.id) if send else None
        counts = contests.counts(session, send.id) if send and held and not held.winner else None
        setting = steps.setting(session, house, issue, now=house.clock())
    if held is None:
        if not contest:
            yield f"{issue.newsletter}/{issue.period} has one subject"
            return
        yield f"A: {issue.content.subject if issue.content else ''}"
        yield from _plan(contest, setting)
        if why := rules.obstacle(contest, setting):
            yield f"as it stands, everybody gets A: {why}"
        return
    if counts:
        yield rules.figures(held.measure, *counts)
    yield _decision(held, schedule)


def _decision(held: Held, schedule: Schedule) -> str:
    from digest.moments import wall_clock

    zone = schedule.calendar.zone
    if held.winner is None:
        return f"not decided: {wall_clock(held.decide_at, zone)}; the rest goes {wall_clock(held.rest_at, zone)}"
    by = f", by {held.decided_by}" if held.decided_by else ""
    return f"{held.winner.letter} goes to the rest {wall_clock(held.rest_at, zone)}{by}. {held.why}"
