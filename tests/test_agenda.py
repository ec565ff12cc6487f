"""The days to come that stories announce: few, sure, and in the story's own words."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from digest import agenda
from digest.model import ComingDay
from tests.articles import stored

WROTE = dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)  # a Wednesday
SENT = dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC)  # the Sunday
AHEAD = agenda.Ahead(SENT, ZoneInfo("Europe/London"))


def announced(text: str, language: str | None = "en") -> tuple[ComingDay, ...]:
    return agenda.coming(stored("A title", text=text, language=language, published_at=WROTE), AHEAD)


@pytest.mark.parametrize(
    ("language", "text", "day", "clock"),
    [
        ("en", "The council will vote on the plan on Tuesday.", 1, None),
        ("en", "On Tuesday, the ferry museum will open its doors.", 1, None),
        ("en", "The festival begins on 3 December at 19:00 in Leeds.", 3, "19:00"),
        ("en", "Voters in Kent, who will go to the polls next Friday, are angry.", 4, None),
        ("en", "The trial is due to begin on December 2nd.", 2, None),
        ("en", "The concert takes place on Saturday, 5 December, at 8.30pm.", 5, "20:30"),
        ("en", "The matter will be discussed at Tuesday's meeting of the ministers.", 1, None),
        ("en", "This Tuesday the choir will sing in Vesle.", 1, None),
        ("en", "There will be a concert on Tuesday at 7pm in the old church.", 1, "19:00"),
        ("es", "Este martes comienza el festival.", 1, None),
        ("de", "Der Rat stimmt am Dienstag über den Plan ab.", 1, None),
        ("de", "Die Ausstellung wird am 3. Dezember um 19.30 Uhr eröffnet.", 3, "19:30"),
        ("de", "Das Bad soll am 1. Dezember um 18 Uhr öffnen.", 1, "18:00"),
        ("de", "Nächsten Freitag findet das Konzert statt.", 4, None),
        ("fr", "Le conseil votera mardi sur le projet.", 1, None),
        ("fr", "Le festival débute le 3 décembre à 19h30.", 3, "19:30"),
        ("fr", "Le procès s'ouvrira le 1er décembre à Lyon.", 1, None),
        ("es", "El consejo votará el plan el martes.", 1, None),
        ("es", "El festival comienza el 3 de diciembre a las 19:00.", 3, "19:00"),
        ("it", "Il consiglio voterà il piano martedì.", 1, None),
        ("it", "Il festival inizia il 3 dicembre alle 19.", 3, "19:00"),
        ("ar", "سيصوت المجلس على الخطة يوم الثلاثاء.", 1, None),
        ("ar", "سيبدأ المهرجان في 3 ديسمبر في القاهرة.", 3, None),
    ],
)
def test_what_is_announced_is_found_with_its_day_and_hour(
    language: str, text: str, day: int, clock: str | None
) -> None:
    (found,) = announced(text, language)
    assert found.day == dt.date(2026, 12, day)
    assert found.clock == (dt.time.fromisoformat(clock) if clock else None)
    assert found.sentence == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The council said on Tuesday that it will vote."),
        ("en", "On Sunday week the choir will be joined by a soloist."),
        ("en", "The court met on Tuesday and will decide soon."),
        ("de", "Der Fahrer soll am Montag zu schnell gewesen sein."),
        ("de", "Der Fahrer soll am Montag ein Rotlicht übersehen haben."),
        ("en", "There the choir will sing on Tuesday."),
        ("en", "Ms Reed was born on 3 December 1990."),
        ("en", "Ms Reed, born on 3 December, will sing."),
        ("en", "The town marks the 50th anniversary of the flood on 3 December."),
        ("en", "The strike will not begin on Tuesday."),
        ("en", "The concert on Tuesday has been cancelled and will be repeated."),
        ("en", "Trains could stop on Tuesday, the company fears."),
        ("en", "Every Tuesday the market will open at 9 am."),
        ("en", "Applications will be accepted until Tuesday."),
        ("en", "He told reporters on Monday the talks will go on."),
        ("en", "A study released on Monday shows that seas will rise."),
        ("en", "The buyer will pay more than Monday's closing price for the shares."),
        ("en", "The Sunday Times will print the story in full."),
        ("en", "“The school will close on Tuesday,” she said."),
        ("en", "Will the council vote on the plan on Tuesday?"),
        ("en", "She will appear in court on 1 December 2025."),
        ("en", "It will open on Tuesday."),
        ("en", "On Tuesday they will meet again in Vesle."),
        ("en", "The two will play in the final on Friday."),
        ("de", "Am Dienstag wird sie wieder eröffnet."),
        ("de", "Dort tagt der Rat am Freitag."),
        ("fr", "Elle sera jugée mardi à Lyon."),
        ("en", "The museum will open its doors on Thursday."),  # over before the mail comes
        ("en", "The film is set to open on 6 December."),  # the next mail's week
        ("de", "Der Rat sagte am Dienstag, er werde abstimmen."),
        ("de", "Die Bahn streikt am Dienstag nicht."),
        ("de", "Sie wurde am 3. Dezember 1990 geboren."),
        ("fr", "Le conseil a voté mardi."),
        ("fr", "Né le 3 décembre 1990, il sera jugé."),
        ("es", "El presidente dijo el martes que subirá el impuesto."),
        ("it", "Il consiglio ha votato martedì."),
        ("ar", "صوت المجلس على الخطة يوم الثلاثاء الماضي."),
        ("sv", "Rådet kommer att rösta på tisdag."),
    ],
)
def test_the_past_the_denied_the_doubtful_and_the_usual_are_no_event(
    language: str, text: str
) -> None:
    assert announced(text, language) == ()


def test_an_article_that_names_no_language_is_read_in_the_newsletters() -> None:
    assert announced("The council will vote on Tuesday.", None)


def test_one_day_is_told_once_and_the_days_stand_in_order() -> None:
    text = "A fair begins on 3 December. The council will vote on Tuesday. It will meet again on Tuesday."
    assert [one.sentence for one in announced(text)] == [
        "The council will vote on Tuesday.",
        "A fair begins on 3 December.",
    ]


def test_an_article_without_a_date_of_its_own_announces_nothing() -> None:
    undated = stored(
        "T", text="The council will vote on Tuesday.", language="en", published_at=None
    )
    assert agenda.coming(undated, AHEAD) == ()


@pytest.mark.parametrize(
    "text", ["31 February will be fun in the village.", "It will rain on 30 February."]
)
def test_a_day_that_no_year_has_is_none(text: str) -> None:
    assert announced(text) == ()


@pytest.mark.parametrize(
    ("language", "text", "clock"),
    [
        ("en", "The market will open on Tuesday at 12 p.m. in the square.", "12:00"),
        ("en", "The market will open on Tuesday at 12 a.m. in the square.", "00:00"),
        ("en", "The choir will sing on Tuesday evening at 7:30 in the hall.", None),
        ("de", "Der Chor wird am Dienstag um 8 Uhr abends im Dom singen.", None),
        ("fr", "Le chœur chantera mardi à 8 heures du soir à la mairie.", None),
        ("es", "El coro cantará el martes a las 7 de la tarde en la plaza.", None),
        ("it", "Il coro canterà martedì alle 8 di sera in piazza.", None),
        ("ar", "سيجتمع المجلس يوم الثلاثاء الساعة 7 مساء في القاعة.", None),
        ("de", "Der Chor wird am Dienstagabend oder am Dienstag um 20 Uhr singen.", "20:00"),
    ],
)
def test_an_hour_is_told_only_where_it_is_sure_which_half_of_the_day_is_meant(
    language: str, text: str, clock: str | None
) -> None:
    (found,) = announced(text, language)
    assert found.clock == (dt.time.fromisoformat(clock) if clock else None)


def test_the_hour_of_one_of_two_days_is_told_of_neither() -> None:
    text = "The fair will open on Monday at 10 a.m. and it returns on Tuesday for the children."
    assert [(one.day.day, one.clock) for one in announced(text)] == [(30, None), (1, None)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The new bridge will open by Monday, as planned."),
        ("en", "The shop will open after Monday."),
        ("de", "Der Laden wird nach dem 1. Dezember öffnen."),
        ("fr", "Le pont ouvrira d'ici mardi dans la ville."),
        ("it", "Il ponte aprirà entro martedì in città."),
        ("es", "El puente abrirá después del martes en la ciudad."),
    ],
)
def test_a_limit_is_no_day(language: str, text: str) -> None:
    assert announced(text, language) == ()


def test_of_a_span_of_days_the_first_is_told() -> None:
    (found,) = announced("The festival runs from 30 November to 3 December in the harbour.")
    assert found.day == dt.date(2026, 11, 30)


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [
        ("de", "Am Morgen wird der Rat im Rathaus tagen.", []),
        ("de", "Wir werden am Dienstag morgen wieder öffnen.", [1]),
        ("de", "Morgen wird der Rat im Rathaus tagen.", [29]),
        ("de", "Der Rat wird morgen im Rathaus tagen.", [29]),
        ("es", "El mercado abrirá el martes por la mañana en la plaza.", [1]),
        ("fr", "Le conseil se réunira après-demain à la mairie.", []),
    ],
)
def test_a_morning_is_not_tomorrow(language: str, text: str, days: list[int]) -> None:
    saturday = dt.datetime(2026, 11, 28, 9, tzinfo=dt.UTC)
    article = stored("A title", text=text, language=language, published_at=saturday)
    assert [one.day.day for one in agenda.coming(article, AHEAD)] == days


@pytest.mark.parametrize(("hour", "told"), [("7 a.m.", 0), ("8 a.m.", 0), ("9 a.m.", 1)])
def test_what_is_over_when_the_mail_goes_is_not_to_come(hour: str, told: int) -> None:
    assert len(announced(f"The market will open on Sunday at {hour} in the square.")) == told


def test_the_days_are_those_of_the_newsletters_zone() -> None:
    sent = dt.datetime(2026, 11, 28, 20, tzinfo=dt.UTC)  # Sunday 09:00 in Auckland
    article = stored(
        "A title",
        text="The market will open tomorrow in the square.",
        language="en",
        published_at=dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC),  # Saturday there
    )
    (found,) = agenda.coming(article, agenda.Ahead(sent, ZoneInfo("Pacific/Auckland")))
    assert found.day == dt.date(2026, 11, 29)
