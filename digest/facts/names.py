"""Names: every proper noun of a summary must be one of the source, and stand together as it does there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise

from digest import words
from digest.facts import calendar_words, meanings
from digest.facts.aliases import ALIASES, NATIONS, OFFICES
from digest.facts.calendar_words import DAYS, MONTHS, day_of
from digest.facts.common_words import COMMON
from digest.facts.reading import COUNTING, FILLERS, Text, Word, is_matter
from digest.facts.word_lists import word_set

#: Names that are ordinary words when written small; a sentence's start does not tell which.
HOMOGRAPHS = word_set(
    """may march august turkey polish china reading nice mobile bath job lima rice hill young king bush brown green
    white black gray grey stone wood rose grace hope faith joy mark bill will jack frank grant dean art rob sue
    pat chase drew dawn rich guy ray miles sandy ruby pearl crystal amber holly ivy lily daisy olive violet april
    june summer autumn victor christian max price page bishop pope cook baker carter mason hunter fisher miller
    smith taylor turner walker wells banks fields woods brooks rivers waters cork jersey guinea georgia jordan
    chad cuba mali togo niger apple amazon orange shell gap target visa oracle meta alphabet delta virgin subway
    sky bing us who it swede dane finn pole hamburger danish swiss lent easter sun times mirror guardian post mail
    star independent lord prince duke major sterling buffalo phoenix mercury saturn mars venus polo rugby derby
    sandwich"""
)
#: Words that stand capital before a name and are no part of it.
ROLES = word_set(
    """mr mrs ms miss dr sir dame lord lady president vice minister prime mayor governor senator congressman
    congresswoman representative chancellor secretary judge justice professor prof chief executive director
    chairman chairwoman chair captain colonel general major sergeant lieutenant officer inspector detective
    superintendent king queen prince princess pope bishop archbishop rabbi imam reverend rev father sister coach
    manager owner founder ceo councillor councilor commissioner ambassador attorney deputy pm mp ceo cfo cto coo gov sen sgt cllr capt lt det spokesman spokeswoman
    spokesperson head leader herr frau monsieur madame señor señora signor signora"""
)
#: What a name may be followed by that says of what kind it is.
KINDS = word_set("party city town")
#: No name is shortened to more letters; a page in capitals is one long name.
_LETTERS = 10
_LINKS = word_set("of the de la le von van der den del di da al el bin ibn and y")
#: German writes every noun with a capital: these put nothing in.
_NOUNS = word_set(
    """jahr jahre jahren jahres monat monate monaten monats woche wochen tag tage tagen tages stunde stunden minute minuten
    uhr mio mrd prozent euro cent meter kilometer million millionen milliarde milliarden mann männer frau frauen mensch menschen
    leute person personen kind kinder kindern stadt land ort teil ende anfang mitte zeit mal fall grund ziel weg seite zahl
    hälfte drittel viertel dutzend angaben bericht berichten folge laufe rahmen vergleich gegensatz höhe wert summe kosten geld
    morgen abend nacht vormittag nachmittag mittag frühjahr sommer herbst winter sprecher sprecherin chef chefin leiter leiterin"""
)


class Names:
    """The names of one text."""

    def __init__(self, text: Text, language: str = "en") -> None:
        self.text, self.language = text, language

    @cached_property
    def _capitals(self) -> frozenset[str]:
        """Words that stand capital where small ones would be small, and all that stand capital."""
        return frozenset(_plain(w.low) for w in self.text.words if w.capital and not w.first)

    @cached_property
    def _firsts(self) -> frozenset[str]:
        return frozenset(_plain(w.low) for w in self.text.words if w.capital and w.first)

    @cached_property
    def _small(self) -> frozenset[str]:
        return frozenset(_plain(w.low) for w in self.text.words if not w.capital)

    @cached_property
    def _phrases(self) -> str:
        return " " + " ".join(_plain(w.low) for w in self.text.words if not w.is_mark) + " "

    @cached_property
    def _shouted(self) -> bool:
        """True for a text without small letters, or without capitals inside sentences."""
        return not self._capitals or not self._small

    @cached_property
    def initials(self) -> frozenset[str]:
        """What the capital phrases of the text can be shortened to."""
        found: set[str] = set()
        for run in runs(self.text, loose=True):
            letters = [w.text[0].lower() for w in run if w.low not in _LINKS]
            every = [w.text[0].lower() for w in run]
            for row in (letters, every):
                found |= {
                    "".join(row[a:b])
                    for a in range(len(row))
                    for b in range(a + 2, min(a + _LETTERS, len(row)) + 1)
                }
        return frozenset(found)

    def has(self, word: Word) -> bool:
        """Whether a capital word of a summary is a name of this text."""
        low = _plain(word.low)
        if low in HOMOGRAPHS and not self._shouted:
            return (
                low in self._capitals
                or (low in self._firsts and low not in self._small)
                or self._alias(low)
            )
        every = self._capitals | self._firsts | (self._small if self._shouted else frozenset())
        if low in every or self._alias(low):
            return True
        if word.text.isupper() and len(low) > 1 and low.replace(".", "") in self.initials:
            return True
        return any(_inflected(low, other) for other in every)

    def _alias(self, low: str) -> bool:
        for group in ALIASES:
            if low in group:
                return any(
                    f" {one} " in self._phrases and (one in OFFICES or self._as_name(one))
                    for one in group
                )
        return False

    def _as_name(self, phrase: str) -> bool:
        first = phrase.split()[0]
        return first in self._capitals or first in self._firsts or self._shouted

    def is_alias(self, run: list[Word]) -> bool:
        """`World Health Organization` where the text says WHO."""
        return self._alias(" ".join(_plain(w.low) for w in run))

    def together(self, run: list[Word]) -> bool:
        """Whether the parts of a name stand together here in this order, with at most a middle name between."""
        parts = [_plain(w.low) for w in run]
        if len(parts) < 2:
            return True
        if self.is_alias(run):
            return True
        return all(self._next_to(a, b) for a, b in pairwise(parts))

    def _next_to(self, one: str, other: str) -> bool:
        rows = self._rows
        return any(
            _alike(other, rows[after], whole=True)
            for at, low in enumerate(rows)
            if _alike(one, low)
            for after in range(at + 1, min(at + 4, len(rows)))
        )

    @cached_property
    def _rows(self) -> list[str]:
        return [_plain(w.low) for w in self.text.words if not w.is_mark]


def same_name(one: str, other: str) -> bool:
    """`Poland` and `Polish`."""
    return _alike(one, other)


def _plain(low: str) -> str:
    return low.removesuffix("'s").removesuffix("'").strip(".") if low.count(".") < 2 else low


def _alike(one: str, other: str, *, whole: bool = False) -> bool:
    """whole: as the last part of a name of several, where `Haddadi` is another than `Haddad`."""
    if one == other:
        return True
    if one[:4] == other[:4] and _inflected(one, other, endings=_CASES if whole else _CASES | _FROM):
        return True
    groups = _GROUPS.get(one, _NONE)
    return bool(groups and groups & _GROUPS.get(other, _NONE))


_NONE = frozenset[int]()
#: The places of the groups of aliases in which a name stands.
_GROUPS = {
    name: frozenset(at for at, group in enumerate(ALIASES) if name in group)
    for group in ALIASES
    for name in group
}


#: Endings of a name's own cases, and of who or what comes from a place.
_CASES = word_set("s es n en er e em ens")
_FROM = word_set("ian an ese i ean ish")


def _inflected(one: str, other: str, *, endings: frozenset[str] = _CASES | _FROM) -> bool:
    """`Pariser` and `Paris`, `Ellerys` and `Ellery`: one goes on where the other ends."""
    short, long = sorted((one, other), key=len)
    return len(short) >= 4 and long.startswith(short) and long[len(short) :] in endings


def is_name(word: Word, following: Word | None = None) -> bool:
    """Whether a word of a summary claims to be a name."""
    if not word.capital or word.is_mark:
        return False
    low = _plain(word.low)
    if word.text == "I" or low.startswith(_SHORT):
        return False
    if not word.first:
        return not low.startswith("jährig")
    if _is_small(low) or _is_plural(low, following):
        return False
    homograph = low in HOMOGRAPHS and (low not in NATIONS or low in ("us", "who", "polish"))
    if not homograph and (_is_common(low) or low in NATIONS or not meanings.is_word(word.stem)):
        return not _is_common(low)
    return _may_be_somebody(low, following)


_SHORT = ("i'", "it'", "he'", "she'", "they'", "we'", "that'", "there'")


def _is_small(low: str) -> bool:
    small = low in words.STOP or low in FILLERS or low.startswith("unbe")
    return small and low not in ("us", "who")


def _is_common(low: str) -> bool:
    """True for a word that begins sentences of news without being a name."""
    forms = (low, low.removesuffix("s"), f"{low}s")
    return any(form in COMMON or form in words.EVERYDAY or form in COUNTING for form in forms)


def _may_be_somebody(low: str, following: Word | None) -> bool:
    """`Frost said` may be, `Abductors said` are not."""
    one = not low.endswith("s") or low in HOMOGRAPHS
    return bool(one and following and (following.capital or _acts(following)))


def _is_plural(low: str, following: Word | None) -> bool:
    """`Holders of tickets`, `Seats are`: things by their ending and what follows."""
    many = low.endswith("s") and not low.endswith(("ss", "us", "is"))
    return bool(many and following and following.low in _BEHIND_PLURALS)


_BEHIND_PLURALS = word_set("of in for who with")


def _acts(word: Word) -> bool:
    return word.low in (
        ":",
        "said",
        "says",
        "was",
        "is",
        "has",
        "had",
        "told",
        "will",
        "wins",
        "won",
    ) or word.low.endswith("ed")


def claimed(text: Text, language: str = "en") -> Iterator[Word]:
    """The words of a summary that claim to be names."""
    for row in text.by_sentence:
        for at, word in enumerate(row):
            following = row[at + 1] if at + 1 < len(row) else None
            dated = calendar_words.is_month(row, at, language) or calendar_words.is_day(
                row, at, language
            )
            everyday = language == "de" and _plain(word.low) in _NOUNS
            if not dated and not everyday and is_name(word, following):
                yield word


def runs(text: Text, *, loose: bool = False) -> Iterator[list[Word]]:
    """Capital words that stand side by side; with small links such as `of` between, where loose."""
    run: list[Word] = []
    for row in text.by_sentence:
        for word in row:
            links = loose and run and word.low in _LINKS
            joins = word.capital or links or (word.text == "-" and run)
            if joins and run and run[-1].low.endswith("'s") and not loose:
                yield from _whole(run)
                run = []
            if joins and not word.is_mark:
                run.append(word)
            elif word.text not in "-&" or not run:
                yield from _whole(run)
                run = []
        yield from _whole(run)
        run = []


def _whole(run: list[Word]) -> Iterator[list[Word]]:
    while run and run[-1].low in _LINKS:
        run = run[:-1]
    if run:
        yield run


def is_person(word: Word) -> bool:
    """True for a part of a name that is no title and no nation."""
    return word.capital and is_matter(word) and word.low not in ROLES and word.low not in NATIONS


def runs_in(row: list[Word]) -> list[list[Word]]:
    """The runs of capital words of a sentence, without weekdays and months."""
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
