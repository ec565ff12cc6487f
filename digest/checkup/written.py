"""Everything that can be said of what a person wrote, without asking anybody: for `digest check`, and the first part of the doctor's."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from digest import trying
from digest.checkup import files, keys, names, wanting
from digest.checkup.setup import ENV_FILE, Setup
from digest.domains.records import Finding
from digest.errors import Fault
from digest.setting_files import overruled


def examine(setup: Setup) -> Iterator[Finding]:
    """Settings and their files."""
    yield from keys.examine(setup)
    yield from names.examine(setup)
    yield from wanting.examine(setup)
    yield from files.of_settings(setup)
    yield from _overruled()


def _overruled() -> Iterator[Finding]:
    for name, (file, line) in overruled(os.environ, ENV_FILE).items():
        yield Finding(
            "setting",
            True,
            f"the environment gives {name} another value",
            where=f"{file}:{line} {name}",
            why="the environment goes before the file, so this line does nothing",
            remedy=f"`unset {name}`, or take the line out of {file}",
            doubtful=True,
        )


def slips(setup: Setup) -> Iterator[tuple[str, str]]:
    """(newsletter, what may be a slip) of each schedule."""
    for key, schedule in setup.schedules.items():
        for told in (*schedule.warnings(Path.cwd()), *trying.strangers(schedule)):
            yield key, told


def slip(setup: Setup, key: str, told: str) -> Finding:
    """A slip as a finding."""
    path = told.partition(":")[0]
    plain = re.fullmatch(r"[a-z_.]+", path)
    where = setup.line(key, *path.split(".")) if plain else f"{setup.settings.schedules / key}.toml"
    return Finding(
        f"schedule {key}",
        True,
        told,
        where=where,
        remedy="docs/schedules.md says what each key does",
        doubtful=True,
    )


def fault(one: Fault) -> Finding:
    """What cannot be used, as a finding. The fault's own words say what was expected."""
    where = f"{one.file}:{one.line}" if one.line else one.file
    return Finding(
        one.key or one.file,
        False,
        one.message,
        where=where,
        why="the program does not start with it",
        remedy=_remedy(one),
    )


def _remedy(one: Fault) -> str:
    named = f"{one.key} ({one.file})" if one.key else one.file
    place = f"line {one.line} of {one.file}" if one.line else named
    return f"mend {place}; `digest check` says when it is right"
