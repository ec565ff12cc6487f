"""Jinja2 as mails use it: our own templates as they are, an operator's in a sandbox that knows plain data only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import jinja2
from jinja2 import runtime
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace

from digest import places
from digest.mail.tracing import Tracing

#: Before the name of a template of ours, for one of an operator's that has the same name.
SHIPPED = "shipped"

#: Endings of templates in which values are escaped.
_MARKUP = ("mjml",)

#: What an operator's templates may look into: values, our own small classes, and what Jinja2 hands out.
_PLAIN = (str, int, float, dict, list, tuple, set, frozenset, dt.date, dt.time, dt.timedelta)
_OF_JINJA = (
    runtime.LoopContext,
    runtime.Macro,
    runtime.BlockReference,
    runtime.TemplateReference,
    runtime.Undefined,
    Cycler,
    Joiner,
    Namespace,
)


def shipped(*, traced: bool = False) -> jinja2.Environment:
    """Our own templates. traced: with marks that tell where each tag came from."""
    return jinja2.Environment(
        loader=_our_loader(),
        autoescape=jinja2.select_autoescape(enabled_extensions=_MARKUP, default=False),
        **_settings(traced),
    )


def own(sources: Mapping[str, str], *, traced: bool = False) -> jinja2.Environment:
    """An operator's templates over ours, in a sandbox. sources: their text by name, as `digest/body.mjml`."""
    loaders = [
        jinja2.FunctionLoader(lambda name: _own_source(sources, name)),
        jinja2.PrefixLoader({SHIPPED: _our_loader()}),
        _our_loader(),
    ]
    return _Sandbox(
        finalize=_printable,
        loader=jinja2.ChoiceLoader(loaders),
        autoescape=jinja2.select_autoescape(enabled_extensions=_MARKUP, default=False),
        **_settings(traced),
    )


def _settings(traced: bool) -> dict[str, Any]:
    return {
        "undefined": jinja2.StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "extensions": (Tracing,) if traced else (),
    }


def _printable(value: object) -> object:
    """What `{{ }}` may print: no list and no object, which would come out as Python spells them."""
    if isinstance(value, (str, int, float, runtime.Undefined)):
        return value
    raise SecurityError(f"{type(value).__name__} is no text; print one of its parts")


class _Sandbox(ImmutableSandboxedEnvironment):
    """Allows what is listed, on top of what the sandbox of Jinja2 forbids."""

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        return _is_open(obj) and bool(super().is_safe_attribute(obj, attr, value))


def _is_open(obj: object) -> bool:
    """Whether templates may look into it: plain data, our own classes' objects, Jinja2's own tools."""
    if isinstance(obj, type):
        return False
    ours = type(obj).__module__.partition(".")[0] == "digest"
    return ours or isinstance(obj, (*_PLAIN, *_OF_JINJA)) or _is_imported(obj)


def _is_imported(obj: object) -> bool:
    """Whether it is what `{% import %}` gives."""
    return type(obj).__module__ == "jinja2.environment" and type(obj).__name__ == "TemplateModule"


def root() -> str:
    """What the file names of all templates begin with, as they stand in tracebacks."""
    return f"{places.folder('templates') / 'email'}/"


def _our_loader() -> jinja2.BaseLoader:
    return jinja2.FileSystemLoader(places.folder("templates") / "email")


def _own_source(sources: Mapping[str, str], name: str) -> tuple[str, str, None] | None:
    return (sources[name], root() + name, None) if name in sources else None
