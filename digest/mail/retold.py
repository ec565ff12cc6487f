"""A week whose own words are in another language than it was composed in; what people wrote stays as it is."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

from digest import phrases
from digest.model import IssueContent, Section, Story


def retold(content: IssueContent, language: str, *, into: str) -> IssueContent:
    """The week composed in `language` for a mail in another one.

    Only the words that composing put in are changed; stories keep their language, and say which it is.
    """
    if language == into:
        return content
    spoken = _dictionary(language, into)

    def told(story: Story) -> Story:
        return dataclasses.replace(
            story,
            section=spoken(story.section),
            marks=tuple(map(spoken, story.marks)),
            language=story.language or language,
        )

    return dataclasses.replace(
        content,
        intro=_intro(content, language, into),
        lead=told(content.lead) if content.lead else None,
        sections=tuple(
            Section(spoken(one.name), tuple(map(told, one.stories))) for one in content.sections
        ),
        briefs=tuple(map(told, content.briefs)),
    )


def _dictionary(language: str, into: str) -> Callable[[str], str]:
    ours, theirs = phrases.of(language), phrases.of(into)
    names = ("more", "most_discussed", "best_rated", "most_reactions")
    known = {getattr(ours, name): getattr(theirs, name) for name in names}
    return lambda text: known.get(text, text)


def _intro(content: IssueContent, language: str, into: str) -> str:
    """The line of numbers in the other language; an intro that a person wrote stays."""
    stories, minutes = len(content.stories), max(1, math.ceil(content.read_seconds / 60))
    if content.intro != phrases.intro(stories, minutes, language):
        return content.intro
    return phrases.intro(stories, minutes, into)
