"""Reading schedule files: checked as a whole, every fault named with its file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from digest import looks, plugged_tables
from digest.errors import ConfigError, Fault
from digest.expected import meant, plain
from digest.moments import Calendar
from digest.schedules import (
    ApproveTable,
    AudienceTable,
    CollectTable,
    DeliverTable,
    RenderTable,
    Schedule,
    Table,
    VariantsTable,
)
from digest.strict_table import StrictTable
from digest.toml_places import Path as Loc
from digest.toml_places import line_of, spoken


def read(path: Path) -> Schedule:
    """One schedule. Raises ConfigError with every fault of the file and its line."""
    schedule, faults = _read(path)
    if schedule is None:
        raise ConfigError(faults)
    return schedule


def read_all(folder: Path) -> tuple[Schedule, ...]:
    """Every `*.toml` of a folder, by name. Raises ConfigError with every fault of every file."""
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise ConfigError([Fault(str(folder), None, "", _NOTHING)])
    read_ones = [_read(path) for path in paths]
    faults = [fault for _, found in read_ones for fault in found]
    schedules = [schedule for schedule, _ in read_ones if schedule is not None]
    faults += _shared_keys(folder, schedules)
    if faults:
        raise ConfigError(faults)
    return tuple(schedules)


_NOTHING = "no schedule here; add <newsletter>.toml, or type this in your house's folder; `digest init` makes a new one"


@dataclass(frozen=True, slots=True)
class Looked:
    """One file as it is now: a schedule, or what is wrong with it."""

    path: Path
    schedule: Schedule | None
    faults: tuple[Fault, ...] = ()


def look(folder: Path) -> tuple[Looked, ...]:
    """Every `*.toml` of a folder, by name, the faulty ones with all that `read_all` finds wrong."""
    read_ones = [(path, *_read(path)) for path in sorted(folder.glob("*.toml"))]
    shared = _shared_keys(folder, [one for _, one, _ in read_ones if one is not None])
    found = []
    for path, schedule, own in read_ones:
        faults = (*own, *(fault for fault in shared if fault.file == str(path)))
        found.append(Looked(path, None if faults else schedule, faults))
    return tuple(found)


def _shared_keys(folder: Path, schedules: list[Schedule]) -> list[Fault]:
    """One key for two places would mix up whose article is whose; one place may serve many."""
    faults: list[Fault] = []
    seen: dict[str, tuple[str, object]] = {}
    for schedule in schedules:
        for number, source in enumerate(schedule.sources):
            file = f"{schedule.key}.toml"
            place = (source.kind, source.url, source.path, source.options)
            first, known = seen.setdefault(source.key, (file, place))
            if known == place:
                continue
            line = line_of((folder / file).read_text("utf-8-sig"), ("sources", number, "key"))
            message = f"{source.key!r} is another source in {first}"
            faults.append(Fault(str(folder / file), line, f"sources[{source.key}].key", message))
    return faults


def _read(path: Path) -> tuple[Schedule | None, list[Fault]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        file = _File(path, text, tomllib.loads(text))
    except OSError as error:
        return None, [Fault(str(path), None, "", f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError:
        return None, [Fault(str(path), None, "", "cannot be read: it is no text in UTF-8")]
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        return None, [Fault(str(path), line, "", f"is no valid TOML: {error}")]
    schedule: Schedule | None = None
    wrong = [
        *_doubles(file.raw),
        *_disorder(file.raw),
        *_pale(file.raw),
        *_no_segment(file.raw),
        *plugged_tables.faults(file.raw),
    ]
    try:
        schedule = Schedule.model_validate({**file.raw, "key": path.stem})
    except ValidationError as error:
        wrong += [(detail["loc"], _message(detail)) for detail in _own_faults(error)]
    faults = [file.fault(loc, message) for loc, message in wrong]
    if "key" in file.raw:
        faults.append(Fault(str(path), line_of(text, ("key",)), "key", _NAMED))
    return (None if faults else schedule), sorted(faults, key=lambda fault: fault.line or 0)


def _own_faults(error: ValidationError) -> list[Any]:
    """Without the complaint that a list is too short only because its items are faulty."""
    found: list[Any] = list(error.errors())
    deeper = {detail["loc"][:n] for detail in found for n in range(len(detail["loc"]))}
    return [one for one in found if one["type"] != "too_short" or one["loc"] not in deeper]


_NAMED = "the file's name is the key: small letters, digits and hyphens, 40 at the most"


def _message(detail: Any) -> str:
    if detail["type"] == "extra_forbidden":
        near = meant(str(detail["loc"][-1]), _keys_beside(detail["loc"]))
        return f"no such key; see docs/schedules.md for all of them{near}"
    return _NAMED if detail["loc"] == ("key",) else plain(detail)


def _keys_beside(loc: Loc) -> tuple[str, ...]:
    """The keys that the table of this place knows."""
    here: type[StrictTable] | None = Schedule
    for part in loc[:-1]:
        if here is not None and isinstance(part, str):
            field = here.model_fields.get(part)
            here = _table_in(field.annotation) if field else None
    return tuple(here.model_fields) if here else ()


def _table_in(kind: Any) -> type[StrictTable] | None:
    """The table that a field is, or holds many of."""
    if isinstance(kind, type) and issubclass(kind, StrictTable):
        return kind
    return next((found for one in get_args(kind) if (found := _table_in(one))), None)


def _doubles(raw: dict[str, Any]) -> Iterator[tuple[Loc, str]]:
    """Two sources with one key in one file."""
    seen: set[str] = set()
    tables = raw.get("sources")
    for number, table in enumerate(tables if isinstance(tables, list) else ()):
        key = table.get("key") if isinstance(table, dict) else None
        if isinstance(key, str) and key in seen:
            yield ("sources", number, "key"), f"{key!r} is used twice"
        elif isinstance(key, str):
            seen.add(key)


def _disorder(raw: dict[str, Any]) -> Iterator[tuple[Loc, str]]:
    """Moments that are in no order in which an issue could be made; told beside all other faults."""
    collect = _only(CollectTable, raw.get("collect"), "cut_off")
    approve = _only(ApproveTable, raw.get("approve"), "remind", "deadline")
    deliver = _only(DeliverTable, raw.get("deliver"), "at")
    if collect is None or approve is None or deliver is None:
        return
    calendar = Calendar(
        zone=ZoneInfo("UTC"),  # the order is one of wall clock: any zone does
        cut_off=collect.cut_off,
        remind=approve.remind,
        deadline=approve.deadline,
        send=deliver.at,
    )
    for field, message in calendar.disorder():
        yield ("collect" if field == "cut_off" else "approve", field), message


def _pale(raw: dict[str, Any]) -> Iterator[tuple[Loc, str]]:
    """Colours with which something could not be read, told beside all other faults."""
    table = raw.get("render")
    theme = _only(RenderTable, table, "theme") or RenderTable()
    others = _only(VariantsTable, raw.get("variants"), "themes") or VariantsTable()
    chosen: dict[str, str] = {}
    for key in looks.KEYS:
        colour = _only(RenderTable, table, key)
        chosen |= colour.colours if colour else {}
    told: set[str] = set()
    for name in dict.fromkeys((theme.theme, *others.themes)):
        for key, message in looks.pale(name, chosen):
            if key not in told:
                yield ("render", key), message
            told.add(key)


def _no_segment(raw: dict[str, Any]) -> Iterator[tuple[Loc, str]]:
    """An audience of a segment that the file does not declare."""
    audience = _only(AudienceTable, raw.get("audience"), "segment")
    declared = raw.get("segments")
    names = declared if isinstance(declared, dict) else {}
    if audience and audience.segment and audience.segment not in names:
        known = ", ".join(map(str, names)) or "none"
        yield (
            ("audience", "segment"),
            f"no segment is called {audience.segment!r}; there are: {known}",
        )


def _only(model: type[Table], given: object, *names: str) -> Table | None:
    """A table of these keys of the file, the others at their defaults; None where they are faulty."""
    table = given if isinstance(given, dict) else {}
    try:
        return model.model_validate({name: table[name] for name in names if name in table})
    except ValidationError:
        return None


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it was read: its text for the lines, its data for the sources' names."""

    path: Path
    text: str
    raw: dict[str, Any]

    def fault(self, loc: Loc, message: str) -> Fault:
        loc = tuple(part for part in loc if part != "[key]")
        line = None if loc == ("key",) else line_of(self.text, loc)
        return Fault(str(self.path), line, spoken(loc, self.raw), message)
