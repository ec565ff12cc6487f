"""What the engine would drop without a word is named, with its tag and its line."""

from __future__ import annotations

import pytest

from bench import mjml_table
from bench.npm_mjml import NpmMjml
from digest.errors import RenderError
from digest.mail import guarding, mjml, strict
from tests import left_out, npm, own_mails

PAGE = "<mjml>\n<mj-head>{head}</mj-head>\n<mj-body>\n{body}\n</mj-body></mjml>"
SECTION = "<mj-section>\n<mj-column>\n{inside}\n</mj-column></mj-section>"


def faults(body: str = "", head: str = "") -> list[str]:
    """Line and reason of each fault of a page."""
    source = PAGE.format(body=body, head=head)
    found = strict.faults(guarding.guard(source))
    return [f"{source.count(chr(10), 0, one.at or 0) + 1}: {one.reason}" for one in found]


def inside(text: str) -> list[str]:
    return faults(SECTION.format(inside=text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<mj-foo />", "6: <mj-foo>: there is no such tag"),
        ("<mj-txt>x</mj-txt>", "6: <mj-txt>: there is no such tag; mj-text perhaps?"),
        ("<p />", "6: <p> cannot stand in <mj-column>; HTML goes into mj-text or mj-raw"),
        ("words", "7: words in <mj-column>, which print nowhere: words"),
        (
            "<mj-column />",
            "6: <mj-column> cannot stand in <mj-column>, only in mj-group, mj-section",
        ),
        ("<mjml />", "6: <mjml>: there is no such tag"),
        ("<mj-text colour='red' />", "6: <mj-text>: no attribute is called colour; color perhaps?"),
        ("<mj-text color='redd' />", '6: <mj-text>: color="redd" is no colour'),
        ("<mj-text color='#12' />", '6: <mj-text>: color="#12" is no colour'),
        ("<mj-text color />", '6: <mj-text>: color="" is no colour'),
        (
            "<mj-text align='middle' />",
            '6: <mj-text>: align="middle" is none of left, right, center',
        ),
        ("<mj-text font-size='12' />", '6: <mj-text>: font-size="12" is no length in px'),
        (
            "<mj-text font-size='\u0663px' />",
            '6: <mj-text>: font-size="\u0663px" is no length in px',
        ),
        ("<mj-text padding='1px 2px 3px 4px 5px' />", "6: <mj-text>: padding="),
        (
            "<mj-text padding='-1px' />",
            '6: <mj-text>: padding="-1px" is no length in px, %, one to',
        ),
        ("<mj-image src='a' fluid-on-mobile='yes' />", "6: <mj-image>: fluid-on-mobile="),
        ("<mj-table cellpadding='1px' />", '6: <mj-table>: cellpadding="1px" is no whole number'),
        ("<mj-text background-color='#fff' />", "6: <mj-text>: background-color does nothing here"),
        ("<mj-image />", "6: <mj-image> needs src: there would be no picture"),
        (
            "<mj-social><mj-social-element name='x' /></mj-social>",
            "6: <mj-social-element> needs src",
        ),
        ("<mj-text mj-class='loud' />", "6: no mj-class is called loud"),
        ("<mj-text>\n<b>\n<mj-text />\n</b></mj-text>", "8: <mj-text> stands among HTML"),
        (
            "<mj-carousel><mj-carousel-image src='a' /></mj-carousel>",
            "6: <mj-carousel> is not offered",
        ),
        ("<mj-accordion />", "6: <mj-accordion> is not offered: few mail programs can fold it"),
        ("<mj-navbar />", "6: <mj-navbar> is not offered: few mail programs can open it"),
        ("<mj-include path='a' />", "6: <mj-include> is not offered: use {% include %}"),
    ],
)
def test_each_fault_is_named_with_its_tag_and_line(text: str, told: str) -> None:
    (found,) = inside(text)
    assert found.startswith(told)


