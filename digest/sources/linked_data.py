"""JSON-LD of a page (schema.org): the article's own node, however it is wrapped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from digest.sources import html_text

#: All of a page's JSON-LD together; bytes.
_MOST = 1_000_000
_ARTICLE = re.compile(
    r"(?:News|Blog|Report|Analysis|Opinion|Review|Background|Advertiser|Scholarly|Tech|Live|Satirical|"
    r"SocialMedia|AskPublicNews|Reportage|Discussion)*(?:Article|Posting|BlogPosting|LiveBlogPosting)$"
)
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*.*?\*/)?|(?:-->|//\s*\]\]>)?[\s;]*$", re.DOTALL
)
_CONTROL = re.compile(r"[\x00-\x1f]+")

Node = Mapping[str, Any]


def nodes_of(scripts: Iterable[str]) -> tuple[Node, ...]:
    """Every node of a page's scripts."""
    return tuple(_nodes(scripts))


def article_of(nodes: Sequence[Node]) -> Node:
    """The node that describes the page's article; empty where none does."""
    by_id = {
        node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1
    }
    articles = [node for node in nodes if any(_ARTICLE.search(kind) for kind in kinds(node))]
    best = max(articles, key=lambda node: ("headline" in node, len(node)), default=None)
    return {key: _resolved(value, by_id) for key, value in best.items()} if best else {}


def kinds(node: Node) -> list[str]:
    """A node's types, without their namespace."""
    found = node.get("@type")
    many = found if isinstance(found, list) else [found]
    return [one.rsplit("/", 1)[-1] for one in many if isinstance(one, str)]


def text(value: object) -> str:
    """A property's text: its own, or its name, or the first of a list."""
    if isinstance(value, list):
        return next((found for one in value if (found := text(one))), "")
    if isinstance(value, Mapping):
        return text(value.get("name") or value.get("@value") or value.get("url"))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return html_text.plain(str(value))


def many(value: object) -> list[Any]:
    """A property as a list, whatever it was."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def number(value: object) -> float | None:
    """A number, also from text and from an object's value; None where there is none."""
    found = text(value).replace(",", "")
    try:
        return float(found) if found and float(found) < 1e12 else None
    except ValueError:
        return None


def _nodes(scripts: Iterable[str]) -> Iterator[dict[str, Any]]:
    size = 0
    for script in scripts:
        size += len(script)
        if size > _MOST:
            return
        yield from _walk(_parsed(script))


def _parsed(script: str) -> object:
    """The script's value; line breaks inside texts and wrappings are mended."""
    bare = _CONTROL.sub(" ", _WRAPPING.sub("", script))
    try:
        return json.loads(bare, strict=False)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(re.sub(r",\s*([}\]])", r"\1", bare), strict=False)
    except (ValueError, RecursionError):
        return None


def _walk(value: object) -> Iterator[dict[str, Any]]:
    """Every node at the top, in lists, in @graph, and as what a page is about."""
    waiting = [value]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, list):
            waiting.extend(one[:500])
        elif isinstance(one, dict):
            yield one
            waiting.extend(
                one[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in one
            )


def _resolved(value: Any, by_id: Mapping[str, Any]) -> Any:
    """References by @id replaced by what they name."""
    if isinstance(value, list):
        return [_resolved(one, by_id) for one in value[:200]]
    if isinstance(value, dict) and set(value) <= {"@id", "@type"}:
        return by_id.get(str(value.get("@id")), value)
    return value
