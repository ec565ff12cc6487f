"""`digest token`: what programs may do by the API."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli import start

token = typer.Typer(help="Tokens of the API.", no_args_is_help=True, rich_markup_mode=None)

By = Annotated[str, typer.Option("--by", help="Who says so, for the log.")]


@token.command("new")
def new(
    name: Annotated[str, typer.Argument(help="The program that it is for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="What it may do, as articles:write. May be said again."),
    ] = None,
    days: Annotated[int, typer.Option(help="How long it works, a year at the most.")] = 90,
    by: By = "operator",
) -> None:
    """Make a token and print it, this once; it is stored as a hash only."""
    from digest import granting
    from digest.errors import BadInput
    from digest.model import Scope

    known = [one.value for one in Scope]
    if not scope or not set(scope) <= set(known):
        raise BadInput("--scope", f"expected some of: {', '.join(known)}")
    _, house = start.opened()
    scopes = [Scope(one) for one in scope]
    made, secret = granting.give(house.database, name, scopes, days=days, by=by, now=house.clock())
    typer.echo(
        f"token {made.id}, until {made.expires_at:%Y-%m-%d}; it is not shown again", err=True
    )
    typer.echo(secret)


@token.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Also those that work no more.")] = False,
) -> None:
    """Every token that works: number, how it begins, name, scopes, until when, when it was last used, who answers for it."""
    from digest.store import api_tokens

    _, house = start.opened()
    now = house.clock()
    with house.database.read() as session:
        found = [one for one in api_tokens.all(session) if every or one.works(now)]
    for one in found:
        used = f"used {one.used_at:%Y-%m-%d %H:%M}" if one.used_at else "not used"
        until = "revoked" if one.revoked_at else f"until {one.expires_at:%Y-%m-%d}"
        scopes = " ".join(sorted(one.scopes))
        typer.echo(
            "\t".join((str(one.id), f"{one.opening}…", one.name, scopes, until, used, one.owner))
        )


@token.command("revoke")
def revoke(
    number: Annotated[int, typer.Argument(help="Its number, as `digest token list` tells it.")],
    by: By = "operator",
) -> None:
    """End a token at once."""
    from digest import granting

    _, house = start.opened()
    done = granting.take_back(house.database, number, by=by, now=house.clock())
    typer.echo(
        f"token {number} opens nothing any more" if done else f"token {number} was revoked before"
    )
