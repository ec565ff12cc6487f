"""`digest sources`: what a site offers, and lists of feeds, as lines that a schedule file takes."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import asdict
from pathlib import Path

import typer

from digest import schedule_files
from digest.errors import BadInput, ConfigError
from digest.settings import load
from digest.sources import discovery, folders
from digest.sources.discovery import Offer

MOST_BYTES = 10_000_000


def find(url: str, *, as_json: bool) -> None:
    """Print what a site offers. Raises FetchError where it does not answer."""
    found = discovery.offers(url, allowed=_allowed())
    if as_json:
        typer.echo(json.dumps([_as_json(one) for one in found], ensure_ascii=False))
        return
    if not found:
        typer.echo(f"{url} offers nothing to be read by: neither feed, API nor sitemap.")
        raise typer.Exit(1)
    keys: set[str] = set()
    for offer in found:
        typer.echo(f"# {spoken(offer)}")
        typer.echo(table(_key(offer.title, offer.url, keys), offer.kind, offer.url, offer.api_key))


def _allowed() -> tuple[str, ...]:
    """Networks that may be asked; none where nothing is set up yet, which finding needs not."""
    try:
        given = load().fetch_allow
    except ConfigError:
        return ()
    return tuple(one.strip() for one in given.split(",") if one.strip())


def take_list(file: Path, *, add: str | None) -> None:
    """Print an OPML list's feeds as tables, or append them to a schedule. Raises BadInput, ConfigError."""
    found = discovery.outlines(folders.read(file, MOST_BYTES), item=file.name)
    if not found:
        raise BadInput(file.name, "holds no feed")
    if add is None:
        keys: set[str] = set()
        typer.echo("\n".join(_tables(found, keys)))
        return
    path = load().schedules / f"{add}.toml"
    known = schedule_files.read(path)
    have = {one.url for one in known.sources}
    fresh = [(title, url) for title, url in found if url not in have]
    before = path.read_text(encoding="utf-8-sig")
    path.write_text(
        before.rstrip() + "\n\n" + "\n".join(_tables(fresh, set(known.source_keys))),
        encoding="utf-8",
    )
    try:
        schedule_files.read(path)
    except ConfigError:
        path.write_text(before, encoding="utf-8")
        raise
    typer.echo(f"{path}: {len(fresh)} added, {len(found) - len(fresh)} were there already")


def _tables(feeds: Iterable[tuple[str, str]], keys: set[str]) -> list[str]:
    return [table(_key(title, url, keys), "feed", url) for title, url in feeds]


def table(key: str, kind: str, url: str, api_key: str | None = None) -> str:
    """One source as a schedule file has it."""
    lines = ["[[sources]]", f'key = "{key}"', f'kind = "{kind}"', f"url = {json.dumps(url)}"]
    lines += [f'api_key = "{api_key}"'] if api_key else []
    return "\n".join(lines) + "\n"


def _key(title: str, url: str, taken: Collection[str] | set[str]) -> str:
    """A key of small letters from a title, or from the address; one that nobody has."""
    plain = unicodedata.normalize("NFKD", title or url).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.removeprefix("https://")).strip("-")[:30].strip("-")
    stem = stem or "source"
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}-{number}", number + 1
    if isinstance(taken, set):
        taken.add(key)
    return key


def spoken(offer: Offer) -> str:
    """An offer in a line."""
    parts = [f"{offer.kind}: {offer.title}".strip(": ")]
    many = "1 entry" if offer.entries == 1 else f"{offer.entries} entries"
    parts += [many] if offer.entries else []
    parts += [f"newest {offer.newest:%d %B %Y}"] if offer.newest else []
    parts += ["full text"] if offer.whole else []
    return " · ".join(" ".join(part.split()) for part in parts)


def _as_json(offer: Offer) -> dict[str, object]:
    newest = offer.newest.isoformat() if offer.newest else None
    return {**asdict(offer), "newest": newest}
