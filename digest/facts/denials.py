"""Denials and opposites: is the same denied here and there, and is nothing turned into its contrary?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from digest.facts import meanings
from digest.facts.names import runs_in
from digest.facts.reading import COUNTING, Text, Word, clause_of, context, is_matter, stem, stems_of
from digest.facts.word_lists import word_set

NEGATORS = word_set(
    """not no never n't none nobody nothing neither nor without cannot unable deny refuse reject fail lack nicht kein
    keine keinen keiner keinem nie niemals ohne weder ne n' pas jamais aucun aucune sans ni nunca ningún ninguna sin
    non nessun nessuna senza hardly barely unlikely stop prevent avoid halt block"""
)
_ACTIVE = word_set("deny refuse reject fail stop prevent avoid halt block lack")
NO = word_set("not no never none nobody nothing neither nor without cannot unable")
_OPPOSITES = [
    frozenset(pair.split("/"))
    for pair in ["approve/reject", "win/lose", "rise/fall", "increase/decrease", "accept/refuse", "guilty/innocent", "buy/sell", "support/oppose", "hire/fire", "allow/ban", "alive/dead", "north/south", "east/west", "northern/southern", "eastern/western", "first/last", "best/worst", "higher/lower", "highest/lowest", "most/least", "above/below", "shut/open", "more/fewer", "more/less", "up/down", "open/close", "arrest/release", "gain/lose", "cheaper/dearer", "larger/smaller", "biggest/smallest", "increase/cut", "raise/cut", "raise/lower", "success/failure", "succeed/fail", "agree/refuse", "begin/end", "start/finish", "start/end", "begin/finish", "acquit/convict", "cleared/convicted", "legal/illegal", "safe/unsafe", "safe/dangerous", "male/female", "son/daughter", "brother/sister", "husband/wife", "mother/father", "uncle/aunt", "boy/girl", "man/woman", "growth/decline", "profit/loss", "surplus/deficit", "strengthen/weaken", "expand/shrink", "rise/shrink", "give/reject", "accept/reject", "faster/slower", "hotter/colder", "warmer/cooler", "widen/narrow", "deny/confirm", "deny/admit", "maximum/minimum", "majority/minority", "arrive/depart", "enter/leave", "import/export", "remain/leave", "borrow/lend", "lift/impose", "lifted/imposed", "left/right", "praise/criticise", "praise/criticize", "welcome/condemn", "welcome/criticise", "hide/show", "keep/return", "join/leave", "add/remove", "oldest/youngest", "older/younger", "earlier/later", "heavier/lighter", "richer/poorer", "stronger/weaker", "rich/poor", "resign/dismiss", "keep/abandon", "keep/lose", "keep/sell", "public/private", "abstain/vote", "favor/contra", "dafür/dagegen", "höchste/niedrigste", "gestiegen/gesunken", "steigen/sinken", "hausse/baisse", "augmenter/baisser", "subir/bajar", "antes/después", "avant/après", "más/menos", "plus/moins", "mehr/weniger", "future/past", "winter/summer", "wet/dry", "near/far", "optimistic/pessimistic", "permanent/temporary", "voluntary/compulsory", "optional/mandatory", "tighten/loosen", "tighten/ease", "minimum/maximum", "appear/vanish", "healthy/ill", "full/empty", "early/late", "cheap/costly", "slowly/quickly", "ahead/behind", "inside/outside", "defend/attack", "victim/culprit", "buyer/seller", "landlord/tenant", "employer/employee", "plaintiff/defendant", "double/halve"]
]  # fmt: skip


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
        follows = row[at + 1].low if at + 1 < len(row) else ""
        declines = word.low in ("declined", "declines") and follows == "to"
        falls = word.stem == "fail" and follows != "to"  # `a charge failed`
        if (
            falls
            or not (declines or _denies(word))
            or (word.low == "lack" and at and row[at - 1].low in ("a", "the", "of"))
        ):
            continue
        behind = clause_of(row[at + 1 : at + 12])
        ends = [n for n, w in enumerate(behind) if w.low == "but"]
        behind = behind[: ends[0]] if ends else behind
        if low_object := _is_object(row, at):
            behind = [*low_object, *behind]
        matter = [w for w in behind if (is_matter(w) or w.stem in _VERBS) and w.low not in _FILL]
        first = [w for w in matter if not w.low.endswith("ly")] or matter
        if first:
            found.append(Denial(word, first[0], frozenset(w.stem for w in matter)))
    return found


def _is_object(row: list[Word], at: int) -> list[Word]:
    """The verb of which a `no one` or `nothing` is the object."""
    if any(w.low in _FOREIGN for w in row):
        return []
    pair = row[at].low == "no" and at + 1 < len(row) and row[at + 1].low == "one"
    if not pair and row[at].low not in ("nobody", "nothing", "none", "no"):
        return []
    before = row[max(0, at - 2) : at]
    breaks = [place for place, w in enumerate(before) if w.breaks or w.low in ("and", "but")]
    before = before[breaks[-1] + 1 :] if breaks else before
    return [w for w in before if is_matter(w) and not w.capital][-1:]


#: Where these stand, `no` is no English one.
_FOREIGN = word_set("el la los las del de que un una por con se il lo che di en")


def _denies(word: Word) -> bool:
    low = word.low
    return low in NEGATORS or word.stem in _ACTIVE or low.endswith("n't")


#: Verbs that carry matter where they are denied.
_VERBS = word_set(
    "over enough alone against tell told say said inform go get give take make come keep want need know see use put let"
)
_FILL = word_set(
    "yet any longer immediately able want seem going likely expected encore noch todavía aún ancora plus même"
)


def negation_doubts(summary: Text, source: Text) -> Iterator[str]:
    """What is denied here and not there, or there and not here."""
    ours = [one for row in summary.by_sentence for one in denied(row)]
    theirs = [one for row in source.by_sentence for one in denied(row)]
    scope_there = frozenset(stem_ for one in theirs for stem_ in one.scope)
    scope_here = frozenset(stem_ for one in ours for stem_ in one.scope)
    for one in ours:
        active = one.negator.stem in _ACTIVE
        if {one.target.stem, *meanings.meant(one.target.stem)} & scope_there or (
            active and one.negator.stem in source.stems
        ):
            continue
        if active and any(one.scope & there.scope for there in theirs):
            continue
        if _denied_there(one, summary, source, theirs):
            continue
        rest = one.scope - {one.target.stem}
        if rest & scope_there and (one.negator.low == "no" or one.target.stem not in source.stems):
            continue  # `played no role` of `had no part`
        if not _denied_otherwise(one, summary, source):
            yield f"{one.negator.text} … {one.target.text}"
    for one in theirs:
        if one.target.stem in summary.stems - scope_here and _is_dropped(one, summary, source):
            yield f"{one.negator.text} … {one.target.text}"


def _denied_there(one: Denial, summary: Text, source: Text, theirs: list[Denial]) -> bool:
    """`No second prize was awarded`: the nearest sentence denies another word of the same statement."""
    nearest = source.nearest(summary.stems_by_sentence[one.target.sentence])
    plain = [d for d in (one, *theirs) if d.negator.stem not in _ACTIVE and not d.scope & _ACTIVE]
    return one in plain and any(
        d.negator.sentence == nearest and (d.target.stem in one.scope or one.target.stem in d.scope)
        for d in plain
        if d is not one
    )


def _denied_otherwise(one: Denial, summary: Text, source: Text) -> bool:
    """A denial in other words: the nearest sentence denies something too, and does not affirm this."""
    matter = summary.stems_by_sentence[one.target.sentence] - {one.target.stem, one.negator.stem}
    nearest = source.nearest(matter)
    if nearest is None or one.target.stem in source.stems_by_sentence[nearest]:
        return False
    near = source.by_sentence[nearest]
    forbidden = any(w.stem == "ban" or w.low.startswith(_BANS) for w in near)
    return forbidden or any(w.low in _LESS for w in near) or is_soft(near) or bool(denied(near))


_LESS = word_set(
    "only too waive waived waives exempt exempted drop drops dropped cancelled canceled scrapped"
)
#: What is banned is not done.
_BANS = ("prohib", "verbiet", "verbot", "interdi", "vieta")


def _is_dropped(one: Denial, summary: Text, source: Text) -> bool:
    """True where a sentence here affirms what its nearest sentence there denies."""
    targets = {d.target.at for row in source.by_sentence for d in denied(row)}
    plain = [w for w in source.words if w.stem == one.target.stem and w.at not in targets]
    active = one.negator.stem in _ACTIVE
    for place, stems in enumerate(summary.stems_by_sentence):
        row = _affirming(one.target.stem, summary.by_sentence[place])
        if (
            not row
            or (one.negator.low == "without" and "lose" in {w.stem for w in row})
            or (active and (plain or one.negator.stem in stems))
        ):
            continue
        nearest = source.nearest(stems)
        there = source.stems_by_sentence[one.negator.sentence]
        if one.target.stem in _ATTRIBUTES and _is_last(one.target.stem, summary, place):
            continue
        if nearest == one.negator.sentence and all(w.sentence != nearest for w in plain):
            return True
        shared = len(stems & there) + (one.target.stem not in stems)
        if not plain and shared >= 2:
            return True
    return False


def _affirming(target: str, row: list[Word]) -> list[Word]:
    """The piece of a sentence that has a word and denies nothing, not even softly; or nothing."""
    for piece in _pieces(row):
        if any(w.stem == target for w in piece):
            return [] if denied(piece) or is_soft(piece) else piece
    return []


#: They deny in another way what they are told of: `lost power`, `has yet to decide`, `only two hours before`.
_SOFT = word_set(
    """only until unclear undecided unknown unsure uncertain open remains remain missing missed absent spares spared yet still
    unaffected unharmed unhurt exempt decline unchanged lack besides except"""
)


def is_soft(row: list[Word]) -> bool:
    """Whether something is denied without a word that denies."""
    pairs = pairwise(row)
    away = any((one.low, other.low) in _AWAY for one, other in pairs)
    return away or any(w.low in _SOFT or _is_undone(w.low) for w in row)


_AWAY = frozenset((("out", "of"), ("free", "of"), ("free", "from")))


def _is_undone(low: str) -> bool:
    """`unrecorded`, `unwanted`."""
    return (
        low.startswith("un") and low.endswith("ed") and len(low) > 6 and not low.startswith("uni")
    )


_ATTRIBUTES = word_set("find say announc announce report show tell add suggest")


def _is_last(stem_: str, summary: Text, place: int) -> bool:
    """Whether a sentence ends by it, as by `…, a study found`."""
    matter = [w.stem for w in summary.by_sentence[place] if is_matter(w)]
    return matter[-1:] == [stem_]


def opposite_doubts(summary: Text, source: Text) -> Iterator[str]:
    """A word whose opposite stands in the nearest sentence, or clause, of the source, where it does not stand itself."""
    for place, row in enumerate(summary.by_sentence):
        nearest = source.nearest(summary.stems_by_sentence[place])
        if nearest is not None:
            beside = source.stems_by_sentence[max(0, nearest - 1) : nearest + 2]
            for text, mine in _opposite(row, source.by_sentence[nearest]):
                if not any(
                    mine in s and len(s & summary.stems_by_sentence[place]) > 2 for s in beside
                ):
                    yield text
        for piece in _pieces(row):
            yield from _never_said(piece, source)
            found = _nearest_piece(piece, source)
            if found:
                yield from (text for text, _ in _opposite(piece, found))


def _never_said(piece: list[Word], source: Text) -> Iterator[str]:
    """A word that the source does not have at all, where a sentence of the same things has its opposite."""
    told = {w.stem for w in piece if is_matter(w)}
    for one, other in _pairs():
        if one not in told or one in source.stems:
            continue
        for place, stems in enumerate(source.stems_by_sentence):
            alike = bool(denied(piece)) == bool(denied(source.by_sentence[place]))
            if alike and other in stems and len(told & stems) >= 2:
                yield f"{one} (the source: {other})"


@cache
def _pairs() -> list[tuple[str, str]]:
    """Each word of a pair, by its stem, and its opposite; but for what two sides of one deed say."""
    both = [tuple(map(stem, sorted(pair))) for pair in _OPPOSITES if len(pair) == 2]
    both = [pair for pair in both if not {"win", "buy"} & {*pair}]
    return [(one, other) for a, b in both for one, other in ((a, b), (b, a)) if one != other]


def _opposite(row: list[Word], near: list[Word]) -> Iterator[tuple[str, str]]:
    """What is said of an opposite, and the stem of the summary's own word."""
    here = {*stems_of(row)} | {w.low for w in row}
    there = {*stems_of(near)} | {w.low for w in near}
    if _against(here, there) and "for" in here | there:
        yield "for (the source: against)" if "against" in there else "against (the source: for)", ""
    yield from ((text, "") for text in (*_allowed(row, near), *_other_way(row, near)))
    ours, theirs = ({d.negator.stem for d in denied(one)} for one in (row, near))
    for pair in _OPPOSITES:
        one, other = sorted(pair)
        itself = {stem(one), stem(other)}
        if bool(ours - itself) != bool(theirs - itself):
            continue  # a negation on one side makes opposites agree
        for a, b in ((one, other), (other, one)):
            mine = {a, stem(a)} & here and not {b, stem(b)} & here
            if ("win" in pair and _others(row, near)) or ("buy" in pair and _both_sides(row, near)):
                continue
            since = {a, b} == {"first", "last"} and "since" in here | there  # the first since then
            if mine and {b, stem(b)} & there and not {a, stem(a)} & there and not since:
                yield f"{a} (the source: {b})", stem(a)
    if bool(ours) == bool(theirs):
        yield from _antonyms(row, near)


