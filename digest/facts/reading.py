"""A text as the gate reads it: sentences of words, each with its stem and whether it stands in a quotation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from digest import sentences, words
from digest.facts import synonyms
from digest.facts.word_lists import word_set

_WORD = re.compile(
    r"(?:\b[LlDdNnSsJjCcMmTt]|\b[Qq]u|\b(?:[Dd]|[Nn]|[Ss]u|[Dd]a|[Aa])(?:e?ll))['’](?=[^\W\d_]{2})|(?:[A-Z]\.){2,}|[^\W_]+(?:['’][^\W\d_]+)*|[^\w\s]"
)
#: So many words without a full stop are a table or a list: it is read in pieces, for rules hold each word against others.
_LONGEST = 300
_BREAK = frozenset(",;:()[]—–.!?…")
_UNSPACED = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff\u0600-\u06ff\u0590-\u05ff\u0900-\u097f]"
)

#: Forms that no rule of endings brings together.
_SAME = {
    form: base
    for base, forms in {
        "say": "said says saying", "win": "won wins winning winner winners victory", "die": "died dies dying dead death deaths",
        "kill": "killed kills killing killings", "rise": "rose risen rises rising", "fall": "fell fallen falls falling",
        "give": "gave given gives giving", "take": "took taken takes taking", "go": "went gone goes going",
        "make": "made makes making", "find": "found finds finding", "hold": "held holds holding", "lose": "lost loses losing loss",
        "buy": "bought buys buying", "sell": "sold sells selling sale sales", "pay": "paid pays paying repaid repay repays", "build": "built builds building",
        "begin": "began begun begins beginning", "leave": "left leaves leaving", "meet": "met meets meeting", "lead": "led leads leading leader leaders",
        "break": "broke broken breaks", "speak": "spoke spoken speaks", "tell": "told tells telling", "beat": "beaten beats beating",
        "grow": "grew grown grows growth", "drive": "drove driven drives", "write": "wrote written writes", "choose": "chose chosen chooses choice",
        "shoot": "shot shots shooting", "strike": "struck strikes striking", "steal": "stole stolen steals", "send": "sent sends",
        "spend": "spent spends spending", "cut": "cuts cutting", "set": "sets setting", "hit": "hits hitting", "run": "ran runs running",
        "come": "came comes coming", "become": "became becomes", "see": "saw seen sees", "know": "knew known knows", "think": "thought thinks",
        "bring": "brought brings", "teach": "taught", "catch": "caught", "fight": "fought fights fighting", "sign": "signed signs signing",
        "decide": "decided decides decision decisions", "approve": "approved approves approval approving", "announce": "announced announcement",
        "person": "people persons", "child": "children", "man": "men", "boy": "boys", "woman": "women", "percent": "per cent",
        "vote": "voted votes voting voter voters", "agree": "agreed agreement agrees", "arrest": "arrested arrests", "open": "opened opens opening",
        "close": "closed closes closing closure", "injure": "injured injures injury injuries", "marry": "married marries marriage",
        "use": "used uses using", "base": "based bases", "plan": "planned plans planning", "stop": "stopped stops stopping",
        "ban": "banned bans banning", "rob": "robbed robs", "admit": "admitted admits", "permit": "permitted permits",
        "drop": "dropped drops dropping", "step": "stepped steps", "shut": "shuts shutting", "deny": "denied denies denying denial",
        "reject": "rejected rejects rejection", "refuse": "refused refuses refusal", "pass": "passed passes passing",
        "lie": "lay lain lies lying", "steer": "steered", "resign": "resigned resigns resignation", "elect": "elected elects election elections",
        "show": "showed shown shows", "wear": "wore worn wears", "throw": "threw thrown", "draw": "drew drawn", "fly": "flew flown flies flying",
        "swim": "swam swum", "sing": "sang sung sings", "ride": "rode ridden", "forget": "forgot forgotten", "hide": "hid hidden hides",
        "feel": "felt feels", "hear": "heard hears", "mean": "meant means", "lend": "lent lends", "feed": "fed feeds", "seek": "sought seeks",
        "sleep": "slept", "sweep": "swept", "wake": "woke woken", "freeze": "froze frozen", "bite": "bit bitten bites", "shake": "shook shaken",
        "swear": "swore sworn", "tear": "tore torn", "dig": "dug digs digging", "hang": "hung hangs", "sink": "sank sunk sinks", "stand": "stood stands",
        "understand": "understood", "withdraw": "withdrew withdrawn withdraws withdrawal", "forbid": "forbade forbidden", "ring": "rang rung",
        "prove": "proved proven proves proof", "eat": "ate eaten eats", "drink": "drank drunk", "learn": "learnt learned",
        "burn": "burnt burned", "bury": "buried buries", "carry": "carried carries", "try": "tried tries", "study": "studied studies",
        "apply": "applied applies application", "supply": "supplied supplies", "appoint": "appointed appoints appointment", "fire": "fired fires firing", "hire": "hired hires hiring",
    }.items()
    for form in (base, *forms.split())
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """One word or mark. first: at its sentence's start. at: its place among all. low: in small letters."""

    text: str
    start: int
    sentence: int
    first: bool
    quoted: bool
    at: int
    low: str

    @property
    def is_mark(self) -> bool:
        return not self.text[0].isalnum()

    @property
    def breaks(self) -> bool:
        """True for a mark that ends a clause."""
        return self.text in _BREAK

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def stem(self) -> str:
        return stem(self.text)


