"""The few words that compose itself puts into a mail, in the newsletter's language, else in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError
from babel.units import format_unit


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's words. `stories` by plural category (CLDR), with {n} for the number."""

    more: str
    intro: str
    stories: Mapping[str, str]
    most_discussed: str
    best_rated: str
    most_reactions: str


_PHRASES = {
    "en": Phrases(
        more="More",
        intro="This week in {stories}, {minutes}",
        stories={"one": "{n} story", "other": "{n} stories"},
        most_discussed="Most discussed",
        best_rated="Best rated",
        most_reactions="Most reactions",
    ),
    "de": Phrases(
        more="Mehr",
        intro="Diese Woche in {stories}, {minutes}",
        stories={"one": "{n} Geschichte", "other": "{n} Geschichten"},
        most_discussed="Am meisten diskutiert",
        best_rated="Am besten bewertet",
        most_reactions="Die meisten Reaktionen",
    ),
    "fr": Phrases(
        more="Plus",
        intro="Cette semaine en {stories}, {minutes}",
        stories={"one": "{n} article", "other": "{n} articles"},
        most_discussed="Le plus commenté",
        best_rated="Le mieux noté",
        most_reactions="Le plus de réactions",
    ),
    "es": Phrases(
        more="Más",
        intro="Esta semana en {stories}, {minutes}",
        stories={"one": "{n} noticia", "other": "{n} noticias"},
        most_discussed="Lo más comentado",
        best_rated="Lo mejor valorado",
        most_reactions="Más reacciones",
    ),
    "it": Phrases(
        more="Altro",
        intro="Questa settimana in {stories}, {minutes}",
        stories={"one": "{n} notizia", "other": "{n} notizie"},
        most_discussed="La più commentata",
        best_rated="La più apprezzata",
        most_reactions="Più reazioni",
    ),
    "ar": Phrases(
        more="المزيد",
        intro="هذا الأسبوع في {stories}، {minutes}",
        stories={
            "one": "خبر واحد",
            "two": "خبرين",
            "few": "{n} أخبار",
            "many": "{n} خبرًا",
            "other": "{n} خبر",
        },
        most_discussed="الأكثر نقاشًا",
        best_rated="الأعلى تقييمًا",
        most_reactions="الأكثر تفاعلًا",
    ),
}


def of(language: str) -> Phrases:
    """The words of a language tag like `de-AT`."""
    return _PHRASES.get(_base(language), _PHRASES["en"])


def locale_of(language: str) -> Locale:
    """Babel's locale of a language tag; English where Babel does not know it."""
    for tag in (language, _base(language)):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def intro(stories: int, minutes: int, language: str) -> str:
    """`This week in 12 stories, 4 minutes`, in one language throughout."""
    known = _base(language) if _base(language) in _PHRASES else "en"
    phrases, locale = _PHRASES[known], locale_of(language if known != "en" else "en")
    forms = phrases.stories
    form = forms.get(locale.plural_form(stories), forms["other"])
    spoken = format_unit(minutes, "duration-minute", length="long", locale=locale)
    return phrases.intro.format(stories=form.format(n=stories), minutes=spoken)


def _base(language: str) -> str:
    return language.split("-")[0].lower()
