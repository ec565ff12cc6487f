"""`digest preview --shots`: the mail in pictures, its images fetched through the guarded door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer

from digest import chromium, shots
from digest.bootstrap import House
from digest.cli.screen import Stages
from digest.errors import FetchError
from digest.model import Choice, Issue
from digest.preflight.week import HEAVY_BYTES
from digest.samples import sample
from digest.sources.fetch import fetch


def pictures(
    house: House, issue: Issue, folder: Path, choice: Choice, *, browser: str, offline: bool
) -> Iterator[Path]:
    """Each picture's path as it is taken. Raises NotFound where there is no draft or no Chromium."""
    html = sample(house, issue, choice).html
    program = chromium.executable(browser)
    source = _nothing if offline else image
    with Stages() as progress:
        yield from shots.take(
            "digest", html, folder, source=source, program=program, progress=progress
        )


def _nothing(url: str) -> None:
    """What the site has is left out."""


def image(url: str) -> tuple[str, bytes] | None:
    """One image of the mail; what cannot be had is told, and looks as it would to a reader."""
    if not url.startswith("https:"):
        return None
    try:
        found = fetch(url, accept="image/*")
    except FetchError as error:
        typer.echo(f"without an image: {error}", err=True)
        return None
    if len(found.body) > HEAVY_BYTES:
        told = f"{len(found.body) / 1_000_000:.1f} MB, slow on a telephone"
        typer.echo(f"a heavy image: {url}: {told}", err=True)
    return found.content_type, found.body
