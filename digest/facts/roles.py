"""Roles: who did what to whom, what is where, and who is called what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from digest.facts.aliases import NATIONS
from digest.facts.calendar_words import DAYS, day_of
from digest.facts.clauses import is_past
from digest.facts.names import ROLES, is_person, runs, runs_in, same_name
from digest.facts.reading import COUNTING, SPANS, Text, Word, clause_of, is_matter, stem
from digest.facts.word_lists import word_set


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what to whom."""

    agent: str
    verb: str
    patient: str


#: Verbs whose two sides change places in another verb.
_BEATS = word_set("beat defeat overcom thrash edg win")
_PLACED = word_set("in of from at near")


@lru_cache(maxsize=4)
def deeds(text: Text) -> set[Deed]:
    """What can be read from the order of names and the words between them; passive turned round."""
    found: set[Deed] = set()
    for row in text.by_sentence:
        named = [run for run in runs_in(row) if not _is_adjective(run)]
        for left, right in pairwise(named):
            between = row[row.index(left[-1]) + 1 : row.index(right[0])]
            found |= set(_deeds(_end(left), _end(right), _without_aside(between)))
        found |= {deed for run in named for deed in _by(row, row.index(run[0]), _end(run))}
        for at, run in enumerate(named):
            stop = row.index(named[at + 1][0]) if at + 1 < len(named) else len(row)
            led = (
                row[max(0, row.index(run[0]) - 1)].low in _PLACED
            )  # `Helicopters from Hallam lifted`
            if not run[-1].low.endswith("'s") and not led:
                found |= set(_object(_end(run), row[row.index(run[-1]) + 1 : stop]))
    return found


_BEFORE_VERBS = word_set(
    "will would has have had can could must may might to did does do is are was were not shall should"
)


def _is_deed(word: Word, behind: list[Word]) -> bool:
    """True for what stands as a verb: by its ending, or behind an auxiliary; nothing owned is one."""
    at = behind.index(word)
    helped = at > 0 and behind[at - 1].low in _BEFORE_VERBS
    return helped or word.low.endswith("ed") or (at == 0 and word.low != word.stem)


def _is_adjective(run: list[Word]) -> bool:
    """`Norwegian` in `the Norwegian teenager Ida Solberg`."""
    alone = len(run) == 1 and run[0].low in NATIONS
    return alone and run[0].low.endswith(("ish", "ian", "ese", "ean", "an", "ch", "i", "ic", "ss"))


def _without_aside(between: list[Word]) -> list[Word]:
    """Without what stands between two commas right behind a name."""
    commas = [at for at, word in enumerate(between) if word.text == ","]
    return between[commas[1] + 1 :] if len(commas) > 1 and commas[0] == 0 else between


def _end(run: list[Word]) -> str:
    return run[-1].low.removesuffix("'s")


def _deeds(left: str, right: str, between: list[Word]) -> Iterator[Deed]:
    low = [w.low for w in between]
    if len(low) == 1 and low[0] in _PLACED:
        yield Deed(left, "of" if low[0] in ("of", "from") else "in", right)
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


def _by(row: list[Word], at: int, agent: str) -> Iterator[Deed]:
    """`led by Holt`."""
    before = [w for w in row[max(0, at - 5) : at] if not w.is_mark]
    low = [w.low for w in before]
    if "by" in low and low.index("by"):
        verb = before[low.index("by") - 1]
        if is_matter(verb) and not verb.capital:
            yield Deed(agent, f"{verb.stem} by", "")


_PRONOUNS = word_set("he she it they we i you who")


def _object(agent: str, behind: list[Word]) -> Iterator[Deed]:
    """`Poland will buy 24 drones`: what a name does to a thing."""
    behind = clause_of(behind)
    if behind and behind[0].low in _PRONOUNS:  # `in Sheffield he won gold`
        return
    ends = [at for at, w in enumerate(behind) if w.low in ("and", "but", "while")]
    matter = [w for w in behind[: ends[0] if ends else None] if is_matter(w) and w.text.isalpha()]
    matter = [w for w in matter if w.low not in COUNTING | SPANS]
    acts = bool(matter) and _is_deed(matter[0], behind)
    if acts and len(matter) >= 2 and not any(w.low == "by" for w in behind):
        yield Deed(agent, f"{matter[0].stem}:", matter[1].stem)


