"""The guard before the engine, the engine's faults as our own errors, the check after it."""

from __future__ import annotations

import html.parser
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from digest.errors import RenderError
from digest.mail import mjml

PAGE = (
    "<mjml lang='en' dir='ltr'><mj-head><mj-title>{title}</mj-title></mj-head><mj-body><mj-section>"
    "<mj-column>{inside}</mj-column></mj-section></mj-body></mjml>"
)

TORTURE = (
    "a family 👨‍👩‍👧‍👦 and a heart ❤️",
    "می‌خواهم",  # Persian, with a zero-width non-joiner
    "cafe\u0301 in pieces",
    "no\u00a0break, soft\u00adhyphen",
    "said \"yes\" and 'no'",
    "C:\\new\\table",
    "two\nlines\tand a tab",
    "a < b && c > d",
    "สวัสดี नमस्ते שָׁלוֹם مَرْحَبًا 1️⃣ 🇪🇺",
)


class Reader(html.parser.HTMLParser):
    """What a browser would read: attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.alts: list[str | None] = []
        self.labels: list[str | None] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.alts.append(dict(attrs).get("alt"))
        if dict(attrs).get("role") == "article":
            self.labels.append(dict(attrs).get("aria-label"))

    def handle_data(self, data: str) -> None:
        self.text += data


def page(title: str = "A title", inside: str = "<mj-text>Hello</mj-text>") -> str:
    return mjml.to_html(PAGE.format(title=title, inside=inside), "test/body.mjml")


def spaced(text: str) -> str:
    """As an attribute keeps it: line ends and tabs are spaces."""
    return " ".join(text.replace("\n", " ").replace("\t", " ").split(" "))


@pytest.mark.parametrize("text", TORTURE)
def test_an_attribute_says_what_was_written(text: str) -> None:
    inside = f'<mj-image src="https://a.example/p.png" alt="{escape(text)}" />'
    assert Reader(page(inside=inside)).alts == [spaced(text)]


@pytest.mark.parametrize("text", TORTURE)
def test_the_title_is_also_the_articles_label(text: str) -> None:
    assert Reader(page(title=str(escape(text)))).labels == [spaced(text)]


@pytest.mark.parametrize("text", TORTURE)
def test_text_stays_as_it_is(text: str) -> None:
    assert text in Reader(page(inside=f"<mj-text><p>{escape(text)}</p></mj-text>")).text


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60))
def test_any_text_survives_in_an_attribute(text: str) -> None:
    inside = f'<mj-image src="https://a.example/p.png" alt="{escape(text)}" />'
    found = Reader(page(inside=inside)).alts
    kept = "".join(c for c in text if unicodedata.category(c) != "Cn")
    assert ["".join(c for c in a or "" if unicodedata.category(c) != "Cn") for a in found] == [kept]


def test_a_picture_without_words_is_marked_as_one() -> None:
    inside = '<mj-image src="https://a.example/p.png" /><mj-text><img src="https://a.example/q.png" /></mj-text>'
    assert Reader(page(inside=inside)).alts == ["", ""]


def test_of_two_attributes_the_first_one_counts() -> None:
    assert mjml.guard('<a href="one" href="two">x</a>') == '<a href="one">x</a>'


def test_single_quotes_become_double_ones() -> None:
    assert mjml.guard("<a title='say \"hi\"'>x</a>") == '<a title="say &#34;hi&#34;">x</a>'


def test_comments_stay_as_they_are() -> None:
    assert mjml.guard('<!-- <b x="\\">é --><br />') == '<!-- <b x="\\">é --><br />'


def test_nothing_is_loaded_from_anybody() -> None:
    assert "fonts.googleapis" not in page()


def test_a_tag_that_closes_another_is_named_with_its_line() -> None:
    with pytest.raises(RenderError, match=r"</mj-column> closes <p>") as caught:
        mjml.to_html("<mjml>\n<mj-column>\n<p>\n</mj-column></mjml>", "x/body.mjml")
    assert (caught.value.template, caught.value.line) == ("x/body.mjml", 4)


def test_an_end_without_a_beginning_is_named() -> None:
    with pytest.raises(RenderError, match="closes <nothing>"):
        mjml.guard("</p>")


def test_a_tag_that_never_closes_is_named() -> None:
    with pytest.raises(RenderError, match="<mj-body> is never closed"):
        mjml.guard("<mj-body>")


def test_deep_nesting_is_refused_before_it_ends_the_process() -> None:
    with pytest.raises(RenderError, match="tags deep"):
        mjml.to_html("<div>" * 10_000 + "</div>" * 10_000, "x/body.mjml")


@pytest.mark.parametrize("source", ['"oops"', "", "<mjml><mj-body>1 < 2</mj-body></mjml>"])
def test_what_the_engine_refuses_is_our_error(source: str) -> None:
    with pytest.raises(RenderError, match="MJML"):
        mjml.to_html(source, "x/body.mjml")


def test_a_panic_of_the_engine_is_our_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        pass

    def panics(source: str, **options: object) -> str:
        raise Panic("byte index 3 is not a char boundary; it is at position 9")

    monkeypatch.setattr(mjml, "mjml2html", panics)
    with pytest.raises(RenderError, match="char boundary") as caught:
        mjml.to_html("<mjml>\n<a />\n</mjml>", "x/body.mjml")
    assert caught.value.line == 2


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_wish_to_stop_is_not_swallowed(
    monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    def stops(source: str, **options: object) -> str:
        raise stop

    monkeypatch.setattr(mjml, "mjml2html", stops)
    with pytest.raises(stop):
        mjml.to_html("<mjml></mjml>", "x/body.mjml")


def test_a_broken_attribute_does_not_leave_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mjml, "mjml2html", lambda source, **options: '<img alt="a\\u{200d}">')
    with pytest.raises(RenderError, match="broken"):
        mjml.to_html("<mjml></mjml>", "x/body.mjml")
