"""Text to words: counting them, telling the common ones, and the stems that two texts may share."""

from __future__ import annotations

import functools
import re

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_TOKEN = re.compile(
    rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}][^\W_{_UNSPACED}'’&-]*(?:['’&.-][^\W_{_UNSPACED}]+)*"
)
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
#: More signs than a word of most languages has with its space.
_USUAL_SIGNS = 8
_SUFFIXES = ("ingly", "edly", "ings", "ing", "ies", "ied", "ed", "es", "s", "ly")

#: Readers' speed, in words a minute (Brysbaert 2019, non-fiction, 190 studies).
WORDS_PER_MINUTE = 238


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Words that carry grammar and no matter; English, and the shortest of other languages' own.
STOP = _set("""a about above across after again against ago all almost along already also although always am
    among an and another any anything are around as at away back be became because become been before
    began behind being below between both but by came can cannot could did do does doing done down
    during each either else enough even ever every everyone everything few for from further get gets
    getting give given go goes going gone got had has have having he her here hers herself him himself
    his how however i if in indeed instead into is it its itself just keep kept know known last later
    least less let like likely made make makes making many may maybe me might mine more most much must
    my myself near nearly need neither never new next no nobody none nor not nothing now of off often
    on once one only onto or other others our ours ourselves out over own part per perhaps put quite
    rather really said same saw say saying says see seem seemed seen several shall she should since so
    some someone something soon still such take taken takes taking than that the their theirs them
    themselves then there therefore these they thing things this those though three through throughout
    thus to together told too took toward towards two under until up upon us use used using very via
    want wants was way we well went were what whatever when where whether which while who whole whom
    whose why will with within without would yet you your yours yourself
    ain aren couldn didn doesn don hadn hasn haven isn ll re ve shouldn wasn weren won wouldn
    mr mrs ms dr der die das den dem des ein eine einen einem einer und oder aber nicht mit von zu zum
    zur auf für ist im bei auch sich als nach wie wird sind hat noch aus es er sie wir ich dass um
    le la les un une et ou mais dans du au aux pour par sur est sont que qui ne pas ce cette ces il
    elle ils elles avec plus se son sa ses leur el los las del y o pero en con una unos unas por para
    como es su sus lo al más il gli i uno e di da che non si nel della dei per con sono è
    في من على إلى عن أن إن التي الذي هذا هذه ما لا و كان مع""")

#: Words that every news site prints every day: they tell no two stories apart.
EVERYDAY = _set("""added according announced area asked believe called case city come comes coming confirmed
    country day days early earlier end expected far fact family few find first five follow following
    former found four friday full government good great group half help high hit home hope hour hours
    house including issue job june july lead leave life little live local long look lot major man
    march meet meeting member members men million minute minutes monday month months morning move
    national news night number office official officials old open order past people percent person
    place plan plans point police possible president press public question read real reason recent
    remain report reported reporter reporters reports right run saturday school second service set
    seven side six small spokesman spokeswoman spokesperson staff start started state statement story
    sunday support team ten third thought thursday time times today tomorrow top town try tuesday turn
    updated wednesday week weekend weeks win woman women work worked working world year years
    yesterday young january february april august september october november december image photo
    picture video caption""")


def tokens(text: str) -> list[str]:
    """The words of a text as written; a run of a script without spaces counts as one."""
    return _TOKEN.findall(text)


def first(text: str, many: int, *, signs: int) -> list[str]:
    """The first so many words of the first so many signs."""
    near = min(
        signs, many * _USUAL_SIGNS
    )  # all of a text's words at once come faster than each by itself
    found = _TOKEN.findall(text, 0, near)
    if len(found) <= many and near < min(signs, len(text)):  # too few, or the last one was cut
        found = _TOKEN.findall(text, 0, signs)
    return found[:many]


@functools.lru_cache(maxsize=2048)  # the rules of an extraction each ask for a paragraph's words
def count(text: str) -> int:
    """How many words; two characters of a script without spaces count as one word."""
    pieces = text.split()
    marked = [one for one in pieces if not one.isalnum()]
    spaced = len(pieces) - sum(1 for one in marked if not any(map(str.isalnum, one[:40])))
    if text.isascii():
        return spaced
    signs = len(_IS_UNSPACED.findall(text))
    runs = sum(1 for piece in pieces if _IS_UNSPACED.search(piece)) if signs else 0
    return spaced - runs + (signs + 1) // 2


def seconds(word_count: int) -> int:
    """How long so many words take to read, at `WORDS_PER_MINUTE`."""
    return round(word_count * 60 / WORDS_PER_MINUTE)


def is_common(word: str) -> bool:
    """True for words that say nothing of the matter."""
    low = word.lower()
    return low in STOP or len(low) < 2


def stem(word: str) -> str:
    """A word without its English endings, in lower case; other languages' words stay whole."""
    low = word.lower().replace("’", "'").removesuffix("'s")
    if len(low) <= 4 or not low.isascii() or not low.endswith(_SUFFIXES):
        return low
    for suffix in _SUFFIXES:
        if low.endswith(suffix) and len(low) - len(suffix) >= 3:
            if suffix == "s" and low.endswith("ss"):
                return low
            return low[: -len(suffix)] + ("y" if suffix in ("ies", "ied") else "")
    return low


def is_unspaced(word: str) -> bool:
    """True for a word of a script that puts no spaces between words."""
    return not word.isascii() and bool(_IS_UNSPACED.match(word))


@functools.lru_cache(maxsize=50_000)  # a week's articles are made of some 30,000 words
def shared_units(word: str) -> tuple[str, ...]:
    """What two texts may have in common of a word: its stem; pairs of signs where no spaces stand."""
    if is_unspaced(word):
        return tuple(word[i : i + 2] for i in range(max(1, len(word) - 1)))
    return (stem(word),)


def matter(text: str) -> list[str]:
    """The stems of the words that carry matter, in order."""
    return [unit for word in tokens(text) if not is_common(word) for unit in shared_units(word)]


def folded(name: str) -> str:
    """A name as names are compared: one space between words, small letters."""
    return " ".join(name.split()).casefold()