def role_doubts(summary: Text, source: Text) -> Iterator[str]:
    """Deeds that the source has the other way round, and titles that it gives to another."""
    theirs = deeds(source)
    named = {w.low.removesuffix("'s") for w in source.words if w.capital}
    for deed in deeds(summary):
        if deed.agent not in named:
            continue
        if deed not in theirs and any(_contradicts(deed, one, theirs) for one in theirs):
            if deed.verb in ("in", "of") and _side_by_side(deed, source):
                continue
            yield f"{deed.agent} … {deed.verb.rstrip(':')} … {deed.patient}"
    for run in runs(summary):
        yield from _title(run, summary, source)
    yield from _of_another(summary, source)


def _side_by_side(deed: Deed, source: Text) -> bool:
    """Whether the two stand within a few words of each other."""
    low = [w.low.removesuffix("'s") for w in source.words]
    return any(
        deed.patient in low[max(0, at - 5) : at + 6]
        for at, one in enumerate(low)
        if one == deed.agent
    )


def _contradicts(deed: Deed, one: Deed, theirs: set[Deed]) -> bool:
    if one.verb != deed.verb:
        return False
    if deed.verb in ("in", "of"):  # the same thing at another place
        return one.agent == deed.agent and one.patient != deed.patient
    if deed.verb.endswith(" by"):
        active = deed.verb.removesuffix(" by")
        return not any(t.agent == deed.agent and t.verb == active for t in theirs)
    if deed.verb.endswith(":"):  # the same done by another
        return one.patient == deed.patient and one.agent != deed.agent
    return one == Deed(deed.patient, deed.verb, deed.agent)


def _title(run: list[Word], summary: Text, source: Text) -> Iterator[str]:
    row = summary.by_sentence[run[0].sentence]
    at = row.index(run[0])
    titles = [w for w in row[max(0, at - 2) : at] if w.low in ROLES]
    titles += [w for w in run if w.low in ROLES]
    name = next((w for w in reversed(run) if w.low not in ROLES), None)
    titles += _called(row, row.index(run[-1]) + 1)
    if is_person(run[-1]) and day_of(run[-1].low) not in DAYS:
        titles += _aside(row, row.index(run[-1]))
    if name is None:
        return
    if not (titles or _nation_before(row, at)):
        return
    wanted = name.low.removesuffix("'s")
    rows = source.by_sentence
    near = [
        {w.low for w in rows[place][max(0, i - 9) : i + 13]}
        for place in range(len(rows))
        for i, word in enumerate(rows[place])
        if word.low.removesuffix("'s") == wanted
    ]
    for title in titles:
        if near and title.low not in _POLITE and not any(_has_title(title, f) for f in near):
            yield f"{title.text} {name.text}"
    for word in _before(row, row.index(titles[0]) if titles and titles[0].at <= run[-1].at else at):
        if near and not any(_has(word, found) for found in near):
            yield f"{word.text} … {name.text}"


def _owned(text: Text) -> Iterator[tuple[Word, str]]:
    """Each title and whose it is: `Captain Rein Tamm`, `the captain, Rein Tamm`, `Rein Tamm, the captain`, `composer Emil Berg`."""
    for row in text.by_sentence:
        for run in runs_in(row):
            first, last = row.index(run[0]), row.index(run[-1])
            if is_person(run[-1]):
                first_word = run[0] if len(run) > 2 and run[0].first else None  # `Ranger Ana Kovic`
                own = [w for w in run if w.low in ROLES or w is first_word]
                yield from ((title, _end(run)) for title in own)
                yield from ((title, _end(run)) for title in _titles_beside(row, first, last))


def _may_be_title(word: Word) -> bool:
    """True for `composer`, as far as forms tell."""
    plain = word.text.isalpha() and is_matter(word) and not word.capital
    verb = is_past(word) or word.low.endswith(_NO_NOUN)
    return plain and not verb and word.low not in COUNTING


