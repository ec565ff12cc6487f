"""What cannot be used at all, in settings, schedules and templates: every fault at once, none of it done."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from digest import bootstrap, key_file, known_providers, schedule_files, settings, trying
from digest.checkup import plugging
from digest.checkup.setup import ENV_FILE
from digest.errors import ConfigError, Fault
from digest.schedules import Schedule
from digest.setting_files import from_environ, from_file, placed, places
from digest.settings import Settings


@dataclass(frozen=True, slots=True)
class Read:
    """settings: None where they have faults. schedules: those without one."""

    settings: Settings | None
    schedules: tuple[Schedule, ...]
    faults: tuple[Fault, ...]


def read() -> Read:
    """Read everything that a person wrote. Writes nothing and asks nobody."""
    faults: list[Fault] = []
    found = _settings(faults)
    folder = found.schedules if found else _folder()
    schedules = _schedules(folder, faults)
    if found:
        for make in _MADE:
            _try(make, found, faults)
        _try(lambda one: bootstrap.writer_of(one, schedules), found, faults)
        for schedule in schedules:
            faults += trying.faults(schedule, found.public_url)
        faults += plugging.faults(found, schedules)
    known = places(os.environ, ENV_FILE)
    return Read(found, schedules, placed(_once(faults), known))


def _settings(faults: list[Fault]) -> Settings | None:
    try:
        return settings.load()
    except ConfigError as error:
        faults += error.faults
        return None


def _folder() -> Path:
    """Where the schedules are, when the other settings have faults."""
    found = (*from_file(ENV_FILE, []), *from_environ(os.environ))
    named = [value for name, value, _ in found if name == "DIGEST_SCHEDULES" and value]
    return Path(named[-1] if named else str(Settings.model_fields["schedules"].default))


def _schedules(folder: Path, faults: list[Fault]) -> tuple[Schedule, ...]:
    """Those without a fault; of the others the faults."""
    try:
        return schedule_files.read_all(folder)
    except ConfigError as error:
        faults += error.faults
        return tuple(one.schedule for one in schedule_files.look(folder) if one.schedule)


def _try(make: Callable[[Settings], object], given: Settings, faults: list[Fault]) -> None:
    try:
        make(given)
    except ConfigError as error:
        faults += error.faults


def _proxies(given: Settings) -> None:
    """Raises ConfigError for a proxy that is no address: each request would fail on it."""
    faults = []
    for one in (part.strip() for part in given.trusted_proxies.split(",") if part.strip()):
        try:
            ipaddress.ip_network(one, strict=False)
        except ValueError:
            told = f"{one!r} is no address: write 127.0.0.1 or a network such as 10.0.0.0/8"
            faults.append(Fault("environment", None, "DIGEST_TRUSTED_PROXIES", told))
    if faults:
        raise ConfigError(faults)


#: What is made of the settings when a house is opened; each raises what it cannot use.
_MADE: tuple[Callable[[Settings], object], ...] = (
    key_file.given,
    bootstrap.vigilance_of,
    bootstrap.signer_of,
    bootstrap.traces_of,
    bootstrap.networks_of,
    known_providers.providers_of,
    known_providers.report_readers_of,
    _proxies,
)


def _once(faults: Iterable[Fault]) -> Iterator[Fault]:
    yield from dict.fromkeys(faults)
