"""Who said it, who did it to whom, and whether it was done at all: quotations, roles, negations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from digest.facts.names import ROLES, runs
from digest.facts.reading import Text, Word, is_matter, stem

_QUOTED = re.compile(r"[\"“„«「]([^\"“”„«»「」]+)[\"”“»」]")
_SINGLE = re.compile(r"(?<![\w])'([^']{3,}?)'(?!\w)|(?<![\w])'([^\"]{12,}?)'(?=[\s.,;]|$)")
_SPEECH = frozenset(
    """said says say saying told tells added adds asked asks wrote writes tweeted warned warns insisted insists
    claimed claims explained explains replied replies argued argues noted notes called calls admitted admits announced
    declared described stated sagte erklärte dit dijo ha détto detto disse affirmé déclaré""".split()
)
NEGATORS = frozenset(
    """not no never n't none nobody nothing neither nor without cannot unable deny refuse reject fail lack
    nicht kein keine keinen keiner keinem nie niemals ohne weder ne pas jamais aucun aucune sans ni nunca ningún ninguna sin
    non mai nessun nessuna senza hardly barely unlikely stop prevent avoid halt block""".split()
)
_ACTIVE = frozenset("deny refuse reject fail stop prevent avoid halt block lack".split())
_PLAIN_NO = frozenset("not no never none nobody nothing neither nor without cannot unable".split())
_OPPOSITES = [
    frozenset(pair.split("/"))
    for pair in """approve/reject win/lose rise/fall increase/decrease accept/refuse guilty/innocent buy/sell support/oppose
    hire/fire allow/ban alive/dead north/south east/west northern/southern eastern/western first/last best/worst higher/lower
    highest/lowest most/least above/below before/after more/fewer more/less up/down open/close arrest/release gain/lose cheaper/dearer
    larger/smaller biggest/smallest increase/cut raise/cut raise/lower success/failure succeed/fail agree/refuse begin/end start/finish
    acquit/convict cleared/convicted legal/illegal safe/unsafe safe/dangerous early/late earlier/later male/female son/daughter
    brother/sister husband/wife mother/father uncle/aunt boy/girl man/woman growth/decline profit/loss surplus/deficit strengthen/weaken
    expand/shrink faster/slower hotter/colder warmer/cooler widen/narrow deny/confirm deny/admit maximum/minimum majority/minority
    arrive/depart enter/leave import/export remain/leave borrow/lend lift/impose lifted/imposed""".split()
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quotation:
    text: str
    start: int
    sentence: int


def quotations(text: Text) -> list[Quotation]:
    """What stands in quotation marks; apostrophes count as marks only around several words."""
    found = []
    for pattern in (_QUOTED, _SINGLE):
        for match in pattern.finditer(text.text):
            inner = match[1] or (match[2] if pattern is _SINGLE else "")
            before = [w for w in text.words if w.start <= match.start()]
            found.append(Quotation(inner, match.start(), before[-1].sentence if before else 0))
    return found


def flat(text: str) -> str:
    """Words alone, for finding one text in another."""
    return " ".join(re.findall(r"[^\W_]+", text.lower().replace("’", "'").replace("'", "")))


def is_quoted(quotation: Quotation, source: Text) -> bool:
    """Whether the source has the same words, from three words on in quotation marks as well."""
    wanted = flat(quotation.text)
    if not wanted:
        return True
    if f" {wanted} " not in f" {flat(source.text)} ":
        return False
    if len(wanted.split()) < 3:
        return True
    inside = " | ".join(flat(one.text) for one in quotations(source))
    return f" {wanted} " in f" {inside} " or _inside_open(wanted, source)


def _inside_open(wanted: str, source: Text) -> bool:
    """In a quotation whose marks do not come in pairs, as over paragraphs."""
    quoted = flat(" ".join(w.text for w in source.words if w.quoted))
    return f" {wanted} " in f" {quoted} "


def speaker_fits(quotation: Quotation, summary: Text, source: Text) -> bool:
    """Whether the one who says it in the summary stands near these words in the source."""
    said = _speaker(summary.by_sentence[quotation.sentence])
    if said is None:
        return True
    wanted = flat(quotation.text)
    rows = source.by_sentence
    for place in range(len(rows)):
        near = flat(" ".join(w.text for row in rows[place : place + 3] for w in row))
        if wanted not in near:
            continue
        first = place + 2 if wanted in flat(" ".join(w.text for w in sum(rows[place + 2 : place + 3], []))) else place
        own = [_speaker(row) for row in rows[max(0, first) : first + 2]]
        named = [one for one in own if one is not None]
        around = {w.low.removesuffix("'s") for row in rows[max(0, first - 2) : first + 2] for w in row}
        if named and named[0].low == said.low:
            return True
        if not named and (said.low in around or said.low not in {w.low for w in source.words}):
            return True
        if named and not named[0].capital and said.low in around:
            return True
    return False


def _speaker(row: list[Word]) -> Word | None:
    """The last word of the one who speaks in a sentence: the name, or the noun, beside the verb of speech."""
    outside = [w for w in row if not w.quoted]
    for at, word in enumerate(outside):
        if word.low not in _SPEECH:
            continue
        before = [w for w in outside[max(0, at - 7) : at] if not w.breaks and w.text not in '"“”']
        after = _until_break(outside[at + 1 : at + 7])
        for side in (list(reversed(before)), list(reversed(after))):
            named = [w for w in side if w.capital and w.low not in ROLES and is_matter(w)]
            if named:
                return named[0]
        nouns = [w for w in before if is_matter(w)] or [w for w in after if is_matter(w)]
        pronoun = any(w.low in ("he", "she", "they", "i", "we") for w in (*before[-2:], *after[:1]))
        return None if pronoun or not nouns else nouns[-1]
    return None


def _until_break(row: list[Word]) -> list[Word]:
    found: list[Word] = []
    for word in row:
        if word.breaks or word.text in '"“”':
            break
        found.append(word)
    return found


# ---------------------------------------------------------------- negation


@dataclass(frozen=True, slots=True)
class Denial:
    """A negator, the first word of matter behind it in its clause, and the stems of all of them."""

    negator: Word
    target: Word
    scope: frozenset[str]


def denied(row: list[Word]) -> list[Denial]:
    """What a sentence denies."""
    found = []
    for at, word in enumerate(row):
        if not _denies(word):
            continue
        behind = _until_break(row[at + 1 : at + 12])
        matter = [w for w in behind if is_matter(w) and w.low not in _FILL]
        first = [w for w in matter if not w.low.endswith("ly")] or matter
        if first:
            found.append(Denial(word, first[0], frozenset(w.stem for w in matter)))
    return found


def _denies(word: Word) -> bool:
    low = word.low
    return low in NEGATORS or word.stem in NEGATORS or low.endswith("n't")


_FILL = frozenset("yet any longer immediately able want seem appear going likely expected".split())


def negation_doubts(summary: Text, source: Text) -> Iterator[str]:
    """What is denied here and not there, or there and not here."""
    ours = [one for row in summary.by_sentence for one in denied(row)]
    theirs = [one for row in source.by_sentence for one in denied(row)]
    scope_there = frozenset(stem_ for one in theirs for stem_ in one.scope)
    scope_here = frozenset(stem_ for one in ours for stem_ in one.scope)
    for one in ours:
        active = one.negator.stem in _ACTIVE and one.negator.stem in source.stems
        if one.target.stem in scope_there or active:
            continue
        if not _denied_otherwise(one, summary, source):
            yield f"{one.negator.text} … {one.target.text}"
    for one in theirs:
        if one.target.stem in summary.stems - scope_here and _is_dropped(one, summary, source):
            yield f"{one.negator.text} … {one.target.text}"


def _denied_otherwise(one: Denial, summary: Text, source: Text) -> bool:
    """A denial in other words: the nearest sentence denies something too, and does not affirm this."""
    matter = summary.stems_by_sentence[one.target.sentence] - {one.target.stem, one.negator.stem}
    nearest = source.nearest(matter)
    if nearest is None or one.target.stem in source.stems_by_sentence[nearest]:
        return False
    return bool(denied(source.by_sentence[nearest]))


def _is_dropped(one: Denial, summary: Text, source: Text) -> bool:
    """True where a sentence here affirms what its nearest sentence there denies."""
    targets = {d.target.at for row in source.by_sentence for d in denied(row)}
    plain = [w for w in source.words if w.stem == one.target.stem and w.at not in targets]
    active = one.negator.stem in _ACTIVE
    for place, stems in enumerate(summary.stems_by_sentence):
        here = denied(summary.by_sentence[place])
        if one.target.stem not in stems or here or (active and (plain or one.negator.stem in stems)):
            continue
        nearest = source.nearest(stems)
        if not plain or (nearest == one.negator.sentence and all(w.sentence != nearest for w in plain)):
            return True
    return False


def opposite_doubts(summary: Text, source: Text) -> Iterator[str]:
    """A word whose opposite stands in the nearest sentence of the source, where it does not stand itself."""
    for place, row in enumerate(summary.by_sentence):
        here = {_base(w.low) for w in row} | {w.low for w in row}
        nearest = source.nearest(summary.stems_by_sentence[place])
        if nearest is None:
            continue
        near = source.by_sentence[nearest]
        there = {_base(w.low) for w in near} | {w.low for w in near}
        everywhere = source.stems | {w.low for w in source.words}
        for pair in _OPPOSITES:
            one, other = sorted(pair)
            for a, b in ((one, other), (other, one)):
                mine = {a, stem(a)} & here and not {b, stem(b)} & here
                if mine and {b, stem(b)} & there and not {a, stem(a)} & there and _lone(a, everywhere, row, near):
                    yield f"{a} (the source: {b})"


def _lone(word: str, everywhere: frozenset[str] | set[str], row: list[Word], near: list[Word]) -> bool:
    """True unless a negation on one side makes opposites agree."""
    return bool(denied(row)) == bool(denied(near))


def _base(low: str) -> str:
    return stem(low)


# ---------------------------------------------------------------- roles


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what to whom."""

    agent: str
    verb: str
    patient: str


