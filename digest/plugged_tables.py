"""What a schedule tells a plug-in, checked by the plug-in's own model, told beside all other faults of the file.

A plug-in that cannot be loaded checks nothing here: that is told by `digest check` and `digest doctor`, and stops no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from digest import plugin_entries
from digest.expected import plain
from digest.plugin_entries import PluginError, Room
from digest.plugins import SourcePlugin
from digest.toml_places import Path as Loc


def faults(raw: Mapping[str, Any]) -> Iterator[tuple[Loc, str]]:
    """Where in the file, and what is wrong with it."""
    tables = raw.get("sources")
    for number, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, dict):
            yield from _of_source(("sources", number), table)
    table = raw.get("summarise")
    if isinstance(table, dict) and (plugin := _foreign(Room.SUMMARISERS, table.get("summariser"))):
        yield from _of_options(("summarise",), table, plugin.options)


def _of_source(loc: Loc, table: Mapping[str, Any]) -> Iterator[tuple[Loc, str]]:
    plugin = _foreign(Room.SOURCES, table.get("kind"))
    if plugin is None:
        return
    if isinstance(plugin, SourcePlugin):
        for key in sorted(plugin.needs - table.keys()):
            yield loc, f"a source of kind {table['kind']!r} needs a {key}"
    yield from _of_options(loc, table, plugin.options)


def _of_options(
    loc: Loc, table: Mapping[str, Any], options: type[BaseModel]
) -> Iterator[tuple[Loc, str]]:
    given = table.get("options", {})
    if not isinstance(given, dict):
        return  # the table's own check tells that
    try:
        options.model_validate(given)
    except ValidationError as error:
        for detail in error.errors():
            yield (*loc, "options", *detail["loc"]), plain(detail)


def _foreign(room: Room, name: object) -> Any:
    """The plug-in of a name that is not ours; None where there is none, or it cannot be loaded."""
    if not isinstance(name, str) or name in room.ours:
        return None
    try:
        return plugin_entries.find(room, name)
    except PluginError:
        return None
