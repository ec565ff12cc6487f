"""What MJML's tags may hold and say, as a table: `python bench/mjml_table.py` writes it anew.

It is taken from npm's own components. What our engine does nothing with is found by trying: each
attribute with several values, and it is no attribute of ours where the page stays the same.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mjml import mjml2html

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.npm_mjml import NpmMjml  # noqa: E402

PLACE = ROOT / "digest" / "mail" / "mjml_table.json"

#: Parts that need a script, a check box or a mail program's goodwill, or that the engine cannot do.
LEFT_OUT = re.compile(r"mj-(carousel|accordion|navbar|html-attribute|selector|include)")

#: The head's tags and others whose work is not to be seen in a page's body.
UNTRIED = frozenset({"mj-body", "mj-style", "mj-font", "mj-breakpoint"})

_COLUMN = "<mj-section><mj-column>{}</mj-column></mj-section>"
_TWO = "<mj-column><mj-text>x</mj-text></mj-column><mj-column></mj-column>"
_INSIDE = {
    "mj-section": _TWO,
    "mj-group": _TWO,
    "mj-wrapper": f"<mj-section>{_TWO}</mj-section><mj-section></mj-section>",
    "mj-column": "<mj-text>x</mj-text>",
    "mj-hero": "<mj-text>x</mj-text>",
    "mj-social": '<mj-social-element src="https://a.example/x.png">x</mj-social-element>',
    "mj-table": "<tr><td>x</td></tr>",
}
_AROUND = {
    "mj-section": "{}",
    "mj-wrapper": "{}",
    "mj-hero": "{}",
    "mj-column": "<mj-section>{}<mj-column></mj-column></mj-section>",
    "mj-group": "<mj-section>{}</mj-section>",
    "mj-social-element": _COLUMN.format("<mj-social>{}</mj-social>"),
}
#: Other attributes without which one has nothing to work on.
_WITH = {
    "background-url": "https://a.example/b.png",
    "href": "https://a.example/",
    "padding": "1px",
}
_WORDS = ("3px solid red", "word", "other", "7px", "https://a.example/q.png", "fluid-height")


def table() -> dict[str, Any]:
    """`tags`: what each may stand in, hold and say. `idle`: what npm knows and our engine ignores."""
    with NpmMjml() as npm:
        found = npm.table()
    components, children = found["table"], found["dependencies"]
    tags, idle = {}, {}
    for name, one in components.items():
        if LEFT_OUT.match(name):
            continue
        kinds = {key: kind for key, kind in one["attributes"].items() if key != "position"}
        nothing = [] if name in UNTRIED else [key for key in kinds if _idle(name, one, key)]
        inside = sorted(outer for outer, inner in children.items() if name in inner)
        tags[name] = {
            "in": [outer for outer in inside if not LEFT_OUT.match(outer)],
            "ends": one["ends"],
            "says": {key: kind for key, kind in sorted(kinds.items()) if key not in nothing},
        }
        if nothing:
            idle[name] = sorted(nothing)
    return {"tags": tags, "idle": idle, "colours": found["colours"]}


def _idle(name: str, one: dict[str, Any], key: str) -> bool:
    """Whether a page is the same whatever this attribute says."""
    known = {name: value for name, value in _WITH.items() if name in one["attributes"]}
    others = ({**known, key: value} for value in _values(one["attributes"][key]))
    return len({_page(name, one["ends"], given) for given in (known, *others)}) == 1


def _page(name: str, ends: bool, given: dict[str, str]) -> str:
    written = "".join(f' {key}="{value}"' for key, value in given.items())
    inside = _INSIDE.get(name, "x" if ends else "")
    tag = f"<{name}{written}>{inside}</{name}>"
    body = _AROUND.get(name, _COLUMN).format(tag)
    return str(mjml2html(f"<mjml><mj-body>{body}</mj-body></mjml>", fonts={}))


def _values(kind: str) -> Iterator[str]:
    """Some values of a kind, no two of which would look alike."""
    inside = kind[kind.find("(") + 1 : kind.find(")")].split(",")
    if kind.startswith("enum"):
        yield from filter(None, inside)
    elif kind.startswith("unit"):
        yield from (f"{number}{unit}" for unit in inside for number in (7, 13) if unit != "auto")
    elif kind == "color":
        yield from ("#12ab34", "#ab3412")
    elif kind == "boolean":
        yield from ("true", "false")
    else:
        yield from ("3", "5", "facebook") if kind == "integer" else ("facebook", *_WORDS)


def written(found: dict[str, Any]) -> str:
    """The table as it stands in its file: a tag a line."""
    parts = []
    for part in ("tags", "idle"):
        rows = ",\n".join(
            f"  {json.dumps(key)}: {json.dumps(row)}" for key, row in found[part].items()
        )
        parts.append(f' "{part}": {{\n{rows}\n }}')
    return "{\n" + ",\n".join([*parts, f' "colours": {json.dumps(found["colours"])}']) + "\n}\n"


if __name__ == "__main__":
    PLACE.write_text(written(table()), encoding="utf-8")
    print(PLACE.relative_to(ROOT))
