from __future__ import annotations

import pytest

from digest.model import Caption
from digest.sources import furniture


@pytest.mark.parametrize(
    ("paragraph", "caption"),
    [
        ("PICTURED: The quay at dawn. PC: Ann Ferris.", Caption("The quay at dawn.", "Ann Ferris")),
        ("PICTURED ABOVE: The mayor. Photo credit: Town Hall", Caption("The mayor.", "Town Hall")),
        ("Photo: A goat on the mole", Caption("A goat on the mole")),
        (
            "Bild: Der Hafen am Morgen. Foto: Anna Fährmann",
            Caption("Der Hafen am Morgen.", "Anna Fährmann"),
        ),
        ("En la foto: El puerto. Crédito: Ana", Caption("El puerto.", "Ana")),
        ("Photo : Le port au matin. © Anne", Caption("Le port au matin.", "Anne")),
    ],
)
def test_captions_are_told_by_their_label(paragraph: str, caption: Caption) -> None:
    assert furniture.caption_of(paragraph) == caption


@pytest.mark.parametrize(
    "paragraph",
    [
        "Photographs from the quay show the boat.",
        "The image: a boat, a goat and no crew.",
        "Photo:",
        "Photo: " + "word " * 100,
    ],
)
def test_prose_is_no_caption(paragraph: str) -> None:
    assert furniture.caption_of(paragraph) is None


@pytest.mark.parametrize(
    "paragraph",
    [
        "If this was worth a coffee to you, please support us here.",
        "Your donation keeps our reporters on the quay.",
        "Sign up for our newsletter and get the week in your inbox.",
        "Unterstützen Sie uns mit einer Spende, damit wir weiter berichten können.",
        "Soutenez notre rédaction : faites un don ici.",
        "Apóyanos y recibe nuestras noticias aquí.",
        "Sostieni il nostro giornale: clicca qui.",
        "Steun ons werk, doneer hier.",
        "Inscrivez-vous à notre lettre.",
    ],
)
def test_pleas_are_told_in_several_languages(paragraph: str) -> None:
    assert furniture.is_plea(paragraph)


@pytest.mark.parametrize(
    "paragraph",
    [
        "The minister said that we support the plan and asked for your patience.",
        "“We ask you to support us,” she added from the deck.",
        "The town will support the theatre with a loan.",
        "The newsletter of the parish was founded in 1911.",
        "Please support us. " + "The boats leave every hour from the quay by the old mill. " * 8,
    ],
)
def test_news_about_support_is_no_plea(paragraph: str) -> None:
    assert not furniture.is_plea(paragraph)


@pytest.mark.parametrize(
    "line",
    [
        "Leave a Reply",
        "Your email address will not be published.",
        "Schreibe einen Kommentar",
        "Deja un comentario",
        "Laisser un commentaire",
        "Related stories",
        "Mehr zum Thema",
        "Te puede interesar",
        "Average Rating",
        "Comments",
        "Tags:",
    ],
)
def test_marks_of_the_end_are_told(line: str) -> None:
    assert furniture.is_tail(line)


def test_sentences_are_no_marks_of_the_end() -> None:
    assert not furniture.is_tail("More than forty people came to the quay.")
    assert not furniture.is_tail("Comments on the plan are welcome until Friday")


def test_menus_and_sharing_are_told() -> None:
    for line in (
        "Share",
        "Tweet",
        "Share on Facebook",
        "* Advertisement",
        "Teilen",
        "Publicité",
        "Read more »",
    ):
        assert furniture.is_menu(line)
    assert not furniture.is_menu("Share prices fell on Monday after the harbour levy")


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("Two goats came […]", "Two goats came"),
        ("Two goats came [...] Read more", "Two goats came"),
        ("Two goats came… Continue reading Goats →", "Two goats came"),
        ("Two goats came. Weiterlesen", "Two goats came."),
    ],
)
def test_the_mark_of_an_excerpt_is_taken_off(text: str, shorter: str) -> None:
    assert furniture.without_cut(text) == (shorter, True)


def test_a_whole_text_has_no_such_mark() -> None:
    assert furniture.without_cut("Two goats came.") == ("Two goats came.", False)


@pytest.mark.parametrize(
    "tail",
    [
        "The post Goats on the mole appeared first on The Gazette.",
        "Der Beitrag Goats on the mole erschien zuerst auf Gazette.",
        "L’article Goats on the mole est apparu en premier sur G.",
    ],
)
def test_the_source_line_of_a_feed_is_told_by_the_title(tail: str) -> None:
    assert furniture.without_source_line(["Text.", tail], "Goats on the mole") == ["Text."]


def test_a_paragraph_that_names_the_title_and_says_more_stays() -> None:
    said = [
        "Text.",
        "Goats on the mole is also the name of a play that the harbour theatre will show on Friday, with real goats.",
    ]
    assert furniture.without_source_line(said, "Goats on the mole") == said
    assert furniture.without_source_line(["Up"], "Up") == ["Up"]


@pytest.mark.parametrize(
    ("text", "left", "sign"),
    [
        ("It was so. WaL", "It was so.", "WaL"),
        ("“Was it?” — AF", "“Was it?”", "AF"),
        ("It was in the EU", "It was in the EU", ""),
        ("It ended. so", "It ended. so", ""),
    ],
)
def test_a_sign_off_is_split_from_the_last_full_stop(text: str, left: str, sign: str) -> None:
    assert furniture.sign_off(text) == (left, sign)


def test_cleaning_keeps_the_story_and_hands_out_captions() -> None:
    given = [
        "Goats",
        "Two goats came.",
        "PICTURED: A goat. PC: Ann",
        "Share",
        "© The Gazette",
        "They left again. AF",
        "Please support us here, if you like.",
    ]
    kept, captions = furniture.clean(given, "Goats")
    assert kept == ["Two goats came.", "They left again."]
    assert captions == [Caption("A goat.", "Ann")]
