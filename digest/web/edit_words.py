"""What editors did to an issue, in words: for its history, and for the one who came second."""

from __future__ import annotations

from collections.abc import Mapping

from digest.model import (
    ArticleId,
    Drop,
    Edit,
    Join,
    Move,
    Place,
    Split,
    StoryWords,
    Together,
    Words,
    Write,
    WriteMail,
)

Titles = Mapping[ArticleId, str]

_WRITTEN: Mapping[Words | StoryWords, str] = {
    Words.SUBJECT: "the subject",
    Words.PREHEADER: "the preheader",
    Words.INTRO: "the introduction",
    Words.OUTRO: "the closing words",
    Words.SECOND: "the second subject",
    Words.SHARE: "the share that is asked first",
    Words.WAIT: "the wait for the winner",
    Words.MEASURE: "what decides between the subjects",
    StoryWords.TITLE: "the headline",
    StoryWords.SUMMARY: "the summary",
    StoryWords.ALT: "the picture’s text",
    StoryWords.PICTURE: "the picture",
}
_PLACES: Mapping[Place, str] = {Place.LEAD: "at the top", Place.BRIEFS: "into the briefs"}


def clash(theirs: Edit) -> str:
    """What somebody else did meanwhile, so that the page shows both."""
    said = theirs.change
    if isinstance(said, Write | WriteMail):
        value = f"“{said.value}”" if said.value else "as it was made"
        what = f"{theirs.by} changed {_WRITTEN[said.what]} meanwhile: {value}."
    else:
        what = f"{theirs.by} made another change meanwhile: {done(theirs, {})}."
    return f"{what} That was not overwritten. Look again, then change it."


def done(edit: Edit, titles: Titles) -> str:
    """One change in words. titles: of the stories as they are known now."""
    said = edit.change
    if isinstance(said, Together):
        return _at_once(said, titles)
    if isinstance(said, WriteMail):
        return f"{_WRITTEN[said.what]} written"
    if isinstance(said, Move | Drop | Join | Split | Write):
        return _of_a_story(said, titles)
    return "a change taken back"


def _at_once(said: Together, titles: Titles) -> str:
    """What one press wrote: of the mail, or of one story."""
    if any(isinstance(one, WriteMail) and one.what is Words.SECOND for one in said.changes):
        return "two subjects tried"
    names = list(dict.fromkeys(_WRITTEN[one.what] for one in said.changes))
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if names[1:] else names[0]
    story = next((one.story for one in said.changes if isinstance(one, Write)), None)
    return f"{listed} written" if story is None else f"{listed} of {_named(story, titles)} changed"


def _of_a_story(said: Move | Drop | Join | Split | Write, titles: Titles) -> str:
    story = _named(said.story, titles)
    match said:
        case Move(to=to, place=place):
            return f"{story} put {_PLACES[place] if place else f'into {to}'}"
        case Drop():
            return f"{story} left out"
        case Join(into=into):
            return f"{story} told with {_named(into, titles)}"
        case Split():
            return f"{story} told on its own"
        case Write(what=what):
            return f"{_WRITTEN[what]} of {story} changed"


def _named(story: ArticleId, titles: Titles) -> str:
    return f"“{titles[story]}”" if story in titles else "a story"
