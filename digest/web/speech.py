"""The words of our pages in the language of a newsletter: gettext catalogues, read as they are written.

A catalogue is `templates/web/_words/<language>.po`, and its keys are the English sentences of the
templates, so English has none. Dates, numbers and direction are Babel's (CLDR), as in the mails.
"""

from __future__ import annotations

import datetime as dt
import functools
import gettext
import io
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import get_timezone_location
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from digest import places
from digest.mail.wording import Wording
from digest.moments import WeekTime


class Speech:
    """How the pages of one newsletter speak: in its language where we have it, else in English.

    tag: the BCP 47 tag of our words. direction: `ltr` or `rtl`.
    """

    def __init__(self, language: str, timezone: str) -> None:
        words = Wording(language, timezone)
        is_ours = words.locale.language == "en" or catalogue(words.locale.language).is_file()
        self._words = words if is_ours else Wording("en", timezone)
        self.tag, self.direction = self._words.language, self._words.direction
        self.zone = timezone
        self.translations = _translations(self._words.locale.language)

    def gettext(self, sentence: str, **values: object) -> str:
        """A sentence with its `%(name)s` filled in; not escaped."""
        return self.translations.gettext(sentence) % values

    def day(self, period: str) -> str:
        """A period's date: `29 November 2026`."""
        return self._words.long_date(period)

    def date(self, moment: dt.datetime) -> str:
        """The newsletter's date of a moment: `29 November 2026`."""
        return self.day(moment.astimezone(self._words.zone).date().isoformat())

    def number(self, number: int) -> str:
        return self._words.number(number)

    def every(self, time: WeekTime) -> str:
        """`every Sunday at 08:00`, as it stands inside a sentence."""
        return self.gettext("every %(day)s at %(time)s", **self._parts(time))

    def on(self, time: WeekTime) -> str:
        """`on Sunday at 08:00`, as it stands inside a sentence."""
        return self.gettext("on %(day)s at %(time)s", **self._parts(time))

    @property
    def place(self) -> str:
        """The city that the newsletter's clock goes by."""
        return get_timezone_location(self._words.zone, self._words.locale, return_city=True)

    def _parts(self, time: WeekTime) -> dict[str, str]:
        return {
            "day": self._words.weekday(time.weekday),
            "time": self._words.clock(time.time),
        }


def mark(sentence: str) -> str:
    """The sentence as it is; that it stands in here puts it into the catalogues, for `gettext` later."""
    return sentence


def catalogue(language: str) -> Path:
    """Where the catalogue of a language is, or would be."""
    return places.folder("templates") / "web" / "_words" / f"{language}.po"


def languages() -> tuple[str, ...]:
    """The languages that our pages speak, English first."""
    files = catalogue("en").parent.glob("*.po")
    return ("en", *sorted(file.stem for file in files))


def own_name(language: str) -> str:
    """The name of a language in itself: `Deutsch`."""
    try:
        name = Locale.parse(language, sep="-").display_name or language
    except (UnknownLocaleError, ValueError):
        return language
    return name[:1].upper() + name[1:]


@functools.cache
def _translations(language: str) -> gettext.NullTranslations:
    """A catalogue, compiled in memory: so there is no step between editing it and seeing it."""
    file = catalogue(language)
    if not file.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as words:
        write_mo(compiled, read_po(words, locale=language, abort_invalid=True))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
