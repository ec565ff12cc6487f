"""Commands for what stories come from: ask it, take a file, find what a site offers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.cli import start


def collect(
    source: Annotated[
        Path | None, typer.Option("--from", help="A file or folder to take articles from.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --from: print the articles, store nothing.")
    ] = False,
    newsletter: Annotated[str | None, typer.Option(help="Only this newsletter's sources.")] = None,
    as_source: Annotated[
        str | None, typer.Option("--source", help="With --from: the declared source they count to.")
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(help="With --from: the site's address, for exports that do not hold it."),
    ] = None,
) -> None:
    """Ask every source now, or take articles from a file, an archive or a folder.

    Read are exports of WordPress (WXR, REST), Ghost, Substack, beehiiv, Buttondown and Medium, folders
    of Markdown (Jekyll, Hugo), feeds, pages and page dumps.
    """
    if source is not None:
        from digest.cli.collecting import from_path

        from_path(source, as_json=as_json, as_source=as_source, base_url=base_url)
        return
    _, house = start.opened()
    from digest.cli.collecting import from_sources

    if not from_sources(house, newsletter):
        raise typer.Exit(1)


sources = typer.Typer(
    help="What sites offer to be read by.", no_args_is_help=True, rich_markup_mode=None
)


@sources.command("find")
def find(
    url: Annotated[str, typer.Argument(help="A site's address, as in gazette.example.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Feeds, WordPress's or Ghost's API and sitemaps of a site, each tried, the best first."""
    from digest.cli import offering

    offering.find(url, as_json=as_json)


@sources.command("import")
def take_list(
    file: Annotated[Path, typer.Argument(help="A list of feeds as OPML.")],
    add: Annotated[
        str | None, typer.Option("--add", help="Append them to this newsletter's schedule file.")
    ] = None,
) -> None:
    """A list of feeds (OPML), as lines for a schedule file."""
    from digest.cli import offering

    offering.take_list(file, add=add)
