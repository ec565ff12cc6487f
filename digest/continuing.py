"""Which stories go on from an earlier issue: this week's storylines held against what was told before.

Pure comparison, by the same likeness that makes storylines, but for the days in between: a trial may go on for
months. The newest issue is asked first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from digest import likeness
from digest.model import ArticleId, Continued, Past, Story, Storyline, ThreadItem
from digest.protocols import TitledText
from digest.storylines import THRESHOLD


def find(lines: Sequence[Storyline], past: Past) -> dict[ArticleId, Continued]:
    """For the lead of each storyline that goes on, the story that it goes on from."""
    told = [(content.period, story) for content in past.told for story in content.stories]
    if not lines or not told:
        return {}
    members = [article for line in lines for article in line.members]
    texts = ((one.title, one.text) for one in members)
    before = (_told(story, past.texts) for _, story in told)
    later = likeness.of_later(texts, before, len(members))
    pairs, told = later.pairs, [told[place] for place in later.before]
    found, at = {}, 0
    for line in lines:
        rows = slice(at, at + len(line.members))
        at = rows.stop
        like = pairs.like[rows].mean(axis=0)
        may = np.any(pairs.may[rows], axis=0)
        fitting = np.flatnonzero((like >= THRESHOLD) & may)
        if len(fitting):
            period = max(told[n][0] for n in fitting)
            best = max((n for n in fitting if told[n][0] == period), key=lambda n: (like[n], -n))
            found[line.lead.id] = Continued(period=period, item=_item(told[best][1]))
    return found


def _told(story: Story, texts: Mapping[ArticleId, str]) -> TitledText:
    """A told story as it is compared: by its article's text, or by what the mail said of it."""
    return story.title, texts.get(story.article_id) or story.summary.text


def _item(story: Story) -> ThreadItem:
    return ThreadItem(
        article_id=story.article_id,
        title=story.title,
        url=story.url,
        published_at=story.published_at,
    )
