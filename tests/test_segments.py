"""Segments: read from a schedule's table, told in words, and held against one reader."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest

from digest import schedule_files, segments
from digest.errors import ConfigError
from digest.segments import (
    Engaged,
    Every,
    Facts,
    JoinedAfter,
    JoinedBefore,
    Language,
    Section,
    Segment,
    Slice,
    Some,
    Tag,
    Without,
    holds,
)
from tests.people import DAY, NOW

JOINED = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
READER = Facts(JOINED, "de-AT", frozenset({"Sport"}), frozenset({"vip"}), NOW - 10 * DAY)


def read(text: str) -> Segment:
    return segments.read(tomllib.loads(text))


def is_in(segment: Segment, reader: Facts = READER, zone: str = "UTC") -> bool:
    return holds(Slice(segment, zone, "en"), reader, NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("section = 'Sport'", Section("Sport")),
        ("language = 'de'", Language("de")),
        ("joined_before = 2026-01-01", JoinedBefore(dt.date(2026, 1, 1))),
        ("engaged = 90", Engaged(90)),
        ("language = 'de'\nnot = { tag = 'vip' }", Every((Language("de"), Without(Tag("vip"))))),
        (
            "any = [{ tag = 'a' }, { all = [{ tag = 'b' }, { joined_after = 2026-01-01 }] }]",
            Some((Tag("a"), Every((Tag("b"), JoinedAfter(dt.date(2026, 1, 1)))))),
        ),
    ],
)
def test_a_table_is_a_tree_of_conditions(text: str, expected: Segment) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "expected a condition"),
        ("colour = 'red'", "colour: no such condition; there are section"),
        ("section = ''", "section: expected a name"),
        ("engaged = true", "engaged: expected a number of days"),
        ("engaged = 0", "engaged: expected a number of days"),
        ("joined_before = '2026-01-01'", "joined_before: expected a day without quotes"),
        ("joined_before = 2026-01-01T10:00:00Z", "expected a day"),
        ("all = []", "all: expected a list"),
        ("any = [{ tag = 'a' }, { not = { where = '1=1' } }]", r"any\[1\].not.where: no such"),
        ("not = 'x'", "not: expected a condition"),
        ("not = { " * 9 + "tag = 'a'" + " }" * 9, "deep"),
        ("any = [" + "{ tag = 'a' }, " * 100 + "]", "more than 100"),
    ],
)
def test_what_is_no_segment_is_refused_with_its_place(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read(text)


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        (Section("Sport"), False),
        (Section("sport"), True),
        (Section("News"), True),
        (Tag("vip"), True),
        (Tag("VIP"), False),
        (Language("de"), True),
        (Language("DE-at"), True),
        (Language("d"), False),
        (Language("de-CH"), False),
        (JoinedBefore(dt.date(2026, 3, 1)), False),
        (JoinedBefore(dt.date(2026, 3, 2)), True),
        (JoinedAfter(dt.date(2026, 3, 1)), True),
        (JoinedAfter(dt.date(2026, 3, 2)), False),
        (Engaged(11), True),
        (Engaged(10), False),
        (Without(Tag("vip")), False),
        (Every((Tag("vip"), Language("de"))), True),
        (Every((Tag("vip"), Language("fr"))), False),
        (Some((Language("fr"), Tag("vip"))), True),
        (Some((Language("fr"), Tag("x"))), False),
    ],
)
def test_a_condition_holds_for_a_reader_or_not(segment: Segment, expected: bool) -> None:
    assert is_in(segment) is expected


def test_who_chose_no_language_reads_the_newsletters() -> None:
    assert is_in(Language("en"), Facts(JOINED))
    assert not is_in(Language("de"), Facts(JOINED))


def test_who_never_did_anything_is_not_engaged() -> None:
    assert not is_in(Engaged(3650), Facts(JOINED))


def test_a_day_begins_where_the_newsletter_is() -> None:
    late = Facts(dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC))
    assert is_in(JoinedBefore(dt.date(2026, 3, 2)), late)
    assert not is_in(JoinedBefore(dt.date(2026, 3, 2)), late, zone="Europe/Berlin")


def test_a_segment_is_told_in_words() -> None:
    text = "any = [{ language = 'de' }, { not = { section = 'Sport' } }]\nengaged = 90"
    told = segments.spoken(read(text))
    assert told == "(reads de or does not want Sport) and did something in the last 90 days"


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        (Without(Tag("vip")), "is not tagged vip"),
        (Without(Engaged(9)), "did nothing in the last 9 days"),
        (Without(Language("de")), "does not read de"),
        (Without(JoinedAfter(dt.date(2026, 1, 1))), "joined before 2026-01-01"),
        (Without(JoinedBefore(dt.date(2026, 1, 1))), "did not join before 2026-01-01"),
        (Without(Some((Tag("a"), Tag("b")))), "not (is tagged a or is tagged b)"),
    ],
)
def test_what_does_not_hold_is_told_as_people_say_it(segment: Segment, words: str) -> None:
    assert segments.spoken(segment) == words


# ---------------------------------------------------------------- in a schedule

EXAMPLE = Path(__file__).parents[1] / "schedules"


def written(folder: Path, more: str) -> Path:
    (example,) = EXAMPLE.glob("*.toml")
    path = folder / "sunday.toml"
    path.write_text(example.read_text(encoding="utf-8") + "\n" + more, encoding="utf-8")
    return path


def test_a_schedule_declares_segments_and_says_who_gets_its_issues(tmp_path: Path) -> None:
    more = "[segments.germans]\nlanguage = 'de'\n[audience]\nsegment = 'germans'\n"
    found = schedule_files.read(written(tmp_path, more))
    zone, language = found.newsletter.timezone, found.newsletter.language
    assert found.only == Slice(Language("de"), zone, language)
    assert found.slices == {"germans": found.only}
    assert schedule_files.read(written(tmp_path, "")).only is None


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("[audience]\nsegment = 'germans'\n", "no segment is called 'germans'; there are: none"),
        ("[segments.germans]\nlang = 'de'\n", "lang: no such condition"),
        ("[segments.'Ger mans']\nlanguage = 'de'\n", "small letters"),
        ("[audience]\nwho = 'germans'\n", "no such key"),
    ],
)
def test_a_fault_in_a_segment_is_told_with_its_line(more: str, fault: str, tmp_path: Path) -> None:
    path = written(tmp_path, more)
    with pytest.raises(ConfigError) as error:
        schedule_files.read(path)
    (found,) = error.value.faults
    assert fault in found.message
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[(found.line or 0) - 1] in more.splitlines()
