"""`digest editor`: seats at the desk, and what each may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import start

if TYPE_CHECKING:
    import datetime as dt

    from digest.store.api_tokens import ApiToken
    from digest.store.editors import Editor
    from digest.store.engine import Session

editor = typer.Typer(help="Seats at the desk.", no_args_is_help=True, rich_markup_mode=None)

By = Annotated[str, typer.Option("--by", help="Who says so, for the log.")]
Keep = Annotated[
    bool,
    typer.Option("--keep-tokens", help="Let the API's tokens go on that end with an admin's seat."),
]


@editor.command("add")
def add(
    email: Annotated[str, typer.Argument(help="Where the login links go.")],
    name: Annotated[str, typer.Option(help="Shown beside approvals.")] = "",
    role: Annotated[
        str | None, typer.Option(help="viewer, editor (the default), publisher or admin.")
    ] = None,
    keep_tokens: Keep = False,
    by: By = "operator",
) -> None:
    """Give somebody a seat at the desk, or with --role another role. Publishers and admins may approve."""
    from digest import granting
    from digest.audience import addresses
    from digest.errors import BadInput
    from digest.store import editors

    if role is not None and role not in editors.ROLES:
        raise BadInput("--role", f"one of {', '.join(editors.ROLES)}")
    _, house = start.opened()
    address = addresses.parse(email).address
    with house.database.write() as session:
        known = editors.by_email(session, address)
        if known is not None and role is not None:
            now = house.clock()
            tokens = granting.change_role(session, known.id, role, keep=keep_tokens, by=by, now=now)
            _record(session, by, f"made {role}", known, now)
            typer.echo(f"{known.email} was {known.role} and is {role} now")
            _tell_tokens(tokens, kept=keep_tokens)
            return
        role, now = role or "editor", house.clock()
        editors.add(session, address, name=name, role=role, now=now)
        added = editors.by_email(session, address)
        assert added is not None
        _record(session, by, f"made {role}", added, now)
    typer.echo(f"{address} is {role} and can log in at {house.public_url}/desk/login")


@editor.command("list")
def list_() -> None:
    """Everybody with a seat: address, role, name."""
    from digest.store import editors

    _, house = start.opened()
    with house.database.read() as session:
        for one in editors.all(session):
            typer.echo("\t".join((one.email, one.role, one.name)).rstrip())


@editor.command("remove")
def remove(
    email: Annotated[str, typer.Argument(help="Whose seat it is.")],
    keep_tokens: Keep = False,
    by: By = "operator",
) -> None:
    """Take a seat away; their browsers are logged out at once, and tokens of the API that they made end."""
    from digest import granting
    from digest.store import editors

    _, house = start.opened()
    with house.database.write() as session:
        known = _seat(session, email)
        now = house.clock()
        tokens = granting.take_seat(session, known.id, keep=keep_tokens, by=by, now=now)
        _record(session, by, "took the seat away", known, now)
        left = [one for one in editors.all(session) if one.role in editors.APPROVERS]
    typer.echo(f"{known.email} has no seat any more")
    _tell_tokens(tokens, kept=keep_tokens)
    if not left:
        typer.echo("nobody may approve now: `digest editor add … --role publisher`", err=True)


@editor.command("unlock")
def unlock(
    email: Annotated[str, typer.Argument(help="Who lost their device.")], by: By = "operator"
) -> None:
    """Take passkeys, the app and recovery codes away: a mailed link opens the seat again."""
    from digest.store import browsers, factors

    _, house = start.opened()
    with house.database.write() as session:
        known = _seat(session, email)
        count = factors.drop_all(session, known.id)
        browsers.end_others(session, known.id)
        _record(session, by, "took second factors away", known, house.clock())
    typer.echo(f"{count} taken away; {known.email} logs in by a mailed link again")


@editor.command("link")
def link(
    email: Annotated[str, typer.Argument(help="Whose seat it is.")], by: By = "operator"
) -> None:
    """Print a login link for a seat: good once, for ten minutes, in any browser. Where no mail arrives yet."""
    from digest.web import printed

    _, house = start.opened()
    with house.database.read() as session:
        known = _seat(session, email)
    typer.echo(printed.link(house, known, by=by))


def _tell_tokens(tokens: list[ApiToken], *, kept: bool) -> None:
    for one in tokens:
        what = "goes on" if kept else "opens nothing any more"
        typer.echo(f"token {one.id} ({one.name}) {what}")


def _seat(session: Session, email: str) -> Editor:
    """Who sits there. Raises NotFound."""
    from digest.errors import NotFound
    from digest.store import editors

    known = editors.by_email(session, email)
    if known is None:
        raise NotFound(f"{email} has no seat; `digest editor list` shows who has one")
    return known


def _record(session: Session, by: str, action: str, whom: Editor, now: dt.datetime) -> None:
    from digest.store import events

    events.record(session, at=now, actor=by, action=action, subject=f"editor:{whom.id}")
