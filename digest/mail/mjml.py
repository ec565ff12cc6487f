"""MJML to HTML by mjml-python, with a guard before it and a check after it.

The engine (mrml 6.0.1) writes every attribute with Rust's debug form, so a line break, a quotation
mark, a backslash and many characters outside ASCII come out as `\\n` or `\\u{…}`; it panics past
`except Exception`; and very deep nesting ends the process. The guard may go when mrml escapes
attributes as HTML does.
"""

from __future__ import annotations

import re

from mjml import mjml2html

from digest.errors import RenderError

#: The engine's stack ends near 9,000 levels; our own mails use fewer than 20.
DEEPEST = 50

#: Elements whose text the engine also writes into an attribute (the page's `aria-label`).
_NAMING = frozenset({"mj-title"})

_TAG = re.compile(
    r"<!--.*?-->"
    r"|<(?P<end>/?)(?P<name>[A-Za-z][\w:.-]*)"
    r"(?P<attributes>(?:[^<>\"'/]|/(?!>)|\"[^\"]*\"|'[^']*')*+)(?P<empty>/?)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=/>\"']+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_UNSAFE = re.compile(r"[\"\\<]|[^\x20-\x7e]")
_ARTEFACT = re.compile(r"<[A-Za-z][^<>]*\\")
_POSITION = re.compile(r"position (\d+)")

#: Tags that must say what a picture shows, or that it shows nothing.
_PICTURES = frozenset({"img", "mj-image"})


def to_html(source: str, template: str) -> str:
    """One MJML document as HTML. Raises RenderError that names `template` and the line of the MJML."""
    guarded = guard(source, template)
    try:
        html = str(mjml2html(guarded, fonts={}))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic in Rust is no Exception
        line = _line_of(guarded, str(error))
        raise RenderError(template, f"MJML: {error}", line=line) from error
    found = _ARTEFACT.search(html)
    if found:
        raise RenderError(template, f"an attribute came out broken: {found[0][-60:]}")
    return html


def guard(source: str, template: str = "mjml") -> str:
    """The document with start tags that the engine writes as they should be.

    Raises RenderError where tags do not close each other or nest too deep: the engine would name no
    line, or end the process.
    """
    pieces: list[str] = []
    done, still_open = 0, list[str]()
    for match in _TAG.finditer(source):
        text = source[done : match.start()]
        titled = match["end"] and match["name"] in _NAMING
        pieces += [_value(text) if titled else text, _tag(match)]
        done = match.end()
        fault = _follow(match, still_open)
        if fault:
            raise RenderError(template, fault, line=source.count("\n", 0, done) + 1)
    if still_open:
        raise RenderError(template, f"<{still_open[-1]}> is never closed")
    return "".join((*pieces, source[done:]))


def _follow(match: re.Match[str], still_open: list[str]) -> str | None:
    """Keep the list of open tags; what is wrong with this one, if anything."""
    name = match["name"]
    if not name or match["empty"]:
        return None
    if match["end"]:
        expected = still_open.pop() if still_open else "nothing"
        return None if expected == name else f"</{name}> closes <{expected}>"
    still_open.append(name)
    return f"more than {DEEPEST} tags deep" if len(still_open) > DEEPEST else None


def _tag(match: re.Match[str]) -> str:
    if not match["name"] or match["end"]:
        return match[0]
    attributes: dict[str, str] = {}
    for name, double, single in _ATTRIBUTE.findall(match["attributes"]):
        attributes.setdefault(name, _value(double or single))
    if match["name"] in _PICTURES:
        attributes.setdefault("alt", "")
    spelled = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{match['name']}{spelled}{' /' if match['empty'] else ''}>"


def _value(value: str) -> str:
    return _UNSAFE.sub(_entity, _SPACE.sub(" ", value))


def _entity(match: re.Match[str]) -> str:
    code = ord(match[0])
    return "" if code < 0x20 or code == 0x7F else f"&#{code};"


def _line_of(source: str, message: str) -> int | None:
    """The line that the engine's message means; it counts bytes."""
    found = _POSITION.search(message)
    if not found:
        return None
    return source.encode()[: int(found[1])].count(b"\n") + 1
