"""Every address of a mail: openable by readers, honest, and the same in both parts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest import render
from digest.model import Rendered
from tests import sample_issue
from tests.preflight.broken import CONTENT, MAIL, body, both, errors, found, warnings


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ('<a href="javascript:alert(1)">x</a>', "kind 'javascript'"),
        ('<img alt="" width="9" src="data:image/png;base64,AA">', "kind 'data'"),
        ('<a href="/archive">x</a>', "without a server"),
        ('<a href="">x</a>', "(empty)"),
        ('<a href="http://[broken">x</a>', "kind '?'"),
        ('<a href="http://localhost:8000/x">x</a>', "Only this computer"),
        ('<a href="http://10.0.0.7/x">x</a>', "Only this computer"),
        ('<a href="https://gazette.local/x">x</a>', "Only this computer"),
        ('<map><area alt="x" href="javascript:alert(1)"></map>', "kind 'javascript'"),
        ('<img alt="" width="9" src="http://a.example/p.png">', "not loaded by https"),
        ('<table background="http://a.example/p.png"></table>', "not loaded by https"),
        ("<p style=\"background:url('http://a.example/p.png')\">x</p>", "not loaded by https"),
        ('<p style="background: url(javascript:x)">x</p>', "kind 'javascript'"),
        ("<style>.a { background: url(/p.png) }</style>", "without a server"),
        ('<!--[if mso]><v:fill src="http://a.example/p.png" /><![endif]-->', "not loaded by https"),
        ('<!--[if mso]><v:roundrect href="javascript:x"><![endif]-->', "kind 'javascript'"),
    ],
)
def test_an_address_that_readers_cannot_open_forbids_the_approval(extra: str, message: str) -> None:
    assert message in errors(body(extra))


def test_an_address_of_this_computer_is_a_warning_where_the_server_is_local_itself() -> None:
    here = "http://127.0.0.1:8000"
    mail = render.render(CONTENT, sample_issue.schedule(), public_url=here)
    findings = found(mail, url=here)
    assert findings
    assert {one.level for one in findings} == {"warning"}
    assert any("/archive/sunday" in one.message for one in findings)


@pytest.mark.parametrize(
    ("shown", "url", "message"),
    [
        ("x", "https://bit.ly/3x", "A link is shortened"),
        ("x", "https://www.tinyurl.com/3x", "A link is shortened"),
        ("x", "https://93.184.216.34/x", "leads to a number"),
        ("www.bank.example", "https://a.example/x", "says www.bank.example and opens a.example"),
        ("https://bank.example/login", "https://a.example/x", "says bank.example and opens"),
    ],
)
def test_a_link_as_forged_mails_have_it_is_a_warning(shown: str, url: str, message: str) -> None:
    mail = both(f'<a href="{url}">{shown}</a>', url)
    assert errors(mail) == ""
    assert message in warnings(mail)


@pytest.mark.parametrize(
    ("shown", "url"),
    [
        ("a.example", "https://www.a.example/x"),
        ("https://www.a.example/about", "https://a.example/about"),
        ("gazette.example", "https://news.gazette.example/x"),
        ("Node.js is here", "https://a.example/x"),
        ("mail us at a.example", "https://b.example/x"),
    ],
)
def test_a_link_that_says_where_it_leads_is_no_warning(shown: str, url: str) -> None:
    assert found(both(f'<a href="{url}">{shown}</a>', url)) == ()


def test_links_that_one_part_lacks_are_named() -> None:
    more = "".join(f'<a href="https://a.example/{n}">x</a>' for n in range(5))
    told = warnings(body(more))
    assert "text part does not have every link of the HTML part: “https://a.example/0”, " in told
    assert "and 2 more" in told
    told = warnings(replace(MAIL, text=MAIL.text + "\nSee https://a.example/9.\n"))
    assert "HTML part does not have every link of the text part: “https://a.example/9”. " in told


@pytest.mark.parametrize(
    "mail",
    [
        both('<a href="https://a.example/x_(y)">x</a>', "Where: https://a.example/x_(y), or so"),
        both("<p>It says https://a.example/x, but links nothing.</p>", "https://a.example/x"),
        body('<a href="mailto:desk@gazette.example">Write to us</a>'),
    ],
)
def test_an_address_is_the_same_however_a_part_sets_it(mail: Rendered) -> None:
    assert found(mail) == ()


@pytest.mark.parametrize(
    ("url", "many"),
    [
        ("http://mail.gazette.example", 1),
        ("https://mail.gazette.example", 0),
        ("http://10.0.0.1", 0),
    ],
)
def test_a_public_address_without_https_is_told_once(url: str, many: int) -> None:
    told = [
        one for one in found(url=url) if "DIGEST_PUBLIC_URL to an address with https" in one.message
    ]
    assert [one.level for one in told] == ["error"] * many
