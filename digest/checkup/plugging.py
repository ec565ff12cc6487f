"""Plug-ins for `digest doctor` and `digest check`: each with its package, who uses it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from digest import plugged, plugin_entries
from digest.domains.records import Finding
from digest.errors import ConfigError, Fault
from digest.masking import masked
from digest.plugin_entries import Offer, PluginError, Room
from digest.schedules import Schedule
from digest.setting_files import PREFIX
from digest.settings import Settings


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a plug-in is named. make: makes it for trial; raises PluginError or ConfigError."""

    room: Room
    name: str
    place: str
    make: Callable[[], object]


def examine(settings: Settings, schedules: Iterable[Schedule]) -> Iterator[Finding]:
    """A finding for each name that a package brings. All of them are loaded, and those in use are made."""
    uses = list(_uses(settings, schedules))
    for room in Room:
        for offer in plugin_entries.offers(room):
            yield _finding(
                offer, [one for one in uses if (one.room, one.name) == (room, offer.name)]
            )


def faults(settings: Settings, schedules: Iterable[Schedule]) -> tuple[Fault, ...]:
    """What is wrong with the plug-ins in use, each where it is named."""
    return tuple(fault for use in _uses(settings, schedules) for fault in _tried(use))


def idle(settings: Settings, schedules: Iterable[Schedule]) -> Iterator[str]:
    """What is wrong with those that nothing uses: it stops nothing."""
    used = {(one.room, one.name) for one in _uses(settings, schedules)}
    for room in Room:
        for offer in plugin_entries.offers(room):
            if (room, offer.name) not in used and (why := _broken(offer)):
                yield why


def _finding(offer: Offer, uses: list[Use]) -> Finding:
    subject = f"plug-in {offer.name}"
    wrong = _broken(offer) or "; ".join(fault.message for use in uses for fault in _tried(use))
    places = ", ".join(one.place for one in uses) or "nothing"
    if wrong:
        return Finding(
            subject,
            False,
            masked(wrong),
            where=places if uses else offer.package,
            why="what names it cannot work"
            if uses
            else "nothing uses it yet; what will, cannot work",
            remedy=f"update or uninstall {offer.package}, or name another {offer.room.what}",
        )
    return Finding(subject, True, f"a {offer.room.what} of {offer.package}; used by {places}")


def _broken(offer: Offer) -> str:
    try:
        offer.load()
    except PluginError as error:
        return str(error)
    return ""


def _tried(use: Use) -> Iterator[Fault]:
    try:
        use.make()
    except PluginError as error:
        yield Fault(use.place, None, "", str(error))
    except ConfigError as error:
        yield from error.faults


def _uses(settings: Settings, schedules: Iterable[Schedule]) -> Iterator[Use]:
    """Every place that names what is not ours."""
    for name in settings.providers:
        if name not in Room.PROVIDERS.ours:
            yield Use(Room.PROVIDERS, name, f"{PREFIX}PROVIDER", partial(_provider, settings, name))
    for one in schedules:
        file = f"{one.key}.toml"
        for table in one.sources:
            if table.is_foreign:
                place = f"{file} sources[{table.key}]"
                yield Use(Room.SOURCES, table.kind, place, partial(plugged.made_source, table, ()))
        if one.summarise.is_foreign:
            make = partial(plugged.made_summariser, one.summarise)
            yield Use(Room.SUMMARISERS, one.summarise.summariser, f"{file} summarise", make)


def _provider(settings: Settings, name: str) -> None:
    plugged.provider(settings, name)
    plugged.report_reader(settings, name)
