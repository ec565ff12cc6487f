"""The last look at an issue before anybody may approve it: cheap, offline, the same for everyone.

An error forbids the approval; a warning is shown beside it. What is looked for: what gets a mail
hidden, blocked or unreadable, and whatever would break the promise that no article is missing. Each
finding says what is wrong, and then what to do about it.
"""

from __future__ import annotations

import lxml.etree
import lxml.html

from digest.model import IssueContent, Rendered
from digest.preflight import heading, links, page, parts, week
from digest.preflight.findings import Finding

__all__ = ["Finding", "check"]


def check(content: IssueContent, rendered: Rendered, *, public_url: str) -> tuple[Finding, ...]:
    """Everything that is wrong with a rendered issue, errors first."""
    tree = _parsed(rendered.html)
    found = [
        *week.coverage(content),
        *week.stories(content),
        *heading.check(rendered.subject, rendered.preheader),
        *parts.check(rendered),
        *page.check(tree),
        *links.check(tree, rendered.text, public_url),
    ]
    return tuple(sorted(found, key=lambda finding: finding.level))


def _parsed(html: str) -> lxml.html.HtmlElement:
    """The HTML part, once for all that look at it; an empty page where there is nothing to parse."""
    parser = lxml.html.HTMLParser(encoding="utf-8")
    try:
        return lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except lxml.etree.ParserError:
        return lxml.html.document_fromstring("<html></html>")
