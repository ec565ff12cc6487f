"""A picture has at most its column's width, in whole pixels, wherever the numbers come from."""

from __future__ import annotations

import re

import pytest

from digest.mail import guarding, mjml, widths

IMAGE = '<mj-image src="https://a.example/p.png"{given} />'


IN_ONE = f"<mj-section><mj-column>{IMAGE.format(given='')}</mj-column></mj-section>"


def page(body: str, head: str = "") -> str:
    return f"<mjml><mj-head>{head}</mj-head><mj-body>{body}</mj-body></mjml>"


def width(source: str) -> int:
    """The width of the first picture as the page says it."""
    (found,) = re.findall(r'<img[^>]* width="(\d+)"', mjml.to_html(source, "x"))[:1]
    return int(found)


def in_columns(count: int, given: str = "", column: str = "", section: str = "") -> str:
    image = IMAGE.format(given=given)
    columns = f"<mj-column{column}>{image}</mj-column>" * count
    return page(f"<mj-section{section}>{columns}</mj-section>")


@pytest.mark.parametrize(
    ("source", "wide"),
    [
        (in_columns(1), 550),
        (in_columns(1, ' width="100px"'), 100),
        (in_columns(3, ' width="184px"'), 150),
        (in_columns(7), 35),
        (in_columns(1, ' padding="0"'), 600),
        (in_columns(1, ' padding="1px 2px 3px 4px"'), 594),
        (in_columns(1, ' padding="0" padding-left="10px"'), 590),
        (in_columns(1, ' padding="0" border="3px solid red"'), 594),
        (in_columns(2, ' padding="0"', ' width="66.66666666666666%"'), 399),
        (in_columns(2, ' padding="0"', ' width="120.7px"'), 120),
        (in_columns(1, ' padding="0"', ' padding="0 10px" inner-border="1px solid red"'), 578),
        (in_columns(1, ' padding="0"', "", ' padding="0 36px" border-left="4px solid red"'), 524),
        (in_columns(1, ' width="9999999999px"'), 550),
        (page(f"<mj-hero>{IMAGE.format(given='')}</mj-hero>"), 550),
        (page(f"<mj-wrapper padding='0 50px'>{IN_ONE}</mj-wrapper>"), 450),
    ],
)
def test_the_room_is_what_is_left_of_the_body(source: str, wide: int) -> None:
    assert width(source) == wide


def test_what_the_head_says_of_tags_and_classes_counts() -> None:
    head = (
        "<mj-attributes><mj-all padding='0' /><mj-section padding='0 30px' />"
        "<mj-class name='small' width='50px' /></mj-attributes>"
    )
    section = "<mj-section><mj-column>{}</mj-column></mj-section>"
    assert width(page(section.format(IMAGE.format(given="")), head)) == 540
    assert width(page(section.format(IMAGE.format(given=' mj-class="small"')), head)) == 50


def test_columns_of_a_group_share_its_room() -> None:
    image = IMAGE.format(given=' padding="0"')
    column = f"<mj-column>{image}</mj-column>"
    group = (
        f"<mj-section><mj-group width='50%'>{column}{column}</mj-group><mj-column /></mj-section>"
    )
    assert width(page(group)) == 150


def test_a_document_without_pictures_is_left_alone() -> None:
    pieces = guarding.guard(page("<mj-section><mj-column /></mj-section>")).pieces
    assert widths.fit(pieces) == pieces
