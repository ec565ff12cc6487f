"""Schedules: read as a whole, every fault named at once with the line where it stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from digest import schedule_files
from digest.errors import ConfigError, Fault
from digest.moments import WeekTime
from digest.schedules import ContestTable, Schedule, SourceTable

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
    if name not in ("key", "segments")  # trees, not tables: see test_segments
}

#: Tables inside of tables.
NESTED: dict[str, type[BaseModel]] = {"deliver.ab": ContestTable}
ALL = TABLES | NESTED
KEYS = [
    pair
    for table, model in TABLES.items()
    for pair in [(table, key) for key in model.model_fields if f"{table}.{key}" not in NESTED]
    + [
        (name, key)
        for name in NESTED
        if name.startswith(table)
        for key in NESTED[name].model_fields
    ]
]


def test_the_shipped_file_explains_every_key() -> None:
    """As `digest init` promises; what is not set stands in a comment, each colour's `_dark` in one line."""
    explained = set(re.findall(r"\w+", EXAMPLE.read_text(encoding="utf-8")))
    named = {key for _, key in KEYS if key.removesuffix("_dark") in explained}
    assert {key for _, key in KEYS} - named == set()


def written(folder: Path, text: str, name: str = "sunday.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str, name: str = "sunday.toml") -> Schedule:
    return schedule_files.read(written(folder, text, name))


def faults(folder: Path, text: str, name: str = "sunday.toml") -> list[Fault]:
    with pytest.raises(ConfigError) as caught:
        read(folder, text, name)
    return list(caught.value.faults)


def places(folder: Path, text: str) -> set[tuple[int | None, str]]:
    return {(fault.line, fault.key) for fault in faults(folder, text)}


# ---------------------------------------------------------------- what is right


def test_the_example_is_valid_and_its_key_is_its_name() -> None:
    (schedule,) = schedule_files.read_all(EXAMPLE.parent)
    assert schedule.key == "sunday"
    assert schedule.source_keys == ("site", "desk")
    assert schedule.calendar.send == WeekTime.parse("sunday 08:00")


def test_what_the_example_says_beside_names_and_sources_is_the_default(tmp_path: Path) -> None:
    least, example = read(tmp_path, LEAST), schedule_files.read(EXAMPLE)
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
    assert [one.key for one in schedule_files.read_all(tmp_path)] == ["a", "b"]


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
    expected = {"sources.key": "sources (1st).key"}.get(f"{table}.{key}", f"{table}.{key}")
    expected = expected.replace("sources.", "sources[desk].")
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
    [(t, k) for t, k in KEYS if ALL[t].model_fields[k].is_required()],
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
    source = "sources (1st)" if key == "key" else "sources[desk]"
    assert (head + 1, f"{source if table == 'sources' else table}.{key}") in found


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
    assert places(tmp_path, text) == {(15, "sources[two].every"), (16, "sources[two].url")}


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
    assert (fault.line, fault.key) == (12, "sources[two]")
    assert reason in fault.message


def test_two_sources_with_one_key_are_named_at_the_second(tmp_path: Path) -> None:
    text = LEAST + '[[sources]]\nkey = "desk"\nkind = "api"\n'
    assert places(tmp_path, text) == {(13, "sources[desk].key")}


def test_two_newsletters_may_share_a_place_but_not_a_key_for_two_places(tmp_path: Path) -> None:
    feed = LEAST.replace('kind = "api"', 'kind = "feed"\nurl = "https://a.example/feed"')
    written(tmp_path, feed, "a.toml")
    written(tmp_path, feed, "b.toml")
    assert len(schedule_files.read_all(tmp_path)) == 2
    written(tmp_path, feed.replace("a.example", "c.example"), "c.toml")
    with pytest.raises(ConfigError) as caught:
        schedule_files.read_all(tmp_path)
    (fault,) = caught.value.faults
    assert (Path(fault.file).name, fault.line, fault.key) == ("c.toml", 10, "sources[desk].key")


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
        schedule_files.read(bad)


def test_a_folder_tells_the_faults_of_all_its_files(tmp_path: Path) -> None:
    written(tmp_path, LEAST + "x = 1\n", "a.toml")
    written(tmp_path, LEAST + "y = 1\n", "b.toml")
    with pytest.raises(ConfigError) as caught:
        schedule_files.read_all(tmp_path)
    assert [Path(fault.file).name for fault in caught.value.faults] == ["a.toml", "b.toml"]


def test_an_empty_folder_says_what_to_add(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"add <newsletter>\.toml"):
        schedule_files.read_all(tmp_path)


# ---------------------------------------------------------------- what makes no sense


def timed(cut_off: str, remind: str, deadline: str, send: str) -> str:
    """The least schedule with its moments in lines 13, 15, 16 and 18."""
    return (
        f'{LEAST}[collect]\ncut_off = "{cut_off}"\n[approve]\nremind = "{remind}"\n'
        f'deadline = "{deadline}"\n[deliver]\nat = "{send}"\n'
    )


@pytest.mark.parametrize(
    ("moments", "told"),
    [
        (
            ("saturday 18:00", "sunday 07:45", "sunday 07:30", "sunday 08:00"),
            ["15: approve.remind: sunday 07:45 is after the deadline, sunday 07:30"],
        ),
        (
            ("saturday 18:00", "sunday 07:45", "sunday 07:30", "sunday 07:00"),
            [
                "15: approve.remind: sunday 07:45 is after the deadline, sunday 07:30",
                "16: approve.deadline: sunday 07:30 is after the send, sunday 07:00",
            ],
        ),
        (
            ("saturday 18:00", "sunday 06:00", "friday 07:30", "sunday 08:00"),
            ["16: approve.deadline: friday 07:30 is before the cut-off, saturday 18:00"],
        ),
        (
            ("saturday 18:00", "saturday 17:00", "sunday 07:30", "sunday 08:00"),
            ["15: approve.remind: saturday 17:00 is before the cut-off, saturday 18:00"],
        ),
        (
            ("saturday 18:00", "saturday 19:00", "saturday 20:00", "saturday 17:00"),
            [
                "13: collect.cut_off: the last saturday 18:00 lies 6 days and 23:00 hours before "
                "the send, saturday 17:00; 3 days are the most",
                "15: approve.remind: saturday 19:00 is after the send, saturday 17:00",
                "16: approve.deadline: saturday 20:00 is after the send, saturday 17:00",
            ],
        ),
        (
            ("sunday 08:00", "sunday 08:00", "sunday 08:00", "sunday 08:00"),
            [
                "13: collect.cut_off: sunday 08:00 is the moment of the send; "
                "the week must end before it"
            ],
        ),
        (
            ("thursday 07:59", "thursday 07:58", "sunday 07:30", "sunday 08:00"),
            [
                "13: collect.cut_off: the last thursday 07:59 lies 3 days and 0:01 hours before "
                "the send, sunday 08:00; 3 days are the most",
                "15: approve.remind: thursday 07:58 is before thursday 08:00, "
                "3 days before the send",
            ],
        ),
    ],
)
def test_moments_out_of_order_are_named_with_their_lines(
    tmp_path: Path, moments: tuple[str, str, str, str], told: list[str]
) -> None:
    found = faults(tmp_path, timed(*moments))
    assert [f"{fault.line}: {fault.key}: {fault.message}" for fault in found] == told


@pytest.mark.parametrize(
    "moments",
    [
        ("saturday 18:00", "sunday 07:30", "sunday 07:30", "sunday 07:30"),
        ("thursday 08:00", "thursday 08:00", "thursday 08:00", "sunday 08:00"),
        ("sunday 20:00", "sunday 22:00", "monday 05:00", "monday 06:00"),
        ("sunday 07:59", "sunday 07:59", "sunday 08:00", "sunday 08:00"),
    ],
)
def test_moments_may_be_one_but_for_cut_off_and_send(
    tmp_path: Path, moments: tuple[str, str, str, str]
) -> None:
    assert str(read(tmp_path, timed(*moments)).calendar.send) == moments[3]


def test_the_order_is_told_beside_all_other_faults_and_for_defaults_too(tmp_path: Path) -> None:
    text = LEAST.replace("Europe/London", "Mars") + '[deliver]\nat = "saturday 17:00"\n'
    assert places(tmp_path, text) == {
        (None, "collect.cut_off"),
        (None, "approve.remind"),
        (None, "approve.deadline"),
        (3, "newsletter.timezone"),
    }


@pytest.mark.parametrize("language", ["zz", "de-XX", "English", "en_GB", "x", "-"])
def test_a_language_that_nobody_knows_is_refused(tmp_path: Path, language: str) -> None:
    (fault,) = faults(tmp_path, with_key("newsletter", f'language = "{language}"'))
    assert (fault.key, "no language" in fault.message) == ("newsletter.language", True)


@pytest.mark.parametrize("language", ["de", "en-GB", "pt-BR", "sr-Latn", "zh-Hans-CN"])
def test_a_language_that_babel_knows_is_read(tmp_path: Path, language: str) -> None:
    text = with_key("newsletter", f'language = "{language}"')
    assert read(tmp_path, text).newsletter.language == language


LINES = ["name", "strapline", "site_name", "from_name", "postal_address"]


@pytest.mark.parametrize("key", LINES)
@pytest.mark.parametrize(
    "value", [r"a\r\nBcc: eve@gazette.example", r"a\n", r"\u0000", r"a\u2028b", r"\u0085", r"a\tb"]
)
def test_what_breaks_a_line_cannot_stand_in_a_header(tmp_path: Path, key: str, value: str) -> None:
    (fault,) = faults(tmp_path, with_key("newsletter", f'{key} = "{value}"'))
    assert (fault.key, "line break" in fault.message) == (f"newsletter.{key}", True)


@pytest.mark.parametrize("key", LINES)
def test_space_around_a_line_is_taken_away(tmp_path: Path, key: str) -> None:
    text = with_key("newsletter", f'{key} = "  Harbour News "')
    assert getattr(read(tmp_path, text).newsletter, key) == "Harbour News"


@pytest.mark.parametrize("key", ["name", "site_name", "postal_address"])
@pytest.mark.parametrize("value", ["", "  ", "\u200b", "\u00a0"])
def test_what_must_be_seen_is_not_blank(tmp_path: Path, key: str, value: str) -> None:
    (fault,) = faults(tmp_path, with_key("newsletter", f'{key} = "{value}"'))
    assert (fault.key, fault.message) == (f"newsletter.{key}", "is empty")


def test_a_subject_is_one_line_too(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, with_key("compose", r'subject = "{lead}\nBcc: x"'))
    assert "line break" in fault.message


@pytest.mark.parametrize(
    ("table", "key", "fine", "wrong"),
    [
        ("sources", "every", ("5m", "7d", "168h"), ("4m", "8d", "169h", "0h", "x", "-5m")),
        ("deliver", "catch_up", ("10m", "48h", "2d"), ("9m", "49h", "3d", "0m", "5")),
    ],
)
def test_spans_have_bounds(
    tmp_path: Path, table: str, key: str, *, fine: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    for span in fine:
        read(tmp_path, with_key(table, f'{key} = "{span}"'))
    for span in wrong:
        (fault,) = faults(tmp_path, with_key(table, f'{key} = "{span}"'))
        assert "expected a span" in fault.message


@pytest.mark.parametrize(
    ("key", "colour", "told"),
    [
        ("accent", "#ffee00", "has a contrast of 1.2 to the sheet, #ffffff, in light; 4.5 is the least; #807700 has it"),
        ("accent_dark", "#402020", "has a contrast of 1.19 to the sheet, #1c1a18, in dark; 4.5 is the least; #907e7e has it"),
        ("sheet", "#808080", "has a contrast of 1.65 to the muted text, #625d55, in light; 4.5 is the least; #d9d9d9 has it"),
        ("paper_dark", "#ffffff", "has a contrast of 1.18 to the ink, #efebe3, in dark; 4.5 is the least; #3d3d3d has it"),
    ],
)  # fmt: skip
def test_a_colour_with_which_something_cannot_be_read_is_refused(
    tmp_path: Path, key: str, colour: str, told: str
) -> None:
    (fault,) = faults(tmp_path, with_key("render", f'{key} = "{colour}"'))
    assert (fault.key, fault.message) == (f"render.{key}", told)
    assert fault.line == 14


def test_the_ground_decides_which_accent_is_too_pale(tmp_path: Path) -> None:
    assert read(tmp_path, LEAST + '[render]\naccent = "#402020"\naccent_dark = "#ffee00"\n')
    light = 'sheet = "#101010"\nink = "#ffffff"\nmuted = "#aaaaaa"\npaper = "#000000"\n'
    assert read(tmp_path, LEAST + f'[render]\naccent = "#ffee00"\n{light}')


def test_colours_are_judged_by_the_theme_beside_all_other_faults(tmp_path: Path) -> None:
    text = (
        LEAST
        + '[render]\ntheme = "magazine"\ntext_size = 99\nlogo_width = "x"\naccent = "#ffee00"\n'
    )
    told = {fault.key: fault.message for fault in faults(tmp_path, text)}
    assert told.keys() == {"render.text_size", "render.logo_width", "render.accent"}
    assert "to the paper, #f3ede3" in told["render.accent"]


def test_colours_suit_every_theme_that_readers_may_choose(tmp_path: Path) -> None:
    table = '[render]\naccent = "#727272"\n'  # good on white, too pale on the magazine's paper
    assert read(tmp_path, LEAST + table)
    (fault,) = faults(tmp_path, LEAST + table + '[variants]\nthemes = ["magazine"]\n')
    assert fault.key == "render.accent"
    assert "to the paper" in fault.message


def test_a_variant_in_a_language_or_theme_that_there_is_not_is_refused(tmp_path: Path) -> None:
    text = LEAST + '[variants]\nlanguages = ["de", "tlh"]\nthemes = ["neon"]\nsection = true\n'
    told = {fault.key for fault in faults(tmp_path, text)}
    assert told == {"variants.languages (2nd)", "variants.themes (1st)", "variants.section"}


def test_a_look_has_the_values_of_the_file(tmp_path: Path) -> None:
    table = '[render]\ntheme = "plain"\naccent = "#7A1FA2"\ntext_size = 18\ntype_scale = 1.3\n'
    look = read(tmp_path, LEAST + table).render.look
    assert (look.theme.name, look.light.accent, look.dark.accent) == ("plain", "#7a1fa2", "#86b8ff")
    assert look.sizes["text"] == 18
    assert look.sizes["lead"] == round(18 * 1.3**2.6)


# ---------------------------------------------------------------- in plain words


@pytest.mark.parametrize(
    ("table", "line", "told"),
    [
        ("render", 'accent = "red"', "expected a colour as in '#8c1d18'"),
        ("render", 'theme = "tabloid"', "expected 'broadsheet', 'plain' or 'magazine'"),
        ("render", "text_size = 14", "expected 15 or more"),
        ("render", "type_scale = 1.5", "expected 1.35 or less"),
        ("render", 'logo_url = "http://a.example/logo.png"', "expected an address that begins https://, since mail programs load no other"),
        ("compose", 'section_order = "Town"', "expected a list"),
        ("compose", 'stories = "many"', "expected a whole number"),
        ("compose", "stories = 1.5", "expected a whole number"),
        ("compose", "stories = 0", "expected 1 or more"),
        ("compose", "stories = 61", "expected 60 or less"),
        ("compose", 'thin_week = "send"', "expected 'skip' or 'short'"),
        ("compose", f'subject = "{"x" * 201}"', "is longer than 200 letters"),
        ("rank", "views = nan", "expected a number that is finite"),
        ("rank", "views = inf", "expected a number that is finite"),
        ("rank", 'views = "much"', "expected a number"),
        ("rank", "sections = 1", "expected a table"),
        ("deliver", 'uncertain = "shrug"', "expected 'hold', 'resend' or 'replay'"),
        ("sources", "full_text = 2", "expected true or false"),
        ("sources", "path = 2", "expected a path in quotes"),
        ("sources", 'key = "The Desk"', "expected small letters, digits and hyphens, 40 at the most"),
        ("newsletter", "name = 5", "expected text in quotes"),
        ("newsletter", f'name = "{"x" * 101}"', "is longer than 100 letters"),
    ],
)  # fmt: skip
def test_a_fault_says_what_was_expected(tmp_path: Path, table: str, line: str, told: str) -> None:
    (fault,) = faults(tmp_path, with_key(table, line))
    assert fault.message == told


def told(folder: Path, text: str) -> tuple[Fault, ...]:
    """The faults of a text that may have none."""
    try:
        read(folder, text)
    except ConfigError as error:
        return error.faults
    return ()


@pytest.mark.parametrize(("table", "key"), KEYS, ids=".".join)
def test_no_fault_speaks_the_words_of_a_library(tmp_path: Path, table: str, key: str) -> None:
    for value in ("-1", "nan", '""', "[1]", "{ a = [1] }", "1979-05-27", "99999999999999999999999"):
        for fault in told(tmp_path, with_key(table, f"{key} = {value}")):
            words = r"\b(input|valid|string|should|tuple|pattern|cannot be used)\b"
            assert not re.search(words, fault.message)


def test_a_missing_key_is_told_as_missing(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, LEAST.replace('site_name = "The Harbour Gazette"\n', ""))
    assert (fault.key, fault.message) == ("newsletter.site_name", "is missing")
    assert faults(tmp_path, "sources = []\n" + LEAST.partition("[[")[0])[0].message == (
        "expected at least one"
    )


def test_every_fault_of_a_config_error_stands_on_a_line_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path, LEAST + r'"a\nb" = 1' + "\n[compose]\nstories = 0\nsubject = 1\n")
    with pytest.raises(ConfigError) as caught:
        schedule_files.read(path)
    assert str(caught.value).splitlines() == [
        rf'{path}:12: sources[desk]."a\nb": no such key; see docs/schedules.md for all of them',
        f"{path}:14: compose.stories: expected 1 or more",
        f"{path}:15: compose.subject: expected text in quotes",
    ]


# ---------------------------------------------------------------- what may be a slip


def test_what_may_be_a_slip_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "feed.xml").write_text("<rss/>")
    more = "".join(
        f'[[sources]]\nkey = "{key}"\n{rest}\n'
        for key, rest in {
            "gone": 'kind = "markdown"\npath = "stories"',
            "there": 'kind = "pages"\npath = "pages"',
            "file": 'kind = "pages"\npath = "feed.xml"',
            "feed": 'kind = "feed"\npath = "feed.xml"',
            "folder": 'kind = "feed"\npath = "pages"\nbase_url = "https://a.example/"',
            "api": 'kind = "api"\npath = "x"\nurl = "https://a.example/"',
        }.items()
    )
    rules = '[compose]\nsection_order = ["Town", "Ads"]\n[collect]\nexclude_sections = ["Ads"]\n'
    assert read(tmp_path, LEAST + more + rules).warnings(tmp_path) == (
        f"sources[gone].path: {tmp_path / 'stories'} does not exist",
        f"sources[file].path: {tmp_path / 'feed.xml'} is no folder",
        "sources[folder].base_url: is not used by a source of kind 'feed'",
        f"sources[folder].path: {tmp_path / 'pages'} is a folder, not a file",
        "sources[api].url: is not used by a source of kind 'api'",
        "sources[api].path: is not used by a source of kind 'api'",
        "compose.section_order: 'Ads' never goes out",
    )


