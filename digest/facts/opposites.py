"""Opposites: is nothing turned into its contrary, as `approved` into `rejected` and `banned` into `may`?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

from digest.facts import meanings
from digest.facts.comparisons import than_at
from digest.facts.denials import denied, pieces
from digest.facts.names import runs_in
from digest.facts.numbers import numbers
from digest.facts.reading import COUNTING, Text, Word, context, is_matter, stem, stems_of
from digest.facts.statements import source_of
from digest.facts.word_lists import word_set

_OPPOSITES = [
    frozenset(pair.split("/"))
    for pair in ["approve/reject", "win/lose", "rise/fall", "increase/decrease", "accept/refuse", "guilty/innocent", "buy/sell", "support/oppose", "hire/fire", "allow/ban", "alive/dead", "north/south", "east/west", "northern/southern", "eastern/western", "first/last", "best/worst", "higher/lower", "highest/lowest", "most/least", "above/below", "shut/open", "more/fewer", "more/less", "up/down", "open/close", "arrest/release", "gain/lose", "cheaper/dearer", "larger/smaller", "biggest/smallest", "increase/cut", "raise/cut", "raise/lower", "success/failure", "succeed/fail", "agree/refuse", "begin/end", "start/finish", "start/end", "begin/finish", "acquit/convict", "cleared/convicted", "legal/illegal", "safe/unsafe", "safe/dangerous", "male/female", "son/daughter", "brother/sister", "husband/wife", "mother/father", "uncle/aunt", "boy/girl", "man/woman", "growth/decline", "profit/loss", "surplus/deficit", "strengthen/weaken", "expand/shrink", "rise/shrink", "give/reject", "accept/reject", "faster/slower", "hotter/colder", "warmer/cooler", "widen/narrow", "deny/confirm", "deny/admit", "maximum/minimum", "majority/minority", "arrive/depart", "enter/leave", "import/export", "remain/leave", "borrow/lend", "lift/impose", "lifted/imposed", "praise/criticise", "praise/dismiss", "praise/blame", "praise/criticize", "welcome/condemn", "welcome/criticise", "hide/show", "keep/return", "join/leave", "add/remove", "oldest/youngest", "older/younger", "earlier/later", "heavier/lighter", "richer/poorer", "stronger/weaker", "rich/poor", "resign/dismiss", "pass/fail", "keep/abandon", "keep/lose", "keep/sell", "public/private", "abstain/vote", "favor/contra", "dafür/dagegen", "höchste/niedrigste", "gestiegen/gesunken", "steigen/sinken", "hausse/baisse", "augmenter/baisser", "subir/bajar", "antes/después", "avant/après", "más/menos", "plus/moins", "mehr/weniger", "future/past", "winter/summer", "wet/dry", "near/far", "optimistic/pessimistic", "permanent/temporary", "voluntary/compulsory", "optional/mandatory", "tighten/loosen", "tighten/ease", "minimum/maximum", "appear/vanish", "healthy/ill", "full/empty", "early/late", "cheap/costly", "slowly/quickly", "ahead/behind", "inside/outside", "defend/attack", "victim/culprit", "buyer/seller", "landlord/tenant", "employer/employee", "plaintiff/defendant", "double/halve"]
]  # fmt: skip


def opposite_doubts(summary: Text, source: Text) -> Iterator[str]:
    """A word whose opposite stands in the nearest sentence, or clause, of the source, where it does not stand itself."""
    for place, row in enumerate(summary.by_sentence):
        yield from _other_direction(row, source)
        yield from _too_many(row, source)
        stems = summary.stems_by_sentence[place]
        nearest = source.nearest(stems)
        found = [] if nearest is None else list(_opposite(row, source.by_sentence[nearest]))
        for piece in pieces(row):
            yield from _never_said(piece, source)
            if near := _nearest_piece(piece, source):
                found += _opposite(piece, near)
        around = slice(0, None) if nearest is None else slice(max(0, nearest - 1), nearest + 2)
        told = [s for s in source.stems_by_sentence[around] if len(s & stems) > 2]
        found = [(text, mine) for text, mine in found if not _goes_so(mine, row, source)]
        yield from (text for text, mine in found if not any(mine in s for s in told))


def _other_direction(row: list[Word], source: Text) -> Iterator[str]:
    """`rose 93 %` of what fell by it, wherever the source has this number."""
    here = _directions(row)
    there = [_directions(one) for one in source.by_sentence] if here else []
    for digits, way in here.items():
        ways = {one[digits] for one in there if digits in one}
        if ways and way not in ways:
            yield f"{digits} (the source: the other way)"


def _too_many(row: list[Word], source: Text) -> Iterator[str]:
    """`most of the doses` of which the source says that they were a third."""
    low = [w.low for w in row]
    nearest = source.nearest(frozenset(w.stem for w in row if is_matter(w)))
    if nearest is None or not any(a == "most" and b in ("of", "the") for a, b in pairwise(low)):
        return
    near = source.by_sentence[nearest]
    parts = [n for n in numbers(source) if n.sentence == nearest]
    parts = [n for n in parts if n.unit == "percent" or min(n.values) < 1]
    small = [n for n in parts if min(n.values) < (50 if n.unit == "percent" else 0.5)]
    if parts and len(small) == len(parts) and not _MANY & {w.low for w in near}:
        yield "most (the source: fewer)"


_MANY = word_set("most mostly mainly majority largely")


def _directions(row: list[Word]) -> dict[str, str]:
    """For each number in digits the nearest word of rising or falling before it, or else right behind it."""
    found: dict[str, str] = {}
    for at, word in enumerate(row):
        if word.text[0].isdigit():
            before = row[max(0, at - 6) : at][::-1]
            near = _up_to_break(before) or _up_to_break(row[at + 1 : at + 4])
            if near and word.text not in found:
                found[word.text] = near
    return found


def _up_to_break(words: list[Word]) -> str:
    for word in words:
        if word.breaks or word.low in ("and", "but", "while"):
            return ""
        if word.stem in _WAYS:
            return _WAYS[word.stem]
    return ""


_WAYS = {stem("rise"): "up", stem("increase"): "up", stem("fall"): "down"}


_UPWARDS = frozenset(map(stem, ("rise", "increase", "raise", "up", "higher", "more")))
_DOWNWARDS = frozenset(map(stem, ("fall", "cut", "down", "lower", "decrease", "shrink", "less")))
_PLAIN = word_set("up down lower higher")


def _goes_so(mine: str, row: list[Word], source: Text) -> bool:
    """`sales were up` of which the source says that they rose, beside what fell."""
    way = _UPWARDS if mine in _UPWARDS else _DOWNWARDS if mine in _DOWNWARDS else frozenset()
    places = [at for at, w in enumerate(row) if way and w.low in _PLAIN and w.stem in way]
    things = [_thing(row, at) for at in places]
    return bool(things) and all(thing and _goes(thing, way, source) for thing in things)


def _thing(row: list[Word], at: int) -> str:
    """What is up or down: `sales` of `sales were up`, `profit` of `the lower profit`."""
    led = row[at].low in ("lower", "higher") and row[at + 1 : at + 2]
    near = row[at + 1 : at + 2] if led else row[max(0, at - 2) : at][::-1]
    return next((w.stem for w in near if is_matter(w)), "")


def _goes(thing: str, way: frozenset[str], source: Text) -> bool:
    """Whether the source lets a thing go this way, and never the other."""
    ways = set()
    for row in source.by_sentence:
        for at, word in enumerate(row):
            if word.stem == thing:
                behind, before = _up_to_mark(row[at + 1 : at + 6]), _up_to_mark(row[:at][::-1][:7])
                ways |= (behind | before) & (_UPWARDS | _DOWNWARDS)
    return bool(ways) and ways <= way


def _up_to_mark(words: list[Word]) -> set[str]:
    """The stems of words up to a mark or an `and`."""
    found = set()
    for word in words:
        if word.breaks or word.low in ("and", "but", "while", "although"):
            break
        found.add(word.stem)
    return found


def _never_said(piece: list[Word], source: Text) -> Iterator[str]:
    """A word that the source does not have at all, where a sentence of the same things has its opposite."""
    here, told = frozenset(stems_of(piece)), [w for w in piece if is_matter(w)]
    for one, other in _pairs():
        if one not in here or other in here or one in source.stems or other not in source.stems:
            continue
        for sentence in source_of(source).sentences:
            parts = [p for p in pieces(sentence.row) if other in stems_of(p)]
            alike = any(bool(denied(piece)) == bool(denied(part)) for part in parts)
            told_so = alike and sum(map(sentence.says, told)) >= 2
            if told_so and not _goes_so(one, piece, source):
                yield f"{one} (the source: {other})"


@cache
def _pairs() -> list[tuple[str, str]]:
    """Each word of a pair, by its stem, and its opposite; but for what two sides of one deed say."""
    both = [tuple(map(stem, sorted(pair))) for pair in _OPPOSITES if len(pair) == 2]
    both = [p for p in both if not {"win", "buy"} & {*p} and {*p} != {stem("gain"), "lose"}]
    return [(one, other) for a, b in both for one, other in ((a, b), (b, a)) if one != other]


def _opposite(row: list[Word], near: list[Word]) -> Iterator[tuple[str, str]]:
    """What is said of an opposite, and the stem of the summary's own word."""
    here = {*stems_of(row)} | {w.low for w in row}
    there = {*stems_of(near)} | {w.low for w in near}
    if _against(here, there) and "for" in here | there:
        yield "for (the source: against)" if "against" in there else "against (the source: for)", ""
    voted = "vote" in here & there and "against" in there - here
    if voted and _FAVOUR & here and not _FAVOUR & there:
        yield "in favour (the source: against)", ""
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
            said = {a, stem(a)} & there or meanings.meant(stem(a)) & there
            opposed = {a, b} == {"support", "oppose"} and "against" in there
            other_said = {b, stem(b)} - ({stem("gain")} if b == "gain" else set())  # no `pay rise`
            if mine and other_said & there and not said and not since and not opposed:
                yield f"{a} (the source: {b})", stem(a)
    if bool(ours) == bool(theirs):
        yield from _antonyms(row, near)


