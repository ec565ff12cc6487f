from __future__ import annotations

import pytest

from digest.sources import decoding

CAFÉ = "<p>Le café du port ouvre à huit heures.</p>"
JAPANESE = "<p>港の事務所は、月曜日から船が毎時出ると発表した。町の人々は春から待っていた。</p>" * 5


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-15"])
def test_western_pages_that_say_nothing_are_read(name: str) -> None:
    assert decoding.decode(CAFÉ.encode(name)) == CAFÉ


@pytest.mark.parametrize("name", ["shift_jis", "euc-jp"])
def test_other_scripts_that_say_nothing_are_told_by_their_bytes(name: str) -> None:
    assert decoding.decode(JAPANESE.encode(name)) == JAPANESE


def test_the_server_is_believed_before_the_page() -> None:
    data = b'<meta charset="utf-7">' + "Ж".encode("koi8-r")
    assert decoding.decode(data, "text/html; charset=KOI8-R").endswith("Ж")


def test_the_page_is_believed_where_its_bytes_fit() -> None:
    assert decoding.decode(b"<meta charset='windows-1251'>" + "Ж".encode("cp1251")).endswith("Ж")
    assert decoding.decode(b'<meta charset="ascii">\x93').endswith("“")
    assert decoding.decode('<meta charset="utf-16">é'.encode()).endswith("é")
    assert decoding.decode('<meta charset="rot13">é'.encode()).endswith("é")
    assert decoding.decode('<meta charset="nonsense">é'.encode()).endswith("é")


def test_utf8_that_calls_itself_something_else_is_still_utf8() -> None:
    assert decoding.decode('<meta charset="iso-8859-1">é'.encode()).endswith("é")


def test_japanese_in_escapes_is_read_as_it_says() -> None:
    assert (
        decoding.decode(JAPANESE.encode("iso-2022-jp"), "text/html; charset=iso-2022-jp")
        == JAPANESE
    )


def test_one_broken_byte_does_not_spoil_a_utf8_page() -> None:
    data = ("é" * 60 + "a" * 2000).encode() + b"\xff"
    assert decoding.decode(data).startswith("ééé")