def test_a_postal_address_that_is_only_the_sites_name_is_told(tmp_path: Path) -> None:
    only = LEAST.replace("1 Quay Street", "The Harbour Gazette")
    (told,) = read(tmp_path, only).warnings(tmp_path)
    assert "the law asks for a street" in told


def test_the_example_has_nothing_to_warn_of(tmp_path: Path) -> None:
    assert schedule_files.read(EXAMPLE).warnings(tmp_path) == ()


# ---------------------------------------------------------------- the document


def documented() -> Iterator[tuple[str, str, str]]:
    """Table, key and default of every row of docs/schedules.md."""
    table = ""
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if head := re.fullmatch(r"###? \[+([\w.]+)\]+", line):
            table = head[1]
        elif row := re.match(r"\| `(\w+)` \|[^|]+\|([^|]*)\|", line):
            yield table, row[1], row[2].strip().strip("`")


def test_the_document_has_every_key_in_order_and_no_other() -> None:
    assert [(table, key) for table, key, _ in documented()] == KEYS


@pytest.mark.parametrize(("table", "key", "default"), list(documented()), ids=str)
def test_the_document_tells_the_default(table: str, key: str, default: str) -> None:
    info = ALL[table].model_fields[key]
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
        annotation = ALL[table].model_fields[key].annotation
        for choice in get_args(annotation):
            if isinstance(choice, str):
                assert f"`{choice}`" in text
