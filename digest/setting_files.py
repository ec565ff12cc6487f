"""Where settings stand: the environment, a file of `NAME=value` lines, a file of its own for a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from digest.errors import Fault

PREFIX = "DIGEST_"

Place = tuple[str, int | None]  # a file, or "environment", and a line
Found = tuple[str, str, Place]  # name, value, place


def from_environ(environ: Mapping[str, str]) -> list[Found]:
    """The settings of a process's environment."""
    return [(k, v, ("environment", None)) for k, v in environ.items() if k.startswith(PREFIX)]


def from_file(path: Path | None, faults: list[Fault]) -> list[Found]:
    """The settings of a file, one a line; what cannot be read is added to `faults`."""
    if path is None or not path.is_file():
        return []
    found: list[Found] = []
    for number, raw in enumerate(_lines(path, faults), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().startswith(PREFIX):
            faults.append(Fault(str(path), number, name.strip()[:60], _expected(line)))
            continue
        if re.search(r"^[^'\"].*\s#", value.strip()):
            told = "a comment needs a line of its own; a value that has ' #' in it needs quotes"
            faults.append(Fault(str(path), number, name.strip(), told))
            continue
        found.append((name.strip(), _unquote(value.strip()), (str(path), number)))
    return found


def _expected(line: str) -> str:
    told = "expected DIGEST_NAME=value"
    return f"{told}, without `export`" if line.startswith("export ") else told


def places(environ: Mapping[str, str], path: Path | None) -> dict[str, Place]:
    """Where each setting that says something stands; of one in a file of its own, where that file is named."""
    found = (*from_file(path, []), *from_environ(environ))
    return {name.removesuffix("_FILE"): place for name, value, place in found if value}


def overruled(environ: Mapping[str, str], path: Path | None) -> dict[str, Place]:
    """Settings of the file for which the environment says something else, which goes before."""
    found = from_file(path, [])
    return {
        name: place for name, value, place in found if value and environ.get(name, value) != value
    }


def placed(faults: Iterable[Fault], known: Mapping[str, Place]) -> tuple[Fault, ...]:
    """Faults of settings that were found after they were read, each with the place where it is said."""
    return tuple(_placed(fault, known.get(fault.key)) for fault in faults)


def _placed(fault: Fault, place: Place | None) -> Fault:
    if place is None or fault.file not in ("environment", "settings"):
        return fault
    return Fault(*place, fault.key, fault.message)


def _lines(path: Path, faults: list[Fault]) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        faults.append(Fault(str(path), None, "", f"cannot be read: {error}"))
        return []


def _unquote(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def secret_file(name: str, path: str, place: Place, faults: list[Fault]) -> str:
    """What stands in the file that a setting names, without space around it; "" and a fault where none."""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        faults.append(Fault(*place, name, f"cannot read {path}: {error.strerror}"))
    except UnicodeDecodeError:
        faults.append(Fault(*place, name, f"cannot read {path}: it is no text"))
    return ""
