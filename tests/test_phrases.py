"""Phrases: each mail in its own language, throughout."""

from __future__ import annotations

import pytest

from digest import phrases


@pytest.mark.parametrize(
    ("language", "stories", "minutes", "expected"),
    [
        ("en", 12, 4, "This week in 12 stories, 4 minutes"),
        ("en-GB", 1, 1, "This week in 1 story, 1 minute"),
        ("de", 1, 2, "Diese Woche in 1 Geschichte, 2 Minuten"),
        ("fr", 3, 1, "Cette semaine en 3 articles, 1 minute"),
        ("es", 3, 2, "Esta semana en 3 noticias, 2 minutos"),
        ("it", 1, 2, "Questa settimana in 1 notizia, 2 minuti"),
        ("ar", 2, 4, "هذا الأسبوع في خبرين، 4 دقائق"),
        ("sv", 5, 2, "This week in 5 stories, 2 minutes"),
        ("xx", 5, 2, "This week in 5 stories, 2 minutes"),
    ],
)
def test_the_first_line_is_in_one_language(
    language: str, stories: int, minutes: int, expected: str
) -> None:
    assert phrases.intro(stories, minutes, language) == expected


def test_an_unknown_language_speaks_english() -> None:
    assert phrases.of("tlh").more == "More"
    assert phrases.of("de-AT").more == "Mehr"
