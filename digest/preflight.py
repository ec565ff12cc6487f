"""The last look at an issue before anybody may approve it: cheap, offline, the same for everyone.

An error forbids the approval; a warning is shown beside it. What is looked for: what gets a mail
hidden, blocked or unreadable, and whatever would break the promise that no article is missing.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import lxml.html

from digest.mail import cleaning
from digest.mail.slots import MARK, ROOM, SLOTS
from digest.model import ArticleId, IssueContent, Rendered, Story

#: Gmail hides what comes after so many bytes of HTML.
CLIPPED = 102_400
#: From here on it is close.
NEARLY_CLIPPED = 95_000
#: Pixels of a picture: a JPEG of so many has about a megabyte.
HEAVY_PICTURE = 4_000_000
#: A subject that a telephone still shows.
LONG_SUBJECT = 70

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_BROKEN = re.compile(r"<[A-Za-z][^<>]*\\")
_PLACEHOLDER = re.compile(r"\{[a-z_]*\}")
_TEXT_LINK = re.compile(r"^\s*(https?://\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an editor should know; `article_id` where it is about one story."""

    level: Literal["error", "warning"]
    message: str
    article_id: ArticleId | None = None


def check(content: IssueContent, rendered: Rendered, *, public_url: str) -> tuple[Finding, ...]:
    """Everything that is wrong with a rendered issue, errors first."""
    page = lxml.html.document_fromstring(rendered.html or "<html></html>")
    found = [
        *_coverage(content),
        *_stories(content),
        *_subject(rendered),
        *_parts(rendered),
        *_page(page),
        *_links(page, rendered.text, public_url),
    ]
    return tuple(sorted(found, key=lambda finding: finding.level))


def _error(message: str) -> Finding:
    return Finding("error", message)


def _warning(message: str, article_id: ArticleId | None = None) -> Finding:
    return Finding("warning", message, article_id)


def _coverage(content: IssueContent) -> Iterator[Finding]:
    counted = content.coverage
    if not content.stories:
        yield _error("There is no story in this issue.")
    if not counted.adds_up:
        yield _error(
            f"The coverage does not add up: {counted.total} articles in the week, and"
            f" {_told(content) + counted.left_out} accounted for."
        )
    elif counted.total != _printed(content) + len(content.left_out):
        yield _error(
            f"The coverage counts {counted.total} articles, but the issue holds"
            f" {_printed(content)} and leaves out {len(content.left_out)}."
        )


def _told(content: IssueContent) -> int:
    counted = content.coverage
    return counted.lead + counted.storyline_members + counted.section_items + counted.briefs


def _printed(content: IssueContent) -> int:
    return sum(1 + len(story.thread) for story in content.stories)


def _stories(content: IssueContent) -> Iterator[Finding]:
    told_in_full = {story.article_id for story in content.stories} - {
        story.article_id for story in content.briefs
    }
    for story in content.stories:
        name, number = f"“{cleaning.line(story.title, 60)}”", story.article_id
        if not story.title.strip():
            yield Finding("error", "A story has no title.", number)
        if story.url and not cleaning.web(story.url):
            yield _warning(
                f"{name} has an address that readers cannot open; no link is set.", number
            )
        if number in told_in_full and not story.summary.text.strip():
            yield _warning(f"{name} has no summary.", number)
        yield from _picture(story, name)
    lead = content.lead
    if lead and lead.image and not cleaning.secure(lead.image.url):
        yield _warning("The lead's picture has no https address; it is left out.", lead.article_id)


def _picture(story: Story, name: str) -> Iterator[Finding]:
    """A picture that is far larger than any mail prints it. Its bytes are not known here, its pixels often are."""
    width, height = (story.image.width or 0, story.image.height or 0) if story.image else (0, 0)
    if width * height > HEAVY_PICTURE:
        yield _warning(
            f"The picture of {name} has {width:,} × {height:,} pixels and is slow on a telephone;"
            f" 1,400 across are enough.",
            story.article_id,
        )


