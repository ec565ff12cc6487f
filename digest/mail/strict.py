"""What is wrong with a document of MJML and the engine would drop without a word: each named, with its tag.

What may stand where and say what is in `mjml_table.json`, made of npm's own components by
`bench/mjml_table.py`.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from digest.mail.guarding import Guarded
from digest.mail.tags import Wrong, attributes

_TABLE: dict[str, Any] = json.loads(
    Path(__file__).with_name("mjml_table.json").read_text(encoding="utf-8")
)
_TAGS: Mapping[str, Any] = _TABLE["tags"]
_IDLE: Mapping[str, Collection[str]] = _TABLE["idle"]
_COLOURS = frozenset(_TABLE["colours"])

#: Tags that hold nothing but other tags; everything else that ends holds HTML or words.
_FRAMES = frozenset({"", "mjml", *(name for name, one in _TAGS.items() if not one["ends"])})
_ROOT: Mapping[str, str] = {"lang": "string", "dir": "enum(ltr,rtl,auto)", "owa": "string"}
_EVERYWHERE: Mapping[str, str] = {"css-class": "string", "mj-class": "string"}
_SAYS: Mapping[str, Mapping[str, str]] = {
    name: {**one["says"], **_EVERYWHERE} for name, one in _TAGS.items()
}
#: What mj-all, mj-class and the tags beside them may say, in mj-attributes.
_ANYTHING: Mapping[str, str] = {key: kind for says in _SAYS.values() for key, kind in says.items()}

#: Parts of MJML that are not to be had here, and why.
_NOT_OFFERED: Mapping[str, str] = {
    "mj-carousel": "few mail programs can show it",
    "mj-accordion": "few mail programs can fold it",
    "mj-navbar": "few mail programs can open it; write links in mj-text",
    "mj-include": "use {% include %} or {% extends %}",
    "mj-html-attributes": "write them where they belong",
}
#: Without these a tag would load something from strangers, or nothing at all.
_NEEDED: Mapping[str, tuple[str, str]] = {
    "mj-social-element": ("src", "the icon would be loaded from a stranger's server"),
    "mj-image": ("src", "there would be no picture"),
    "mj-class": ("name", "nothing could use it"),
}

_OF_MJML = re.compile(r"<(mj-[a-z-]*)")
#: What runs or loads by itself, also in a comment: programs do not agree where comments end.
LOADS = re.compile(
    r"<(script|link|base|iframe|frame|frameset|object|embed|applet|portal|fencedframe)(?![\w-])",
    re.IGNORECASE | re.ASCII,
)
_COLOUR = re.compile(
    r"#(?:[0-9a-fA-F]{3}){1,2}|rgb\(\d{1,3}(?:, ?\d{1,3}){2}\)"
    r"|rgba\(\d{1,3}(?:, ?\d{1,3}){2}, ?\d(?:\.\d{1,3})?\)",
    re.ASCII,
)


def check(guarded: Guarded) -> None:
    """Raises Wrong for the first thing that is wrong, and says how many more there are."""
    found = list(faults(guarded))
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise Wrong(found[0].at, found[0].reason + more)


def faults(guarded: Guarded) -> Iterator[Wrong]:
    """Everything that is wrong with a document, in its order."""
    around, classes = [""], set[str]()
    for before, _, end, name, written, empty, at in guarded.pieces:
        outer = around[-1]
        framed = outer in _FRAMES
        if framed and before.strip():
            yield Wrong(at, f"words in {_place(outer)}, which print nowhere: {_short(before)}")
        if not name:
            continue
        if end:
            around.pop()
            continue
        if framed or outer.startswith("mj"):
            yield from (Wrong(at, reason) for reason in _at(name, outer, written))
        if name == "mj-class":
            classes.add(dict(attributes(written) or ()).get("name") or "")
        elif "mj-class" in written:
            yield from (Wrong(at, reason) for reason in _unknown(written, classes))
        if not empty:
            around.append(name)
    if guarded.rest.strip():
        yield Wrong(None, f"words after the end: {_short(guarded.rest)}")
    yield from _held(guarded)


def _held(guarded: Guarded) -> Iterator[Wrong]:
    """Tags where HTML is held, which a mail would carry as they are: MJML's, and those that run or load."""
    for at, held in zip(guarded.held_at, guarded.held, strict=True):
        found = _OF_MJML.search(held) if "<mj" in held else None
        if found:
            yield Wrong(
                at + found.start(), f"<{found[1]}> stands among HTML, where it means nothing"
            )
        for loads in LOADS.finditer(held):
            reason = f"<{loads[1].lower()}> would run or load something; mail programs take it out"
            yield Wrong(at + loads.start(), reason)


def _place(outer: str) -> str:
    return f"<{outer}>" if outer else "the open"