@lru_cache(maxsize=1 << 14)
def stem(word: str) -> str:
    """A word without endings, in lower case, irregular forms and synonyms under one head."""
    low = word.lower().replace("’", "'").removesuffix("'s").removesuffix("'")
    found = _ending(low)
    return _heads().get(found, found)


def _ending(low: str) -> str:
    if low in _SAME:
        return _SAME[low]
    short = words.stem(low)
    if short not in _SAME and len(short) >= 4:
        short = short.removesuffix("e")
        short = short[:-1] if short[-1] == short[-2] and short[-1] not in "aeious" else short
    return _SAME.get(short, short)


@cache
def _heads() -> dict[str, str]:
    """Each stem of a group of synonyms and the stem of its first word."""
    return {
        _ending(form): _ending(group[0])
        for group in synonyms.GROUPS
        for word in group
        for form in (f"{word}s", word)
    }


class Text:
    """Words of a summary or of a source."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("’", "'").replace("‘", "'")
        self.words = list(self._read())

    def _read(self) -> Iterable[Word]:
        number, place = 0, -1
        for sentence in sentences.split(self.text):
            first, quoted = True, False
            for inside, match in enumerate(_WORD.finditer(sentence.text)):
                sign = match[0]
                place += inside % _LONGEST == 0
                if sign in '"“”„«»':
                    quoted = sign in '"“„«' and not (quoted and sign == '"')
                    first = first or quoted
                start = sentence.start + match.start()
                yield Word(sign, start, place, first, quoted, number, sign.lower())
                number += 1
                first = (first and not sign[0].isalnum()) or sign == ":"

    @cached_property
    def by_sentence(self) -> list[list[Word]]:
        rows: list[list[Word]] = []
        for word in self.words:
            while len(rows) <= word.sentence:
                rows.append([])
            rows[word.sentence].append(word)
        return rows

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(one for row in self.by_sentence for one in stems_of(row))

    @cached_property
    def small_stems(self) -> frozenset[str]:
        """The stems of the words that stand small."""
        return frozenset(w.stem for w in self.words if not w.capital and not w.is_mark)

    @cached_property
    def stems_by_sentence(self) -> list[frozenset[str]]:
        """The stems of each sentence's words that carry matter."""
        return [
            frozenset(w.stem for w in row if not w.is_mark and is_matter(w))
            for row in self.by_sentence
        ]

    @cached_property
    def unspaced(self) -> bool:
        """True for a text whose script has no capitals, so that names cannot be told from words."""
        letters = [c for c in self.text[:2000] if c.isalpha()]
        return len(_UNSPACED.findall("".join(letters))) > len(letters) / 2

    def nearest(self, matter: frozenset[str]) -> int | None:
        """The sentence that shares most with `matter`; None where none shares half of it."""
        found = [
            (len(stems & matter), -place) for place, stems in enumerate(self.stems_by_sentence)
        ]
        best = max(found, default=(0, 0))
        return -best[1] if matter and best[0] * 2 >= len(matter) else None


def head_at(row: list[Word], at: int) -> str:
    """The stem of a word that carries matter, alone or with the one behind it; empty where it carries none."""
    for behind in row[at + 1 : at + 3]:
        if (head := _pairs().get((row[at].stem, behind.low))) is not None:
            return head
    return row[at].stem if is_matter(row[at]) else ""


