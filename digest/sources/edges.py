"""What stands at an article's edges and is none of it: dates and bylines ahead, contacts and bios behind."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest import words
from digest.sources import bylines, dates

#: How many paragraphs from each end are looked at.
_HEAD, _TAIL = 6, 5
#: A line of this many words or fewer may be a date's, a byline or a label.
_LINE = 10
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}")
_CONTACT = re.compile(
    r"\b(?:follow|contact|reach|e-?mail|write to|tweet)\b.{0,60}\b(?:him|her|them|me|us|on (?:twitter|x|facebook|instagram|linkedin|threads|bluesky))\b"
    r"|\bfollow .{2,60} on (?:twitter|x|facebook|instagram|linkedin|threads|bluesky)\b|\bhave a (?:news )?tip\b|\bmay be reached at\b"
    r"|\btell us what you think\b|\bjoin the conversation\b|\bwhat do you think\b.{0,40}\bcomments?\b",
    re.IGNORECASE,
)
_CREDITS = re.compile(
    r"^(?:contributing|contributors?|with (?:additional )?(?:reports?|reporting|contributions?|files)|reporting by|additional reporting|writing by|edited by"
    r"|this (?:article|story) (?:was|is|has been) (?:originally |first )?(?:published|updated|republished|syndicated)|(?:the )?associated press (?:writer|reporter|journalist)s?\b"
    r"|mit (?:material|informationen|agenturmaterial)|avec (?:afp|reuters|l'afp)|con información de|com informações|con informazioni|met informatie van"
    r"|filed under|tags?\b|posted in|categor(?:y|ies)|source|quelle|fuente|fonte|bron)\s*[:—–-]?\s+\S",
    re.IGNORECASE,
)
_PAYWALL = re.compile(
    r"\bil vous reste\b.{0,40}\bà lire\b|réservée? aux abonnés|para suscriptores|tu suscripción|nur für abonnent|weiterlesen mit|subscribers? only"
    r"|(?:possédez|avez)[ -](?:vous )?déjà un compte|vous possédez déjà|(?:sólo|solo|únicamente) para (?:registrados|suscriptores|abonados)|riservato agli abbonati|só para assinantes"
    r"|to (?:continue|keep) reading|already a subscriber|create (?:a|an|your) (?:free )?account|sign in to (?:read|continue)|jetzt abonnieren|kostenlos testen",
    re.IGNORECASE,
)
_BIO = re.compile(
    r"^(?:is|was|covers|writes|reports|works|has (?:been|covered|written)|ist|schreibt|arbeitet|est|es|è|escribe|scrive|é)\b",
    re.IGNORECASE,
)


def trimmed(paragraphs: Sequence[str], *, title: str, authors: Sequence[str] = ()) -> list[str]:
    """The paragraphs without what stands ahead of the first sentence and behind the last one."""
    kept = [one for one in paragraphs if any(sign.isalnum() for sign in one)]
    first = next((n for n, one in enumerate(kept[:_HEAD]) if _is_sentence(one, title)), 0)
    ahead = [one for one in kept[:first] if not is_ahead(one, title)]
    rest = kept[first:]
    tail = max(1, len(rest) - _TAIL)
    behind = [one for one in rest[tail:] if not is_behind(one, authors)]
    return [*ahead, *rest[:tail], *behind]


def is_ahead(line: str, title: str) -> bool:
    """A date, a byline, or the title once more."""
    count = words.count(line)
    if _fold(title) and _fold(title) in _fold(line) and count <= words.count(title) + 8:
        return True
    if count > _LINE:
        return False
    return bylines.is_byline(line) or dates.spoken(line) is not None


def is_behind(paragraph: str, authors: Sequence[str] = ()) -> bool:
    """A contact, thanks to helpers, a paywall, or a word about the writer."""
    count = words.count(paragraph)
    if count > 70:
        return False
    if _CONTACT.search(paragraph) or (count <= 45 and _MAIL.search(paragraph)):
        return True
    if count <= 45 and (_CREDITS.search(paragraph) or _PAYWALL.search(paragraph)):
        return True
    return any(
        paragraph.startswith(name) and _BIO.match(paragraph[len(name) :].lstrip(" ,"))
        for name in authors
        if len(name) > 5
    )


def _is_sentence(line: str, title: str) -> bool:
    return words.count(line) >= 12 and not is_ahead(line, title)


def _fold(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
