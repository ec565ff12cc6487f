"""Who said it, who did it to whom, and whether it was done at all: quotations, roles, negations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from digest.facts.calendar_words import DAYS, MONTHS, day_of
from digest.facts.names import NATIONS, ROLES, runs
from digest.facts.reading import COUNTING, Text, Word, is_matter, stem

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
    highest/lowest most/least above/below shut/open more/fewer more/less up/down open/close arrest/release gain/lose cheaper/dearer
    larger/smaller biggest/smallest increase/cut raise/cut raise/lower success/failure succeed/fail agree/refuse begin/end start/finish
    acquit/convict cleared/convicted legal/illegal safe/unsafe safe/dangerous male/female son/daughter
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
    """Whether the one who says it in the summary says these words in the source."""
    said = _speaker(summary.by_sentence[quotation.sentence])
    spans = _places(flat(quotation.text), source)
    return said is None or not spans or any(_says(said, span, source) for span in spans)


def _places(wanted: str, source: Text) -> list[range]:
    """The sentences of the source that hold these words: one, or up to three side by side."""
    lines = [flat(" ".join(w.text for w in row)) for row in source.by_sentence]
    for size in (1, 2, 3, 4):
        found = [
            range(at, at + size)
            for at in range(len(lines) - size + 1)
            if f" {wanted} " in f" {' '.join(lines[at : at + size])} "
        ]
        if found:
            return found
    return []


def _says(said: Word, span: range, source: Text) -> bool:
    """Own word, or, where the source says `he said` or nothing, a name nearby."""
    rows = source.by_sentence
    own = [one for place in span if (one := _speaker(rows[place])) is not None]
    if not own and span.stop < len(rows) and not _has_pronoun(rows, span):
        own = [one for one in (_speaker(rows[span.stop]),) if one is not None]
    name = said.low.removesuffix("'s")
    if own and own[0].capital:
        return own[0].low.removesuffix("'s") == name
    around = {w.low.removesuffix("'s") for row in rows[max(0, span.start - 2) : span.stop + 1] for w in row}
    everywhere = {w.low.removesuffix("'s") for w in source.words}
    last = _last_person(rows[max(0, span.start - 2) : span.start])
    if not own and last and said.capital and _has_pronoun(rows, span):
        return last.low.removesuffix("'s") == name or name not in everywhere
    return name in around or name not in everywhere


def _has_pronoun(rows: list[list[Word]], span: range) -> bool:
    outside = [w.low for place in span for w in rows[place] if not w.quoted]
    return any(low in ("he", "she", "they") for low in outside)


def _last_person(rows: list[list[Word]]) -> Word | None:
    """The one whom `he` or `she` most likely is: the first name of the nearest sentence that has one."""
    for row in reversed(rows):
        runs_ = [run for run in _runs_of(row) if any(_is_person(w) for w in run)]
        if runs_:
            return [w for w in runs_[0] if _is_person(w)][-1]
    return None


def _speaker(row: list[Word]) -> Word | None:
    """The last word of the one who speaks in a sentence: the name, or the noun, beside the verb of speech."""
    outside = [w for w in row if not w.quoted]
    for at, word in enumerate(outside):
        if word.low not in _SPEECH:
            continue
        before = [w for w in outside[max(0, at - 7) : at] if not w.breaks and w.text not in '"“”']
        after = _until_break(outside[at + 1 : at + 7])
        for side in (list(reversed(before)), list(reversed(after))):
            named = [w for w in side if _is_person(w)]
            if named:
                return named[0]
        nouns = [w for w in before if is_matter(w)] or [w for w in after if is_matter(w)]
        pronoun = any(w.low in ("he", "she", "they", "i", "we") for w in (*before[-2:], *after[:1]))
        return None if pronoun or not nouns else nouns[-1]
    return None


def _is_person(word: Word) -> bool:
    return word.capital and is_matter(word) and word.low not in ROLES and word.low not in NATIONS


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
        if low_object := _is_object(row, at):
            behind = [*low_object, *behind]
        matter = [w for w in behind if is_matter(w) and w.low not in _FILL]
        first = [w for w in matter if not w.low.endswith("ly")] or matter
        if first:
            found.append(Denial(word, first[0], frozenset(w.stem for w in matter)))
    return found


def _is_object(row: list[Word], at: int) -> list[Word]:
    """The verb of which a `no one` or `nothing` is the object."""
    pair = row[at].low == "no" and at + 1 < len(row) and row[at + 1].low == "one"
    if not pair and row[at].low not in ("nobody", "nothing", "none", "no"):
        return []
    before = [w for w in row[max(0, at - 2) : at] if is_matter(w) and not w.capital and not w.breaks]
    return before[-1:]


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
        there = source.stems_by_sentence[one.negator.sentence]
        if nearest == one.negator.sentence and all(w.sentence != nearest for w in plain):
            return True
        if not plain and len(stems & there) >= 2:
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
        if _against(here, there) and "for" in here | there:
            yield "for (the source: against)" if "against" in there else "against (the source: for)"
        for pair in _OPPOSITES:
            one, other = sorted(pair)
            for a, b in ((one, other), (other, one)):
                mine = {a, stem(a)} & here and not {b, stem(b)} & here
                if "win" in pair and _others(row, near):
                    continue
                if mine and {b, stem(b)} & there and not {a, stem(a)} & there and _lone(a, everywhere, row, near):
                    yield f"{a} (the source: {b})"


def _others(row: list[Word], near: list[Word]) -> bool:
    """Whether the two sentences begin with different names: what one wins the other loses."""
    ours, theirs = _runs_of(row), _runs_of(near)
    return bool(ours and theirs) and ours[0][-1].low != theirs[0][-1].low


def _against(here: set[str], there: set[str]) -> bool:
    """A vote, or a word, for what the source is against."""
    speaks = here & there & {"vote", "argu", "speak", "campaign"}
    return bool(speaks) and ("against" in here) != ("against" in there)


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


#: Verbs whose two sides change places in another verb.
_BEATS = frozenset("beat defeat overcom thrash edg win".split())
_PLACED = frozenset("in of from at near".split())


def deeds(text: Text) -> set[Deed]:
    """What can be read from the order of names and the words between them; passive turned round."""
    found: set[Deed] = set()
    for row in text.by_sentence:
        named = _runs_of(row)
        for left, right in pairwise(named):
            between = row[row.index(left[-1]) + 1 : row.index(right[0])]
            found |= set(_deeds(_end(left), _end(right), between))
        for at, run in enumerate(named):
            stop = row.index(named[at + 1][0]) if at + 1 < len(named) else len(row)
            found |= set(_object(_end(run), row[row.index(run[-1]) + 1 : stop]))
    return found


def _end(run: list[Word]) -> str:
    return run[-1].low.removesuffix("'s")


def _deeds(left: str, right: str, between: list[Word]) -> Iterator[Deed]:
    low = [w.low for w in between]
    if len(low) == 1 and low[0] in _PLACED:
        yield Deed(left, "in", right)
        return
    if any(w.breaks or w.low in ("and", "or", "but", "while") for w in between):
        return
    passive = "by" in low and bool({"was", "were", "is", "are", "been", "being", "be"} & {*low})
    agent, patient = (right, left) if passive else (left, right)
    for verb in (w.stem for w in between if is_matter(w) and not w.capital):
        if verb == "lose" and "to" in low:
            yield Deed(patient, "beat", agent)
        elif verb in _BEATS and not (verb == "win" and not {"against", "over"} & {*low}):
            yield Deed(agent, "beat", patient)
        elif verb != "lose":
            yield Deed(agent, verb, patient)


def _object(agent: str, behind: list[Word]) -> Iterator[Deed]:
    """`Poland will buy 24 drones`: what a name does to a thing."""
    behind = _until_break(behind)
    ends = [at for at, w in enumerate(behind) if w.low in ("and", "but", "while")]
    matter = [w for w in behind[: ends[0] if ends else None] if is_matter(w) and w.text.isalpha()]
    matter = [w for w in matter if w.low not in COUNTING]
    if len(matter) >= 2 and not any(w.low == "by" for w in behind):
        yield Deed(agent, f"{matter[0].stem}:", matter[1].stem)


def _runs_of(row: list[Word]) -> list[list[Word]]:
    found: list[list[Word]] = []
    for at, word in enumerate(row):
        name = word.capital and not word.is_mark and not (word.first and not is_matter(word))
        if not name or day_of(word.low) in DAYS or word.low in MONTHS:
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
        if deed not in theirs and any(_contradicts(deed, one, theirs) for one in theirs):
            if deed.verb == "in" and _side_by_side(deed, source):
                continue
            yield f"{deed.agent} … {deed.verb.rstrip(':')} … {deed.patient}"
    for run in runs(summary):
        yield from _title(run, summary, source)


def _side_by_side(deed: Deed, source: Text) -> bool:
    """Whether the two stand within a few words of each other."""
    low = [w.low.removesuffix("'s") for w in source.words]
    return any(
        deed.patient in low[max(0, at - 5) : at + 6] for at, one in enumerate(low) if one == deed.agent
    )


def _contradicts(deed: Deed, one: Deed, theirs: set[Deed]) -> bool:
    if one.verb != deed.verb:
        return False
    if deed.verb == "in":  # the same thing at another place
        return one.agent == deed.agent and one.patient != deed.patient
    if deed.verb.endswith(":"):  # the same done by another
        known = any(t.agent == deed.agent for t in theirs)
        return known and one.patient == deed.patient and one.agent != deed.agent
    return one == Deed(deed.patient, deed.verb, deed.agent)


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
        if near and not polite and not any(_has_title(title, found) for found in near):
            yield f"{title.text} {name.text}"


def _has_title(title: Word, found: set[str]) -> bool:
    """`owner` is there where something is `owned`."""
    return title.low in found or any(stem(w) == title.stem or w[:4] == title.low[:4] for w in found)
