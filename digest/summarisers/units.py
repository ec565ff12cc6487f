"""An article as the choice sees it: units of sentences that only come together, without furniture."""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest import sentences, words
from digest.model import Sentence
from digest.protocols import SummaryLimits
from digest.summarisers import page_lines, quotations

#: Opens a sentence that leans on the one before it.
_LEANS = re.compile(
    r"[\"“'‘«]?\s?(?:he|she|it|they|him|his|her|hers|their|theirs|its|this|that|these|those|such|both|but"
    r"|and|so|then|also|however|meanwhile|moreover|furthermore|nevertheless|nonetheless|therefore"
    r"|thus|hence|instead|otherwise|besides|still|yet|or|nor|which|another|others|the (?:latter|former|"
    r"pair|duo|trio|move|two|three|same|other|others|news|incident|decision|announcement|statement|remarks?)"
    r"|for (?:example|instance|his part|her part|their part)|as (?:a result|such|well as)"
    r"|in (?:addition|contrast|turn|fact|response|total|other words)"
    r"|on the other hand|after(?:wards| that)|earlier|later|there|similarly|likewise|indeed|finally"
    r"|i|we|you|my|our|your|one of (?:them|those|these)|some of (?:them|those|these)|(?:all|none|each|many|most) of (?:them|those|these)|neither"
    r"|er|sie|es|aber|doch|und|dies\w*|dabei|damit|dann|deshalb|daher|jedoch|zudem|außerdem|trotzdem|dort"
    r"|il|elle|ils|elles|mais|cependant|toutefois|pourtant|ainsi|celui-ci|celle-ci|ceux-ci|cela|cet|cette"
    r"|pero|sin embargo|además|ella|ellos|ellas|este|esta|esto|estos|estas|ese|esa|eso"
    r"|ma|però|inoltre|egli|essa|lui|lei|loro|questo|questa|questi|queste|tuttavia)(?!['’]?[\w-])(?!-)",
    re.IGNORECASE,
)
_LEANS_UNSPACED = re.compile(
    r"[「『“\"]?(?:しかし|だが|また|さらに|そして|それ|これ|この|その|彼|彼女|一方|但是|但|然而|而且|此外|他|她|它|这|那|其|同时)"
)
_LEANS_ARABIC = re.compile(
    r"[«\"“]?(?:هو|هي|هم|هما|لكن|ولكن|غير أن|كما|وقال|وأضاف|وأضافت|وقالت|وأوضح|وأشار|وأكد|وتابع|هذا|هذه|ذلك|تلك"
    r"|وهو|وهي|وكان|وكانت|ثم)(?!\w)"
)
_CONTRACTED = re.compile(
    r"[\"“'‘]?(?:he|she|it|they|that|there|i|we|you|who|what|here)['’](?:s|re|ve|d|ll|m)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?؟？][\"'”’»」』)\]]*$")
_FINISHED = re.compile(r"[.!?…؟۔。！？।॥։።][\"'”’»」』)\]]*$")


@dataclass(frozen=True, slots=True)
class Unit:
    """One or more sentences that only come together, with what the choice needs to know of them.

    usable: fits the limits and is a whole statement. quotes: its quotation marks come in pairs.
    """

    sentences: tuple[Sentence, ...]
    words: int
    leans: bool
    usable: bool
    quotes: bool

    @property
    def text(self) -> str:
        """On one line, as it is printed."""
        return " ".join(flat(s.text) for s in self.sentences)


def read_units(title: str, text: str, limits: SummaryLimits) -> list[Unit]:
    """A text's sentences without furniture, quotations kept together."""
    found = quotations.with_own_marks(list(sentences.split(text)), text)
    kept = [
        s for i, s in enumerate(found) if not page_lines.is_furniture(title, s.text, at_start=i < 3)
    ]
    kept = [page_lines.without_bullet(s) for s in kept]
    if kept:
        kept[0] = page_lines.without_dateline(kept[0])
    return [_unit(group, limits) for group in quotations.groups(text, kept)]


def _unit(group: tuple[Sentence, ...], limits: SummaryLimits) -> Unit:
    text = " ".join(s.text for s in group)
    size = sum(words.count(s.text) for s in group)
    usable = (
        len(group) <= limits.sentences
        and size <= limits.words
        and not any(is_question(s.text) for s in group)
        and is_finished(text)
        and (size >= 4 or not text.isascii())
    )
    return Unit(
        group, size, leans(text) or quotations.is_all(text), usable, quotations.is_whole(text)
    )


def leans(text: str) -> bool:
    """True for a sentence that cannot be understood without the one before it."""
    openings = (
        (_LEANS, _CONTRACTED)
        if text[:12].isascii()
        else (_LEANS, _LEANS_UNSPACED, _LEANS_ARABIC, _CONTRACTED)
    )
    return text[:1] in ("-", "–", "—") or any(opening.match(text) for opening in openings)


def is_question(text: str) -> bool:
    return bool(_QUESTION.search(text))


def is_finished(text: str) -> bool:
    """True where a mark says that the sentence is over."""
    return bool(_FINISHED.search(text))


def flat(text: str) -> str:
    """On one line."""
    return " ".join(text.split())
