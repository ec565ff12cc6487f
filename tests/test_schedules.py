"""Schedules: read as a whole, every fault named at once with the line where it stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from digest import schedules
from digest.errors import ConfigError, Fault
from digest.moments import WeekTime
from digest.schedules import Schedule, SourceTable

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "schedules" / "sunday.toml"
DOCUMENT = ROOT / "docs" / "schedules.md"

LEAST = """\
[newsletter]
name = "The Sunday Catchup"
timezone = "Europe/London"
site_name = "The Harbour Gazette"
site_url = "https://gazette.example/"
from_address = "sunday@gazette.example"
postal_address = "1 Quay Street"

[[sources]]
key = "desk"
kind = "api"
"""

#: The tables of the file and their models, in the file's order.
TABLES: dict[str, type[BaseModel]] = {
    name: (SourceTable if name == "sources" else info.annotation)  # type: ignore[misc]
    for name, info in Schedule.model_fields.items()
    if name != "key"
}

KEYS = [(table, key) for table, model in TABLES.items() for key in model.model_fields]


def written(folder: Path, text: str, name: str = "sunday.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str, name: str = "sunday.toml") -> Schedule:
    return schedules.read(written(folder, text, name))


def faults(folder: Path, text: str, name: str = "sunday.toml") -> list[Fault]:
    with pytest.raises(ConfigError) as caught:
        read(folder, text, name)
    return list(caught.value.faults)


def places(folder: Path, text: str) -> set[tuple[int | None, str]]:
    return {(fault.line, fault.key) for fault in faults(folder, text)}


# ---------------------------------------------------------------- what is right


def test_the_example_is_valid_and_its_key_is_its_name() -> None:
    (schedule,) = schedules.read_all(EXAMPLE.parent)
    assert schedule.key == "sunday"
    assert schedule.source_keys == ("site", "desk")
    assert schedule.calendar.send == WeekTime.parse("sunday 08:00")


def test_what_the_example_says_beside_names_and_sources_is_the_default(tmp_path: Path) -> None:
    least, example = read(tmp_path, LEAST), schedules.read(EXAMPLE)
    for table in TABLES:
        if table not in ("newsletter", "sources"):
            assert getattr(least, table) == getattr(example, table)


def test_spans_and_addresses_are_read(tmp_path: Path) -> None:
    text = (
        LEAST.replace("sunday@gazette", "sunday@bücher")
        + 'every = "90m"\n[deliver]\ncatch_up = "2d"\n'
    )
    schedule = read(tmp_path, text)
    assert schedule.sources[0].every == 5400
    assert schedule.deliver.catch_up == 2 * 86400
    assert schedule.newsletter.from_address == "sunday@xn--bcher-kva.example"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff" + LEAST).key == "sunday"


def test_every_file_of_a_folder_is_read_by_name(tmp_path: Path) -> None:
    written(tmp_path, LEAST, "b.toml")
    written(tmp_path, LEAST, "a.toml")
    assert [one.key for one in schedules.read_all(tmp_path)] == ["a", "b"]


# ---------------------------------------------------------------- what is wrong


def with_key(table: str, line: str) -> str:
    """The least schedule with one more line in a table, in place of its own line for that key."""
    if table not in ("newsletter", "sources"):
        return f"{LEAST}\n[{table}]\n{line}\n"
    key = line.partition("=")[0].strip()
    newsletter, _, sources = LEAST.partition("[[sources]]\n")
    head, part = (
        ("", newsletter) if table == "newsletter" else (newsletter + "[[sources]]\n", sources)
    )
    kept = "".join(one for one in part.splitlines(True) if not one.startswith(f"{key} ="))
    rest = "[[sources]]\n" + sources if table == "newsletter" else ""
    return f"{head}{kept.rstrip()}\n{line}\n{rest}"


@pytest.mark.parametrize(("table", "key"), KEYS, ids=".".join)
@pytest.mark.parametrize("comment", ["", '  # = "a" [x]'])
def test_a_value_of_a_wrong_kind_is_named_with_its_line(
    tmp_path: Path, table: str, key: str, comment: str
) -> None:
    text = with_key(table, f"{key} = [[1979-05-27]]{comment}")
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "1979" in one)
    expected = f"{table}.0.{key}" if table == "sources" else f"{table}.{key}"
    found = [fault for fault in faults(tmp_path, text) if fault.key.startswith(expected)]
    assert found
    assert {fault.line for fault in found} == {line}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("key", ["colour", '"a b"', "a.b"])
def test_an_unknown_key_is_named_with_its_line(tmp_path: Path, table: str, key: str) -> None:
    text = with_key(table, f"{key} = 1")
    line = text.splitlines().index(f"{key} = 1") + 1
    (fault,) = faults(tmp_path, text)
    assert fault.line == line
    assert "no such key" in fault.message


@pytest.mark.parametrize(
    ("table", "key"), [one for one in KEYS if one[0] not in ("newsletter", "sources")], ids=".".join
)
def test_keys_in_inline_tables_and_with_dots_have_their_line(
    tmp_path: Path, table: str, key: str
) -> None:
    for first in (f"{table} = {{ {key} = [[1979-05-27]] }}", f"{table} . {key} = [[1979-05-27]]"):
        found = faults(tmp_path, f"# a comment\n{first}\n{LEAST}")
        assert {fault.line for fault in found} == {2}


@pytest.mark.parametrize(
    ("table", "key"),
    [(t, k) for t, k in KEYS if TABLES[t].model_fields[k].is_required()],
    ids=".".join,
)
def test_a_missing_key_is_named_with_the_line_of_its_table(
    tmp_path: Path, table: str, key: str
) -> None:
    lines = LEAST.splitlines()
    head = lines.index("[[sources]]" if table == "sources" else f"[{table}]")
    gone = next(n for n in range(head + 1, len(lines)) if lines[n].startswith(f"{key} ="))
    text = "\n".join([*lines[:gone], *lines[gone + 1 :]])
    found = places(tmp_path, text)
    assert (head + 1, f"sources.0.{key}" if table == "sources" else f"{table}.{key}") in found


def test_all_faults_of_a_file_are_told_at_once_in_order(tmp_path: Path) -> None:
    text = (
        LEAST.replace("Europe/London", "Mars/Olympus")
        + '[compose]\nstories = 61\nper_section = 0\nsubject = "{nobody}"\n[collect]\ncut_off = "sonntag 8"\n'
    )
    found = faults(tmp_path, text)
    assert [(fault.line, fault.key) for fault in found] == [
        (3, "newsletter.timezone"),
        (13, "compose.stories"),
        (14, "compose.per_section"),
        (15, "compose.subject"),
        (17, "collect.cut_off"),
    ]
    assert all(fault.file.endswith("sunday.toml") for fault in found)


def test_a_fault_in_the_second_of_many_tables_has_its_own_line(tmp_path: Path) -> None:
    text = (
        LEAST + '[[sources]]\nkey = "two"\nkind = "feed"\nevery = "1m"\nurl = "gazette.example"\n'
    )
    assert places(tmp_path, text) == {(15, "sources.1.every"), (16, "sources.1.url")}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ('kind = "pages"', "needs a path"),
        ('kind = "markdown"', "needs a path"),
        ('kind = "feed"', "a url, or a path"),
        ('kind = "feed"\nurl = "https://a.example/"\npath = "a.xml"', "not both"),
    ],
)
def test_a_source_without_its_place_is_named(tmp_path: Path, lines: str, reason: str) -> None:
    (fault,) = faults(tmp_path, LEAST + f'[[sources]]\nkey = "two"\n{lines}\n')
    assert (fault.line, fault.key) == (12, "sources.1")
    assert reason in fault.message


def test_two_sources_with_one_key_are_named_at_the_second(tmp_path: Path) -> None:
    text = LEAST + '[[sources]]\nkey = "desk"\nkind = "api"\n'
    assert places(tmp_path, text) == {(13, "sources.1.key")}


def test_two_newsletters_may_share_a_place_but_not_a_key_for_two_places(tmp_path: Path) -> None:
    feed = LEAST.replace('kind = "api"', 'kind = "feed"\nurl = "https://a.example/feed"')
    written(tmp_path, feed, "a.toml")
    written(tmp_path, feed, "b.toml")
    assert len(schedules.read_all(tmp_path)) == 2
    written(tmp_path, feed.replace("a.example", "c.example"), "c.toml")
    with pytest.raises(ConfigError) as caught:
        schedules.read_all(tmp_path)
    (fault,) = caught.value.faults
    assert (Path(fault.file).name, fault.line, fault.key) == ("c.toml", 10, "sources.0.key")


def test_a_file_without_sources_is_refused(tmp_path: Path) -> None:
    text = LEAST.partition("[[sources]]")[0]
    assert places(tmp_path, text) == {(None, "sources")}
    assert places(tmp_path, "sources = []\n" + text) == {(1, "sources")}


def test_the_key_is_the_files_name_and_nothing_else(tmp_path: Path) -> None:
    assert places(tmp_path, 'key = "monday"\n' + LEAST) == {(1, "key")}
    (fault,) = faults(tmp_path, LEAST, "Sunday Paper.toml")
    assert "the file's name" in fault.message


def test_what_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    assert places(tmp_path, LEAST + "[collect\n") == {(12, "")}
    assert places(tmp_path, LEAST + 'x = """\n') != set()
    bad = tmp_path / "bad.toml"
    bad.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        schedules.read(bad)


