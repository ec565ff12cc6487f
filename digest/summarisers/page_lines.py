"""What stands on the page beside the story: datelines, bylines, captions, pleas and the title again."""

from __future__ import annotations

import re

from digest import words
from digest.facts.orders import is_for_machines
from digest.model import Sentence

#: A byline or a dateline is no longer than this, in characters.
BYLINE = 160

_DATELINE = re.compile(
    r"(?:[A-Z][\w.'’-]*(?:[ /][A-Z][\w.'’-]*){0,3},?\s?(?:[A-Z][\w.]*,?\s?)?)?"
    r"(?:[A-Z][a-z]{2,8}\.?\s\d{1,2},?\s)?"
    r"(?:\((?:[A-Z][\w./ &-]{1,28})\)\s*(?:[—–:-]{1,2}\s*)?|[—–]\s|--\s|\s-\s)(?=[\"“'‘A-Z0-9])"
)
_BYLINE = re.compile(
    r"(?:By|BY|Von|Par|Por|Di)\s+[A-Z][\w.'’-]*(?:(?:,? and|,? und| et| y| e|,)? [A-Z][\w.'’-]*){0,6}"
    r"(?:\s*[,|·].{0,60})?(?<![.!?])$"
    r"|[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3}(?: is an? |, )(?:\w+ ){0,2}(?:writer|reporter|correspondent)"
    r"\b.{0,40}$",
)
_BULLET = re.compile(r"[•▪◦·●■►]\s+(?=\S)")
_STAMP = re.compile(  # `25 February 2016 Last updated at 10:01 GMT`, `Updated: 5 May 2020, 14:05 IST`
    r"(?:(?:\w+[:,]?\s){0,3}\d{1,2}[ ./-]\w{2,9}[ ./-]\d{2,4}\b|(?:\w+[:,]?\s){0,2}\w{3,9}\s\d{1,2},?\s\d{4}\b)"
    r"[^.!?]{0,40}$"
)
_FURNITURE = re.compile(
    r"""(?:pictured|photos?|image|images|video|watch|listen|caption|credit|pc|graphic|illustration
        |file|getty|reuters|ap|related|also\ read|read\ more|read\ also|read|more|see\ also|update[d]?
        |correction|editor['’]s\ note|note|source|tags?|topics?|advertisement|share\ this
        |foto|fotos|bild|quelle|lesen\ sie\ auch|mehr\ zum\ thema|crédit(?:\ photo)?|lire\ aussi|à\ lire
        |lee\ también|leer\ más|fuente|leggi\ anche|fonte|اقرأ\ أيضا|相关阅读|関連記事)
        \s*(?:above|below|left|right)?\s*[:|：]
    |(?:pictured|scroll\ down|story\ continues|continue\ reading|click|tap|subscribe|sign\ up|follow\ us
        |follow\ @|like\ us|join\ us|donate|support\ our|get\ the\ latest|have\ you\ been\ affected
        |advertisement$|share\ this|tweet\ this|print\ this|media\ playback|image\ (?:caption|copyright|source)
        |last\ updated|published|posted\ (?:on|by)|read\ time|this\ (?:article|story)\ (?:was|has\ been|is|first)
        |these\ are\ external\ links|for\ confidential\ support|the\ views\ expressed|\(?photo\ by|a\ post\ shared\ by
        |copyright|©|all\ rights\ reserved|abonnieren\ sie|jetzt\ abonnieren|abonnez-vous|inscrivez-vous
        |suscríbe?te|suscríbase|iscriviti|abbonati|اشترك|订阅|購読)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PLEA = re.compile(
    r"contributed to this (?:report|story)|click here|sign up (?:to|for) our|subscribe to (?:our|the)"
    r"|our newsletter|follow us on|all rights reserved|\bon (?:twitter|facebook) @|wrote the story"
    r"|has been (?:updated|corrected) (?:to|with)|\be-?mail us\b|let us know|getty images|AFP photo"
    r"|\bpic\.twitter\.com/|\bunseren newsletter\b|\bnotre newsletter\b|\bnuestr[oa] (?:boletín|newsletter)\b"
    r"|\bnostra newsletter\b|\btold us at\b|in the comments(?: below| section)",
    re.IGNORECASE,
)

#: No word of any language: an image or code that was pasted as text.
_PASTED = re.compile(r"[!-\u024f]{200}")

#: Each part of `_PLEA` has one of these: a look for them is twenty times as quick.
_PLEA_HAS = (
    "contributed to this", "click here", "sign up", "subscribe to", "newsletter", "follow us", "all rights",
    "on twitter", "on facebook", "wrote the story", "has been", "mail us", "let us know", "getty images",
    "afp photo", "pic.twitter.com/", "boletín", "told us at", "in the comments",
)  # fmt: skip


def is_furniture(title: str, text: str, *, at_start: bool) -> bool:
    """True for a sentence that does not belong to the story."""
    if at_start and title and _words(text) == _words(title):
        return True
    if len(text) <= BYLINE and (_BYLINE.match(text) or _STAMP.match(text)):
        return True
    return (
        bool(_FURNITURE.match(text)) or _is_plea(text) or is_for_machines(text) or is_pasted(text)
    )


def is_pasted(text: str) -> bool:
    """True where something longer than any word stands in it: it would be a mail of its own."""
    return len(text) >= 200 and bool(_PASTED.search(text))


def _is_plea(text: str) -> bool:
    low = text.lower()
    return any(map(low.__contains__, _PLEA_HAS)) and bool(_PLEA.search(text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def without_dateline(sentence: Sentence) -> Sentence:
    """`LONDON (XY) — The levy …` begins at `The levy`."""
    match = _DATELINE.match(sentence.text[:BYLINE])
    if not match or words.count(sentence.text[match.end() :]) < 5:
        return sentence
    return Sentence(sentence.text[match.end() :], sentence.start + match.end(), sentence.end)


def without_bullet(sentence: Sentence) -> Sentence:
    """`• The levy …` begins at `The levy`."""
    match = _BULLET.match(sentence.text)
    if not match:
        return sentence
    return Sentence(sentence.text[match.end() :], sentence.start + match.end(), sentence.end)
