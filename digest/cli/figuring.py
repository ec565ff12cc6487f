"""The command `digest numbers`: what became of issues and of the list, on a screen or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli import start

if TYPE_CHECKING:
    from digest.bootstrap import House
    from digest.numbers import IssueNumbers, Part


def numbers(
    newsletter: Annotated[
        str | None, typer.Argument(help="Of which newsletter; default: of all.")
    ] = None,
    issues: Annotated[int, typer.Option("--issues", min=1, max=104, help="So many issues.")] = 9,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with every story.")] = False,
) -> None:
    """What became of issues: delivered, came back, left, clicks by people and by machines; how the list grew.

    Sums only: nothing about single readers.
    """
    import json

    _, house = start.opened()
    keys = [house.schedule(newsletter).key] if newsletter else list(house.schedules)
    told = {key: told_of(house, key, issues) for key in keys}
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for key, found in told.items():
            _show(key, found)


def told_of(house: House, key: str, count: int) -> dict[str, Any]:
    """The issues that went out, newest first, each beside the eight before it; and the weeks of the list."""
    import dataclasses

    from digest import numbers as sums
    from digest.model import SubscriptionStatus
    from digest.store import numbers as stored
    from digest.store import subscribers

    zone = house.schedule(key).calendar.zone
    mondays = sums.weeks(house.clock(), zone)
    moments = [sums.begins(day, zone) for day in mondays]
    with house.database.read() as session:
        found = stored.of_newsletter(session, key, limit=count + sums.BEFORE)
        grown = stored.growth(session, key, mondays, moments)
        readers = subscribers.counts(session, key)
    return {
        "readers": readers.get(SubscriptionStatus.CONFIRMED, 0),
        "issues": [
            _issue(one, found[at + 1 : at + 1 + sums.BEFORE])
            for at, one in enumerate(found[:count])
        ],
        "weeks": [
            {**dataclasses.asdict(week), "begins": week.begins.isoformat(), "net": week.net}
            for week in grown
        ],
    }


def _issue(issue: IssueNumbers, before: list[IssueNumbers]) -> dict[str, Any]:
    import dataclasses

    from digest import numbers as sums

    known = [one for one in before if one.counted]
    told = dataclasses.asdict(issue)
    told["why"] = dict(issue.why)
    told["totals"] = [dataclasses.asdict(line) for line in sums.lines(issue, before)]
    told["stories"] = [
        {**dataclasses.asdict(one), "usual_here": sums.usual_at(one.place, known)}
        for one in issue.stories
    ]
    told["sections"] = _parts(sums.sections(issue, before))
    told["places"] = _parts(sums.places(issue, before))
    return told


def _parts(parts: tuple[Part, ...]) -> list[dict[str, Any]]:
    import dataclasses

    return [dataclasses.asdict(part) for part in parts]


def _show(key: str, told: dict[str, Any]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from digest import numbers as sums

    console = Console()
    joined = sum(week["joined"] for week in told["weeks"])
    left = sum(week["left"] for week in told["weeks"])
    console.print(
        f"{key}: {told['readers']:,} confirmed readers; {joined:,} joined and {left:,} left in"
        f" {sums.WEEKS} weeks."
    )
    if not told["issues"]:
        console.print("  no issue has gone out yet: `digest status` says when the next one does")
        return
    # fits into 80 columns with a million readers
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=0)
    table.add_column("issue", no_wrap=True)
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for issue in told["issues"]:
        counted = [_sum(issue, kind) if issue["counted"] else "" for kind in ("human", "machine")]
        kinds = ("audience", "accepted", "failed", "bounced", "complaints", "left")
        table.add_row(issue["period"], *(f"{issue[kind]:,}" for kind in kinds), *counted)
    console.print(table)


_COLUMNS = (
    "readers",
    "handed\nover",
    "failed",
    "came\nback",
    "complaints",
    "left",
    "clicks",
    "machines",
)


def _sum(issue: dict[str, Any], kind: str) -> str:
    return f"{sum(one[kind] or 0 for one in issue['stories']):,}"
