"""`digest docs`: the documentation and the files for servers, on a machine that has nothing but the installed program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer


def docs(
    page: Annotated[
        str, typer.Argument(help="One of them, as `install` or `ops/digest.service`.")
    ] = "",
) -> None:
    """The pages of the documentation and the files for a server: which there are, or one of them as it stands."""
    from digest import places

    pages = dict(_texts(places.folder("docs")))
    pages |= dict(_for_servers(places.folder("ops")))
    if page:
        typer.echo(_found(page, pages).read_text(encoding="utf-8"), nl=False)
        return
    wide = max(map(len, pages))
    for name, path in pages.items():
        typer.echo(f"{name:<{wide}}  {_about(path)}".rstrip())


def _texts(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name → file, in order; a page's name has no ending."""
    for path in sorted(folder.rglob("*.md")):
        name = path.relative_to(folder).as_posix().removesuffix(".md")
        if path.is_file() and not name.startswith("examples/"):
            yield name, path


def _for_servers(folder: Path) -> Iterator[tuple[str, Path]]:
    """Ours alone: in a checkout an operator's secrets lie beside them (see the top of `ops/compose.yaml`)."""
    for path in sorted(folder.iterdir()):
        if path.name.endswith(ENDINGS) and path.is_file():
            yield f"ops/{path.name}", path


#: Of the files for servers.
ENDINGS = ("file", ".conf", ".json", ".service", ".timer", ".yaml")


def _found(page: str, pages: dict[str, Path]) -> Path:
    """A page as a person names it: with its ending, or as `docs/install.md` where a message led to it."""
    from digest.errors import NotFound
    from digest.expected import meant

    name = page.partition("#")[0].removeprefix("docs/").removesuffix(".md")
    if name not in pages:
        raise NotFound(f"no page is called {page!r}{meant(name, pages)}; `digest docs` lists all")
    return pages[name]


def _about(path: Path) -> str:
    """A page's title, or what the first comment of a file says."""
    first = path.read_text(encoding="utf-8").partition("\n")[0].strip()
    return first.lstrip("# ") if first.startswith("#") else ""