_FAVOUR = word_set("favour favor")


def _allowed(row: list[Word], near: list[Word]) -> Iterator[str]:
    """`may use it` of what is banned there, `is for it` of who is against it."""
    there = {w.low for w in near} | {w.stem for w in near}
    for piece in pieces(row):
        low = [w.low for w in piece]
        if denied(piece) or "against" in low or {"ban", "oppos"} & {w.stem for w in piece}:
            continue
        if "ban" in there and _MAY & {*low} - there:
            yield "allowed (the source: banned)"
        if _is_for(piece, there) and {"against", "oppos", "opposed"} & there and "for" not in there:
            yield "for (the source: against)"


def _is_for(piece: list[Word], there: set[str]) -> bool:
    """`was for it`, `voted for the toll`."""
    for at, (one, other) in enumerate(pairwise(piece)):
        if one.low in _BEING and other.low == "for":
            behind = [w for w in piece[at + 2 :] if w.low not in ("the", "a", "an", "this")][:1]
            return not behind or behind[0].low in _IT or behind[0].stem in there
    return False


_MAY = word_set("may can allowed permitted free")
_IT = word_set("it them")
_BEING = word_set("is are was were be been vote voted votes")
_UP = word_set(
    "more most higher highest larger largest bigger biggest greater greatest longer longest stronger strongest heavier heaviest"
)
_DOWN = word_set(
    "fewer fewest less least lower lowest smaller smallest shorter shortest weaker weakest lighter lightest"
)


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
        of_two = than_at(row, at)  # `comparisons.py` asks who has more than whom
        if (
            word.low in _UP | _DOWN
            and not counted
            and not of_two
            and not (at and row[at - 1].low == "at")
        ):
            found.add(word.low)
    return frozenset(found)