def _allowed(row: list[Word], near: list[Word]) -> Iterator[str]:
    """`may use it` of what is banned there, `is for it` of who is against it."""
    low, there = [w.low for w in row], {w.low for w in near} | {w.stem for w in near}
    if denied(row) or "against" in low or {"ban", "oppos"} & {w.stem for w in row}:
        return
    if "ban" in there and {"may", "can", "allowed", "permitted", "free"} & {*low} - there:
        yield "allowed (the source: banned)"
    pairs = list(zip(low, [*low[1:], "."], [*low[2:], ".", "."], strict=True))
    for_it = any(
        a in _BEING and b == "for" and (not c[0].isalnum() or c in ("it", "them", "this"))
        for a, b, c in pairs
    )
    if for_it and {"against", "oppos", "opposed"} & there:
        yield "for (the source: against)"


_BEING = word_set("is are was were be been")
_UP = word_set(
    "more most higher highest larger largest bigger biggest greater greatest longer longest"
)
_DOWN = word_set("fewer fewest less least lower lowest smaller smallest shorter shortest")


def _other_way(row: list[Word], near: list[Word]) -> Iterator[str]:
    """`fewer than ever` of `the highest figure`; before numbers such words are bounds."""
    here, there = _compared(row), _compared(near)
    for mine, yours in ((_UP, _DOWN), (_DOWN, _UP)) if not (denied(row) or denied(near)) else ():
        if here & mine and not here & yours and there & yours and not there & mine:
            yield f"{min(here & mine)} (the source: {min(there & yours)})"


