"""Cuts: a mail is taken apart and put together by what a reader chose, and no word is lost or added."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digest.mail import cleaning, cuts
from digest.mail.cuts import Cuts, Whose
from digest.model import Rendered

ON = Cuts(on=True, nobodys=frozenset({"More"}))
NAMES = ("Town", "Sea & trade", "ثقافة", "Sport")


def a_mail(marks: Cuts, names: tuple[str, ...] = NAMES) -> str:
    """The shape of our mails: a lead, sections, lines for those left out, a line of numbers."""
    pieces = ["[head]", marks.of(names[0]), "[lead]"]
    pieces += [part for name in names for part in (marks.section(name), f"[{name}]")]
    pieces += [marks.some, "[others]"]
    pieces += [part for name in names for part in (marks.folded(name), f"[a line: {name}]")]
    return "".join(
        (
            *pieces,
            marks.all,
            marks.none,
            "[all here]",
            marks.some,
            "[rest on the web]",
            marks.all,
            "[end]",
        )
    )


def put(unwanted: tuple[str, ...] = (), first: tuple[str, ...] = (), text: str = "") -> str:
    parts = cuts.taken(text or a_mail(ON))
    return "".join(part.text for part in cuts.chosen(parts, unwanted, first))


def test_without_a_choice_it_is_the_mail_as_it_comes() -> None:
    sections = "".join(f"[{name}]" for name in NAMES)
    assert put() == f"[head][lead]{sections}[all here][end]"


def test_a_section_left_out_has_a_line_and_the_numbers_say_so() -> None:
    shown = put(("Sport", "TOWN "))
    assert shown == (
        "[head][Sea & trade][ثقافة][others][a line: Town][a line: Sport][rest on the web][end]"
    )


def test_the_dearest_sections_come_first_and_the_others_as_they_came() -> None:
    shown = put(first=("Sport", "no such section", "sea & trade"))
    assert shown == "[head][lead][Sport][Sea & trade][Town][ثقافة][all here][end]"


def test_what_is_of_no_section_is_for_everybody() -> None:
    text = "".join(
        (ON.section("Town"), "[town]", ON.section("More"), "[more]", ON.of(""), "[none]")
    )
    assert put(("Town", "More", ""), text=text) == "[more][none]"


def test_without_cuts_a_template_sets_no_mark() -> None:
    assert not cuts.sections(cuts.taken(a_mail(Cuts())))
    assert "zqSLOT" not in a_mail(Cuts())


@given(st.lists(st.sampled_from(NAMES), unique=True), st.lists(st.sampled_from(NAMES), unique=True))
def test_each_section_is_there_whole_or_as_a_line_and_never_both(
    unwanted: list[str], first: list[str]
) -> None:
    shown = put(tuple(unwanted), tuple(first))
    for name in NAMES:
        assert (f"[{name}]" in shown) is (name not in unwanted)
        assert (f"[a line: {name}]" in shown) is (name in unwanted)
    assert shown.count("[all here]") + shown.count("[rest on the web]") == 1
    assert "zqSLOT" not in shown


def test_an_article_cannot_forge_a_mark() -> None:
    forged = ON.folded("Town")
    assert not cuts.sections(cuts.taken(cleaning.clean(f"Hello {forged[:9]}{forged}")))


def test_two_parts_agree_only_where_they_have_the_same_sections() -> None:
    both = a_mail(ON)
    whole = Rendered(subject="s", preheader="p", html=both, text=both, checksum="0")
    assert cuts.agree(whole)
    assert cuts.put_together(whole, ("Town",)).text == put(("Town",))
    other = Rendered(subject="s", preheader="p", html=both, text="plain", checksum="0")
    assert not cuts.agree(other)
    assert {part.whose for part in cuts.taken(both)} == set(Whose)
