"""A story told by its first sentences: `summariser = "opening"` in a schedule's `[summarise]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from digest import sentences, words
from digest.model import Sentence, Summary
from digest.plugins import Options, SummariserPlugin
from digest.protocols import SummaryLimits


class OpeningOptions(Options):
    """paragraphs: how many of the first ones are looked at."""

    paragraphs: int = Field(1, ge=1, le=5)


@dataclass(frozen=True, slots=True)
class OpeningSummariser:
    """Whole sentences from the beginning on, as many as fit."""

    name: ClassVar[str] = "opening"
    options: OpeningOptions

    def summarise(self, title: str, text: str, limits: SummaryLimits) -> Summary:
        """Places of the sentences count in `text`. A first sentence that is too long gives no summary."""
        picked: list[Sentence] = []
        for one in sentences.split(self._opening(text)):
            together = " ".join(sentence.text for sentence in (*picked, one))
            if len(picked) == limits.sentences or words.count(together) > limits.words:
                break
            picked.append(one)
        said = " ".join(" ".join(sentence.text for sentence in picked).split())
        return Summary(said, tuple(picked), self.name)

    def _opening(self, text: str) -> str:
        """The first paragraphs, from the text's very first letter on."""
        return "\n\n".join(text.split("\n\n")[: self.options.paragraphs])


PLUGIN = SummariserPlugin(make=OpeningSummariser, options=OpeningOptions)
