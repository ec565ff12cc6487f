"""Files as they come: encodings, delimiters, quoted line ends, headers or none, zip files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from digest.audience import member_files
from digest.audience.layouts import Member
from digest.errors import BadInput
from tests.audience.member_samples import SAMPLES


def read(path: Path, wanted: str = "") -> list[tuple[int, str, str]]:
    """(line, address, name) of every reader."""
    tables = member_files.open_tables(path, wanted)
    found = [table.layout.member(*row) for table in tables for row in table.rows()]
    return [(one.line, one.address, one.name) for one in found if isinstance(one, Member)]


def file(folder: Path, data: str | bytes, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@r.example\nb@r.example\n", [(1, "a@r.example", ""), (2, "b@r.example", "")]),
        ("\n\n  a@r.example  \r\n\r\nb@r.example", [(3, "a@r.example", ""), (5, "b@r.example", "")]),
        ("a@r.example\rb@r.example\r", [(1, "a@r.example", ""), (2, "b@r.example", "")]),
        ("a@r.example,Ann Lee", [(1, "a@r.example", "Ann Lee")]),
        ("Ann Lee;a@r.example", [(1, "a@r.example", "Ann Lee")]),
        ("Ann Lee <a@r.example>", [(1, "a@r.example", "Ann Lee")]),
        ("email,name\na@r.example,Ann", [(2, "a@r.example", "Ann")]),
        ("Name;E-Mail\nLee, Ann;a@r.example", [(2, "a@r.example", "Lee, Ann")]),
        ("Name|E-Mail\nAnn|a@r.example", [(2, "a@r.example", "Ann")]),
        ("Email Address\tFirst Name\tLast Name\na@r.example\tAnn\tLee", [(2, "a@r.example", "Ann Lee")]),
        ('email,name\n"a@r.example","Lee,\nAnn"\nb@r.example', [(2, "a@r.example", "Lee, Ann"), (4, "b@r.example", "")]),
        ("email,name\n'+tag@r.example,'=Ann", [(2, "+tag@r.example", "=Ann")]),
        ("Deine E-Mail Adresse,Vorname\na@r.example,Jürgen", [(2, "a@r.example", "Jürgen")]),
        ("Nom;Prénom;Courriel\nDupont;Zoé;a@r.example", [(2, "a@r.example", "Zoé Dupont")]),
        ("Nombre;Apellidos;Correo electrónico\nZoé;Díaz;a@r.example", [(2, "a@r.example", "Zoé Díaz")]),
        ("Cognome;Nome;Indirizzo e-mail\nRossi;Zoé;a@r.example", [(2, "a@r.example", "Zoé Rossi")]),
        ("メールアドレス,x\na@r.example,1", [(2, "a@r.example", "")]),
        ("Address,Email Address\n1 Road,a@r.example", [(2, "a@r.example", "")]),
        ("who knows;what\nx;a@r.example\ny;b@r.example", [(2, "a@r.example", ""), (3, "b@r.example", "")]),
        ("sep=;\nemail;name\na@r.example;Ann", [(3, "a@r.example", "Ann")]),
        ("email,name\na@r.example,A\0nn", [(2, "a@r.example", "Ann")]),
    ],
)  # fmt: skip
def test_addresses_and_names_are_found_in_many_forms(
    text: str, expected: list[tuple[int, str, str]], tmp_path: Path
) -> None:
    assert read(file(tmp_path, text)) == expected


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_a_file_is_read_in_the_encodings_that_spreadsheets_write(
    encoding: str, tmp_path: Path
) -> None:
    data = "email,name\na@r.example,Jürgen\n".encode(encoding)
    assert read(file(tmp_path, data)) == [(2, "a@r.example", "Jürgen")]


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1251", "Екатерина Иванова,Сергей Кузнецов,Анна Смирнова,Дмитрий Попов"),
        ("cp1253", "Γιώργος Παπαδόπουλος,Μαρία Κωνσταντίνου,Ελένη Νικολάου"),
    ],
)
def test_a_file_in_a_page_of_the_east_is_known_by_its_letters(
    encoding: str, names: str, tmp_path: Path
) -> None:
    lines = [f"r{n}@r.example;{name}" for n, name in enumerate(names.split(",") * 10)]
    data = "\n".join(["email;name", *lines]).encode(encoding)
    assert read(file(tmp_path, data))[0][2] == names.split(",")[0]


def test_a_letter_of_the_old_pages_far_down_the_file_is_no_surprise(tmp_path: Path) -> None:
    plain = "".join(f"r{n}@r.example,Reader\n" for n in range(5000))
    data = f"email,name\n{plain}".encode() + "a@r.example,Jürgen\n".encode("cp1252")
    assert read(file(tmp_path, data))[-1] == (5002, "a@r.example", "Jürgen")


@pytest.mark.parametrize("text", ["", "\n \n", "name,town\nAnn,Port Ellery\n", "no address here"])
def test_a_file_without_addresses_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        read(file(tmp_path, text))


def test_a_cell_without_end_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="line 2"):
        read(file(tmp_path, b'email\n"' + b"x" * 200_000))


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path / "nothing.csv")


def test_all_of_mailchimps_files_are_read_from_its_zip_file(tmp_path: Path) -> None:
    path = tmp_path / "audience.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, system in enumerate(
            one for one in SAMPLES if one.startswith("mailchimp") and "German" not in one
        ):
            name, text, _ = SAMPLES[system]
            archive.writestr(name, text.replace("ann@", f"ann{number}@"))
        archive.writestr("pictures/logo.png", b"\x89PNG")
        archive.writestr("granular_activity/opens.csv", "Campaign,Opens\nMay,3\n")
        archive.writestr("__MACOSX/._subscribed.csv", b"\0\1")
    tables = member_files.open_tables(path)
    found = [table.layout.member(*row) for table in tables for row in table.rows()]
    standings = sorted(one.standing.value for one in found if isinstance(one, Member))
    assert standings == ["active", "active", "bounced", "unsubscribed"]


def test_a_zip_file_without_readers_is_refused_with_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "posts.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("posts.csv", "title,date\nHello,2021\n")
    with pytest.raises(BadInput, match=r"no table of readers.*posts\.csv"):
        read(path)


def test_a_zip_file_that_would_fill_the_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_files, "_UNPACKED", 1000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("people.csv", "email\n" + "a@r.example\n" * 1000)
    with pytest.raises(BadInput, match="unpack"):
        read(path)


def test_a_damaged_zip_file_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "people.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("people.csv", "email\na@r.example\n")
    data = bytearray(path.read_bytes())
    data[35:45] = b"\xff" * 10
    path.write_bytes(data)
    with pytest.raises(BadInput):
        read(path)


# ---------------------------------------------------------------- columns


def columns(path: Path, wanted: str = "") -> member_files.Table:
    (table,) = member_files.open_tables(path, wanted)
    return table


def test_columns_that_headers_name_are_sure(tmp_path: Path) -> None:
    found = columns(file(tmp_path, "email,status\na@r.example,active\n")).layout.columns
    assert found.sure
    assert found.spoken() == "email = column 1 'email', status = column 2 'status'"


@pytest.mark.parametrize(
    "text",
    [
        "who knows;what\nx;a@r.example\n",
        "a@r.example;Ann;Lee\n",
        "email;foo\na@r.example;active\nb@r.example;unsubscribed\n",
        "a@r.example;unsubscribed\n",
    ],
)
def test_columns_that_only_their_content_tells_are_not_sure(text: str, tmp_path: Path) -> None:
    assert not columns(file(tmp_path, text)).layout.columns.sure


def test_a_column_of_words_for_a_standing_counts_without_a_header(tmp_path: Path) -> None:
    path = file(tmp_path, "a@r.example;unsubscribed\nb@r.example;active\n")
    table = columns(path)
    found = [table.layout.member(*row) for row in table.rows()]
    assert [one.standing for one in found] == ["unsubscribed", "active"]


def test_columns_can_be_named_by_number_or_header(tmp_path: Path) -> None:
    path = file(tmp_path, "a;b;c d\nAnn;x;a@r.example\n")
    assert read(path, "email=3,name=A") == [(2, "a@r.example", "Ann")]
    assert read(path, "email=C D") == [(2, "a@r.example", "")]


@pytest.mark.parametrize("wanted", ["email=9", "email=nothing", "mail=1", "name=1", "email"])
def test_columns_that_are_not_there_are_refused(wanted: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        read(file(tmp_path, "a;b\nAnn;a@r.example\n"), wanted)
