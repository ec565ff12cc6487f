"""The HTML part as a page: for those who do not see it, and against what mail programs refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.mail.slots import SLOTS
from digest.model import Rendered
from tests.preflight.broken import MAIL, body, errors, warnings, with_html

LEAVE = SLOTS["leave_url"]
PICTURE = '<img alt="A boat" width="300" src="https://a.example/p.png">'
ALL_PICTURE = (
    f'<html lang="en" dir="ltr"><head><title>x</title></head><body>{PICTURE}'
    f'<a href="{LEAVE}">Leave</a><p class="postal">1 Quay Street</p></body></html>'
)


@pytest.mark.parametrize(
    ("mail", "message"),
    [
        (with_html('lang="en"', 'lang="und"'), "does not say its lang"),
        (with_html('dir="ltr"', 'dir="auto"'), "does not say its dir"),
        (with_html("<title>The mole will stand</title>", "<title> </title>"), "has no title"),
        (with_html("muted postal", "muted"), "postal address is missing"),
        (body('<img width="9" src="https://a.example/p.png">'), "no alternative text"),
        (
            with_html(f'href="{LEAVE}"', 'href="https://a.example"'),
            "HTML part has no link to leave",
        ),
        (body("<script>1</script>"), "<script>"),
        (body('<iframe src="https://a.example"></iframe>'), "<iframe>"),
        (body('<form action="https://a.example"></form>'), "<form>"),
        (body('<link rel="stylesheet" href="https://a.example/a.css">'), "<link>"),
        (body('<meta http-equiv="Refresh" content="0">'), "<meta refresh>"),
        (body("<style>@import 'https://a.example/a.css'</style>"), "fonts or styles"),
        (body("<style>@font-face { font-family: a }</style>"), "fonts or styles"),
        (body('<p onclick="x()">x</p>'), "handler of events"),
        (body('<a href="https://a.example"> </a>'), "A link has no words: “https://a.example”"),
        (body('<a href="https://a.example"><img alt="" width="9" src="x"></a>'), "no words"),
        (replace(MAIL, html=ALL_PICTURE), "all picture"),
    ],
)
def test_a_page_that_somebody_cannot_use_forbids_the_approval(mail: Rendered, message: str) -> None:
    assert message in errors(mail)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        ('<img alt="x" src="https://a.example/p.png">', "A picture is of no stated width;"),
        ('<img alt="x" width="700" src="https://a.example/p.png">', "A picture is 700 px wide;"),
        ('<img alt="x" width="100%" src="https://a.example/p.png">', "A picture is 100%;"),
        ('<img alt="IMG_1.JPG" width="9" src="https://a.example/p.png">', "of a file: “IMG_1.JPG”"),
    ],
)
def test_a_picture_that_is_shown_badly_is_a_warning(picture: str, message: str) -> None:
    mail = body(picture)
    assert errors(mail) == ""
    assert message in warnings(mail)


def test_a_picture_that_is_a_link_speaks_by_its_alternative_text() -> None:
    assert errors(body(f'<a href="https://a.example">{PICTURE}</a>')) == ""