@pytest.mark.parametrize(
    "text",
    [
        "<mj-text padding='0 36px' line-height='1.6' color='#FFF' align='justify'>x</mj-text>",
        "<mj-text color='rgba(1, 2, 3, 0.5)' letter-spacing='-1px' css-class='a b'>x</mj-text>",
        "<mj-text color='transparent' font-size='.5px'><p>x</p><br><img src='a'>y</mj-text>",
        "<mj-image src='a' height='auto' width='100px' fluid-on-mobile='true' />",
        "<mj-table width='auto' cellpadding='3'><tr><td>x</td></tr></mj-table>",
        "<mj-social><mj-social-element name='x' src='a'>y</mj-social-element></mj-social>",
        "<!-- a comment --><mj-spacer height='10px' /><mj-raw><!--[if mso]><p><![endif]--></mj-raw>",
        "<mj-button href='https://a.example/'>Go</mj-button><mj-divider border-width='1px' />",
    ],
)
def test_what_is_right_is_no_fault(text: str) -> None:
    assert inside(text) == []


def test_the_head_is_looked_at_as_well() -> None:
    assert (
        faults(
            head="<mj-attributes><mj-all padding='0' /><mj-class name='loud' color='red' />"
            "<mj-text color='blue' /><mj-image padding='0' /></mj-attributes><mj-title>x</mj-title>",
            body=SECTION.format(inside="<mj-text mj-class='loud'>x</mj-text>"),
        )
        == []
    )
    found = faults(
        head="<mj-attributes><mj-all clour='0' /><mj-class color='red' /><mj-foo /></mj-attributes>"
        "<mj-text />words"
    )
    assert [one.split(": ", 1)[1].split(";")[0] for one in found] == [
        "<mj-all>: no attribute is called clour",
        "<mj-class> needs name: nothing could use it",
        "<mj-foo>: there is no such tag",
        "<mj-text> cannot stand in <mj-head>, only in mj-column, mj-hero",
        "words in <mj-head>, which print nowhere: words",
    ]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("<p></p>", "<p> cannot stand in the open"),
        ("x<mjml></mjml>", "words in the open"),
        ("<mjml></mjml>x", "words after the end: x"),
        ("<mj-body></mj-body>", "<mj-body> cannot stand in the open, only in mjml"),
        ("<mjml language='en'></mjml>", "<mjml>: no attribute is called language; lang perhaps?"),
    ],
)
def test_a_document_is_one_mjml(source: str, told: str) -> None:
    (found,) = strict.faults(guarding.guard(source))
    assert found.reason.startswith(told)


def test_of_several_faults_the_first_is_told_and_how_many_there_are() -> None:
    source = PAGE.format(head="", body="<mj-foo />\n<mj-bar />\n<mj-baz />")
    with pytest.raises(RenderError, match=r"^x:4: <mj-foo>.*\(and 2 more\)$"):
        mjml.to_html(source, "x")


def test_our_own_mails_have_no_faults() -> None:
    for _, source, _ in own_mails.all_of_them():
        assert list(strict.faults(guarding.guard(source))) == []


def test_the_table_is_what_npms_own_components_say() -> None:
    try:
        found = mjml_table.written(mjml_table.table())
    except npm.CannotInstall as error:
        left_out.because(str(error))
    assert found == mjml_table.PLACE.read_text(encoding="utf-8")


def test_npms_own_check_finds_nothing_in_our_mails_and_what_we_find_elsewhere() -> None:
    wrong = SECTION.format(inside="<mj-text colour='red'>x</mj-text><mj-section />")
    try:
        with NpmMjml() as peer:
            assert not [
                found for _, source, _ in own_mails.all_of_them() for found in peer.faults(source)
            ]
            told = peer.faults(PAGE.format(head="<mj-title>x</mj-title>", body=wrong))
    except npm.CannotInstall as error:
        left_out.because(str(error))
    assert {one["tag"] for one in told} == {"mj-text", "mj-section"}