def _compared(row: list[Word]) -> frozenset[str]:
    found = set()
    for at, word in enumerate(row):
        ahead = [w for w in row[at + 1 : at + 4] if w.low not in ("than", "a", "an", "of")]
        counted = ahead and (ahead[0].text[0].isdigit() or ahead[0].low in COUNTING | _PART)
        if word.low in _UP | _DOWN and not counted and not (at and row[at - 1].low == "at"):
            found.add(word.low)
    return frozenset(found)


_PART = word_set("half third quarter fifth tenth dozen $ £ €")


#: What is asked with more care, and `lost their lives`.
_PAIRED = frozenset(stem(word) for pair in _OPPOSITES for word in pair) | {stem("lives")}


def _antonyms(row: list[Word], near: list[Word]) -> Iterator[tuple[str, str]]:
    """The words whose opposite, as a dictionary has it, stands there instead, beside the same."""
    here, there = (
        {w.stem: at for at, w in enumerate(one) if is_matter(w) and not w.capital}
        for one in (row, near)
    )
    for head in here.keys() - _PAIRED:
        for other in sorted(meanings.opposite(head) & there.keys() - here.keys()):
            beside = context(row, here[head]) & context(near, there[other])
            if beside and not (meanings.meant(head) | {head}) & there.keys():
                yield f"{row[here[head]].text} (the source: {near[there[other]].text})", head


