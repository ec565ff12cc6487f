"""Another thing behind the same verb, and what only another says that somebody did."""

from __future__ import annotations

import pytest

from digest.facts.complements import other_complements, wrongly_admitted
from digest.facts.reading import Text

SOURCE = (
    "Lena Voss spent half of the grant on boats and a jetty, although her debts came from horses."
    " The diver Ivan Roth said the port had ignored complaints about the cables."
)


def test_another_thing_behind_the_same_verb_is_doubted() -> None:
    assert list(other_complements(Text("Voss spent the grant on horses."), Text(SOURCE)))


@pytest.mark.parametrize(
    "summary", ["Voss spent the grant on boats.", "Voss spent half of the grant on vessels."]
)
def test_the_same_thing_is_not(summary: str) -> None:
    assert list(other_complements(Text(summary), Text(SOURCE))) == []


def test_who_is_accused_has_not_admitted_it() -> None:
    source = Text(SOURCE)
    assert list(wrongly_admitted(Text("The port admitted ignoring complaints of cables."), source))
    admitted = Text(f"{SOURCE} The port admitted that it had ignored complaints about the cables.")
    told = Text("The port admitted ignoring complaints about the cables.")
    assert not list(wrongly_admitted(told, admitted))
