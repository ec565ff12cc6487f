"""`digest subscribers export ADDRESS` and `erase`: what a reader may ask of us."""

from __future__ import annotations

import json

import typer

from digest.audience import privacy
from digest.bootstrap import House
from digest.cli import noting
from digest.errors import BadInput


def tell(house: House, address: str) -> None:
    """Everything about one reader as JSON, for the reader."""
    told = privacy.everything(house.database, address, key=house.key)
    for one in told["kept"].get("subscriber", ()):
        noting.note(house, "told a reader's data", subject=f"subscriber:{one['id']}")
    typer.echo(json.dumps(told, ensure_ascii=False, indent=1))


def erase(house: House, address: str, *, sure: bool) -> bool:
    """Forget one reader, and say what is left; True where nothing is. Raises BadInput without a yes."""
    if not sure:
        raise BadInput(address, "this cannot be undone; say --yes")
    done = privacy.erase(house.database, address, key=house.key, data=house.data, now=house.clock())
    rows = ", ".join(f"{count} {name}" for name, count in sorted(done.rows.items()))
    typer.echo(f"erased: {rows}; mails in the outbox: {done.mails}")
    typer.echo("what stays is a keyed hash of the address, so that no import brings it back")
    if done.rewritten:
        typer.echo("the database file was written anew: its free pages held the address")
    if done.waits:
        typer.echo(
            "its free pages still hold the address; a send is open, so say it again after it"
        )
    for path in done.left:
        typer.echo(f"the address still stands in {path}")
    return not (done.left or done.waits)
