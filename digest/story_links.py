"""Links to stories by way of this server, which counts them for the two arms of a contest and names no reader.

The one seam to the counting: what a link begins with says which arm its mail is of. An edition has the
plain prefix; copies of the test get their arm's in its place, right before they are encoded.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, replace

from digest.mail.cleaning import web
from digest.mail.slots import SLOTS
from digest.model import Arm, Contest, IssueContent, Measure, Rendered, Section, Story, ThreadItem


@dataclass(frozen=True, slots=True)
class Doorway:
    """Where the links of one issue lead. public_url: the server's own address, without a slash at its end."""

    public_url: str
    newsletter: str
    period: str

    def prefix(self, arm: Arm | None = None) -> str:
        """What every story link begins with; the number of the article follows."""
        inner = f"{self.period}/{arm}" if arm else self.period
        return f"{self.public_url}/r/{self.newsletter}/{inner}/"


def counts_clicks(contest: Contest | None) -> bool:
    """True where the mail's story links are counted for a contest."""
    return contest is not None and contest.measure is not Measure.OPENS


def by_way_of(content: IssueContent, public_url: str) -> IssueContent:
    """The week with its story links leading here first; nothing is changed where none is counted."""
    if not counts_clicks(content.contest):
        return content
    prefix = Doorway(public_url, content.newsletter, content.period).prefix()
    return _each(content, lambda item: f"{prefix}{item.article_id}" if web(item.url) else None)


def _each(
    content: IssueContent, address: Callable[[Story | ThreadItem], str | None]
) -> IssueContent:
    def item(one: ThreadItem) -> ThreadItem:
        return replace(one, url=address(one))

    def story(one: Story) -> Story:
        goes_on = one.continues and replace(one.continues, item=item(one.continues.item))
        thread = tuple(map(item, one.thread))
        return replace(one, url=address(one), thread=thread, continues=goes_on)

    return replace(
        content,
        lead=story(content.lead) if content.lead else None,
        sections=tuple(
            Section(section.name, tuple(map(story, section.stories)))
            for section in content.sections
        ),
        briefs=tuple(map(story, content.briefs)),
    )


def of_arm(rendered: Rendered, contest: Contest, arm: Arm, doorway: Doorway) -> Rendered:
    """A copy of the test: its links, or a picture of one point, say which arm it is of. The checksum stays."""
    if contest.measure is Measure.OPENS:
        point = f'<img src="{SLOTS["leave_url"]}/seen/{arm}" width="1" height="1" alt="" style="display:block" />'
        page, at = rendered.html, rendered.html.rfind("</body>")
        return replace(rendered, html=f"{page[:at]}{point}{page[at:]}" if at >= 0 else page + point)
    old, new = doorway.prefix(), doorway.prefix(arm)
    return replace(
        rendered,
        html=rendered.html.replace(html.escape(old), html.escape(new)),
        text=rendered.text.replace(old, new),
    )
