"""`digest signals`: what readers did, from a table of figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

signals = typer.Typer(
    help="What readers did with the articles.", no_args_is_help=True, rich_markup_mode=None
)


@signals.callback()
def _group() -> None:
    """So that `import` stays a command of its own while it is the only one."""


@signals.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV: url or id, views, comments, likes, rating …")],
    source: Annotated[
        str | None, typer.Option(help="The source whose ids or pages these are.")
    ] = None,
) -> None:
    """Keep the figures of a CSV file, a line a page; exit status 1 where a line could not be used."""
    from digest import intake
    from digest.cli import noting, start
    from digest.cli.screen import Stages
    from digest.errors import BadInput
    from digest.sources import figures_file

    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(str(file), f"cannot be read: {error.strerror}") from error
    rows, errors = figures_file.read(data, item=str(file))
    if source is None and any(row.url is None for row in rows):
        raise BadInput(str(file), "rows named by id alone: say --source as well")
    _, house = start.opened()
    known = {one.key for schedule in house.schedules.values() for one in schedule.sources}
    if source is not None and source not in known:
        there = ", ".join(sorted(known))
        raise BadInput("--source", f"no source is called {source!r}; there are: {there}")
    with Stages() as progress:
        noted, unknown = intake.note_figures(
            house.database, rows, source=source, now=house.clock(), progress=progress
        )
    noting.note(house, "took up figures", subject=source or "", articles=noted)
    typer.echo(f"{noted} articles with figures, {len(unknown)} pages unknown, {len(errors)} left")
    for row in unknown:
        typer.echo(f"unknown: {file}, line {row.line}: {row.url or row.source_id}", err=True)
    for one in errors:
        typer.echo(f"left: {one}", err=True)
    if errors:
        raise typer.Exit(1)