def stems_of(row: list[Word]) -> Iterable[str]:
    """The stem of each word, and of the verb that two of them make: `rise` of `go up`."""
    for at, word in enumerate(row):
        if word.is_mark:
            continue
        yield word.stem
        for behind in row[at + 1 : at + 4]:
            if (head := _pairs().get((word.stem, behind.low))) is not None:
                yield head


@cache
def _pairs() -> dict[tuple[str, str], str]:
    return {(stem(one), other): stem(head) for (one, other), head in synonyms.PHRASES.items()}


def is_matter(word: Word) -> bool:
    """True for a word that carries matter."""
    small = word.low in words.STOP and not (word.text == "May" and not word.first)
    plain = word.text[0].isalnum() and not small and len(word.text) > 1
    return plain and word.low not in FILLERS


def is_adverb(word: Word) -> bool:
    """True for `slowly`, as far as the ending tells."""
    return word.low.endswith("ly") and not word.capital and word.low not in _NO_ADVERBS


_NO_ADVERBS = word_set(
    "apply supply reply rely comply imply multiply fly family ally rally italy july bully assembly anomaly ugly holy jelly"
)
#: They put nothing in and take nothing away.
FILLERS = word_set(
    """roughly approximately currently previously originally eventually finally meanwhile however additionally overall
    altogether ahead following despite amid according
    werden worden wurde wurden waren soll sollen kann können muss müssen haben hatte hatten habe hat sei seien rund etwa
    été est sont était étaient ont avait avaient fait peut doit quelque environ selon
    podrá podrán puede pueden ha han fue fueron será serán está están había según unos unas
    de des d' l' n' s' j' c' m' t' qu' à a al entre hasta desde sobre bajo tras chez sous sans leur leurs dont où ainsi
    alors lors chaque tout tous toute toutes quand depuis jusque vers dès
    seit über unter vor nach zwischen gegen ohne durch beim vom zum zur ins ans alle jede jeder jedes diese dieser dieses
    dann wenn weil dass ob damit denn doch nur schon noch mehr sehr dort hier laut sowie
    quien quienes cual cuando donde también además ya este esta estos estas ese esa esos esas muy cada todo todos toda
    dell' nell' sull' dall' all' degli delle dei nel nella gli questo questa anche già quando
    zwei drei vier fünf sechs sieben acht neun zehn elf zwölf deux trois quatre cinq six sept huit neuf dix onze douze
    dos tres cuatro cinco seis siete ocho nueve diez once doce due quattro cinque sei sette otto nove dieci
    stato stata stati sono erano può possono circa secondo"""
)


SPANS = word_set(
    """year years month months week weeks day days hour hours minute minutes second seconds percent dollar dollars
    euro euros pound pounds pence kilometre kilometres kilometer kilometers km kg kilo kilos kilogram kilograms tonne tonnes ton tons litre litres mile miles metre metres meter
    meters"""
)
#: Lengths of time of which there may be one: `less than a week`.
LENGTHS = word_set("year month week day hour minute")
COUNTING = word_set(
    """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen
    half twice both"""
)


def context(row: list[Word], at: int, *, reach: int = 4) -> frozenset[str]:
    """The stems of the matter right before and behind the word at `at`, within its clause."""
    return frozenset((*_side(row, at, -1, reach), *_side(row, at, 1, reach)))


def closest(row: list[Word], at: int, after: int) -> frozenset[str]:
    """The nearest stem of matter behind the words from `at` to `after`, or before them where none is."""
    led = next((n for n, w in enumerate(row[after : after + 4]) if w.low in _LEADS), 4)
    return frozenset(_side(row, after - 1, 1, led)[:1] or _side(row, at, -1, 4)[:1])


#: Behind these something else is told.
_LEADS = word_set("by from after before against near at with")


def _side(row: list[Word], at: int, step: int, reach: int) -> list[str]:
    found: list[str] = []
    place, left = at + step, reach
    while 0 <= place < len(row) and left and len(found) < 2:
        word = row[place]
        apart = word.breaks or word.low in ("and", "while", "but", "or")
        touching = abs(place - at) == 1 and word.text == "," and step < 0
        if apart and not touching:
            break
        if is_matter(word) and not word.text[0].isdigit() and word.low not in COUNTING | SPANS:
            found.append(word.stem)
        left -= 1
        place += step
    return found


def clause_of(row: list[Word]) -> list[Word]:
    """The words up to the first mark that ends a clause."""
    found: list[Word] = []
    for word in row:
        if word.breaks or word.text in '"“”':
            break
        found.append(word)
    return found