def _subject(rendered: Rendered) -> Iterator[Finding]:
    subject = rendered.subject.strip()
    if not subject:
        yield _error("The subject is empty.")
    if len(subject) > LONG_SUBJECT:
        yield _warning(
            f"The subject has {len(subject)} characters; telephones show {LONG_SUBJECT}."
        )
    if _PLACEHOLDER.search(subject):
        yield _warning("The subject holds a placeholder in braces that nothing filled.")
    if len(subject) > 8 and subject.isupper():
        yield _warning("The subject is all capitals; mail filters take that for shouting.")
    if not rendered.preheader.strip():
        yield _warning("The preheader is empty: the list of mails will show the masthead.")
    elif rendered.preheader.strip() == subject:
        yield _warning("The preheader repeats the subject.")


def _parts(rendered: Rendered) -> Iterator[Finding]:
    """What holds for the whole of a part, without reading it as HTML."""
    parts = {"HTML": rendered.html, "text": rendered.text}
    for name, part in parts.items():
        if not part.strip():
            yield _error(f"The {name} part is empty.")
        if SLOTS["leave_url"] not in part:
            yield _error(f"The {name} part has no link to leave the newsletter.")
    everything = {"subject": rendered.subject, "preheader": rendered.preheader, **parts}
    for name, part in everything.items():
        if _CONTROL.search(part):
            yield _error(f"The {name} holds control characters.")
        for sentinel in SLOTS.values():
            part = part.replace(sentinel, "")
        if MARK in part:
            yield _error(f"The {name} holds a slot that nothing will fill.")
    if _BROKEN.search(rendered.html):
        yield _error("The HTML part has a broken attribute.")
    yield from _size(rendered.html)


def _size(html: str) -> Iterator[Finding]:
    size = len(html.encode("utf-8", "replace")) + ROOM * html.count(MARK)
    if size > CLIPPED:
        yield _error(f"The HTML part has {size:,} bytes; Gmail cuts it off at {CLIPPED:,}.")
    elif size > NEARLY_CLIPPED:
        yield _warning(f"The HTML part has {size:,} bytes; Gmail cuts mails off at {CLIPPED:,}.")


def _page(page: lxml.html.HtmlElement) -> Iterator[Finding]:
    """What people who cannot see the page, or see it in their own way, need."""
    for name in ("lang", "dir"):
        if page.get(name, "und") in ("", "und", "auto"):
            yield _error(f"The HTML part does not say its {name}.")
    if not (page.findtext(".//title") or "").strip():
        yield _error("The HTML part has no title.")
    if any(picture.get("alt") is None for picture in page.iter("img")):
        yield _error("A picture has no alternative text.")
    if not any(p.text_content().strip() for p in page.find_class("postal")):
        yield _error("The postal address is missing.")


def _links(page: lxml.html.HtmlElement, text: str, public_url: str) -> Iterator[Finding]:
    links = {str(a.get("href")).strip() for a in page.iter("a") if a.get("href") is not None}
    pictures = {str(img.get("src") or "").strip() for img in page.iter("img")}
    links -= set(SLOTS.values())
    here = _is_local(public_url)
    for url in sorted(links | pictures):
        shown = url[:80] or "(empty)"
        scheme = urlsplit(url).scheme.lower() if _splits(url) else "?"
        if scheme not in ("http", "https", "mailto", ""):
            yield _error(f"A link of the kind {scheme!r} may not be in a mail: {shown}")
        elif scheme == "":
            yield _error(f"A link without a server leads nowhere from a mail: {shown}")
        elif scheme != "mailto" and _is_local(url):
            level: Literal["error", "warning"] = "warning" if here else "error"
            yield Finding(level, f"Only this computer can open {shown}")
    for url in sorted(pictures):
        if url.startswith("http:"):
            yield _error(f"A picture is not loaded by https: {url[:80]}")
    said = set(_TEXT_LINK.findall(text))
    if said != {link for link in links if not link.startswith("mailto:")}:
        yield _warning("The text part and the HTML part do not have the same links.")


def _splits(url: str) -> bool:
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True


def _is_local(url: str) -> bool:
    """True for an address that means the reader's own computer or a network that is not public."""
    host = (urlsplit(url).hostname or "") if _splits(url) else ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.rsplit(".", 1)[1] in ("localhost", "local", "internal")