def _pieces(row: list[Word]) -> Iterator[list[Word]]:
    """A sentence cut at its marks and where another clause begins."""
    piece: list[Word] = []
    for word in row:
        if word.breaks or word.low in ("and", "but", "while", "although", "because", "as"):
            yield piece
            piece = []
        else:
            piece.append(word)
    yield piece


def _nearest_piece(piece: list[Word], source: Text) -> list[Word]:
    """The piece of the source that shares most with one of a summary, at least two words and most of them; or nothing."""
    wanted = {w.stem for w in piece if is_matter(w)}
    every = _stemmed_pieces(source)
    shared = [len(wanted & stems) for _, stems in every]
    best = max(shared, default=0)
    clear = best >= 2 and best * 2 >= len(wanted) and shared.count(best) == 1
    return every[shared.index(best)][0] if clear else []


@lru_cache(maxsize=4)
def _stemmed_pieces(source: Text) -> list[tuple[list[Word], frozenset[str]]]:
    pieces = [one for row in source.by_sentence for one in _pieces(row)]
    return [(one, frozenset(w.stem for w in one if is_matter(w))) for one in pieces]


def _others(row: list[Word], near: list[Word]) -> bool:
    """Whether the two sentences begin with different names: what one wins the other loses."""
    ours, theirs = runs_in(row), runs_in(near)
    return bool(ours and theirs) and ours[0][-1].low != theirs[0][-1].low


def _both_sides(row: list[Word], near: list[Word]) -> bool:
    """`bought by` and `sold to` tell one deal, and so do `a chain to buy it` and `to sell it to a chain`."""
    ours, theirs = {w.low for w in row}, {w.low for w in near}
    if ("by" in ours and "to" in theirs) or ("to" in ours and "by" in theirs):
        return True
    deeds = [at for at, w in enumerate(row) if w.stem in ("buy", "sell")]
    buyers = [w for w in row[: deeds[0]] if is_matter(w)][-1:] if deeds else []
    tos = [at for at, w in enumerate(near) if w.low == "to"]
    sold_to = [w.stem for at in tos for w in near[at + 1 : at + 5]]
    return any(w.stem in sold_to for w in buyers)


def _against(here: set[str], there: set[str]) -> bool:
    """A vote, or a word, for what the source is against."""
    speaks = here & there & {"vote", "argu", "speak", "campaign"}
    return bool(speaks) and ("against" in here) != ("against" in there)
