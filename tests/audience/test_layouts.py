"""Layouts: each system's export says who may be mailed, in its own way; and what else it tells is kept."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from digest.audience import member_files
from digest.audience.layouts import Member, RowError
from tests import left_out
from tests.audience.member_samples import MAILCHIMP, SAMPLES

SHARED = Path(__file__).parents[2] / ".." / "shared" / "checks" / "data" / "members"


def told(path: Path, wanted: str = "") -> list[Member | RowError]:
    """What each row of a file says."""
    tables = member_files.open_tables(path, wanted)
    return [table.layout.member(*row) for table in tables for row in table.rows()]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def said(row: Member | RowError) -> tuple[str, str]:
    """(the address, how its reader stands or why that cannot be known)."""
    if isinstance(row, Member):
        return row.address, row.standing.value
    return (
        row.text,
        row.standing.value if row.kind != "unknown status" and row.standing else row.kind,
    )


@pytest.mark.parametrize("system", SAMPLES)
def test_the_export_of_a_system_says_how_each_reader_stands(system: str, tmp_path: Path) -> None:
    name, text, expected = SAMPLES[system]
    path = written(tmp_path, name, text)
    (table,) = member_files.open_tables(path)
    assert table.layout.platform == system.partition(",")[0]
    assert dict(map(said, told(path))) == expected


@pytest.mark.parametrize("system", SAMPLES)
def test_no_reader_is_lost_or_doubled_by_the_way_a_system_quotes(
    system: str, tmp_path: Path
) -> None:
    name, text, expected = SAMPLES[system]
    assert len(told(written(tmp_path, name, text))) == len(expected)


def test_what_else_a_system_tells_is_kept(tmp_path: Path) -> None:
    name, text, _ = SAMPLES["mailchimp"]
    ann, ben = told(written(tmp_path, name, text))
    assert isinstance(ann, Member)
    assert isinstance(ben, Member)
    assert (ann.name, ann.timezone, ann.network) == ("Ann Lee", "Europe/Berlin", "198.51.100.0/24")
    assert ann.tags == ("Editors", "Early, birds")
    assert ann.joined == dt.datetime(2019, 3, 1, 10, 5, tzinfo=dt.UTC)
    assert (ben.name, ben.tags, ben.timezone) == ("", (), "")


def test_when_somebody_left_there_is_known(tmp_path: Path) -> None:
    name, text, _ = SAMPLES["mailchimp, unsubscribed"]
    (ann,) = told(written(tmp_path, name, text))
    assert isinstance(ann, Member)
    assert ann.left == dt.datetime(2021, 5, 5, 5, 5, 5, tzinfo=dt.UTC)


def test_escaped_quotes_stay_in_the_name(tmp_path: Path) -> None:
    name, text, _ = SAMPLES["mailpoet"]
    ann = told(written(tmp_path, name, text))[0]
    assert isinstance(ann, Member)
    assert ann.name == 'Ann "A, B" Lee'


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("status", ""),
        ("status", "what is this"),
        ("State", "42"),
        ("subscribed", ""),
        ("opt-in", "perhaps"),
    ],
)
def test_a_status_that_nobody_knows_is_not_taken(header: str, cell: str, tmp_path: Path) -> None:
    (row,) = told(written(tmp_path, "a.csv", f"email,{header}\nann@r.example,{cell}\n"))
    assert isinstance(row, RowError)
    assert (row.line, row.kind) == (2, "unknown status")
    assert header in row.reason


@pytest.mark.parametrize(
    ("header", "cell", "expected"),
    [
        ("status", "Subscribed", "active"),
        ("Statut", "Désabonné", "unsubscribed"),
        ("Estado", "Pendiente", "pending"),
        ("Stato", "Iscritto", "active"),
        ("subscribed", "yes", "active"),
        ("subscribed", "no", "unsubscribed"),
        ("subscribed", "2021-01-01", "active"),
        ("unsubscribed", "false", "active"),
        ("unsubscribed", "2021-01-01", "unsubscribed"),
        ("bounced_at", "2021-01-01", "bounced"),
        ("EMAIL_BLACKLISTED", "yes", "blocked"),
        ("opt_in", "Ja", "active"),
        ("type", "customer", "active"),
        ("type", "unsubscribed", "unsubscribed"),
        ("tier", "gold", "active"),
    ],
)
def test_any_csv_is_read_by_its_headers(
    header: str, cell: str, expected: str, tmp_path: Path
) -> None:
    (row,) = told(written(tmp_path, "a.csv", f"email,{header},x\nann@r.example,{cell},y\n"))
    assert said(row) == ("ann@r.example", expected)


def test_the_gravest_of_two_columns_counts(tmp_path: Path) -> None:
    text = "email,status,complained\nann@r.example,active,yes\nben@r.example,who knows,yes\n"
    found = dict(map(said, told(written(tmp_path, "a.csv", text))))
    assert found == {"ann@r.example": "complained", "ben@r.example": "complained"}


def test_a_file_of_mailchimp_is_known_by_its_name_where_nothing_else_tells(tmp_path: Path) -> None:
    text = f"{MAILCHIMP}\nann@r.example,,,,,,,,,,,,,,,,1,a,,\n"
    for name, standing in (
        ("unsubscribed_members_export.csv", "unsubscribed"),
        ("cleaned_members_export.csv", "bounced"),
        ("subscribed_members_export.csv", "active"),
        ("members_export.csv", "active"),
    ):
        (row,) = told(written(tmp_path, name, text))
        assert said(row) == ("ann@r.example", standing)


def test_an_address_that_cannot_be_mailed_is_told_with_what_the_file_says(tmp_path: Path) -> None:
    (row,) = told(written(tmp_path, "a.csv", "email,status\nännchen@r.example,active\n"))
    assert isinstance(row, RowError)
    assert (row.text, row.standing, row.kind) == (
        "ännchen@r.example",
        "active",
        "no usable address",
    )


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("a;b", ("a", "b")),
        ('"a","b, c"', ("a", "b, c")),
        ('["a", "b"]', ("a", "b")),
        ("a, a ,b", ("a", "b")),
        ("", ()),
    ],
)
def test_tags_are_read_as_systems_write_them(
    cell: str, expected: tuple[str, ...], tmp_path: Path
) -> None:
    quoted = cell.replace('"', '""')
    (row,) = told(written(tmp_path, "a.csv", f'email,tags\nann@r.example,"{quoted}"\n'))
    assert isinstance(row, Member)
    assert row.tags == expected


@pytest.mark.parametrize(
    ("cell", "expected"), [("de", "de"), ("pt_br", "pt-BR"), ("zh-hant", "zh-Hant"), ("de_DE.UTF-8", "de-DE"), ("German", "")]
)  # fmt: skip
def test_a_language_is_a_tag_or_nothing(cell: str, expected: str, tmp_path: Path) -> None:
    (row,) = told(written(tmp_path, "a.csv", f"email,language\nann@r.example,{cell}\n"))
    assert isinstance(row, Member)
    assert row.language == expected


@pytest.mark.shared
def test_real_exports_say_what_they_are_known_to_say() -> None:
    if not SHARED.is_dir():
        left_out.because("the sample exports are not beside this checkout")
    for line in (SHARED / "expected.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        (table,) = member_files.open_tables(SHARED / case["file"])
        assert table.layout.platform == case["platform"], case["file"]
        found = dict(said(table.layout.member(*row)) for row in table.rows())
        found = {who: "unsubscribed" if how == "blocked" else how for who, how in found.items()}
        assert found == {one["email"]: one["status"] for one in case["expected"]}, case["file"]
