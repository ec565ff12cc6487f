"""A sound issue and its mail, and ways to break them."""

from __future__ import annotations

from dataclasses import replace

from digest import preflight, render
from digest.model import IssueContent, Rendered
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
    """The mail with more at its end."""
    return with_html("</body>", f"{extra}</body>")


def both(extra: str, url: str) -> Rendered:
    """The mail with a link at its end, in the text part too."""
    return replace(body(extra), text=f"{MAIL.text}\n{url}\n")
