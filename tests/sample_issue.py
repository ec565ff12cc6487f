"""A week composed by hand: what the mail's tests and the pictures of the documentation print."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from digest.model import (
    ArticleId,
    Coverage,
    Image,
    IssueContent,
    Omission,
    Section,
    Story,
    Summary,
    ThreadItem,
    Window,
)
from digest.schedules import Schedule

PUBLIC_URL = "https://mail.gazette.example"

#: The picture that the lead asks for; no such server exists, so pictures are made with another.
PICTURE = "https://gazette.example/pictures/north-mole.jpg"

#: The picture of a story in a section: only the magazine prints it.
SECOND_PICTURE = "https://gazette.example/pictures/night-ferry.jpg"

WINDOW = Window(
    dt.datetime(2026, 11, 21, 18, tzinfo=dt.UTC), dt.datetime(2026, 11, 28, 18, tzinfo=dt.UTC)
)


def schedule(**changes: Any) -> Schedule:
    """The newsletter of the sample; `changes` go into its [newsletter] table."""
    newsletter = {
        "name": "The Sunday Catchup",
        "strapline": "All the week’s stories, so you never start the week uninformed.",
        "language": "en",
        "timezone": "Europe/London",
        "site_name": "The Harbour Gazette",
        "site_url": "https://gazette.example/",
        "from_name": "The Harbour Gazette",
        "from_address": "sunday@gazette.example",
        "postal_address": "The Harbour Gazette, 1 Quay Street, Port Ellery PE1 1AA",
    }
    return Schedule.model_validate(
        {
            "key": "sunday",
            "newsletter": {**newsletter, **changes},
            "sources": [{"key": "desk", "kind": "api"}],
        }
    )


def story(number: int, title: str, text: str = "", *, day: int = 25, **changes: Any) -> Story:
    """A story; `day` is its day in November 2026 (a Sunday is the 22nd)."""
    slug = "-".join(
        "".join(c for c in title.lower() if (c.isascii() and c.isalnum()) or c == " ").split()[:6]
    )
    values: dict[str, Any] = {
        "article_id": ArticleId(number),
        "title": title,
        "url": f"https://gazette.example/2026/11/{slug or number}",
        "summary": Summary(text, method="by hand"),
        "section": "Town",
        "published_at": dt.datetime(2026, 11, day, 9, 30, tzinfo=dt.UTC),
        "language": "en",
        "read_seconds": 180,
    }
    return Story(**{**values, **changes})


def thread(number: int, title: str, day: int) -> ThreadItem:
    found = story(number, title, day=day)
    return ThreadItem(
        article_id=found.article_id, title=title, url=found.url, published_at=found.published_at
    )


LEAD = story(
    1,
    "The mole will stand: members vote for the harbour levy, and small boats pay half",
    "Every berth in Port Ellery will pay towards the North Mole from April, the harbour board"
    " decided by seven votes to four. Boats below seven metres pay half of it. The first stones can"
    " be ordered on Monday, a week before the winter tides.",
    day=27,
    section="Harbour",
    authors=("Imran Sallis",),
    image=Image(PICTURE, "Waves break over the North Mole at dusk", 1600, 900),
    read_seconds=300,
    marks=("Most discussed",),
    thread=(
        thread(2, "What the board wants from every berth", 23),
        thread(3, "Two hundred boats, one slow protest round the mole", 25),
        thread(4, "Nine questions about the levy, answered by those who would collect it", 26),
    ),
)

SEA = (
    story(
        5,
        "The night ferry floats again, eleven hours after it found the sandbank",
        "All 64 passengers of the Lady Ansgar went ashore dry, most of them with soup. The company"
        " says that a buoy had drifted; the coastguard wants to see the log before it says anything.",
        day=24,
        section="Sea & trade",
        authors=("Wilma Tern", "Ned Pargeter"),
        image=Image(SECOND_PICTURE, "The night ferry at its berth, all its lamps lit", 900, 900),
        thread=(thread(6, "Ferry aground off the Cat’s Teeth", 23),),
    ),
    story(
        7,
        "A crab record, and nobody at home to buy them",
        "Forty-one tonnes came over the quay in a week, twice what the market takes. Half of it"
        " went to Vigo by lorry. The fishermen’s society asks for a cold store by summer.",
        day=26,
        section="Sea & trade",
        read_seconds=120,
    ),
)
TOWN = (
    story(
        8,
        "The Regal opens its doors after nine dark years",
        "Four hundred people queued for 180 seats. The first film was the last one that ran there;"
        " it broke at the same place, and the house applauded.",
        day=25,
        marks=("Best rated",),
        authors=("Ann Ferris",),
    ),
    story(
        9,
        "The surgery moves into the old bank, vault and all",
        "From January four doctors see patients where three cashiers used to sit. The vault keeps"
        " the vaccines, since nothing in town is colder.",
        day=23,
        read_seconds=60,
    ),
    story(
        10,
        "Ninety-six homes approved on the cannery site, with a condition about the smell",
        "The committee wants to smell the foundations before anybody lives above them. Building"
        " starts in May; a third of the homes will be let at half the market’s rent.",
        day=26,
    ),
)
CULTURE = (
    story(
        11,
        "ليلة الجيران: خبز ساخن وحكايات في قاعة البحّارة",
        "جاء أكثر من مئة شخص إلى القاعة القديمة لورشة خبز ثم لحكايات الواصلين الأوائل إلى المدينة."
        " وعزفت الفرقة النحاسية لحنين تعلّمتهما في ثلاثة أسابيع.",
        day=25,
        section="Culture",
        language="ar",
        authors=("نور المقطري",),
    ),
    story(
        12,
        "One hundred singers and a foghorn rehearse for Advent",
        "The foghorn has one note and is always late. The choir’s conductor has therefore moved"
        " everybody else by a second and a half.",
        day=27,
        section="Culture",
        marks=("Most reactions",),
    ),
)
BRIEFS = (
    story(
        13, "Goats are back on the mole", "Seven of them, and nobody saw how.", section="Harbour"
    ),
    story(
        14,
        "Hessock reach the quarter-final on penalties",
        "The keeper saved three, the last one with his cap.",
        day=22,
        section="Sport",
    ),
    story(
        15,
        "The repair café mends its five-hundredth toaster",
        "It was the first one’s twin.",
        day=28,
    ),
    story(
        16,
        "Bus 9 runs at night again",
        "Twice an hour until three, from Friday.",
        day=24,
        url=None,
    ),
    story(
        17,
        "The crossword’s setter retires after 1,612 puzzles",
        "Her last clue is eleven letters long and cannot be printed before Christmas.",
        day=28,
        section="Culture",
    ),
)
LEFT_OUT = (
    Omission(
        article_id=ArticleId(18),
        title="Public notices",
        url=None,
        reason="shorter than 40 words",
    ),
)


def content(**changes: Any) -> IssueContent:
    """The sample week."""
    values: dict[str, Any] = {
        "newsletter": "sunday",
        "period": "2026-11-29",
        "number": 12,
        "window": WINDOW,
        "subject": LEAD.title,
        "preheader": "The night ferry floats again · The Regal opens its doors after nine dark years",
        "intro": "This week in 13 stories, 4 minutes",
        "lead": LEAD,
        "sections": (
            Section("Sea & trade", SEA),
            Section("Town", TOWN),
            Section("Culture", CULTURE),
        ),
        "briefs": BRIEFS,
        "left_out": LEFT_OUT,
        "read_seconds": 240,
    }
    made = IssueContent(**{**values, **changes})
    return made if "coverage" in changes else replace(made, coverage=covered(made))


def covered(made: IssueContent) -> Coverage:
    """The count of a content, as compose makes it."""
    in_sections = sum(len(section.stories) for section in made.sections)
    members = sum(len(story.thread) for story in made.stories)
    lead = 1 if made.lead else 0
    told = lead + in_sections + members + len(made.briefs)
    return Coverage(
        total=told + len(made.left_out),
        lead=lead,
        storyline_members=members,
        section_items=in_sections,
        briefs=len(made.briefs),
        left_out=len(made.left_out),
    )


def big(stories: int, *, words: int = 60) -> IssueContent:
    """A week of so many stories: a lead, up to eleven in three sections, the rest in brief."""
    text = " ".join(f"Word number {n} is here." for n in range(words // 5))
    made = [
        story(n, f"Story number {n} of a week in which a great deal happened in town", text)
        for n in range(1, stories + 1)
    ]
    inside = made[1:12]
    names = ("Harbour", "Town", "Sport")
    sections = tuple(Section(name, tuple(inside[at::3])) for at, name in enumerate(names))
    brief = tuple(
        replace(s, summary=Summary("One sentence tells what happened and to whom."))
        for s in made[12:]
    )
    return content(
        lead=made[0],
        sections=tuple(section for section in sections if section.stories),
        briefs=brief,
        left_out=(),
    )


#: The week of a newsletter in Arabic: everything is mirrored, but for one story in English.
ARABIC = {
    "name": "حصاد الأحد",
    "strapline": "أخبار الأسبوع كلها، كي لا تبدأ أسبوعك وأنت لا تعلم.",
    "language": "ar",
    "site_name": "جريدة الميناء",
    "from_name": "جريدة الميناء",
    "postal_address": "جريدة الميناء، شارع الرصيف 1، بورت إيليري",
}


def arabic_content() -> IssueContent:
    """A short week in Arabic."""
    lead = story(
        1,
        "مجلس الميناء يقرّ رسوم الأرصفة ونصفها للقوارب الصغيرة",
        "سيدفع كل مرسى في بورت إيليري لترميم الحاجز الشمالي ابتداءً من نيسان، بعد أن صوّت المجلس بسبعة"
        " أصوات مقابل أربعة. وتدفع القوارب التي يقل طولها عن سبعة أمتار نصف المبلغ.",
        day=27,
        section="الميناء",
        language="ar",
        authors=("عمران سالم",),
        image=Image(PICTURE, "الأمواج تعلو الحاجز الشمالي عند الغروب"),
        marks=("الأكثر نقاشًا",),
        thread=(
            thread(2, "ماذا يريد المجلس من كل مرسى", 23),
            thread(3, "مئتا قارب في احتجاج بطيء حول الحاجز", 25),
        ),
    )
    return content(
        subject=lead.title,
        preheader="سينما ريغال تفتح أبوابها من جديد",
        intro="هذا الأسبوع في 4 أخبار، دقيقتان",
        lead=lead,
        sections=(
            Section(
                "المدينة",
                (
                    story(
                        5,
                        "سينما ريغال تفتح أبوابها بعد تسع سنوات مظلمة",
                        "اصطفّ أربعمئة شخص أمام مئة وثمانين مقعدًا. وانقطع الفيلم في الموضع نفسه فصفّق الجميع.",
                        section="المدينة",
                        language="ar",
                    ),
                    replace(SEA[1], article_id=ArticleId(6)),
                ),
            ),
        ),
        briefs=(
            story(
                7,
                "عودة الماعز إلى الحاجز",
                "سبعة رؤوس، ولم يرَ أحد كيف.",
                section="الميناء",
                language="ar",
            ),
        ),
        left_out=(),
    )
