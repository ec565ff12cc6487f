"""What the source has only from somebody who claims, asks or denies it is no fact in a summary."""

from __future__ import annotations

import pytest

from digest.facts import gate

BEFORE, AFTER = "The town of Brecon has 9,000 people.", "The school has 40 rooms."


def doubts(summary: str, told: str, language: str = "en") -> list[str]:
    source = f"{BEFORE} {told} {AFTER}" if language == "en" else told
    return [one.kind for one in gate.check(summary, source, language=language)]


@pytest.mark.parametrize(
    ("told", "summary"),
    [
        ("Critics claim that the mayor lied to parents.", "The mayor lied to parents."),
        ("Police suspect the driver caused the crash.", "The driver caused the crash."),
        ("It is unclear whether the mayor resigned on Friday.", "The mayor resigned on Friday."),
        ("It is not true that the mayor resigned on Friday.", "The mayor resigned on Friday."),
        ("If the mayor lied to parents, she will go.", "The mayor lied to parents."),
        ("There is no evidence that the mayor lied to parents.", "The mayor lied to parents."),
    ],
)
def test_a_claim_is_no_fact(told: str, summary: str) -> None:
    assert "surer" in doubts(summary, told)


@pytest.mark.parametrize(
    ("told", "summary"),
    [
        (
            "Reed claimed that the mayor lied to parents.",
            "According to Reed, the mayor lied to parents.",
        ),
        ("Reed claimed that the mayor lied to parents.", "The mayor lied to parents, Reed said."),
        (
            "Reed, who denied murder, was jailed for ten years on Friday.",
            "Reed was jailed for ten years.",
        ),
        (
            "Although critics claim the mayor lied, she won the vote on Friday.",
            "The mayor won the vote on Friday.",
        ),
        (
            "Reed claimed the prize and won the race on Friday.",
            "Reed won the race on Friday.",
        ),
        (
            "The council believes that Reed can succeed Anna Moss.",
            "The council wants Reed to succeed Anna Moss.",
        ),
        (
            "It was not until Friday that the mayor resigned over it.",
            "The mayor resigned on Friday.",
        ),
    ],
)
def test_who_is_said_to_claim_it_may_stand_for_the_claim(told: str, summary: str) -> None:
    assert "surer" not in doubts(summary, told)


@pytest.mark.parametrize(
    ("language", "told", "summary"),
    [
        ("en", "It is unknown whether the workers will lose their jobs.", "The workers will lose their jobs."),
        ("en", "The pools will close in May if the court agrees.", "The pools will close in May."),
        ("fr", "On ignore si les salariés perdront leur emploi. La ville a cinq piscines.", "Les salariés perdront leur emploi."),
        ("es", "Se desconoce si los empleados perderán su trabajo. Lugo tiene cinco piscinas.", "Los empleados perderán su trabajo."),
    ],
)  # fmt: skip
def test_words_of_the_source_without_their_whether_or_if_are_surer(
    language: str, told: str, summary: str
) -> None:
    assert "surer" in doubts(summary, told, language)


def test_what_is_only_wanted_is_not_done_in_spanish_though_it_has_an_a() -> None:
    told = "Los clubes de natación quieren acudir a los tribunales."
    assert "surer" in doubts("Los clubes de natación acudieron a los tribunales.", told, "es")


def test_a_spanish_verb_with_se_asks_nothing() -> None:
    told = "La alcaldesa se reunió el martes con los clubes de natación de Lugo."
    assert doubts("La alcaldesa reunió el martes a los clubes de natación.", told, "es") == []