def _short(text: str) -> str:
    return text.strip()[:40]


def _unknown(written: str, classes: Collection[str]) -> Iterator[str]:
    """Classes of a start tag that the head has not told."""
    given = dict(attributes(written) or ()).get("mj-class") or ""
    yield from (f"no mj-class is called {one}" for one in given.split() if one not in classes)


@functools.lru_cache(maxsize=2048)
def _at(name: str, outer: str, written: str) -> tuple[str, ...]:
    """What is wrong with one start tag inside another."""
    if outer == "mj-attributes":
        unnamed = _missing(name, written) if name == "mj-class" else ()
        return (*_said(name, written, _defaults(name)), *unnamed)
    if name == "mjml" and not outer:
        return tuple(_said(name, written, _ROOT))
    misplaced = _misplaced(name, outer)
    if misplaced is not None:
        return (misplaced,) if misplaced else ()
    return (*_said(name, written, _SAYS[name]), *_missing(name, written))


def _misplaced(name: str, outer: str) -> str | None:
    """Why a tag cannot stand in another, empty where that has been said; None where it can."""
    for begin, reason in _NOT_OFFERED.items():
        if name.startswith(begin):
            told = outer.startswith(begin)
            return "" if told else f"<{name}> is not offered: {reason}"
    if not name.startswith("mj"):
        return f"<{name}> cannot stand in {_place(outer)}; HTML goes into mj-text or mj-raw"
    if name not in _TAGS:
        return f"<{name}>: there is no such tag{_like(name, _TAGS)}"
    if outer in _TAGS[name]["in"]:
        return None
    return f"<{name}> cannot stand in {_place(outer)}, only in {', '.join(_TAGS[name]['in'])}"


def _missing(name: str, written: str) -> Iterator[str]:
    needed, reason = _NEEDED.get(name, ("", ""))
    if needed and not dict(attributes(written) or ()).get(needed):
        yield f"<{name}> needs {needed}: {reason}"


def _defaults(name: str) -> Mapping[str, str] | None:
    """What may be said of a tag in mj-attributes; None for a tag that is none."""
    if name == "mj-all":
        return _ANYTHING
    if name == "mj-class":
        return {**_ANYTHING, "name": "string"}
    return _SAYS.get(name)


def _said(name: str, written: str, kinds: Mapping[str, str] | None) -> Iterator[str]:
    """What is wrong with a start tag's attributes."""
    if kinds is None:
        yield f"<{name}>: there is no such tag{_like(name, _TAGS)}"
        return
    given = dict(attributes(written) or ())
    for key, value in given.items():
        if key in _IDLE.get(name, ()):
            yield f"<{name}>: {key} does nothing here"
        elif key not in kinds:
            yield f"<{name}>: no attribute is called {key}{_like(key, kinds)}"
        elif not fits(kinds[key], value or ""):
            shown = html.unescape(value or "")
            yield f'<{name}>: {key}="{shown}" is {_wanted(kinds[key])}'


def _like(name: str, known: Collection[str]) -> str:
    found = get_close_matches(name, known, 1)
    return f"; {found[0]} perhaps?" if found else ""


@functools.lru_cache(maxsize=4096)
def fits(kind: str, value: str) -> bool:
    """Whether a value is of one of MJML's kinds, as its components name them: `unit(px,%){1,4}` and others."""
    if kind == "color":
        return value in _COLOURS or bool(_COLOUR.fullmatch(value))
    if kind == "boolean":
        return value in ("true", "false")
    if kind == "integer":
        return value.isascii() and value.isdigit()
    if kind.startswith("enum"):
        return value in _inside(kind)
    return bool(_unit(kind).fullmatch(value)) if kind.startswith("unit") else True


@functools.cache
def _unit(kind: str) -> re.Pattern[str]:
    units = "|".join(re.escape(one) for one in _inside(kind) if one != "auto")
    one = rf"(?:{'-?' if 'Negative' in kind else ''}\d*\.?\d+(?:{units})|0)"
    one = f"(?:{one}|auto)" if "auto" in _inside(kind) else one
    many = rf"{one}(?: {one}){{0,3}}" if kind.endswith("{1,4}") else one
    return re.compile(many, re.ASCII)


def _inside(kind: str) -> list[str]:
    return kind[kind.find("(") + 1 : kind.find(")")].split(",")


def _wanted(kind: str) -> str:
    """What is wrong with a value of this kind, as the end of a sentence."""
    if kind.startswith("enum"):
        return f"none of {', '.join(one or 'nothing' for one in _inside(kind))}"
    if kind.startswith("unit"):
        units = ", ".join(one or "a plain number" for one in _inside(kind))
        return f"no length in {units}" + (", one to four of them" if kind.endswith("}") else "")
    return {"color": "no colour", "boolean": "neither true nor false"}.get(kind, "no whole number")
