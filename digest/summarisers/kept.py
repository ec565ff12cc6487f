"""A model's summaries as far as they have come in; the article's own sentences everywhere else.

Nothing is asked here: who waits for a draft waits for no model. `digest.writing` does the asking.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from digest.model import Summary
from digest.protocols import SummaryLimits, Told
from digest.summarisers import prompts
from digest.summarisers.extractive import ExtractiveSummariser

#: Why the model's summary is not there.
NOT_YET = "the model's summary has not come yet"


def key_of(model: str, title: str, text: str, limits: SummaryLimits) -> str:
    """Under what a model's answer is kept: everything that it depends on."""
    parts = (prompts.VERSION, model, str(limits.sentences), str(limits.words), title, text)
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptSummariser:
    """`look_up` gives what is kept under a key, if anything is."""

    model: str
    look_up: Callable[[str], Told | None]
    name: str = "chat"

    def summarise(self, title: str, text: str, limits: SummaryLimits) -> Summary:
        """The model's where it was accepted, else the article's own sentences with a note why."""
        told = self.look_up(key_of(self.model, title, text, limits)) if text.strip() else None
        if told and told.state == "accepted":
            return Summary(told.text, (), f"{self.name}:{self.model}")
        own = ExtractiveSummariser().summarise(title, text, limits)
        return replace(own, note=_why(told))


def _why(told: Told | None) -> str:
    if told is None:
        return NOT_YET
    if told.state == "refused":
        return f"the model's summary was not believed: {told.why}"
    return f"{NOT_YET}: {told.why}" if told.state == "later" else told.why
