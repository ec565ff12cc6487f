"""Foreign text made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.mail import cleaning
from digest.mail.slots import MARK, SLOTS
from digest.model import Image
from tests import sample_issue

BAD = "\x00\x08\x1b\x7f\u202e\u2066\ufeff\ud800"


def test_control_characters_and_overrides_go() -> None:
    assert cleaning.clean(f"a{BAD}b") == "ab"


def test_every_kind_of_line_end_becomes_one() -> None:
    assert cleaning.clean("a\r\nb\rc\u2028d\u2029e\x85f\x0bg") == "a\nb\nc\nd\ne\nf\ng"


def test_windows_punctuation_is_read_as_what_it_was() -> None:
    assert cleaning.clean("it\x92s \x93so\x94") == "it’s “so”"


def test_joiners_stay_because_scripts_and_emoji_need_them() -> None:
    assert cleaning.clean("می\u200cخواهم 👨\u200d👩") == "می\u200cخواهم 👨\u200d👩"


def test_a_slot_cannot_be_forged_not_even_in_two_halves() -> None:
    forged = MARK[:3] + SLOTS["leave_url"] + MARK[3:] + "leaveurlqz"
    assert MARK not in cleaning.clean(forged)


@given(st.text())
def test_what_is_clean_can_be_encoded_and_stays_clean(text: str) -> None:
    once = cleaning.clean(text)
    once.encode("utf-8")
    assert cleaning.clean(once) == once


def test_every_string_of_an_issue_is_cleaned() -> None:
    dirty = sample_issue.story(
        1, f"Title{BAD}", f"Text{BAD}", image=Image("https://a.example/p.png", alt=f"Alt{BAD}")
    )
    content = cleaning.clean_all(sample_issue.content(lead=dirty, intro=f"Intro{BAD}"))
    assert content.lead is not None
    assert (content.lead.title, content.lead.summary.text) == ("Title", "Text")
    assert content.lead.image is not None
    assert content.lead.image.alt == "Alt"
    assert content.intro == "Intro"
    assert content.window == sample_issue.WINDOW


def test_a_long_title_is_cut_at_a_word() -> None:
    cut = cleaning.line("word " * 200)
    assert len(cut) <= cleaning.TITLE
    assert cut.endswith("word…")
    assert len(cleaning.line("x" * 900)) == cleaning.TITLE
    assert cleaning.line(" a \n b ") == "a b"


def test_a_long_blurb_is_cut_and_a_short_one_keeps_its_paragraphs() -> None:
    assert cleaning.blurb("a\n\nb") == "a\n\nb"
    assert len(cleaning.blurb("word " * 1_000)) <= cleaning.BLURB


def test_a_cut_tears_no_letter_from_its_marks_and_no_family_apart() -> None:
    assert cleaning.line("e\u0301" * 50, 20) == "e\u0301" * 9 + "…"
    assert cleaning.line("x" * 17 + "👨\u200d👩\u200d👧" * 5, 20) == "x" * 17 + "…"
    assert cleaning.line("क्षि" * 30, 20).removesuffix("…").endswith("ि")


def test_a_no_break_space_stays_one() -> None:
    assert cleaning.line("12\u00a0km  and\n1\u202f000") == "12\u00a0km and 1\u202f000"


def test_a_dot_between_pieces_stays_with_the_first_one() -> None:
    assert cleaning.dotted(["a", "b"]) == "a\u00a0· b"


def test_paragraphs_stand_apart_by_blank_lines() -> None:
    assert cleaning.paragraphs("one\nstill one\n \n\ntwo\n") == ["one still one", "two"]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/b?c=d&e=f", True),
        ("HTTP://a.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("/relative", False),
        ("https://a.example/with space", False),
        ('https://a.example/"quote', False),
        ("https://a.example/" + "x" * 3_000, False),
        (None, False),
    ],
)
def test_a_reader_may_follow_web_addresses_only(url: str | None, kept: bool) -> None:
    assert cleaning.web(url) == (url if kept else "")


def test_pictures_come_by_https_only() -> None:
    assert cleaning.secure("https://a.example/p.png") == "https://a.example/p.png"
    assert cleaning.secure("http://a.example/p.png") == ""