def _titles_beside(row: list[Word], first: int, last: int) -> Iterator[Word]:
    before = row[first - 1] if first else None
    if before is not None and _may_be_title(before):
        yield before
    if first > 1 and row[first - 1].text == "," and row[first - 2].low in ROLES:
        yield row[first - 2]
    aside = row[last + 2 : last + 9]
    if len(aside) > 1 and aside[0].text.isdigit():  # `Ivo Kral, 67, the president`
        aside = aside[2:]
    aside = clause_of(aside)[:5]
    if last + 1 < len(row) and row[last + 1].text == ",":
        for at, word in enumerate(aside):
            if word.low in ROLES:
                yield aside[at]
            if word.capital or is_past(word) or word.low == "whose":
                return


_NO_NOUN = ("ed", "ing", "s", "ly")


def _of_another(summary: Text, source: Text) -> Iterator[str]:
    """The titles that the source gives to other people, and never to these."""
    theirs = list(_owned(source))
    for title, name in _owned(summary):
        owners = {one for other, one in theirs if other.stem == title.stem}
        if owners and title.low not in _POLITE and not any(same_name(name, one) for one in owners):
            yield f"{title.text} {name}"


def _aside(row: list[Word], last: int) -> list[Word]:
    """The office that ends an aside: `Simon George, Music Choice marketing director, said`."""
    if last + 1 >= len(row) or row[last + 1].text != ",":
        return []
    aside = clause_of(row[last + 2 : last + 10])
    behind = row[last + 2 + len(aside) : last + 4 + len(aside)]
    ends = behind and behind[0].text in ",." and not behind[-1].capital
    return [w for w in aside[-1:] if ends and w.low in ROLES - _ANY]


#: Of whom an article may only tell the work.
_ANY = word_set("spokesman spokeswoman spokesperson leader head officer")


def _called(row: list[Word], after: int) -> list[Word]:
    """The office in `Storm is the owner`."""
    behind = clause_of(row[after : after + 6])
    if not behind or behind[0].low not in ("is", "was", "remains"):
        return []
    ends = [at for at, w in enumerate(behind) if w.low in ("of", "at", "in", "who")]
    return [w for w in behind[: ends[0] if ends else None] if w.low in ROLES or w.low == "author"]


_POLITE = word_set("mr mrs ms miss dr herr frau monsieur madame")
_PLACES = word_set("capital city town port village island province region coast border")
_OFFICE = word_set("former new acting deputy interim outgoing late")


def _before(row: list[Word], at: int) -> list[Word]:
    """What tells a title or a name more nearly: `finance` minister, `former`, `Mexican`."""
    found: list[Word] = []
    for word in reversed(row[max(0, at - 3) : at]):
        if word.is_mark or not (is_matter(word) or word.low in _OFFICE) or word.low in COUNTING:
            break
        found.append(word)
    titled = row[at].low in ROLES - _POLITE
    if any(w.low in _PLACES for w in found):
        return []
    return [
        w
        for w in found
        if (w.low in NATIONS and not w.low.endswith("ns"))
        or w.low in _OFFICE
        or (titled and w is row[at - 1] and _names(w))
    ]


def _names(word: Word) -> bool:
    """True for a word that may tell an office, and is no verb of the sentence."""
    return not word.low.endswith(("ed", "ing")) and word.low not in ("said", "says", "told")


def _has(word: Word, found: set[str]) -> bool:
    return any(same_name(word.low, one) or stem(one) == word.stem for one in found)


def _nation_before(row: list[Word], at: int) -> bool:
    return any(w.low in NATIONS for w in row[max(0, at - 3) : at])


def _has_title(title: Word, found: set[str]) -> bool:
    """`owner` is there where something is `owned`."""
    if title.low in ("pm", "mp", "ceo", "cfo", "cto", "coo"):
        return bool({title.low, "prime", "member", "chief"} & found)
    return title.low in found or any(stem(w) == title.stem or w[:4] == title.low[:4] for w in found)
