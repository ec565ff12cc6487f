"""`digest webhook`: who elsewhere is told what happens here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import start

if TYPE_CHECKING:
    from digest.bootstrap import House
    from digest.store.hooks import Hook

webhook = typer.Typer(
    help="Addresses elsewhere that are told what happens here.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

By = Annotated[str, typer.Option("--by", help="Who says so, for the log.")]
Number = Annotated[int, typer.Argument(help="Its number, as `digest webhook list` tells it.")]


@webhook.command("add")
def add(
    newsletter: Annotated[str, typer.Argument(help="Whose events.")],
    url: Annotated[str, typer.Argument(help="Where they are told; by https.")],
    event: Annotated[
        list[str] | None,
        typer.Option("--event", help="What it hears, as issue.sent. May be said again."),
    ] = None,
    addresses: Annotated[
        bool, typer.Option("--addresses", help="Tell readers' addresses as well.")
    ] = False,
    by: By = "operator",
) -> None:
    """Make a webhook and print its secret, this once."""
    from digest.errors import BadInput
    from digest.hooks import managing
    from digest.model import HookKind

    known = [one.value for one in HookKind]
    if not event or not set(event) <= set(known):
        raise BadInput("--event", f"expected some of: {', '.join(known)}")
    _, house = start.opened()
    kinds = [HookKind(one) for one in event]
    made, secret = managing.add(
        managing.Actor(house, by), newsletter, url, kinds, with_addresses=addresses
    )
    typer.echo(f"webhook {made.id}; its secret is not shown again", err=True)
    typer.echo(secret)


@webhook.command("list")
def list_() -> None:
    """Every webhook: number, newsletter, state, address, events, why it was given up."""
    from digest.store import hooks

    _, house = start.opened()
    with house.database.read() as session:
        for one in hooks.all(session):
            events = " ".join(sorted(one.events))
            line = (str(one.id), one.newsletter, one.state, one.url, events, one.why)
            typer.echo("\t".join(line).rstrip())


@webhook.command("on")
def on(number: Number, by: By = "operator") -> None:
    """Tell it what happens from now on; also one that was given up."""
    _switch(number, by, is_on=True)


@webhook.command("off")
def off(number: Number, by: By = "operator") -> None:
    """Tell it nothing."""
    _switch(number, by, is_on=False)


@webhook.command("test")
def try_it(number: Number, by: By = "operator") -> None:
    """Tell it an event of the kind `test` now, and say what it answered. Exit status 1 where it did not arrive."""
    from digest.hooks import delivering, managing
    from digest.store import hook_events
    from digest.store.hook_events import EventState

    _, house = start.opened()
    event = managing.try_it(managing.Actor(house, by), _found(house, number))
    delivering.deliver(house)
    with house.database.read() as session:
        found = hook_events.by_id(session, event)
        tries = hook_events.tries(session, [event])[event]
    for one in tries:
        typer.echo(f"answered {one.status} in {one.ms} ms" if one.status else one.why)
    if found.state is not EventState.DELIVERED:
        raise typer.Exit(1)


@webhook.command("deliveries")
def deliveries(
    number: Number,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 50,
) -> None:
    """What it was told: number, moment (UTC), event, state, how often it was tried, the last answer."""
    from digest.store import hook_events

    _, house = start.opened()
    with house.database.read() as session:
        found, _ = hook_events.page(session, _found(house, number).id, size=limit)
        tries = hook_events.tries(session, [one.id for one in found])
    for one in found:
        last = tries[one.id][-1] if tries[one.id] else None
        said = (str(last.status) if last.status else last.why) if last else "-"
        at = f"{one.created_at:%Y-%m-%d %H:%M:%S}"
        typer.echo("\t".join((str(one.id), at, one.kind, one.state, str(one.attempts), said)))


@webhook.command("again")
def again(
    delivery: Annotated[int, typer.Argument(help="Its number, as `deliveries` tells it.")],
    by: By = "operator",
) -> None:
    """Tell one event once more, under the same id; the worker does it within seconds."""
    from digest.hooks import managing

    _, house = start.opened()
    managing.again(managing.Actor(house, by), delivery)
    typer.echo(f"delivery {delivery} is told once more")


@webhook.command("secret")
def secret(number: Number, by: By = "operator") -> None:
    """Another secret in the place of the old one, at once; printed this once."""
    from digest.hooks import managing

    _, house = start.opened()
    _, made = managing.new_secret(managing.Actor(house, by), _found(house, number))
    typer.echo(made)


@webhook.command("remove")
def remove(number: Number, by: By = "operator") -> None:
    """Take a webhook away, with what waits for it."""
    from digest.hooks import managing

    _, house = start.opened()
    managing.remove(managing.Actor(house, by), number)
    typer.echo(f"webhook {number} is told nothing any more")


def _switch(number: int, by: str, *, is_on: bool) -> None:
    from digest.hooks import managing

    _, house = start.opened()
    changed = managing.change(managing.Actor(house, by), _found(house, number), on=is_on)
    typer.echo(f"webhook {number} is {changed.state}")


def _found(house: House, number: int) -> Hook:
    """Raises NotFound."""
    from digest.store import hooks

    with house.database.read() as session:
        return hooks.by_id(session, number)
