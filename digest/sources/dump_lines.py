"""The lines of a page copied as plain text: counters, read time, byline and date, told by their form."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from digest import words
from digest.model import Engagement, Unit
from digest.sources import dates, furniture

#: A line of so many words is prose even where it ends in no full stop; fewer are a headline.
_UNENDED = 25
_BULLET = re.compile(r"^(?:[*+•·▪‣–-]|\d{1,2}\.)(?:\s+|$)")
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200e\u200f\u2060\u00ad"))
_PAIR = re.compile(r"^(\d{1,7})\s+(\d{1,7})$")
_VALUE = re.compile(r"^(\d{1,7}(?:[.,]\d+)?)\s*(%)?$")
_STAR_WORDS = r"(?:stars?|sterne?|étoiles?|estrellas?|stell[ae]|estrelas?|sterr?en|ster|stjärnor|★)"
_STAR = re.compile(rf"^([1-5])\s*{_STAR_WORDS}\s*[:(]?\s*(\d{{1,3}})?\s*%?\)?$", re.IGNORECASE)
_READ_WORDS = (
    r"(?:read(?:ing)?[ -]time|lesezeit|temps de lecture|tiempo de lectura|tempo di lettura|"
    r"tempo de leitura|leestijd|lästid|lesetid|læsetid)"
)
_MINUTES = r"(\d{1,3})\s*(?:min(?:ute[ns]?|utos?|uti|uten|uter|utter)?\b\.?)"
_SECONDS = r"(?:[\s,]*(?:and|und|et|y|e|en|och|og)?\s*(\d{1,2})\s*(?:s|se[ckg]\w*)\b\.?)?"
_READ = re.compile(rf"^{_READ_WORDS}\s*:?\s*{_MINUTES}{_SECONDS}$", re.IGNORECASE)
_READ_AFTER = re.compile(
    rf"^{_MINUTES}\s*(?:read|reading|lesezeit|de lecture|de lectura|di lettura|de leitura|leestijd)\.?$",
    re.IGNORECASE,
)
_COUNTS = (
    (
        re.compile(
            r"^(\d[\d.,]{0,9})\s+(?:comments?|kommentare?|commentaires?|comentarios?|comentários?|commenti|commento|reacties?)$",
            re.I,
        ),
        "comments",
    ),
    (
        re.compile(
            r"^(\d[\d.,]{0,9})\s+(?:views?|aufrufe?|vues?|vistas?|visitas?|visualizza\w+|visualiza\w+|weergaven)$",
            re.I,
        ),
        "views",
    ),
    (
        re.compile(r"^(\d[\d.,]{0,9})\s+(?:likes?|gefällt mir|j'aime|me gusta|mi piace)$", re.I),
        "likes",
    ),
)
_BY = re.compile(
    r"^(?:(?:written |reported |posted |story )?by|von|par|por|di|door|av|af|autor(?:in)?|auteur|author|text)"
    r"\s*[:：]?\s+(?=\S)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:[,;|]|\band\b|\bund\b|\bet\b|\by\b|&|\boch\b|\bog\b)\s*")
#: The faces of the commonest plugins, folded, in the languages that it is shown in.
_FACES = {
    "happy": "happy glucklich frohlich heureux content feliz contento felice blij",
    "sad": "sad traurig triste verdrietig",
    "excited": "excited aufgeregt begeistert excite emocionado eccitato animado opgewonden",
    "sleepy": "sleepy schlafrig mude endormi fatigue dormido somnoliento assonnato sonolento slaperig",
    "angry": "angry wutend verargert fache enojado enfadado arrabbiato zangado boos",
    "surprise": "surprise surprised uberrascht surpris sorpresa sorprendido sorpreso surpreso verrast",
}
_FACE_OF = {word: face for face, all_of in _FACES.items() for word in all_of.split()}


@dataclass(slots=True)
class Facts:
    """What the lines beside the prose tell."""

    engagement: list[Engagement] = field(default_factory=list)
    read_seconds: int | None = None
    authors: tuple[str, ...] = ()
    date: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text without a bullet, and whether there was one."""

    text: str
    bullet: bool = False


def lines_of(text: str) -> list[Line]:
    """The lines that hold anything, in order; paragraphs wrapped by hand are joined."""
    text = unicodedata.normalize("NFC", text).translate(_INVISIBLE).replace("\u00a0", " ")
    blocks = [
        [line.strip() for line in block.splitlines() if line.strip()]
        for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    ]
    blocks = [_unwrapped(block) for block in blocks] if _is_wrapped(blocks) else blocks
    return [line for block in blocks for raw in block if (line := _line(raw)).text]


def is_prose(line: Line) -> bool:
    """A sentence at least, not a link or a label."""
    count = words.count(line.text)
    text, _ = furniture.sign_off(line.text)
    ends = text.rstrip("”\"’')]»›").endswith(
        (".", "!", "?", "…", ":", "。", "！", "？", "।", "؟", "۔")
    )
    if line.bullet:
        return ends and count >= 8
    return count >= _UNENDED or (ends and count >= 5)


def read_facts(lines: Sequence[Line], head: int) -> tuple[Facts, set[int]]:
    """The facts, and the numbers of the lines that told them. `head`: where the prose begins."""
    facts, told = Facts(), set()
    for number, line in enumerate(lines):
        if not is_prose(line) and _tell(facts, line.text, in_head=number < head):
            told.add(number)
    for label, value, unit, used in _labelled(lines):
        facts.engagement.append(Engagement(f"reaction:{label}", value, unit))
        told.update(used)
    told.update(_read_stars(facts, lines))
    return facts, told


