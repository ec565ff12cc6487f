"""Each fault that preflight knows, made on purpose, and a sound issue that has none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest import preflight, render
from digest.mail.slots import MARK, SLOTS
from digest.model import Coverage, Image, IssueContent, Rendered, Summary
from digest.preflight import Finding
from tests import sample_issue

URL = sample_issue.PUBLIC_URL
CONTENT = sample_issue.content(subject="The mole will stand")
MAIL = render.render(CONTENT, sample_issue.schedule(), public_url=URL)


def found(
    mail: Rendered = MAIL, content: IssueContent = CONTENT, url: str = URL
) -> tuple[Finding, ...]:
    return preflight.check(content, mail, public_url=url)


def errors(mail: Rendered = MAIL, content: IssueContent = CONTENT) -> str:
    return "\n".join(one.message for one in found(mail, content) if one.level == "error")


def warnings(mail: Rendered = MAIL, content: IssueContent = CONTENT) -> str:
    return "\n".join(one.message for one in found(mail, content) if one.level == "warning")


def with_html(old: str, new: str) -> Rendered:
    assert old in MAIL.html
    return replace(MAIL, html=MAIL.html.replace(old, new))


def body(extra: str) -> Rendered:
    return with_html("</body>", f"{extra}</body>")


def test_a_sound_issue_has_no_findings() -> None:
    assert found() == ()


@pytest.mark.parametrize("stories", [5, 60, 400])
def test_no_size_of_week_is_blocked(stories: int) -> None:
    content = sample_issue.big(stories)
    mail = render.render(content, sample_issue.schedule(), public_url=URL)
    assert errors(mail, content) == ""


@pytest.mark.parametrize(
    ("mail", "message"),
    [
        (replace(MAIL, subject="  "), "subject is empty"),
        (replace(MAIL, html=""), "HTML part is empty"),
        (replace(MAIL, text=""), "text part is empty"),
        (replace(MAIL, text=MAIL.text.replace(MARK, "x")), "text part has no link to leave"),
        (with_html(SLOTS["leave_url"], "https://a.example"), "HTML part has no link to leave"),
        (body(f"{MARK}whoqz"), "HTML holds a slot that nothing will fill"),
        (replace(MAIL, preheader=f"{MARK}x"), "preheader holds a slot"),
        (replace(MAIL, subject="a\x07b"), "subject holds control characters"),
        (replace(MAIL, text=MAIL.text + "\u202e"), "text holds control characters"),
        (body('<img alt="a\\n" src="https://a.example/p">'), "broken attribute"),
        (body("x" * 102_400), "Gmail cuts it off"),
        (with_html('lang="en"', 'lang="und"'), "does not say its lang"),
        (with_html('dir="ltr"', 'dir="auto"'), "does not say its dir"),
        (with_html("<title>The mole will stand</title>", "<title> </title>"), "has no title"),
        (body('<img src="https://a.example/p.png">'), "no alternative text"),
        (with_html("muted postal", "muted"), "postal address is missing"),
        (body('<a href="javascript:alert(1)">x</a>'), "kind 'javascript'"),
        (body('<img alt="" src="data:image/png;base64,AA">'), "kind 'data'"),
        (body('<a href="/archive">x</a>'), "without a server"),
        (body('<a href="">x</a>'), r"\(empty\)"),
        (body('<a href="http://[broken">x</a>'), "kind '\\?'"),
        (body('<a href="http://localhost:8000/x">x</a>'), "Only this computer"),
        (body('<a href="http://10.0.0.7/x">x</a>'), "Only this computer"),
        (body('<a href="https://gazette.local/x">x</a>'), "Only this computer"),
        (body('<img alt="" src="http://a.example/p.png">'), "not loaded by https"),
    ],
)
def test_a_broken_mail_cannot_be_approved(mail: Rendered, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        assert errors(mail) == ""


def test_an_address_of_this_computer_is_a_warning_where_the_server_is_local_itself() -> None:
    here = "http://127.0.0.1:8000"
    mail = render.render(CONTENT, sample_issue.schedule(), public_url=here)
    findings = found(mail, url=here)
    assert findings
    assert {one.level for one in findings} == {"warning"}
    assert any("/archive/sunday" in one.message for one in findings)


@pytest.mark.parametrize(
    ("mail", "message"),
    [
        (replace(MAIL, subject="long " * 20), "99 characters; telephones show 70"),
        (replace(MAIL, subject="Week {numbr}"), "placeholder"),
        (replace(MAIL, subject="FREE FOR ALL"), "all capitals"),
        (replace(MAIL, preheader=""), "preheader is empty"),
        (replace(MAIL, preheader=MAIL.subject), "repeats the subject"),
        (body("x" * (97_000 - len(MAIL.html.encode()))), "Gmail cuts mails off"),
        (body('<a href="https://elsewhere.example/">x</a>'), "do not have the same links"),
    ],
)
def test_what_is_only_odd_is_a_warning(mail: Rendered, message: str) -> None:
    assert errors(mail) == ""
    assert message in warnings(mail)


def test_a_week_without_stories_cannot_be_approved() -> None:
    content = sample_issue.content(lead=None, sections=(), briefs=(), left_out=())
    assert "no story" in errors(content=content)


def test_numbers_that_do_not_add_up_cannot_be_approved() -> None:
    wrong = Coverage(20, lead=1, storyline_members=4, section_items=7, briefs=5, left_out=1)
    content = replace(CONTENT, coverage=wrong)
    assert "20 articles in the week, and 18 accounted for" in errors(content=content)


def test_numbers_that_are_not_what_is_printed_cannot_be_approved() -> None:
    content = replace(CONTENT, briefs=CONTENT.briefs[1:])
    assert "counts 18 articles, but the issue holds 16 and leaves out 1" in errors(content=content)


def test_a_story_without_a_title_is_named_by_its_number() -> None:
    content = replace(CONTENT, lead=replace(sample_issue.LEAD, title=" "))
    assert Finding("error", "A story has no title.", sample_issue.LEAD.article_id) in found(
        content=content
    )


def test_stories_that_lack_something_are_named() -> None:
    lead = replace(
        sample_issue.LEAD,
        url="ftp://a.example/x",
        summary=Summary(""),
        image=Image("http://a.example/p.png"),
    )
    findings = found(content=replace(CONTENT, lead=lead))
    assert [one.article_id for one in findings] == [lead.article_id] * 3
    assert {one.level for one in findings} == {"warning"}


def test_a_picture_of_a_camera_is_named_as_heavy() -> None:
    lead = replace(sample_issue.LEAD, image=Image(sample_issue.PICTURE, "", 6_000, 4_000))
    (finding,) = found(content=replace(CONTENT, lead=lead))
    assert finding.article_id == lead.article_id
    assert "6,000 × 4,000 pixels" in finding.message


def test_errors_come_before_warnings() -> None:
    levels = [one.level for one in found(replace(MAIL, preheader="", text=""))]
    assert levels == sorted(levels)
    assert set(levels) == {"error", "warning"}
