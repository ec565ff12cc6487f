"""Writes the reference pages from the code: `python docs/reference.py`; a test keeps them as the code is.

Commands from the command line's own tree, settings and schedule files from the models that read them,
the API from its OpenAPI description.
"""

from __future__ import annotations

import os
import sys
import tempfile
import typing
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path, PurePath
from typing import Any

import annotated_types
import typer.main
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from digest import bootstrap, cli, moments, schedules  # noqa: E402
from digest.settings import Settings  # noqa: E402
from digest.web import metrics  # noqa: E402
from digest.web.app import create_app  # noqa: E402

FOLDER = ROOT / "docs" / "reference"
_MADE = "Made from the code by `python docs/reference.py`.\n"


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text)
        print(FOLDER / name)


def pages() -> dict[str, str]:
    """Each page's text by its file's name."""
    return {
        "commands.md": _page("The command line", _commands()),
        "settings.md": _page("Settings", _settings()),
        "schedule-file.md": _page("The keys of a schedule file", _schedule()),
        "api.md": _page("The HTTP API", _api()),
        "metrics.md": _page("Metrics", _metrics()),
    }


def _page(title: str, lines: Iterator[str]) -> str:
    return "\n".join((f"# {title}", "", _MADE, *lines)).rstrip() + "\n"


# ---------------------------------------------------------------- metrics


def _metrics() -> Iterator[str]:
    yield "What `/metrics` tells; [how it is opened, and a dashboard](../operating.md#metrics).\n"
    yield "| metric | labels | what it is |"
    yield "| --- | --- | --- |"
    for name, spec in metrics.SPECS.items():
        labels = ", ".join(f"`{label}`" for label in spec.labels) or "none"
        yield f"| `{name}` | {labels} | {spec.help} |"


# ---------------------------------------------------------------- commands


def _commands() -> Iterator[str]:
    yield "`digest COMMAND --help` says the same at your terminal.\n"
    root: Any = typer.main.get_command(cli.app)
    for group, names in cli.COMMANDS.items():
        yield f"## {group}\n"
        for name in names:
            yield from _command(f"digest {name}", root.commands[name])


def _command(path: str, command: Any) -> Iterator[str]:
    for name, part in getattr(command, "commands", {}).items():
        yield from _command(f"{path} {name}", part)
    if getattr(command, "no_args_is_help", False):  # a name for others, which does nothing alone
        return
    context = command.context_class(command, info_name=path)
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"### {path}\n"
    yield f"    {path} {usage}\n".rstrip() + "\n"
    yield f"{_flowing(command.help or '')}\n"
    rows = [record for part in command.params if (record := part.get_help_record(context))]
    rows = [row for row in rows if not row[0].startswith("--help")]
    if rows:
        yield from _table(("option", "what it does"), ((f"`{a}`", b) for a, b in rows))


# ---------------------------------------------------------------- settings


