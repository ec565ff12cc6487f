"""Story links by way of us, so that clicks can be counted: `/r/<newsletter>/<period>/<code>`.

A code is made of the article and its address alone: no reader is in it, it is the same in every form of the mail,
and another target has another code. Where it leads is looked up among the links that were printed, never read from it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from digest.mail import cleaning
from digest.model import ArticleId, IssueContent, Rendered, Story, ThreadItem

#: 60 bits in base 32 (RFC 4648), small letters.
CODE = re.compile("[a-z2-7]{12}")


@dataclass(frozen=True, slots=True)
class Link:
    """A story's link as it is printed. url: where it leads."""

    code: str
    article_id: ArticleId
    url: str


def code_of(article_id: int, url: str) -> str:
    """The short id of a link."""
    found = hashlib.sha256(f"{article_id} {url}".encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(found)[:12].decode().lower()


def links_of(content: IssueContent) -> dict[str, Link]:
    """Every link to an article that a mail of this content may print, by its code."""
    found = (_link(item) for story in content.stories for item in items_of(story))
    return {link.code: link for link in found if link}


def items_of(story: Story) -> Iterator[Story | ThreadItem]:
    """What has a link of its own in a story's place: itself, its storyline, what it goes on from."""
    yield story
    yield from story.thread
    if story.continues:
        yield story.continues.item


def routed(content: IssueContent, public_url: str) -> IssueContent:
    """The content with every link that a reader may follow leading by way of us."""
    base = f"{public_url}/r/{content.newsletter}/{content.period}"

    def by_us(story: Story) -> Story:
        continues = story.continues
        return replace(
            story,
            url=_address(story, base),
            thread=tuple(replace(one, url=_address(one, base)) for one in story.thread),
            continues=continues and replace(continues, item=_moved(continues.item, base)),
        )

    return replace(
        content,
        lead=content.lead and by_us(content.lead),
        sections=tuple(replace(s, stories=tuple(map(by_us, s.stories))) for s in content.sections),
        briefs=tuple(map(by_us, content.briefs)),
    )


def printed(rendered: Rendered, newsletter: str, period: str) -> frozenset[str]:
    """The codes of the links that stand in a mail's two parts."""
    if f"/r/{newsletter}/{period}/" not in rendered.html + rendered.text:
        return frozenset()
    found = _pattern(newsletter, period)
    return frozenset(found.findall(rendered.html)) | frozenset(found.findall(rendered.text))


def straight(
    rendered: Rendered, targets: Mapping[str, str], *, newsletter: str, period: str
) -> Rendered:
    """The mail with its links leading where they lead in the end; the checksum stays the edition's.

    targets: addresses by code; a link that is not among them stays.
    """
    if f"/r/{newsletter}/{period}/" not in rendered.html + rendered.text:
        return rendered
    found = _pattern(newsletter, period)
    page = found.sub(lambda one: html.escape(targets.get(one[1], one[0])), rendered.html)
    text = found.sub(lambda one: targets.get(one[1], one[0]), rendered.text)
    return replace(rendered, html=page, text=text)


def _pattern(newsletter: str, period: str) -> re.Pattern[str]:
    return re.compile(
        rf"https?://[^\s\"'<>]*?/r/{newsletter}/{period}/({CODE.pattern})(?![a-z2-7])"
    )


def _link(item: Story | ThreadItem) -> Link | None:
    url = cleaning.web(cleaning.clean(item.url or ""))
    return Link(code_of(item.article_id, url), item.article_id, url) if url else None


def _address(item: Story | ThreadItem, base: str) -> str | None:
    link = _link(item)
    return f"{base}/{link.code}" if link else item.url


def _moved(item: ThreadItem, base: str) -> ThreadItem:
    return replace(item, url=_address(item, base))
