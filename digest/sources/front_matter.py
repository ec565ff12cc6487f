"""The facts at the head of a Markdown file: YAML between `---`, TOML between `+++`, or JSON."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import yaml

from digest.errors import BadInput

_FENCED = {
    "---": re.compile(r"---[ \t]*\n(.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL),
    "+++": re.compile(r"\+\+\+[ \t]*\n(.*?)(?:^|\n)\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL),
}


def split(text: str, *, item: str) -> tuple[dict[str, Any], str]:
    """The facts (keys in lower case) and the text after them. Raises BadInput where they are broken."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n").lstrip("\n")
    try:
        facts, body = _split(text)
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(item, f"its front matter cannot be read: {first}") from error
    if not isinstance(facts, dict):
        raise BadInput(item, "its front matter is no list of keys and values")
    return {str(key).lower(): value for key, value in facts.items()}, body


def _split(text: str) -> tuple[Any, str]:
    for fence, pattern in _FENCED.items():
        found = pattern.match(text)
        if found:
            facts = yaml.safe_load(found[1]) if fence == "---" else tomllib.loads(found[1])
            return facts or {}, text[found.end() :]
    if text.startswith("{"):
        facts, end = json.JSONDecoder().raw_decode(text)
        return facts, text[end:].removeprefix(";;;")
    return {}, text
