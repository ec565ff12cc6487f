from __future__ import annotations

import pytest

from digest.sources import edges

PROSE = [
    f"Sentence {n} about the ferry goes on for a good dozen words, as it should." for n in range(9)
]


def trimmed(*paragraphs: str) -> list[str]:
    return edges.trimmed(paragraphs, title="Goats shut the ferry", authors=("Ann Ferris",))


@pytest.mark.parametrize(
    "line",
    ["By Ann Ferris", "24. November 2026", "Harbour: Goats shut the ferry", "Von Anna Quai", "___"],
)
def test_dates_bylines_and_the_title_ahead_of_the_prose_leave(line: str) -> None:
    assert trimmed(line, *PROSE) == PROSE


def test_a_sub_heading_ahead_of_the_prose_stays() -> None:
    assert trimmed("How it began", *PROSE) == ["How it began", *PROSE]


@pytest.mark.parametrize(
    "line",
    [
        "Contact Ann Ferris at ann@gazette.example. Follow her on X.",
        "Have a tip? Our desk may be reached at any hour of the day.",
        "Ann Ferris is a correspondent of the Gazette in Port Ellery.",
        "Reporting by Ann Ferris; editing by Bo Quay",
        "With reports from the Harbour Press",
        "Il vous reste 57 % de cet article à lire. La suite est réservée aux abonnés.",
        "Tu suscripción se está usando en otro dispositivo",
    ],
)
def test_contacts_credits_and_paywalls_behind_the_prose_leave(line: str) -> None:
    assert trimmed(*PROSE, line) == PROSE


@pytest.mark.parametrize(
    "line",
    [
        "The mayor is a correspondent of nobody, he said on Tuesday at the quay.",
        "Bo Quay is a fisherman who lost his boat in the spring of that year.",
        "Readers follow the ferry's way on a map in the harbour office.",
    ],
)
def test_an_article_may_end_with_people(line: str) -> None:
    assert trimmed(*PROSE, line) == [*PROSE, line]


def test_the_middle_is_left_alone() -> None:
    line = "Contact Ann Ferris at ann@gazette.example."
    assert line in trimmed(*PROSE[:2], line, *PROSE[2:])
