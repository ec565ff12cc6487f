"""What one stage hands to the next, from the selection to the ranking."""

from __future__ import annotations

from dataclasses import dataclass

from digest.model.articles import Article, ArticleId
from digest.model.times import Window


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An article of the window that is not in the mail, and the reason in plain words.

    copy_of: the article whose text it repeats.
    """

    article_id: ArticleId
    reason: str
    title: str = ""
    url: str | None = None
    copy_of: ArticleId | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What `collect` decides: the window's articles, kept or left out. Together they are all of them."""

    window: Window
    kept: tuple[Article, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def total(self) -> int:
        return len(self.kept) + len(self.left_out)


@dataclass(frozen=True, slots=True)
class Storyline:
    """Articles about one event. `lead` is told in full, `members` (oldest first, lead included) are its thread."""

    lead: Article
    members: tuple[Article, ...]
    reason: str = ""

    @property
    def followers(self) -> tuple[Article, ...]:
        return tuple(a for a in self.members if a.id != self.lead.id)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a summary and where it stands in the source: `text[start:end]`, in characters."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Two or three sentences; `method` names the summariser that wrote them."""

    text: str
    sentences: tuple[Sentence, ...] = ()
    method: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a score, in points and in plain words."""

    name: str
    points: float
    text: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A storyline with its score and the parts of it; the parts sum to the score."""

    storyline: Storyline
    score: float
    reasons: tuple[Reason, ...]