def _tell(facts: Facts, text: str, *, in_head: bool) -> bool:
    """Read one line into `facts`; False where it tells nothing."""
    time = _READ.match(text) or _READ_AFTER.match(text)
    if time:
        seconds = time[2] if time.re is _READ and time[2] else 0
        facts.read_seconds = facts.read_seconds or int(time[1]) * 60 + int(seconds)
        return True
    pair = _PAIR.match(text)
    if pair and in_head:
        _count(facts, "likes", pair[1])
        _count(facts, "dislikes", pair[2])
        return True
    for pattern, kind in _COUNTS:
        found = pattern.match(text)
        if found:
            _count(facts, kind, found[1])
            return True
    return in_head and _tell_who_and_when(facts, text)


def _tell_who_and_when(facts: Facts, text: str) -> bool:
    if words.count(text) > 14:
        return False
    date = dates.spoken(text) or _date_inside(text)
    facts.date = facts.date or date
    by = _BY.match(text)
    if by and not facts.authors:
        facts.authors = tuple(_names(re.split(r"\s+[|•·–—]\s+|\d", text[by.end() :])[0]))
    return date is not None or bool(by and facts.authors)


def _date_inside(text: str) -> dt.datetime | None:
    parts = re.split(r"\s*[|•·–—]\s*|^[^:\d]{3,20}:\s*", text)
    return next((d for part in parts if part and (d := dates.spoken(part))), None)


def _names(text: str) -> Iterator[str]:
    for raw in _AND.split(text):
        name = raw.strip(" .:-–—")
        if 2 <= len(name) <= 60 and "@" not in name and len(name.split()) <= 5:
            yield name


def _count(facts: Facts, kind: str, digits: str) -> None:
    value = int(re.sub(r"\D", "", digits))
    if all(one.kind != kind for one in facts.engagement):
        facts.engagement.append(Engagement(kind, value))


def _labelled(lines: Sequence[Line]) -> Iterator[tuple[str, float, Unit, tuple[int, ...]]]:
    """Faces with their value: a label, mostly twice, then a number or a percentage."""
    place, seen = 0, set()
    while place < len(lines):
        used, value = _group(lines, place)
        label = _face(lines[place].text)
        if value is None or label is None or label in seen:
            place += 1
            continue
        seen.add(label)
        unit = Unit.PERCENT if value[2] else Unit.COUNT
        yield label, float(value[1].replace(",", ".")), unit, tuple(range(place, place + used))
        place += used


def _group(lines: Sequence[Line], place: int) -> tuple[int, re.Match[str] | None]:
    """How many lines a label with its value takes, and the value."""
    again = place + 1 < len(lines) and lines[place + 1].text == lines[place].text
    number = place + 1 + again
    value = _VALUE.match(lines[number].text) if number < len(lines) else None
    return number - place + 1, value


def _face(text: str) -> str | None:
    """The face's name; a label in another language that stands alone on its line is not guessed."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    word = "".join(c for c in folded if not unicodedata.combining(c)).strip(" :")
    return _FACE_OF.get(word.removeprefix("en "))


def _read_stars(facts: Facts, lines: Sequence[Line]) -> set[int]:
    """Rows of "5 Star / 0%". Where nobody voted there is no rating, not one of nought."""
    shares: dict[int, float] = {}
    told: set[int] = set()
    for number, line in enumerate(lines):
        row = _STAR.match(line.text)
        following = _VALUE.match(lines[number + 1].text) if number + 1 < len(lines) else None
        value = row[2] if row and row[2] else following[1] if row and following else None
        if row and value:
            shares[int(row[1])] = float(value.replace(",", "."))
            told.update((number, number + 1) if not row[2] else (number,))
    whole = sum(shares.values())
    if len(shares) >= 3 and whole > 0:
        average = sum(stars * share for stars, share in shares.items()) / whole
        facts.engagement.append(Engagement("rating", round(average, 2), Unit.AVERAGE))
        for stars, share in sorted(shares.items()):
            facts.engagement.append(Engagement(f"stars:{stars}", share, Unit.PERCENT))
    return told


def _line(raw: str) -> Line:
    bullet = _BULLET.match(raw)
    while bullet:
        raw = raw[bullet.end() :].strip()
        again = _BULLET.match(raw)
        if not again:
            return Line(raw, bullet=True)
        bullet = again
    return Line(raw)


def _is_wrapped(blocks: Sequence[Sequence[str]]) -> bool:
    """Lines of one width that break inside sentences: the page was wrapped by hand."""
    inner = [line for block in blocks if len(block) > 2 for line in block[:-1]]
    even = [line for line in inner if 50 <= len(line) <= 100 and not line.endswith((".", ":"))]
    return len(inner) >= 3 and len(even) >= 0.7 * len(inner)


def _unwrapped(block: Sequence[str]) -> list[str]:
    if any(_BULLET.match(line) for line in block) or max(map(len, block), default=0) < 50:
        return list(block)
    return [" ".join(block)]


def is_label(text: str) -> bool:
    """A line that names nothing of the article: menus, sharing, single signs."""
    return len(text) < 2 or furniture.is_menu(text) or not any(c.isalpha() for c in text)
