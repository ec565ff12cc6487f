"""The guard before the engine, the engine's faults as our own errors, the check after it."""

from __future__ import annotations

import html.parser
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from digest.errors import RenderError
from digest.mail import mjml
from tests import own_mails
from tests.mail import hostile

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


def test_html_comes_out_as_it_was_written() -> None:
    html = """<p
      class=plain title='say "hi"' data-x="\\n \\u{200d} \u200d">1 &lt; 2<br>and <input disabled>
      <!-- <b x="\\"> é --> {{ 7*7 }} <i/></p>"""
    assert html in page(inside=f"<mj-text>{html}</mj-text>")


def test_a_week_in_which_nothing_may_be_lost_comes_out_whole() -> None:
    inside = "".join(f"<mj-text><p title='{escape(t)}'>{escape(t)}</p></mj-text>" for t in TORTURE)
    found = Reader(page(inside=inside)).text
    assert all(text in found for text in TORTURE)


@pytest.mark.parametrize("mark", ["\ue0000\ue001", "\ue0009\ue001", "zqSLOT"])
def test_no_text_can_pass_for_a_stand_in(mark: str) -> None:
    inside = (
        f"<mj-text>first {mark}</mj-text><mj-image src='https://a.example/p.png' alt='{mark}' />"
        f"<mj-button href='https://a.example/{mark}'>{mark}</mj-button>"
    )
    found = Reader(page(inside=inside))
    assert found.alts == [mark]
    assert found.text.count("first") == 1
    assert found.text.count(mark) == 2


def test_nothing_is_loaded_from_anybody() -> None:
    assert "fonts.googleapis" not in page()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "<mjml>\n<mj-column>\n<p>\n</mj-column></mjml>",
            "3: <p> is not closed before </mj-column>",
        ),
        ("\n</p>", "2: </p> closes no tag that is open"),
        ("<mjml>\n<mj-body>", "2: <mj-body> is never closed"),
        ("<mjml>\n\n<mj-text>", "3: <mj-text> is never closed"),
        ("<mj-text>\n<i><b></i></mj-text>", "2: <b> is not closed before </i>"),
        ("<mj-text>\n</b></mj-text>", "2: </b> closes no tag that is open"),
        ("<mj-text>\n<b></mj-text>", "2: <b> is never closed"),
        ("<mj-text>\n1 < 2</mj-text>", "2: a < that begins no tag; write &lt;"),
        ("<mjml>\n1 < 2</mjml>", "2: a < that begins no tag; write &lt;"),
        ("<mjml>\n<", "2: a < that begins no tag; write &lt;"),
        ("<mj-text>\n<</mj-text>", "2: a < that begins no tag; write &lt;"),
        ('<mjml>\n<mj-image src="a" =b /></mjml>', "2: <mj-image>: its attributes cannot be read"),
        ("<div>\n" * 10_000, "51: more than 50 tags deep"),
        (
            "<mj-text>" + "<div>\n" * 10_000 + "</div>" * 10_000 + "</mj-text>",
            "50: more than 50 tags",
        ),
    ],
)
def test_a_document_that_the_engine_could_not_take_is_refused_with_the_line(
    source: str, told: str
) -> None:
    with pytest.raises(RenderError) as caught:
        mjml.to_html(source, "x/body.mjml")
    assert str(caught.value).startswith(f"x/body.mjml:{told}")


@pytest.mark.parametrize("source", ['"oops"', "", "<mj-head></mj-head>"])
def test_what_the_engine_refuses_is_our_error(source: str) -> None:
    with pytest.raises(RenderError, match="MJML"):
        mjml.to_html(source, "x/body.mjml", strictly=False)


def test_a_panic_of_the_engine_is_our_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        pass

    def panics(source: str, **options: object) -> str:
        raise Panic("byte index 3 is not a char boundary; it is at position 9")

    monkeypatch.setattr(mjml, "mjml2html", panics)
    with pytest.raises(RenderError, match="char boundary") as caught:
        mjml.to_html("<mjml>\n<mj-body />\n</mjml>", "x/body.mjml")
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


def test_rules_that_are_to_be_inlined_are_in_the_elements_and_nothing_is_loaded() -> None:
    source = (
        "<mjml><mj-head><mj-style inline='inline'>.loud { color: #a00; }</mj-style>"
        "<mj-style>.quiet { color: #00a; }</mj-style></mj-head><mj-body><mj-section><mj-column>"
        "<mj-text><p class='loud'>zqSLOTleaveurlqz é</p></mj-text></mj-column></mj-section></mj-body></mjml>"
    )
    html = mjml.to_html(source, "x/body.mjml")
    assert re.search(r'<p class="loud" style="color: #a00;?">zqSLOTleaveurlqz é</p>', html)
    assert ".loud" not in html
    assert ".quiet" in html
    plain = mjml.to_html(source.replace(" inline='inline'", ""), "x/body.mjml")
    for part in ("<!--", "-->", "[if mso", "[endif]"):
        assert html.count(part) == plain.count(part)


def test_hostile_documents_are_pages_or_our_error() -> None:
    seeds = [source for _, source, _ in own_mails.all_of_them()]
    refused = 0
    for number, document in enumerate(hostile.documents(seeds, 1_500, seed=7)):
        try:
            mjml.to_html(document, "x/body.mjml", strictly=bool(number % 2))
        except RenderError:
            refused += 1
    assert 500 < refused < 1_500
