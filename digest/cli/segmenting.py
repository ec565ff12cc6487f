"""Commands for segments: how many readers each has now, and which of them one reader is in."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli import start
from digest.cli.readers import one_newsletter

segments = typer.Typer(
    help="Segments of readers, as the schedule declares them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Newsletter = Annotated[
    str | None, typer.Argument(help="Which newsletter; needed where there are several.")
]


@segments.command("count")
def count(newsletter: Newsletter = None) -> None:
    """How many readers of each segment would be mailed now."""
    from digest.segments import spoken
    from digest.store import audiences

    _, house = start.opened()
    key = one_newsletter(house, newsletter, says="digest segments count ")
    schedule, now = house.schedule(key), house.clock()
    with house.database.read() as session:
        found = {
            name: audiences.count(session, key, now, only=only)
            for name, only in schedule.slices.items()
        }
        everybody = audiences.count(session, key, now)
    for name, number in found.items():
        gets = "  gets the issues" if name == schedule.audience.segment else ""
        typer.echo(f"{number:>9}  {name}: {spoken(schedule.segments[name])}{gets}")
    typer.echo(f"{everybody:>9}  all who may be mailed")


@segments.command("of")
def of(
    address: Annotated[str, typer.Argument(help="A reader's address.")],
    newsletter: Newsletter = None,
) -> None:
    """Which segments one reader is in now."""
    from digest.audience import addresses
    from digest.errors import NotFound
    from digest.segments import holds
    from digest.store import segments as stored
    from digest.store import subscribers

    _, house = start.opened()
    key = one_newsletter(house, newsletter, says=f"digest segments of {address} ")
    schedule, now = house.schedule(key), house.clock()
    known = addresses.parse(address)
    with house.database.read() as session:
        reader = subscribers.by_address(session, known.key)
        found = stored.facts(session, key, [reader.id], at=now) if reader else {}
    if reader is None or reader.id not in found:
        raise NotFound(f"{known.address} is no reader of {key}")
    facts = found[reader.id]
    for name, only in schedule.slices.items():
        typer.echo(f"{'in' if holds(only, facts, now) else 'not in'}  {name}")
    if not schedule.slices:
        typer.echo(f"{key} has no segments: its schedule declares none under [segments]")
