"""How titles that come without a text hang together: by words that tell stories apart.

Two words link two titles. A word that many of the week's titles say is worth less, the fewer of those who say it share
more: a column's name, a place, `Interview`. In a story of many titles one word is enough, once most who say it share more.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from digest import likeness
from digest.likeness import Flags, Matrix, Text
from digest.unit_table import Sums, UnitTable

#: From so many titles on is asked how many who say a word share more; from this part of their pairs on it is worth a whole word.
_SOME, _AGREED = 5, 0.3
#: How much less each further word of a name counts that so many say: names of two and three words are less than two words.
_ONE_NAME = 0.6
#: A word alone links titles where so many say it, and as many of their pairs share more.
_BIG_STORY = 10
#: What is lost where roots are multiplied again.
_LOST = 1e-9


def links(texts: Sequence[Text]) -> NDArray[np.float64]:
    """Symmetric; 0 where nothing links two of them, and to itself."""
    table, size = UnitTable.of(texts), len(texts)
    every, found = np.arange(size), np.zeros((size, size))
    sums, named = likeness.before_rules(table)
    for block, summed in sums.in_blocks(every, size):
        found[block] = likeness.cut(summed, named, block)
    same = found >= likeness.SAME
    density = table.density(same | _enough(_shared(table)), _SOME)
    shared = _shared(table, _worth(table, density))
    proved = table.telling & (table.articles >= _BIG_STORY) & (density >= _AGREED)
    linked = same | _enough(shared) | (_added(table.sums(proved, np.ones(len(table.values)))) > 0)
    found *= np.where(linked, np.maximum(shared, 1.0), 0.0)
    likeness.mirror(found)
    for place, far in enumerate(likeness.apart(texts)):
        found[place, far] = 0.0
    np.fill_diagonal(found, 0.0)
    return found


def _worth(table: UnitTable, density: Matrix) -> Matrix:
    """What each word is worth: less where many say it who share nothing else."""
    asked = table.telling & (table.articles >= _SOME)
    return np.where(asked, np.minimum(density / _AGREED, 1.0), 1.0)


def _shared(table: UnitTable, worth: Matrix | None = None) -> Matrix:
    """How many telling words each pair shares; of a name that many say each further word counts less."""
    each = likeness.worth_by_script(table) * (1.0 if worth is None else worth)
    phrases = table.pair & (table.articles >= _SOME)
    signs = np.where(phrases, -_ONE_NAME, 1.0)
    wanted = table.telling | phrases
    return _added(table.sums(wanted, np.sqrt(each)[table.units], signs[table.units]))


def _enough(shared: Matrix) -> Flags:
    return np.asarray(shared >= likeness.SHARED_BY_TITLES - _LOST)


def _added(sums: Sums) -> Matrix:
    """The sums of all pairs."""
    found = np.zeros((sums.size, sums.size))
    for block, summed in sums.in_blocks(np.arange(sums.size), sums.size):
        found[block] = summed
    return found
