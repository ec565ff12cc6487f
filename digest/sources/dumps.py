"""A page copied as plain text to an article: its title, its prose, and what the lines round it tell.

Nothing here knows a site: lines are told apart by their form and place (facts on the page count of
readers, read time, captions, forms), prose by being sentences.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from digest import words
from digest.errors import BadInput
from digest.model import Caption, DateSource, IncomingArticle
from digest.sources import bylines, dump_lines, edges, furniture, languages
from digest.sources.dump_lines import Line

#: A title is looked for among so many lines.
_HEAD_LINES = 60
#: A first line of so few words may be the site's name.
_SITE_NAME = 4
#: So many lines are looked at for prose at once, and so much of the densest prose is as dense.
_NEAR, _DENSE = 9, 0.4
#: Of titles about as good the first one is the title: what comes after it is the standfirst.
_ABOUT = 0.85
#: So soon after its title an article's author is named.
_BYLINE_AFTER = 3
#: What a title does not end with.
_ENDS = (".", ":", ",", "…", "。", "।", "۔")
#: What follows a mark of the end may hold this share of the prose, or it was none.
_TAIL_SHARE = 0.25


def read(text: str, *, item: str = "page") -> IncomingArticle:
    """The article of a dump; `source` is empty. Raises BadInput where there is none."""
    lines = dump_lines.lines_of(text)
    if not lines:
        raise BadInput(item, "the file is empty")
    first = _first_prose(lines)
    facts, told = dump_lines.read_facts(lines, first)
    near = [n for n in range(min(first + 2, len(lines)))[-_HEAD_LINES:] if n not in told]
    far = {0} if words.count(lines[0].text) > _SITE_NAME else set()
    title_at = _title_at(lines, first, sorted({*far, *near} - told))
    above = title_at if title_at in near else _title_at(lines, first, near)
    begin = above + 1 if above <= first else first
    paragraphs, captions = _body(
        lines, begin, told, title=lines[title_at].text, authors=facts.authors
    )
    return IncomingArticle(
        source="",
        title=lines[title_at].text,
        text="\n\n".join(paragraphs),
        authors=facts.authors,
        language=languages.language_of(" ".join(paragraphs)),
        published_at=facts.date,
        date_source=DateSource.DATE_LINE if facts.date else DateSource.NONE,
        captions=tuple(captions),
        read_seconds=facts.read_seconds,
        engagement=tuple(facts.engagement),
    )


def _first_prose(lines: Sequence[Line]) -> int:
    """Where the prose begins: at the first sentence after which it is about as dense as anywhere.

    A notice or a caption that stands alone among menus is a sentence too.
    """
    weights = [words.count(line.text) if dump_lines.is_prose(line) else 0 for line in lines]
    near = [sum(weights[n : n + _NEAR]) if weight else 0 for n, weight in enumerate(weights)]
    if near and words.count(lines[0].text) <= 30:
        near[0] = 0  # a long title reads like a sentence
    most = max(near, default=0)
    return next((n for n, sum_ in enumerate(near) if most and sum_ >= _DENSE * most), len(lines))


def _title_at(lines: Sequence[Line], first: int, head: Sequence[int]) -> int:
    """The line of the head that reads most like a title; the first where none does.

    A long title looks like prose, so the first sentences are looked at too; and the first line of all, which
    is one in many dumps, however much stands between it and the prose.
    """
    prose = " ".join(line.text for line in lines[first + 1 :] if dump_lines.is_prose(line))
    body = Counter(words.matter(prose))
    repeated = Counter(line.text.casefold() for line in lines)
    signs = {n: _signs(lines, n, head=head, repeated=repeated) for n in head}
    scores = {n: _title_score(lines[n], n, first, body=body, signs=signs[n]) for n in head}
    best = max(scores.values(), default=0.0)
    if best <= 0:
        return 0
    top = max(head, key=lambda n: (scores[n], -n))
    long = (n for n in head if words.count(lines[n].text) > 3 and scores[n] >= _ABOUT * best)
    title = next(long, top)
    if words.count(lines[top].text) > 3:
        title = min(title, top)
    return _without_crumbs(lines, title, head)


def _without_crumbs(lines: Sequence[Line], title: int, head: Sequence[int]) -> int:
    """The line that says the title alone, where the chosen one has the way to it before it, or the site behind it."""
    whole = lines[title].text
    alone = (
        n for n in head if n != title and words.count(lines[n].text) > 3 and not lines[n].bullet
    )
    return next((n for n in alone if _is_end_of(whole, lines[n].text)), title)


def _is_end_of(whole: str, alone: str) -> bool:
    behind = whole.removeprefix(alone) if whole.startswith(alone) else ""
    return whole.endswith(f" {alone}") or behind.lstrip().startswith(("|", "–", "—", "»"))


def _signs(
    lines: Sequence[Line], number: int, *, head: Sequence[int], repeated: Counter[str]
) -> float:
    """Being said twice, alone or in a longer line, and the author's name soon after."""
    text = lines[number].text.casefold()
    if words.count(text) <= 3:
        return 0.0
    inside = any(text in lines[n].text.casefold() for n in head if n != number)
    after = lines[number + 1 : number + 1 + _BYLINE_AFTER]
    is_signed = any(bylines.is_byline(line.text) for line in after)
    return 0.3 * (repeated[text] > 1 or inside) + 0.2 * is_signed