def deeds(text: Text) -> set[Deed]:
    """What can be read from the order of two names and the words between them; passive turned round."""
    found: set[Deed] = set()
    for row in text.by_sentence:
        named = [run for run in _runs_of(row)]
        for left, right in pairwise(named):
            between = row[row.index(left[-1]) + 1 : row.index(right[0])]
            if any(w.breaks or w.low in ("and", "or", "but", "while") for w in between):
                continue
            verbs = [w for w in between if is_matter(w) and not w.capital]
            if not verbs:
                continue
            passive = any(w.low == "by" for w in between) and any(
                w.low in ("was", "were", "is", "are", "been", "being", "be") for w in between
            )
            ends = (right[-1].low, left[-1].low) if passive else (left[-1].low, right[-1].low)
            found |= {Deed(ends[0].removesuffix("'s"), w.stem, ends[1].removesuffix("'s")) for w in verbs}
    return found


def _runs_of(row: list[Word]) -> list[list[Word]]:
    found: list[list[Word]] = []
    for at, word in enumerate(row):
        name = word.capital and not word.is_mark and not (word.first and not is_matter(word))
        if not name:
            continue
        if found and row[at - 1] is found[-1][-1]:
            found[-1].append(word)
        else:
            found.append([word])
    return found


def role_doubts(summary: Text, source: Text) -> Iterator[str]:
    """Deeds that the source has the other way round, and titles that it gives to another."""
    theirs = deeds(source)
    for deed in deeds(summary):
        turned = Deed(deed.patient, deed.verb, deed.agent)
        if turned in theirs and deed not in theirs:
            yield f"{deed.agent} … {deed.verb} … {deed.patient}"
    for run in runs(summary):
        yield from _title(run, summary, source)


def _title(run: list[Word], summary: Text, source: Text) -> Iterator[str]:
    row = summary.by_sentence[run[0].sentence]
    at = row.index(run[0])
    titles = [w for w in row[max(0, at - 2) : at] if w.low in ROLES]
    titles += [w for w in run if w.low in ROLES]
    name = next((w for w in reversed(run) if w.low not in ROLES), None)
    if name is None or not titles:
        return
    wanted = name.low.removesuffix("'s")
    rows = source.by_sentence
    near = [
        {w.low for w in rows[place][max(0, i - 8) : i + 9]}
        for place in range(len(rows))
        for i, word in enumerate(rows[place])
        if word.low.removesuffix("'s") == wanted
    ]
    for title in titles:
        polite = title.low in ("mr", "mrs", "ms", "miss", "herr", "frau", "monsieur", "madame")
        if near and not polite and not any(title.low in found or title.stem in {stem(w) for w in found} for found in near):
            yield f"{title.text} {name.text}"
