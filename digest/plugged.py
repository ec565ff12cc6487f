"""What plug-ins make, where a schedule or a setting names them. One that fails costs what it was named for, no more.

A source that cannot be made fails like a site that does not answer; a summariser gives way to the article's own sentences;
a provider stops the start, as a missing key does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ValidationError

from digest import logs, plugin_entries, words
from digest.errors import ConfigError, Fault, FetchError
from digest.expected import plain
from digest.facts import gate
from digest.model import Summary
from digest.plugin_entries import PluginError, Room
from digest.plugins import Place, ProviderPlugin, SourcePlugin, SummariserPlugin
from digest.protocols import (
    Collected,
    PollState,
    Provider,
    ReportReader,
    Source,
    Summariser,
    SummaryLimits,
)
from digest.schedules import SourceTable, SummariseTable
from digest.setting_files import PREFIX
from digest.setting_plugins import name_of
from digest.settings import Settings
from digest.summarisers.extractive import ExtractiveSummariser

log = logs.get(__name__)


# ---------------------------------------------------------------- sources


@dataclass(frozen=True, slots=True)
class LostSource:
    """A source that cannot be made; each poll says why."""

    key: str
    why: str

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        raise FetchError(self.key, self.why)


def source(table: SourceTable, allowed: tuple[str, ...]) -> Source:
    """A source of a plug-in's kind. Never raises: what is wrong is told at each poll."""
    try:
        return made_source(table, allowed)
    except PluginError as error:
        return LostSource(table.key, str(error))


def made_source(table: SourceTable, allowed: tuple[str, ...]) -> Source:
    """The same; raises PluginError."""
    plugin = plugin_entries.find(Room.SOURCES, table.kind)
    assert isinstance(plugin, SourcePlugin)
    with _used(Room.SOURCES, table.kind):
        options = plugin.options.model_validate(table.options)
        place = Place(
            key=table.key, url=table.url, path=table.path, options=options, allowed=allowed
        )
        found = plugin.make(place)
        if found.key != table.key:
            raise ValueError(f"it calls itself {found.key!r}, and not {table.key!r} as it was told")
    return found


# ---------------------------------------------------------------- summarisers


@dataclass(frozen=True, slots=True)
class HeldSummariser:
    """Another's summaries, each held against its article; where one does not stand, the article's own sentences.

    theirs: None where it cannot be made, which `why` tells.
    """

    name: str
    theirs: Summariser | None
    why: str = ""

    def summarise(self, title: str, text: str, limits: SummaryLimits) -> Summary:
        """Theirs, or ours with a note why."""
        found, why = self._theirs(title, text, limits)
        if found is not None:
            return found
        own = ExtractiveSummariser().summarise(title, text, limits)
        return replace(own, note=f"not told by {self.name}: {why}")

    def _theirs(self, title: str, text: str, limits: SummaryLimits) -> tuple[Summary | None, str]:
        if self.theirs is None:
            return None, self.why
        try:
            found = self.theirs.summarise(title, text, limits)
            why = _doubt(found, title, text, limits)
        except Exception as error:  # one article that it cannot stand costs no draft
            log.warning("a plug-in's summariser broke", summariser=self.name, why=repr(error))
            return None, f"it broke ({type(error).__name__})"
        return (None, why) if why else (found, "")


def _doubt(found: object, title: str, text: str, limits: SummaryLimits) -> str:
    """Why a summary is not printed; empty where it is."""
    if not isinstance(found, Summary):
        return "its answer is no summary"
    if words.count(found.text) > limits.words or len(found.sentences) > limits.sentences:
        return "its summary is longer than allowed"
    doubts = gate.check(found.text, text, title=title) if found.text else ()
    return "; ".join(one.told for one in doubts)


def summariser(table: SummariseTable) -> Summariser:
    """A plug-in's summariser, held against the articles. Never raises."""
    name = table.summariser
    try:
        return HeldSummariser(name, made_summariser(table))
    except PluginError as error:
        log.error("a plug-in's summariser cannot be made", summariser=name, why=str(error))
        return HeldSummariser(name, None, "it cannot be made; see `digest doctor`")


def made_summariser(table: SummariseTable) -> Summariser:
    """The plug-in's own. Raises PluginError."""
    plugin = plugin_entries.find(Room.SUMMARISERS, table.summariser)
    assert isinstance(plugin, SummariserPlugin)
    with _used(Room.SUMMARISERS, table.summariser):
        return plugin.make(plugin.options.model_validate(table.options))


# ---------------------------------------------------------------- providers


def provider(settings: Settings, name: str) -> Provider:
    """A plug-in's provider. Raises ConfigError where it cannot be made of the settings."""
    with _told_as_setting():
        plugin = _provider_plugin(name)
        given = _settings(plugin, settings, name)
        with _used(Room.PROVIDERS, name):
            found = plugin.make(given, settings.connections)
            if found.name != name:
                raise ValueError(f"it calls itself {found.name!r}, and not {name!r}")
    return found


def report_reader(settings: Settings, name: str) -> ReportReader | None:
    """What reads its webhook; None where it has none, or nothing proves a call. Raises ConfigError."""
    with _told_as_setting():
        plugin = _provider_plugin(name)
        if plugin.reports is None:
            return None
        given = _settings(plugin, settings, name)
        with _used(Room.PROVIDERS, name):
            return plugin.reports(given)


def _provider_plugin(name: str) -> ProviderPlugin[Any]:
    plugin = plugin_entries.find(Room.PROVIDERS, name)
    assert isinstance(plugin, ProviderPlugin)
    return plugin


def _settings(plugin: ProviderPlugin[Any], settings: Settings, name: str) -> BaseModel:
    """The settings as its model reads them; keys that it does not know are faults, as with ours."""
    given = settings.plugged(name)
    faults = [_no_such(name, key) for key in given if key not in plugin.settings.model_fields]
    try:
        found: BaseModel = plugin.settings.model_validate(given)
    except ValidationError as error:
        for detail in error.errors():
            if detail["type"] != "extra_forbidden":
                key = name_of(name, str(detail["loc"][0]) if detail["loc"] else "")
                faults.append(Fault("environment", None, key, plain(detail)))
    if faults:
        raise ConfigError(faults)
    return found


def _no_such(provider: str, key: str) -> Fault:
    return Fault(
        "environment",
        None,
        name_of(provider, key),
        f"the provider {provider!r} has no such setting",
    )


@contextmanager
def _told_as_setting() -> Iterator[None]:
    try:
        yield
    except PluginError as error:
        fault = Fault("environment", None, f"{PREFIX}PROVIDER", str(error))
        raise ConfigError([fault]) from error


@contextmanager
def _used(room: Room, name: str) -> Iterator[None]:
    """Whatever a plug-in's code raises, told with its name and package."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"{plugin_entries.told(room, name)} cannot be used: {_said(error)}"
        ) from error


def _said(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'options'}: {plain(one)}" for one in error.errors()
        )
    said = str(error).partition("\n")[0]
    return said if isinstance(error, ValueError) and said else repr(error)