_PART = word_set("half third quarter fifth tenth dozen $ £ €")


@cache
def _paired() -> frozenset[str]:
    """What is asked with more care, and `lost their lives`."""
    return frozenset(stem(word) for pair in _OPPOSITES for word in pair) | {stem("lives")}


def _antonyms(row: list[Word], near: list[Word]) -> Iterator[tuple[str, str]]:
    """The words whose opposite, as a dictionary has it, stands there instead, beside the same."""
    here, there = (
        {w.stem: at for at, w in enumerate(one) if is_matter(w) and not w.capital}
        for one in (row, near)
    )
    for head in here.keys() - _paired():
        for other in sorted(meanings.opposite(head) & there.keys() - here.keys()):
            beside = context(row, here[head]) & context(near, there[other])
            undone = row[here[head]].low.startswith("un") and bool(denied(near))
            if beside and not undone and not (meanings.meant(head) | {head}) & there.keys():
                yield f"{row[here[head]].text} (the source: {near[there[other]].text})", head


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
    every = [one for row in source.by_sentence for one in pieces(row)]
    return [(one, frozenset(w.stem for w in one if is_matter(w))) for one in every]


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
    speaks = here & there & {"vote", "argu", "speak", "campaign", "advis"}
    return bool(speaks) and ("against" in here) != ("against" in there)
