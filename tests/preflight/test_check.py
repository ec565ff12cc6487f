"""The whole look: a sound issue has no findings, each finding says what to do, and errors come first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest import preflight, render, variants
from digest.preflight import Finding
from tests import sample_issue, shipped_mails
from tests.preflight.broken import CONTENT, URL, body, errors, found


@pytest.mark.parametrize("theme", shipped_mails.themes())
def test_a_sound_issue_has_no_findings_in_any_theme(theme: str) -> None:
    mail = render.render(CONTENT, shipped_mails.schedule(theme), public_url=URL)
    assert found(mail) == ()


@pytest.mark.parametrize("theme", shipped_mails.themes())
def test_nor_has_one_from_right_to_left(theme: str) -> None:
    schedule = shipped_mails.schedule(theme, **sample_issue.ARABIC)
    content = sample_issue.arabic_content()
    assert found(render.render(content, schedule, public_url=URL), content) == ()


@pytest.mark.parametrize("stories", [5, 60, 400])
def test_no_size_of_week_is_blocked(stories: int) -> None:
    content = sample_issue.big(stories)
    mail = render.render(content, sample_issue.schedule(), public_url=URL)
    assert errors(mail, content) == ""


def test_what_is_wrong_with_one_variant_alone_is_told_with_its_key() -> None:
    mail = render.render(CONTENT, sample_issue.schedule(), public_url=URL)
    german = replace(mail, text="Kein Link.")
    forms = {"en.broadsheet": mail, "de.broadsheet": german}
    findings = preflight.check(CONTENT, mail, variants=forms, public_url=URL)
    assert findings
    assert all(one.message.startswith("As de.broadsheet: ") for one in findings)
    assert "no link to leave" in findings[0].message


def test_what_holds_of_every_form_is_said_once() -> None:
    schedule = sample_issue.schedule()
    tables = schedule.variants.model_copy(update={"languages": ("de", "ar")})
    offering = schedule.model_copy(update={"variants": tables})
    local = "http://127.0.0.1:8000"
    printed = variants.print_all(CONTENT, offering, public_url=local)
    alone = preflight.check(CONTENT, printed.rendered, public_url=local)
    forms = printed.variants
    assert alone
    assert preflight.check(CONTENT, printed.rendered, variants=forms, public_url=local) == alone


def everything_wrong() -> tuple[Finding, ...]:
    mail = replace(
        body('<img><a href="/x"></a><script></script>'), subject="", preheader="", text=""
    )
    return found(mail, sample_issue.content(lead=None, sections=(), briefs=(), left_out=()))


def test_errors_come_before_warnings() -> None:
    levels = [one.level for one in everything_wrong()]
    assert levels == sorted(levels)
    assert set(levels) == {"error", "warning"}


def test_every_finding_says_what_to_do() -> None:
    """Two sentences: what is wrong, and what to do."""
    findings = everything_wrong()
    assert len(findings) >= 10
    for one in findings:
        wrong, _, todo = one.message.partition(". ")
        assert len(wrong.split()) >= 4, one.message
        assert len(todo.split()) >= 4, one.message
        assert todo.endswith("."), one.message
