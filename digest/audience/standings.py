"""How a reader stands with the system that a file comes from, by the words that such systems write.

facts: the exports of eleven systems (collect §5). Words are compared without case, signs and accents.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache


class Standing(StrEnum):
    """What a file says of a reader, the mildest first: of two that speak of one reader the later counts."""

    ACTIVE = "active"  # may be mailed
    PENDING = "pending"  # asked and never confirmed
    INACTIVE = "inactive"  # the other system had stopped mailing, for no act of the reader
    STRANGER = "stranger"  # known to the other system and never asked for anything
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"
    BLOCKED = "blocked"
    COMPLAINED = "complained"

    rank: int

    def __init__(self, word: str) -> None:
        #: How grave it is; of two the graver one is believed.
        self.rank = len(type(self).__members__)


#: Standings under which an address is not mailed by anybody here, whatever the newsletter.
SUPPRESSING = frozenset({Standing.BOUNCED, Standing.BLOCKED, Standing.COMPLAINED})

#: What no row is made of: neither a consent nor a wish that we would have to keep.
REFUSED = frozenset({Standing.INACTIVE, Standing.STRANGER})


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text: long lists read better so."""
    return tuple(text.split())


YES = frozenset(words_of("true t 1 yes y x on ja oui si vrai wahr verdadero vero sim"))
NO = frozenset(words_of("false f 0 no n off nein non faux falsch falso nao null none"))

_WORDS = {
    Standing.ACTIVE: """subscribed active enabled confirmed regular optin optedin verified valid ok
        abonniert angemeldet aktiv bestatigt abonne abonnee inscrit inscrite actif confirme confirmee
        suscrito suscrita activo activa confirmado confirmada iscritto iscritta attivo attiva confermato
        subscrito inscrito ativo ingeschreven geabonneerd actief""",
    Standing.PENDING: """pending unconfirmed unactivated unverified notconfirmed awaitingconfirmation waiting
        validating needsapproval unbestatigt nichtbestatigt ausstehend wartend nonconfirme nonconfirmee
        enattente sinconfirmar noconfirmado pendiente nonconfermato inattesa pendente naoconfirmado
        onbevestigd""",
    Standing.INACTIVE: """inactive cold paused dormant unengaged archived deleted removed needsattention
        inaktiv inactif inactiva inactivo inattivo inativo inactief archiviert""",
    Standing.STRANGER: "nonsubscribed transactional neversubscribed notsubscribed",
    Standing.BOUNCED: """bounced cleaned undeliverable hardbounce hardbounced bounce invalid softbounced
        unzustellbar bereinigt nondelivre rebote rebotado rebondi respinto""",
    Standing.UNSUBSCRIBED: """unsubscribed cancelled canceled optedout optout unsubscribe left disabled
        abgemeldet ausgetragen abbestellt gekundigt desabonne desabonnee desinscrit desinscrite
        nosuscrito desuscrito desuscrita cancelado disiscritto disiscritta annullato cancellato
        uitgeschreven afgemeld""",
    Standing.BLOCKED: """blocklisted blacklisted blocked suppressed banned gesperrt blockiert bloque bloqueado
        bloccato""",
    Standing.COMPLAINED: """complained complaint spam abuse markedasspam spamcomplaint reported beschwerde
        plainte quejado""",
}  # fmt: skip

#: The standing that a word of any system means, where its system does not mean something else by it.
WORDS = {word: standing for standing, words in _WORDS.items() for word in words.split()}


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Without case, signs and accents: `Prénom` and `PRENOM:` are one word."""
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    return re.sub(r"[\W_]+", "", letters).casefold()
