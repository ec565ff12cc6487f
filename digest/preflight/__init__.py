"""The last look at an issue before anybody may approve it: cheap, offline, the same for everyone.

An error forbids the approval; a warning is shown beside it. What is looked for: what gets a mail
hidden, blocked or unreadable, and whatever would break the promise that no article is missing. Each
finding says what is wrong, and then what to do about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import lxml.etree
import lxml.html

from digest.mail import cuts, routes
from digest.model import ArticleId, IssueContent, Rendered
from digest.preflight import answers, heading, links, message, page, parts, week
from digest.preflight.findings import Finding, Item, error

__all__ = ["Finding", "Item", "answers", "check", "error", "message", "outward", "placed"]

#: How the address of another form names it: `render.Way.variant`.
_NAMED = re.compile(r"[?&]variant=[^\s&”]*")


def check(
    content: IssueContent,
    rendered: Rendered,
    *,
    variants: Mapping[str, Rendered] | None = None,
    public_url: str,
) -> tuple[Finding, ...]:
    """Everything that is wrong with a rendered issue, errors first.

    variants: its other forms by key; what is wrong with one of them alone is told with its key.
    """
    found = [
        *week.coverage(content),
        *week.stories(content),
        *heading.check(rendered.subject, rendered.preheader),
        *_second(content, rendered.preheader),
        *_mail(rendered, content, public_url),
    ]
    known = {_said(finding) for finding in found}
    for key, variant in (variants or {}).items():
        whole = cuts.put_together(variant)
        for finding in _mail(whole, content, public_url):
            if _said(finding) not in known:
                found.append(replace(finding, message=f"As {key}: {finding.message}"))
    return tuple(sorted(placed(found, content), key=lambda finding: finding.level))


def outward(content: IssueContent, rendered: Rendered, public_url: str) -> frozenset[str]:
    """The addresses of others that the mail leads to in the end, or loads."""
    return links.outward(_parsed(_straight(content, rendered).html), public_url)


def placed(found: Iterable[Finding], content: IssueContent) -> Iterator[Finding]:
    """With the story of each finding that speaks of an address of one."""
    stories: dict[str, ArticleId] = {}
    for story in content.stories:
        told = [story.url, *(item.url for item in story.thread)]
        told += [story.continues.item.url] if story.continues else []
        told += [story.image.url] if story.image else []
        for url in filter(None, told):
            stories.setdefault(url, story.article_id)
    for finding in found:
        if finding.article_id is None and (owner := stories.get(finding.url)) is not None:
            finding = replace(finding, article_id=owner, item=Item.STORY)
        yield finding


def _second(content: IssueContent, preheader: str) -> Iterator[Finding]:
    """What is wrong with the other subject of a contest."""
    if content.contest:
        for finding in heading.check(content.contest.second, preheader):
            yield replace(finding, message=f"Subject B: {finding.message}")


def _said(finding: Finding) -> str:
    """What is said of the plain form, though the address names another one."""
    return _NAMED.sub("", finding.message)


def _mail(rendered: Rendered, content: IssueContent, public_url: str) -> Iterator[Finding]:
    """What holds for each form of the mail; its links are judged by where they lead in the end."""
    tree = _parsed(rendered.html)
    yield from parts.check(rendered)
    yield from page.check(tree)
    straight = _straight(content, rendered)
    if straight is not rendered:
        tree = _parsed(straight.html)
        named = {"newsletter": content.newsletter, "period": content.period}
        yield from links.unrouted(routes.printed(straight, **named))
    yield from links.check(tree, straight.text, public_url)


def _straight(content: IssueContent, rendered: Rendered) -> Rendered:
    known = {code: link.url for code, link in routes.links_of(content).items()}
    return routes.straight(rendered, known, newsletter=content.newsletter, period=content.period)


def _parsed(html: str) -> lxml.html.HtmlElement:
    """The HTML part, once for all that look at it; an empty page where there is nothing to parse."""
    parser = lxml.html.HTMLParser(encoding="utf-8")
    try:
        return lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except lxml.etree.ParserError:
        return lxml.html.document_fromstring("<html></html>")