def test_a_folder_tells_the_faults_of_all_its_files(tmp_path: Path) -> None:
    written(tmp_path, LEAST + "x = 1\n", "a.toml")
    written(tmp_path, LEAST + "y = 1\n", "b.toml")
    with pytest.raises(ConfigError) as caught:
        schedules.read_all(tmp_path)
    assert [Path(fault.file).name for fault in caught.value.faults] == ["a.toml", "b.toml"]


def test_an_empty_folder_says_what_to_add(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"add <newsletter>\.toml"):
        schedules.read_all(tmp_path)


# ---------------------------------------------------------------- the document


def documented() -> Iterator[tuple[str, str, str]]:
    """Table, key and default of every row of docs/schedules.md."""
    table = ""
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if head := re.fullmatch(r"## \[+(\w+)\]+", line):
            table = head[1]
        elif row := re.match(r"\| `(\w+)` \|[^|]+\|([^|]*)\|", line):
            yield table, row[1], row[2].strip().strip("`")


def test_the_document_has_every_key_in_order_and_no_other() -> None:
    assert [(table, key) for table, key, _ in documented()] == KEYS


@pytest.mark.parametrize(("table", "key", "default"), list(documented()), ids=str)
def test_the_document_tells_the_default(table: str, key: str, default: str) -> None:
    info = TABLES[table].model_fields[key]
    actual: Any = None if info.is_required() else info.get_default(call_default_factory=True)
    if actual is None:
        assert default == ""
        return
    told: Any = tomllib.loads(f"x = {default}")["x"]
    if isinstance(actual, WeekTime):
        told = WeekTime.parse(told)
    elif isinstance(told, str) and isinstance(actual, int):
        told = int(told[:-1]) * {"m": 60, "h": 3600, "d": 86400}[told[-1]]
    elif isinstance(actual, tuple):
        told = tuple(told)
    assert told == actual


def test_the_document_names_every_choice() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for table, key in KEYS:
        annotation = TABLES[table].model_fields[key].annotation
        for choice in get_args(annotation):
            if isinstance(choice, str):
                assert f"`{choice}`" in text