def _title_score(line: Line, number: int, first: int, *, body: Counter[str], signs: float) -> float:
    """Words of the body in it, a title's length, its place, and what else speaks for it."""
    count = words.count(line.text)
    if not 2 <= count <= 32 or _is_no_title(line.text):
        return 0.0
    matter = set(words.matter(line.text))
    shared = sum(1 for word in matter if body[word]) / max(1, len(matter))
    length = 1.0 if 5 <= count <= 22 else 0.7 if count > 3 else 0.4
    place = (0.35 * (number == 0) + 0.3 * (first - number <= 10)) * (1.0 if shared else 0.6)
    ends = 0.7 * line.text.rstrip("”\"’')»").endswith(_ENDS) + 0.3 * (number > first)
    return shared * length * min(1.0, len(matter) / 4) + place + signs - 0.4 * line.bullet - ends


def _is_no_title(text: str) -> bool:
    return (
        dump_lines.is_label(text)
        or furniture.is_tail(text)
        or furniture.is_furniture(text)
        or furniture.credited_line(text) is not None
        or bylines.is_byline(text)
        or edges.is_behind(text)
    )


def _body(
    lines: Sequence[Line], begin: int, told: set[int], *, title: str, authors: Sequence[str] = ()
) -> tuple[list[str], list[Caption]]:
    """The paragraphs between title and tail, and the captions taken out of them."""
    end = _end(lines, begin, told)
    last = max((n for n in range(begin, end) if dump_lines.is_prose(lines[n])), default=end)
    kept: list[tuple[int, str]] = []
    captions: list[Caption] = []
    seen: set[str] = set()
    for number in range(begin, end):
        line = lines[number]
        caption = furniture.caption_of(line.text) or furniture.credited_line(line.text)
        if caption:
            captions.append(caption)
        elif number not in told and _is_kept(line.text, seen, title):
            seen.add(line.text)
            kept.append((number, line.text))
    paragraphs = [text for number, text in kept if number <= last]
    paragraphs = _without_runs(paragraphs)
    paragraphs = edges.trimmed(paragraphs, title=title, authors=authors)
    if paragraphs:
        paragraphs[-1], _ = furniture.sign_off(paragraphs[-1])
    return paragraphs, captions


def _is_kept(text: str, seen: set[str], title: str) -> bool:
    is_furniture = furniture.is_furniture(text) or furniture.is_consent(text)
    again = text in seen or text.casefold() == title.casefold()
    return not (is_furniture or again or dump_lines.is_label(text))


def _end(lines: Sequence[Line], begin: int, told: set[int]) -> int:
    """Where the tail begins: at a mark of the end, or counters, that little prose follows."""
    weights = [
        words.count(line.text) if dump_lines.is_prose(line) and n >= begin else 0
        for n, line in enumerate(lines)
    ]
    whole, passed = sum(weights), 0
    for number, line in enumerate(lines):
        passed += weights[number]
        is_mark = number in told or (not weights[number] and furniture.is_tail(line.text))
        if is_mark and number > begin and passed >= (1 - _TAIL_SHARE) * whole and passed:
            return number
    return len(lines)


def _without_runs(paragraphs: Sequence[str]) -> list[str]:
    """Short lines in a row are lists of links; one alone before prose is a sub-heading."""
    prose = [dump_lines.is_prose(Line(text)) for text in paragraphs]
    kept = []
    for number, text in enumerate(paragraphs):
        before = number > 0 and not prose[number - 1]
        after = number + 1 < len(paragraphs) and not prose[number + 1]
        is_heading = 0 < number < len(paragraphs) - 1 and not before and not after
        if prose[number] or (is_heading and _reads_as_heading(text)):
            kept.append(text)
    return kept


def _reads_as_heading(text: str) -> bool:
    return words.count(text) <= 12 and not re.search(r"[|/@]|\d{2}:\d{2}|https?:", text)
