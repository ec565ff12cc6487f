"""How sentences open: those that cannot be understood without the one before them, in eight languages."""

from __future__ import annotations

import re
from functools import cache

#: Opens a sentence that leans on the one before it.
_LEANING = {
    "en": r"he|she|it|they|him|his|her|hers|their|theirs|its|this|that|these|those|such|both|but"
    r"|and|so|then|also|however|meanwhile|moreover|furthermore|nevertheless|nonetheless|therefore"
    r"|thus|hence|instead|otherwise|besides|still|yet|or|nor|which|another|others|the (?:latter|former|"
    r"pair|duo|trio|move|two|three|same|other|others|news|incident|decision|announcement|statement|remarks?)"
    r"|for (?:example|instance|his part|her part|their part)|as (?:a result|such|well as)"
    r"|in (?:addition|contrast|turn|fact|response|total|other words)"
    r"|on the other hand|after(?:wards| that)|earlier|later|there|similarly|likewise|indeed|finally"
    r"|i|we|you|my|our|your|one of (?:them|those|these)|some of (?:them|those|these)|(?:all|none|each|many|most) of (?:them|those|these)|neither",
    "de": r"er|sie|es|aber|doch|und|dies\w*|dabei|damit|dann|deshalb|daher|jedoch|zudem|außerdem|trotzdem|dort",
    "fr": r"il|elle|ils|elles|mais|cependant|toutefois|pourtant|ainsi|celui-ci|celle-ci|ceux-ci|cela|cet|cette",
    "es": r"pero|sin embargo|además|ella|ellos|ellas|este|esta|esto|estos|estas|ese|esa|eso",
    "it": r"ma|però|inoltre|egli|essa|lui|lei|loro|questo|questa|questi|queste|tuttavia",
}


def _opening(words: str) -> re.Pattern[str]:
    return re.compile(rf"[\"“'‘«]?\s?(?:{words})(?!['’]?[\w-])(?!-)", re.IGNORECASE)


_LEANS = _opening("|".join(_LEANING.values()))


@cache  # who summarises needs none of these, and each takes a millisecond to compile
def _leans_in(language: str) -> re.Pattern[str]:
    return _opening(_LEANING[language])


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


def leans(text: str, language: str = "") -> bool:
    """True for a sentence that cannot be understood without the one before it.

    language: of its words alone, since French `il` opens what leans and Italian `il` does not; empty: of all.
    """
    latin = _leans_in(language) if language in _LEANING else _LEANS
    openings = (
        (latin, _CONTRACTED)
        if text[:12].isascii()
        else (latin, _LEANS_UNSPACED, _LEANS_ARABIC, _CONTRACTED)
    )
    return text[:1] in ("-", "–", "—") or any(opening.match(text) for opening in openings)