def _settings() -> Iterator[str]:
    yield "From the environment, else from `.env`. A secret may stand in a file named by `<NAME>_FILE`.\n"
    rows = (
        (f"`DIGEST_{name.upper()}`", _default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    )
    yield from _table(("setting", "default", "what it is"), rows)


# ---------------------------------------------------------------- schedule files


def _schedule() -> Iterator[str]:
    yield "What each means, with examples: [the schedule file](../schedules.md). `digest check` names each mistake with its line.\n"
    for name, field in schedules.Schedule.model_fields.items():
        table = _table_of(field.annotation)
        if table is None:
            continue
        many = typing.get_origin(field.annotation) is tuple
        yield f"## [[{name}]]\n" if many else f"## [{name}]\n"
        yield f"{_flowing(table.__doc__ or '')}\n"
        rows = ((f"`{key}`", _kind(one), _default(one)) for key, one in table.model_fields.items())
        yield from _table(("key", "value", "default"), rows)
    yield "## [segments]\n"
    yield "One table a segment: see [segments](../schedules.md#segments).\n"


def _table_of(annotation: Any) -> type[BaseModel] | None:
    """The table that a key of the file holds, or that each of its entries is."""
    for one in (annotation, *typing.get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None


def _kind(field: FieldInfo) -> str:
    names = (getattr(getattr(one, "func", None), "__name__", "") for one in field.metadata)
    told = next((_VALUES[name] for name in names if name in _VALUES), None)
    return ", ".join((told or _named(field.annotation), *_limits(field)))


#: What a value is, by the function of digest/values.py that reads it.
_VALUES = {
    "_week_time": "day and time, as `saturday 18:00`",
    "_span": "span of time, as `30m`, `6h` or `2d`",
    "_zone": "time zone, as `Europe/Berlin`",
    "_language": "language, as `en` or `pt-BR`",
    "_address": "mail address",
    "web_address": "web address",
    "_key": "small letters, digits and hyphens",
    "_colour": "colour, as `#8c1d18`",
    "_source_kind": "name of a kind of source: ours, or a plug-in's",
    "_summariser": "`extractive`, `chat`, or the name of a plug-in's",
    "_site_path": "path of the site, as `/news/`",
}


_NAMES: Mapping[Any, str] = {
    str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path",
    moments.WeekTime: "day and time, as `saturday 18:00`",
}  # fmt: skip


def _named(annotation: Any) -> str:
    """A type in the words of somebody who writes a file."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _named(parts[0])
    if origin is typing.Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if origin in (tuple, dict):
        kind, of = ("list", parts[0]) if origin is tuple else ("table", parts[1])
        return f"{kind} of {_named(of)}"
    if parts:  # a union
        return " or ".join(_named(part) for part in parts if part is not type(None))
    return _class_name(annotation)


def _class_name(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(f"`{one.value}`" for one in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "table with " + ", ".join(f"`{key}`" for key in annotation.model_fields)
    return _NAMES.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _limits(field: FieldInfo) -> Iterator[str]:
    for one in field.metadata:
        match one:
            case annotated_types.Ge(ge=least):
                yield f"{least} or more"
            case annotated_types.Gt(gt=below):
                yield f"more than {below}"
            case annotated_types.Le(le=most) | annotated_types.Lt(lt=most):
                yield f"up to {most}"
            case annotated_types.MinLen(min_length=1):
                yield "not empty"
            case annotated_types.MaxLen(max_length=longest):
                yield f"at most {longest} long"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)  # type: ignore[call-arg]
    if isinstance(value, SecretStr) or value is None or value in ("", (), {}):
        return "empty"
    if isinstance(value, BaseModel):
        return "its own defaults"
    is_span = "span of time" in _kind(field)
    return f"`{_span(value) if is_span else _written(value)}`"


def _written(value: Any) -> str:
    match value:
        case Enum():
            return str(value.value)
        case bool():
            return str(value).lower()
        case tuple():
            return ", ".join(map(str, value))
        case PurePath():
            return value.as_posix()
    return str(value)


def _span(seconds: int) -> str:
    parts = ((86400, "d"), (3600, "h"), (60, "m"))
    return next(f"{seconds // size}{letter}" for size, letter in parts if seconds % size == 0)


# ---------------------------------------------------------------- API


def _api() -> Iterator[str]:
    description = _described()
    yield "The same as a machine reads it: `/api/openapi.json` of your server. How it is used, with examples: [the API](../api.md).\n"
    yield "What every address of `/api/v1` may answer is told once, at [what holds everywhere](../api.md#what-holds-everywhere): 401, 403, 422, 429, 503, and 400, 409, 413, 415 where something is changed.\n"
    for path, acts in description["paths"].items():
        for method, act in acts.items():
            yield f"## {method.upper()} {path}\n"
            yield f"{_flowing(act.get('description') or act.get('summary') or '')}\n"
            yield from _scope(act)
            yield from _parameters(act)
            yield from _body(act, description)
            everywhere = _EVERYWHERE if "/v1/" in path else frozenset()
            rows = [
                (code, one["description"])
                for code, one in act["responses"].items()
                if code not in everywhere
            ]
            yield from _table(("answer", "when"), rows)


#: Answers that are told once.
_EVERYWHERE = frozenset({"400", "401", "403", "409", "413", "415", "422", "429", "503"})


def _scope(act: Mapping[str, Any]) -> Iterator[str]:
    """What a token must have for it."""
    for need in act.get("security", ()):
        if "token" in need:
            yield f"Scope: {', '.join(f'`{one}`' for one in need['token']) or 'any'}.\n"


def _parameters(act: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        (f"`{one['name']}`", one["in"], "yes" if one.get("required") else "no")
        for one in act.get("parameters", ())
    ]
    if rows:
        yield from _table(("parameter", "in", "needed"), rows)


def _body(act: Mapping[str, Any], description: Mapping[str, Any]) -> Iterator[str]:
    """The keys of what is sent."""
    for kind, one in act.get("requestBody", {}).get("content", {}).items():
        name = one["schema"].get("$ref", "").rpartition("/")[2]
        shape = description["components"]["schemas"].get(name, one["schema"])
        needed = shape.get("required", ())
        rows = [
            (f"`{key}`", _shape(part), "yes" if key in needed else "no")
            for key, part in shape.get("properties", {}).items()
        ]
        yield f"Takes `{kind}`{':' if rows else '.'}\n"
        if rows:
            yield from _table(("key", "value", "needed"), rows)


def _shape(part: Mapping[str, Any]) -> str:
    ways = [_shape(one) for one in part.get("anyOf", ()) if one.get("type") != "null"]
    if ways:
        return " or ".join(dict.fromkeys(ways))
    if "$ref" in part:
        return f"{part['$ref'].rpartition('/')[2]}"
    if part.get("type") == "array":
        return f"list of {_shape(part.get('items', {}))}"
    return (
        f"{part.get('type', 'anything')}{' (' + part['format'] + ')' if 'format' in part else ''}"
    )


def _described() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        settings = Settings(data=Path(place), schedules=ROOT / "schedules")
        return create_app(bootstrap.open_house(settings)).openapi()


# ---------------------------------------------------------------- markdown


def _flowing(text: str) -> str:
    """A docstring's paragraphs, each on one line."""
    parts = text.strip().split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in parts)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]] | list[Any]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for row in rows:
        cells = (" ".join(cell.split()).replace("|", "\\|") for cell in row)
        yield f"| {' | '.join(cells)} |"
    yield ""


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "200")
    main()
