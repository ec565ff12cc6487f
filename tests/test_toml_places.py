"""Lines of TOML: every key and element is found where it stands, whatever stands around it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.toml_places import Path, lines_of

SAMPLE = '''\
top = 1   # [not.a.table]
"quoted key" = "a # b"
a.b . "c d" = 2

[table]  # comment = 3
text = """
[not.a.table]
key = 'no' """
raw = \'\'\'
[[neither]]\'\'\'
list = [ # first
  1,
  "two ] , ",   # [x]
  { three = [3,
    4], "f.g" = {} },
]
escaped = "a \\" ] # b"
quotes = """a""b"""""
inline = { one = 1, two.three = 2 }
day = 2026-11-29 08:00:00

[[rows]]
key = "a"
[rows.sub]
x = 1
[[rows]]
key = "b"
[[rows.deep]]
y = 1
[[rows.deep]]
y = 2
[table."with dots.in"]
z = -1.5e3
'''

EXPECTED: dict[Path, int] = {
    ("top",): 1,
    ("quoted key",): 2,
    ("a", "b", "c d"): 3,
    ("table",): 5,
    ("table", "text"): 6,
    ("table", "raw"): 9,
    ("table", "list"): 11,
    ("table", "list", 0): 12,
    ("table", "list", 1): 13,
    ("table", "list", 2): 14,
    ("table", "list", 2, "three"): 14,
    ("table", "list", 2, "three", 1): 15,
    ("table", "list", 2, "f.g"): 15,
    ("table", "escaped"): 17,
    ("table", "quotes"): 18,
    ("table", "inline", "one"): 19,
    ("table", "inline", "two", "three"): 19,
    ("table", "day"): 20,
    ("rows", 0, "key"): 23,
    ("rows", 0, "sub", "x"): 25,
    ("rows", 1): 26,
    ("rows", 1, "key"): 27,
    ("rows", 1, "deep", 0, "y"): 29,
    ("rows", 1, "deep", 1, "y"): 31,
    ("table", "with dots.in", "z"): 33,
}


def paths_in(value: Any, here: Path = ()) -> Iterator[Path]:
    if here:
        yield here
    items = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        items = enumerate(value)
    for key, part in items:
        yield from paths_in(part, (*here, key))


@pytest.mark.parametrize(("path", "line"), EXPECTED.items(), ids=str)
def test_a_key_is_found_in_its_line(path: Path, line: int) -> None:
    assert lines_of(SAMPLE)[path] == line


def test_every_path_of_the_data_has_a_line_and_there_are_no_others() -> None:
    assert set(lines_of(SAMPLE)) == set(paths_in(tomllib.loads(SAMPLE)))


def test_windows_line_ends_change_nothing() -> None:
    assert lines_of(SAMPLE.replace("\n", "\r\n")) == lines_of(SAMPLE)


def test_an_empty_text_has_nothing() -> None:
    assert lines_of("") == lines_of("# only a comment\n\n") == {}


words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8)
values = st.recursive(
    st.integers() | words | st.booleans(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(words, part, max_size=3),
    max_leaves=6,
)


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(k)} = {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + "".join(f"  {written(part)}, # ] }}\n" for part in value) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value).lower()


@given(st.dictionaries(words, values, max_size=5))
def test_any_data_is_found_path_by_path(data: dict[str, Any]) -> None:
    # Arrays are written over many lines, which an inline table may not hold.
    flat = {k: v for k, v in data.items() if "\n" not in written(v) or not isinstance(v, dict)}
    text = "\n".join(f"{written(key)} = {written(value)}" for key, value in flat.items())
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = lines_of(text)
    assert set(found) == set(paths_in(parsed))
    for path, line in found.items():
        if len(path) == 1:
            assert text.splitlines()[line - 1].startswith(written(path[0]))
