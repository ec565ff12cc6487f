from __future__ import annotations

import pytest

from digest.sources.languages import language_of

SPANISH = "El ferry de Puerto Ellery vuelve a salir cada hora, dijo el capitán del puerto, que esperaba desde la primavera a que las cabras dejaran el muelle. "
ENGLISH = "The ferry to Port Ellery runs every hour again, said the harbour master, who had waited for the goats to leave the mole since the spring of this year. "
DANISH = "Færgen til Port Ellery sejler igen hver time, sagde havnefogeden, som havde ventet siden foråret på at gederne skulle forlade molen og gå hjem. "


@pytest.mark.parametrize(("text", "tag"), [(SPANISH, "es"), (ENGLISH, "en"), (DANISH, "da")])
def test_the_words_decide_where_nothing_is_declared(text: str, tag: str) -> None:
    assert language_of(text) == tag


def test_a_themes_english_is_overruled_by_the_words() -> None:
    assert language_of(SPANISH * 2, ["en-US"]) == "es"
    assert language_of(SPANISH * 2, ["en-US", "es-MX"]) == "es-MX"
    assert language_of(ENGLISH * 2, ["de"]) == "en"


def test_a_declaration_stays_between_relatives_and_where_little_is_said() -> None:
    assert language_of(DANISH * 2, ["nb"]) == "nb"
    assert language_of(ENGLISH * 2, ["en-GB"]) == "en-GB"
    assert language_of("Hola", ["en"]) == "en"


def test_nothing_and_fillers_have_no_language() -> None:
    assert language_of("") is None
    assert (
        language_of(
            "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor"
        )
        is None
    )
