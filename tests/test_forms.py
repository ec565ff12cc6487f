"""Forms: the same wording about different things is kept, the same thing in an edited wording is not."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from itertools import combinations

import pytest

from digest import collect, copies, forms
from digest.collect import Known, select
from digest.copies import Print
from digest.forms import NAME, NUMBER, PLAIN, Forms, kinds
from digest.model import Article
from tests.test_collect import RULES, WEEK, article, reasons

TOWNS = [
    "Ashford",
    "Bramley",
    "Coldwell",
    "Dunmore",
    "Easton",
    "Farnham",
    "Glossop",
    "Hadley",
    "Ilkley",
    "Jarrow",
    "Kelso",
    "Ludlow",
]
FIRST = [
    "John",
    "Mary",
    "Peter",
    "Susan",
    "Ahmed",
    "Laura",
    "Igor",
    "Fiona",
    "Paul",
    "Hana",
    "Ruth",
    "Olga",
]
LAST = [
    "Smith",
    "Okafor",
    "Brown",
    "Nowak",
    "Taylor",
    "Khan",
    "Evans",
    "Rossi",
    "Clark",
    "Weber",
    "Singh",
    "Murphy",
]


class Chance(random.Random):
    """What a form is filled in with."""

    def town(self) -> str:
        return self.choice(TOWNS)

    def person(self) -> str:
        return f"{self.choice(FIRST)} {self.choice(LAST)}"


def weather(by: Chance) -> str:
    town = by.town()
    return (
        f"The forecast for {town} is for a dry start with some cloud. Temperatures will reach {by.randint(8, 25)} "
        f"degrees by {by.randint(11, 15)}.00, falling to {by.randint(1, 7)} overnight. Winds from the west will be "
        f"light at {by.randint(3, 14)} miles an hour. The chance of rain is {by.randint(5, 70)} per cent. Sunrise "
        f"in {town} is at {by.randint(5, 7)}.{by.randint(10, 59)} and sunset at {by.randint(17, 20)}."
        f"{by.randint(10, 59)}. The pollen count is low and the air is good."
    )


def court(by: Chance) -> str:
    heard = (
        f"{by.person()}, {by.randint(19, 70)}, of {by.choice(LAST)} Road, {by.town()}, pleaded guilty to driving "
        f"without insurance. Fined £{by.randint(80, 900)}, ordered to pay a surcharge of £{by.randint(30, 200)} and "
        f"costs of £{by.randint(80, 130)}. Six points on licence."
        for _ in range(by.randint(6, 9))
    )
    return "The following cases were heard by magistrates this week. " + " ".join(heard)


def result(by: Chance) -> str:
    home, away = by.sample(TOWNS, 2)
    return (
        f"{home} beat {away} {by.randint(2, 5)}-{by.randint(0, 1)} in front of {by.randint(300, 4000)} people. "
        f"{by.person()} opened the scoring in the {by.randint(3, 30)}th minute and {by.person()} doubled the lead "
        f"with a header after {by.randint(31, 44)} minutes. After the break {away} pressed, but goalkeeper "
        f"{by.person()} saved well from {by.person()}. {by.person()} made the game safe in the "
        f"{by.randint(60, 89)}th minute. {home} are now {by.randint(1, 9)}th in the table, while {away} stay "
        f"{by.randint(10, 18)}th. Tickets for the next home game are on sale at the ground and in the club shop."
    )


def death(by: Chance) -> str:
    return (
        f"{by.person()}, {by.randint(60, 99)}, of {by.town()}, passed away peacefully at home on May "
        f"{by.randint(1, 31)}, surrounded by family. Born in {by.town()} to {by.person()} and {by.person()}, the "
        f"eldest of the family worked for {by.randint(10, 40)} years at {by.choice(LAST)} and Sons and sang at St "
        f"{by.choice(FIRST)}. Survivors include {by.person()}, {by.person()} and {by.person()} of {by.town()}. A "
        f"funeral will be held at {by.randint(9, 15)}.{by.randint(10, 59)} at {by.choice(LAST)} Funeral Home. In "
        f"lieu of flowers the family asks for donations to {by.town()} Hospice. A book of condolence "
        "lies open at the funeral home every day, and messages may be left on its page."
    )


def stocks(by: Chance) -> str:
    return (
        f"The FTSE 100 closed at {by.randint(6900, 7900)}.{by.randint(10, 99)} points, a change of "
        f"{by.randint(10, 99)} points on the day. The pound bought 1.{by.randint(1000, 5000)} dollars and "
        f"1.{by.randint(1000, 2500)} euros. Brent crude traded at {by.randint(60, 99)}.{by.randint(10, 99)} dollars "
        f"a barrel and gold at {by.randint(1500, 2400)} dollars an ounce. {by.choice(LAST)} rose most, by "
        f"{by.randint(2, 9)}.{by.randint(10, 99)} per cent, and {by.choice(LAST)} fell most. In New York the Dow "
        f"Jones stood at {by.randint(30000, 39000)} points when markets in London closed."
    )


def lottery(by: Chance) -> str:
    drawn = ", ".join(str(number) for number in by.sample(range(2, 59), 6))
    return (
        f"The winning numbers in the draw were {drawn} and the bonus number was {by.randint(2, 59)}. One ticket "
        f"matched them all to take the jackpot of £{by.randint(2, 20)} million. Players have half a year from the "
        "draw to claim a prize. Tickets can be bought in shops and online until half past seven in the evening. "
        "Players must be 18 or over. Help with gambling is free and open all day and night."
    )


def police(by: Chance) -> str:
    return (
        f"In {by.town()} kam es gegen {by.randint(2, 23)}.{by.randint(10, 59)} Uhr zu einem Unfall. Ein "
        f"{by.randint(18, 80)} Jahre alter Fahrer aus {by.town()} kam mit seinem Wagen von der Straße ab und stieß "
        f"gegen einen Baum. Er wurde leicht verletzt und in das Krankenhaus {by.town()} gebracht. Der Schaden "
        f"beträgt nach Angaben der Polizei rund {by.randint(2, 40)}.000 Euro. Die Straße war für "
        f"{by.randint(20, 90)} Minuten gesperrt. Hinweise nimmt die Polizei unter der Nummer "
        f"{by.randint(1000, 9999)} {by.randint(10000, 99999)} entgegen."
    )


Form = Callable[[Chance], str]
FORMS: tuple[Form, ...] = (weather, court, result, death, stocks, lottery, police)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_one_form_filled_in_five_times_is_five_articles(form: Form) -> None:
    filled = [form(Chance(seed)) for seed in range(5)]
    prints = [copies.print_of(text) for text in filled]
    assert any(copies.holds(a, b) or copies.is_reworked(a, b) for a, b in combinations(prints, 2))
    assert reasons(*(article(number, text) for number, text in enumerate(filled, 1))) == {}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_form_filled_in_alike_and_printed_again_is_told_once(form: Form) -> None:
    text = form(Chance(1))
    again = "From our other edition: " + text.replace(" the ", " this ", 2)
    assert reasons(article(1, text), article(2, again)) == {2: "the same text as “Story 1”"}


STORY = (
    "A ferry ran aground near Kelso on Monday night with 214 people on board, the coastguard said. Eleven people "
    "were hurt, two of them badly. Captain Igor Khan told Radio North that fog had come in within 10 minutes of "
    "leaving Ludlow. Lifeboats from Jarrow and Hadley took everybody off by 3.40 in the morning. The ferry, built "
    "in Trieste in 1998, had passed its last inspection in March. Mary Okafor of the Maritime Office said that "
    "divers would look at the hull today. The line between Ludlow and Kelso stays closed until Thursday."
)


def test_a_story_whose_figures_were_brought_up_to_date_is_still_that_story() -> None:
    newer = STORY.replace("Eleven", "Fourteen").replace("214", "216").replace("3.40", "4.15")
    assert reasons(article(1, STORY), article(2, newer)) == {2: "the same text as “Story 1”"}


def test_a_story_with_a_name_put_right_everywhere_is_still_that_story() -> None:
    newer = STORY.replace("Kelso", "Kelton").replace("Okafor", "Okonkwo")
    assert reasons(article(1, STORY), article(2, newer)) == {2: "the same text as “Story 1”"}


@pytest.mark.parametrize("seed", range(6))
def test_a_copy_in_which_any_fifth_word_was_changed_is_no_form(seed: int) -> None:
    by = random.Random(seed)
    words = STORY.split()
    edited = " ".join(by.choice(words) if by.random() < 0.2 else word for word in words)
    pair = article(1, STORY), article(2, edited)
    prints = [copies.print_of(one.text) for one in pair]
    assert not Forms().are_one((pair[0], prints[0]), (pair[1], prints[1]))


def test_a_form_is_looked_for_among_what_earlier_issues_told_as_well() -> None:
    last, this = weather(Chance(1)), weather(Chance(2))
    old = article(1, last, hours=-200)
    assert select([article(2, this)], WEEK, RULES, known=Known(before=(old,))).left_out == ()
    (left,) = select([article(2, last)], WEEK, RULES, known=Known(before=(old,))).left_out
    assert left.copy_of == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The mayor of Kelso spoke.", [PLAIN, PLAIN, PLAIN, NAME, PLAIN]),
        ("It rained. Then Kelso won 3-1!", [PLAIN, PLAIN, PLAIN, NAME, PLAIN, NUMBER, NUMBER]),
        ("He said: “Kelso is home”", [PLAIN] * 5),
        ("Rund 12.000 Euro", [PLAIN, NUMBER, PLAIN, NAME]),
        ("İzmir ve Kars", [PLAIN, PLAIN, NAME]),
        ("在5日 kam", [PLAIN, NUMBER, PLAIN, PLAIN]),
        ("", []),
    ],
)
def test_every_compared_unit_has_its_kind(text: str, expected: list[int]) -> None:
    assert kinds(text).tolist() == expected
    assert len(expected) == copies.print_of(text).units


def test_sentences_written_anew_are_nothing_that_was_filled_in() -> None:
    sentences = re.split(r"(?<=[.])\s", STORY)
    anew = [
        one
        if place % 3
        else "Nobody in Penrith, Marlow or Oakham had seen fewer than 7 boats in 40 years"
        for place, one in enumerate(sentences)
    ]
    pair = article(1, STORY), article(2, " ".join(anew))
    prints = [copies.print_of(one.text) for one in pair]
    assert not Forms().are_one((pair[0], prints[0]), (pair[1], prints[1]))


def test_an_article_is_read_once_however_often_it_is_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []

    def noted(text: str) -> forms.Kinds:
        read.append(text)
        return kinds(text)

    monkeypatch.setattr(forms, "kinds", noted)
    filled = [article(number, weather(Chance(number))) for number in range(1, 5)]
    assert select(filled, WEEK, RULES).left_out == ()
    assert sorted(read) == sorted(one.text for one in filled)


def test_what_fills_in_a_form_of_very_many_is_held_against_some_of_them_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filled = [article(number, weather(Chance(number))) for number in range(1, 8)]
    met: list[tuple[int, int]] = []
    ask = Forms.are_one

    def asked(self: Forms, one: tuple[Article, Print], other: tuple[Article, Print]) -> bool:
        met.append((one[0].id, other[0].id))
        return ask(self, one, other)

    monkeypatch.setattr(Forms, "are_one", asked)
    monkeypatch.setattr(collect, "_FORM_IS_KNOWN", 3)
    assert select(filled, WEEK, RULES).left_out == ()
    assert Counter(one for one, _ in met).most_common() == [
        (4, 3),
        (5, 3),
        (6, 3),
        (7, 3),
        (3, 2),
        (2, 1),
    ]
