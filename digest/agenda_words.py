"""What tells a coming event from a past one, in six languages: signs of the future, of the past, and of no event."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signs:
    """One language's. Patterns without regard to case.

    future: what will surely be. past, never: what makes a sentence no announcement. behind: words that may stand
    right before a date. bound: what makes the date behind it a limit or a range's end. following: `next` behind or
    before a weekday; tomorrow: the day after. clock: a time, with its hours and minutes as named groups. late: words
    beside an hour of a clock of twelve.
    """

    future: re.Pattern[str]
    past: re.Pattern[str]
    never: re.Pattern[str]
    behind: re.Pattern[str]
    bound: re.Pattern[str]
    following: re.Pattern[str]
    tomorrow: re.Pattern[str]
    clock: re.Pattern[str]
    late: re.Pattern[str]


def _words(*listed: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(listed)})(?!\w)", re.IGNORECASE)


def _before(words: str) -> re.Pattern[str]:
    """These words right before what follows."""
    return re.compile(rf"(?<!\w)(?:{words})\s$", re.IGNORECASE)


#: Where a language has no such word that would not stand in other places as well: it finds nothing.
_NOT_SAID = re.compile(r"(?!)")
_HOURS = r"(?P<h>[01]?\d|2[0-3])"
_MINUTES = r"(?P<m>[0-5]\d)"

SIGNS = {
    "en": Signs(
        future=_words("will", "shall", r"(?:is|are) (?:due|set|scheduled|expected|planned) (?:to|for)", r"(?:is|are) to \w+",
                      "takes? place", "begins?", "starts?", "opens?", "kicks? off", "meets?", "returns?", "runs? from", "goes on sale"),
        past=_words(r"said|told|announced|confirmed|added|warned|wrote|reported|claimed|was|were|had|has been|have been|did|came|went|took|began|met|opened|started|won|lost|died|killed|arrested|filed|made|gave|left|held"),
        never=_words(r"not|n[o']t|\w+n't|never|no longer|cancelled|canceled|postponed|called off|would|could|might|may|should|if|unless|whether|born|birthday|anniversary|every|each|until|till|since|deadline|I|last|past|previous|ago|earlier|mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays"),
        behind=_words("on", "this", "next", "coming", "from", "of", "the", "for", "at", "in", "morning", "afternoon", "evening", "night"),
        bound=_before(r"by|before|after|to|through|than"),
        following=_words("next"),
        tomorrow=_words("tomorrow"),
        clock=re.compile(rf"\b{_HOURS}(?:[:.]{_MINUTES})?\s?(?P<half>[ap])\.?m\b\.?|\b(?:at\s)?{_HOURS.replace('<h>', '<h2>')}:{_MINUTES.replace('<m>', '<m2>')}\b", re.IGNORECASE),
        late=_words(r"afternoon|evening|tonight|night"),
    ),
    "de": Signs(
        future=_words("wird", "werden", "soll", "sollen", "findet", "finden", "beginnt", "beginnen", "startet", "starten", "öffnet", "tagt", "trifft", "treffen", "spielt", "liest", "lädt", "stimmt", "stimmen", "entscheidet", "kommt", "läuft ab", "geht es", "steht"),
        past=_words(r"sagte|sagten|teilte|teilten|erklärte|hat|haben|hatte|hatten|war|waren|wurde|wurden|worden|kam|kamen|ging|starb|fand|fanden|begann|bestätigte|berichtete|gewann|verlor|meldete|sein(?=[.!]?\s*$)"),
        never=_words(r"nicht|kein\w*|nie|abgesagt|verschoben|würde\w*|könnte\w*|falls|wenn|ob|geboren|geburtstag|jahrestag|jede[nrsm]?|bis|seit|vergangene\w*|letzte\w*|vorige\w*|jährlich|spätestens|frist|montags|dienstags|mittwochs|donnerstags|freitags|samstags|sonntags"),
        behind=_words("am", "dem", "den", "vom", "ab", "kommenden", "nächsten", "diesen", "der", "im"),
        bound=_before(r"vor|vor dem|nach|nach dem"),
        following=_words("nächste[nm]"),
        tomorrow=re.compile(r"^\s*Morgen(?!\w)|(?<!\w)(?<!tag )(?<!woch )(?<!abend )(?<!heute )(?<!gestern )morgen(?!\w)"),
        clock=re.compile(rf"\b{_HOURS}(?:[.:]{_MINUTES})?\s?Uhr\b", re.IGNORECASE),
        late=_words(r"nachmittags?|abends?|nachts?|\w+(?:nachmittag|abend|nacht)"),
    ),
    "fr": Signs(
        future=_words(r"aura|auront|sera|seront|va|vont|doit|doivent|se tient|se tiennent|débute|débutent|commence|commencent|ouvre|ouvrent|est prévue?|sont prévue?s|\w{3,}(?:era|eront|ira|iront|dra|dront|tra|tront)"),
        past=_words(r"a été|ont été|était|étaient|avait|avaient|a annoncé|a déclaré|a dit|selon|a indiqué|ont|eu|fut|mort|morte|a confirmé"),
        never=_words(r"ne|n'\w+|pas|jamais|annulée?s?|reportée?s?|serait|seraient|pourrait|pourraient|aurait|auraient|si|née?|anniversaire|chaque|tous les|jusqu\w*|depuis|dernière?s?|passée?s?|avant"),
        behind=_words("le", "ce", "au", "du", "dès", "samedi", "dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "et"),
        bound=_before(r"d['’]ici|d['’]ici (?:au|à)|après|après le|au"),
        following=_words("en huit"),
        tomorrow=_words("(?<!-)demain"),
        clock=re.compile(rf"\b{_HOURS}\s?(?:h|heures)\s?{_MINUTES}?\b", re.IGNORECASE),
        late=_words(r"après-midi|soir|soirée|nuit"),
    ),
    "es": Signs(
        future=_words(r"será|serán|habrá|tendrá|tendrán|van? a|empieza|empiezan|comienza|comienzan|abre|abren|se celebra|se celebran|tiene lugar|\w{3,}(?:ará|erá|irá|arán|erán|irán|drá|drán|brá|brán)"),
        past=_words(r"dijo|fue|fueron|era|eran|ha|han|había|anunció|confirmó|señaló|declaró|murió|según|informó|afirmó|explicó|empezó|comenzó|\w{3,}(?:aron|ieron)"),
        never=_words(r"no|nunca|ni|cancelad[oa]s?|aplazad[oa]s?|suspendid[oa]s?|sería|podría|podrían|habría|si|nacid[oa]|nació|aniversario|cumpleaños|cada|todos los|hasta|desde hace|pasad[oa]s?|últim[oa]s?|antes"),
        behind=_words("el", "este", "próximo", "del", "al", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo", "día"),
        bound=_before(r"al|al día|antes del|después del"),
        following=_NOT_SAID,
        tomorrow=_words("(?<!la )(?<!esta )mañana"),
        clock=re.compile(rf"\ba las? {_HOURS}(?:[.:]{_MINUTES})?(?:\s?h(?:oras)?)?\b", re.IGNORECASE),
        late=_words(r"tarde|noche"),
    ),
    "it": Signs(
        future=_words(r"sarà|saranno|avrà|avranno|farà|inizia|iniziano|comincia|cominciano|apre|aprono|si tiene|si tengono|si svolge|è previst[oa]|sono previst[ie]|\w{3,}(?:erà|irà|rrà|drà|eranno|iranno|rranno|dranno)"),
        past=_words(r"ha|hanno|aveva|avevano|è stat[oa]|sono stat[ie]|era|erano|disse|fu|morì|secondo|è mort[oa]|\w+ò"),
        never=_words(r"non|mai|né|annullat[oaie]|rinviat[oaie]|sarebbe|potrebbe|potrebbero|avrebbe|se|nat[oa]|anniversario|compleanno|ogni|tutti i|fino|da anni|scors[oaie]|ultim[oaie]|passat[oaie]|prima"),
        behind=_words("il", "questo", "prossimo", "dal", "di", "del", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
        bound=_before(r"al|entro|entro il|dopo|dopo il|prima di"),
        following=_NOT_SAID,
        tomorrow=_words("domani"),
        clock=re.compile(rf"\b(?:alle|ore) (?:ore )?{_HOURS}(?:[.:]{_MINUTES})?\b", re.IGNORECASE),
        late=_words(r"sera|serata|pomeriggio|notte|pomeridian[eo]"),
    ),
    "ar": Signs(
        future=re.compile(r"(?<!\w)(?:سوف|(?:و)?س[يت]\w{3,}|من المقرر|المقرر|المزمع)(?!\w)"),
        past=re.compile(r"(?<!\w)(?:قال|قالت|أعلن|أعلنت|كان|كانت|أكد|أكدت|صرح|الماضي|الماضية)(?!\w)"),
        never=re.compile(r"(?<!\w)(?:لن|لم|لا|ليس|قد|ربما|إذا|كل|حتى|منذ|ألغي|تأجل|ولد|ذكرى|الماضي|الماضية|قبل)(?!\w)"),
        behind=re.compile(r"(?<!\w)(?:يوم|في|من|المقبل|القادم)(?!\w)"),
        bound=_before(r"(?:إلى|بعد)(?: يوم)?"),
        following=_NOT_SAID,
        tomorrow=re.compile(r"(?<!\w)غدا(?!\w)"),
        clock=re.compile(rf"الساعة {_HOURS}(?::{_MINUTES})?"),
        late=_words(r"مساء|مساءً|ظهرا|ظهرًا|عصرا|ليلا"),
    ),
}  # fmt: skip
