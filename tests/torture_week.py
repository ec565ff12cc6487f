"""A week of everything that has ever broken a mail: scripts, marks, emoji, quotes, markup, endless words."""

from __future__ import annotations

from digest.model import Article, Engagement, Image
from tests.articles import stored

#: A title in each of twelve scripts and more, with the language it is in.
TITLES = {
    "en": "The mole stands: “said yes”, 'quoth' he — \\new\\table & a < b > c",
    "el": "Το λιμάνι ανοίγει ξανά",
    "ru": "Порт снова открыт, говорит мэр",
    "ar": "مَرْحَبًا بالعودة إلى الميناء",
    "he": "שָׁלוֹם לנמל החדש",
    "fa": "می‌خواهم به بندر برگردم",
    "th": "ท่าเรือน้ำลึกเปิดใหม่อีกครั้งแล้วในวันนี้ที่เมืองชายฝั่ง",
    "hi": "बंदरगाह फिर से खुला, क्षत्रिय ने कहा",
    "zh": "港口在星期三重新开放，居民们欢欣鼓舞",
    "ja": "港が水曜日に再開し、住民は喜んだ",
    "ko": "항구가 수요일에 다시 열렸다",
    "ka": "პორტი ისევ გაიხსნა ოთხშაბათს",
    "ta": "துறைமுகம் மீண்டும் திறக்கப்பட்டது",
    "am": "ወደቡ እንደገና ተከፈተ",
    "hy": "Նավահանգիստը կրկին բաց է",
}

ODD = (
    "A family 👨‍👩‍👧‍👦, a heart ❤️, a flag 🏴󠁧󠁢󠁳󠁣󠁴󠁿 and a keycap 1️⃣",
    "No\u00a0break « ici\u202f» and 12\u00a0km",
    "Cafe\u0301 in pieces, Zu\u0308rich too, and o\u0302\u0323 twice",
    "{{7*7}} {% raw %} ${7*7} <%= 7*7 %> {{ config }}",
    "<plaintext> is no way to end <script>alert(1)</script> a page",
    "</mj-text></mj-column> closes nothing; <!-- nor this --> ]]>",
    '\\u{200d} is \\n not \\" what it was &amp; &#8205; neither',
    "zqSLOT in the middle of a title",
    "Three hundred signs of one title: " + "and another word " * 16 + "end",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
    "Mixed: שלום and مرحبا in one English line, 100 %",
    "soft\u00adhyphen, wo\u200brd, a\u2060b and ﬁ ligatures",
)


def articles() -> list[Article]:
    """The week's articles, each a storyline of its own; one of ten thousand words, some with pictures."""
    made = []
    titled = [*TITLES.items(), *(("en", title) for title in ODD)]
    for number, (language, title) in enumerate(titled, 1):
        made.append(
            stored(
                title,
                id=number,
                source_id=f"torture-{number}",
                url=f"https://gazette.example/{number}?a=1&b='2'".replace("'", "%27"),
                language=language,
                text=_text(number, title, 900 if title.startswith("Three hundred") else 6),
                section=("Harbour & sea", "القسم", "<b>Town</b>")[number % 3],
                authors=(f"{title[:12]} O’Neill-{number}",),
                image=Image(f"https://gazette.example/gone/{number}.png", title),
                engagement=(Engagement("comments", float(number * number)),),
            )
        )
    return made


def _text(number: int, title: str, sentences: int) -> str:
    """Sentences of words that no other article has, so that no two are taken for one story."""
    stem = "".join(chr(ord("a") + int(digit)) for digit in f"{number:03}")
    ends = ("ka", "re", "mi", "to", "lu", "pa", "ne", "si", "fo", "ru", "da", "ke")
    spoken = ". ".join(
        " ".join(f"{stem}{end}{stem}{n % 7}" for end in ends).capitalize() for n in range(sentences)
    )
    return f"{spoken}.\n\n«{title}» {stem} {stem}."
