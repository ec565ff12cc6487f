"""Which column of a foreign file is what: by its header in several languages, else by what stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from digest.audience.standings import NO, WORDS, YES, Standing, folded, words_of
from digest.errors import BadInput

#: What a column can be, and the headers that say so (see `folded`), the surest first.
ROLES: Mapping[str, tuple[str, ...]] = {
    "email": words_of("""emailaddress email emailadresse emailadres adresseemail adresseelectronique adressemail
        mailadresse mail courriel correoelectronico direcciondecorreoelectronico
        direcciondeemail correo indirizzoemail indirizzodipostaelettronica postaelettronica
        enderecodeemail deineemailadresse ihreemailadresse votreadresseemail subscriberemail
        useremail useremailaddress contactemail e البريدالالكتروني メールアドレス 电子邮件 邮箱
        электроннаяпочта емейл address"""),
    "name": words_of("""name fullname displayname username nom nomcomplet nombre nombrecompleto nomecompleto
        vollstandigername naam subscribername contactname الاسم 姓名 имя"""),
    "first": words_of("""firstname fname vorname givenname prenom nome nombredepila primernombre nomedibattesimo
        voornaam primeironome"""),
    "last": words_of("""lastname lname nachname surname familyname nomdefamille apellido apellidos cognome
        achternaam sobrenome"""),
    "timezone": words_of("""timezone tz zeitzone fuseauhoraire zonahoraria fusoorario tijdzone"""),
    "language": words_of("""language lang locale preferredlanguage mclanguage sprache langue idioma lingua taal
        اللغة"""),
    "tags": words_of("""tags labels tag label etiketten schlagworter schlagworte etiquettes etiquetas etichette"""),
    "network": words_of("""confirmip confirmationip optinip subscriptionip signupip ipaddress ip optinipaddress"""),
    "joined": words_of("""confirmtime confirmationtime confirmedat confirmationdate optintime optindate
        subscriptiontime subscriptiondate subscribedat subscribedon subscribeddate subscribedate
        datesubscribed creationdate createdat datecreated created createdon askedat joinedat
        joined joindate signupdate signedupat dateadded addedat added startdate registered
        registeredat registrationdate anmeldedatum anmeldung angemeldetam eingetragenam
        datedinscription inscritle dateinscription fechadesuscripcion fechadealta
        datadiiscrizione dataiscrizione"""),
}  # fmt: skip

#: Columns with a word for how the reader stands.
_STATUS = words_of("""status state liststatus globalstatus subscriptionstatus emailstatus subscriberstatus
        memberstatus mailstatus listenstatus globalerstatus zustand statut etat statutdelaliste
        statutglobal estado estadodelalista estadoglobal stato statodellalista statoglobale
        situacao""")  # fmt: skip

#: Columns with a time (or yes) where the reader stands so, and empty where not.
_WHEN: Mapping[str, Standing] = {
    name: standing
    for standing, names in {
        Standing.UNSUBSCRIBED: """unsubscribed unsubscribedat unsubtime unsubscriptiondate unsubscribedate
            unsubscribetime unsubscribeddate unsubscribedon dateunsubscribed cancelledat canceledat optouttime
            optoutdate optedoutat optout optedout deletedat leftat abgemeldetam desinscritle
            emailoptout hasoptedout hasoptedoutofemail donotemail emaildisabled""",
        Standing.BOUNCED: """bounced bouncedat cleantime cleanedat undeliverabilitydate undeliverable hardbounced
            hardbounce""",
        Standing.COMPLAINED: "complained complainedat spamcomplaint complaintdate complaintat",
        Standing.BLOCKED: "blocklisted blacklisted blocked emailblacklisted emailblocklisted suppressed",
    }.items()
    for name in names.split()
}
#: Columns that say yes where the reader may be mailed.
_SWITCHES = words_of("""subscribed subscribedtoemails optin optedin emailoptin acceptsmarketing
        acceptsemailmarketing emailconsent newsletter mailable""")  # fmt: skip

#: How many rows are looked at for what the headers do not tell.
SAMPLE = 50


@dataclass(frozen=True, slots=True)
class Sign:
    """A column that speaks of how a reader stands.

    kind: `word` (see WORDS), `when` (anything but no means `means`), `switch` (no means `means`).
    words: what a system means by words of its own. empty: what an empty cell says. other: what an
    unknown word says. None = it cannot be known, so the reader is not mailed.
    """

    at: int
    header: str
    kind: Literal["word", "when", "switch"]
    means: Standing = Standing.UNSUBSCRIBED
    words: Mapping[str, Standing] = field(default_factory=dict)
    empty: Standing | None = None
    other: Standing | None = None

    def read(self, cell: str) -> Standing | None:
        """How the reader of a row stands by this column."""
        word = folded(cell) if len(cell) < 60 else cell
        if not word:
            return Standing.ACTIVE if self.kind == "when" else self.empty
        if self.kind == "when":
            return Standing.ACTIVE if word in NO else self.means
        if self.kind == "switch":
            return Standing.ACTIVE if word in YES else self.means if word in NO else self.other
        return self.words.get(word) or WORDS.get(word, self.other)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things stand in a row, from 0.

    joined: the first of these that is not empty counts. sure: by their headers, or because there is
    nothing to mix up; else a person is asked. headers: as the file has them; empty where it has none.
    """

    email: int
    names: tuple[int, ...] = ()
    timezone: int | None = None
    language: int | None = None
    tags: int | None = None
    network: tuple[int, ...] = ()
    joined: tuple[int, ...] = ()
    signs: tuple[Sign, ...] = ()
    headers: tuple[str, ...] = ()
    sure: bool = True

    def spoken(self) -> str:
        """For people: `email = column 2 "Correo", name = column 1`, all others being passed over."""
        parts = [("email", (self.email,)), ("name", self.names), ("joined", self.joined)]
        single = (("time zone", self.timezone), ("language", self.language), ("tags", self.tags))
        parts += [(name, () if at is None else (at,)) for name, at in single]
        parts += [("status", tuple(sign.at for sign in self.signs))]
        return ", ".join(
            f"{name} = {' + '.join(map(self._column, ats))}" for name, ats in parts if ats
        )

    def _column(self, at: int) -> str:
        if at < len(self.headers) and self.headers[at]:
            return f"column {at + 1} {self.headers[at][:40]!r}"
        return f"column {at + 1}"


def guess(first: Sequence[str], sample: Sequence[Sequence[str]]) -> Columns:
    """The columns by a file's first row and some rows after it. Raises BadInput where none holds addresses."""
    if any("@" in cell for cell in first):
        return _without_header(first, sample)
    headers = [folded(cell) for cell in first]
    email, sure = _email(headers, sample)
    if email is None:
        named = ", ".join(first)[:200]
        raise BadInput("line 1", f"no column is called email; there are: {named}")
    named_signs = signs(first)
    found_signs = named_signs or _by_words(first, sample, email)
    return Columns(
        email,
        _names(headers),
        timezone=_place(headers, "timezone"),
        language=_place(headers, "language"),
        tags=_place(headers, "tags"),
        network=_places(headers, "network"),
        joined=_places(headers, "joined"),
        signs=found_signs,
        headers=tuple(first),
        sure=sure and found_signs == named_signs,
    )


def signs(first: Sequence[str]) -> tuple[Sign, ...]:
    """The columns that speak of how readers stand, by their headers."""
    found = [_sign(at, header) for at, header in enumerate(first)]
    return tuple(sign for sign in found if sign is not None)


def chosen(text: str, first: Sequence[str]) -> Columns:
    """The columns as a person names them: `email=2,name=Full name,status=5`. Raises BadInput.

    A column is its number from 1 or its header. Roles are those of ROLES, and `status`.
    """
    has_header = not any("@" in cell for cell in first)
    places: dict[str, int] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        role, _, column = (one.strip() for one in part.partition("="))
        if role not in (*ROLES, "status"):
            raise BadInput("--columns", f"{role!r} is none of {', '.join((*ROLES, 'status'))}")
        places[role] = _numbered(column, first)
    if "email" not in places:
        raise BadInput("--columns", "says not where the address is: email=2")
    status = (
        [Sign(places["status"], _at(first, places["status"]), "word")] if "status" in places else []
    )
    return Columns(
        places["email"],
        tuple(places[role] for role in ("name", "first", "last") if role in places),
        timezone=places.get("timezone"),
        language=places.get("language"),
        tags=places.get("tags"),
        network=tuple(places[role] for role in ("network",) if role in places),
        joined=tuple(places[role] for role in ("joined",) if role in places),
        signs=tuple(status),
        headers=tuple(first) if has_header else (),
    )


# ---------------------------------------------------------------- by header


def _sign(at: int, header: str) -> Sign | None:
    name = folded(header)
    if name in _STATUS:
        return Sign(at, header, "word")
    if name in _WHEN:
        return Sign(at, header, "when", _WHEN[name])
    if name in _SWITCHES:
        # `subscribed` may as well hold the time since when: that is a yes
        return Sign(at, header, "switch", other=Standing.ACTIVE if name == "subscribed" else None)
    if name == "type":  # of readers, or of anything else: only words that speak against it count
        return Sign(at, header, "word", empty=Standing.ACTIVE, other=Standing.ACTIVE)
    return None


def _email(headers: list[str], sample: Sequence[Sequence[str]]) -> tuple[int | None, bool]:
    """The column of addresses; and whether its header says so."""
    named = _places(headers, "email")
    holding = [at for at in range(len(headers)) if _holds_addresses(sample, at)]
    both = [at for at in named if at in holding]
    if named and (both or headers[named[0]] not in ("address", "e")):
        return (both or list(named))[0], True
    return (holding[0], False) if holding else (None, False)


def _names(headers: list[str]) -> tuple[int, ...]:
    whole = _place(headers, "name")
    parts = tuple(at for role in ("first", "last") if (at := _place(headers, role)) is not None)
    # `nom` beside `prénom` is the family name, `nombre` beside `apellidos` the first one
    if whole is None or (parts and headers[whole] in ("nom", "nombre")):
        beside = () if whole is None else (whole,)
        first_given = whole is not None and headers[whole] == "nombre"
        return (*beside, *parts) if first_given else (*parts, *beside)
    return (whole,)


def _place(headers: Sequence[str], role: str) -> int | None:
    return next(iter(_places(headers, role)), None)


def _places(headers: Sequence[str], role: str) -> tuple[int, ...]:
    """The columns with a header of this role, the surest header first."""
    return tuple(headers.index(name) for name in ROLES[role] if name in headers)


# ---------------------------------------------------------------- by content


def _without_header(first: Sequence[str], sample: Sequence[Sequence[str]]) -> Columns:
    rows = [first, *sample]
    width = max(len(row) for row in rows)
    email = next((at for at in range(width) if _holds_addresses(rows, at)), None)
    if email is None:
        email = next(at for at, cell in enumerate(first) if "@" in cell)
    others = tuple(at for at in range(width) if at != email)
    found = _by_words(("",) * width, rows, email)
    names = others if len(others) == 1 and not found else ()
    return Columns(email, names, signs=found, sure=len(others) <= 1 and not found)


def _by_words(
    headers: Sequence[str], sample: Sequence[Sequence[str]], email: int
) -> tuple[Sign, ...]:
    """Columns in which nothing stands but words for how a reader stands, of which not all say yes or no."""
    found = []
    for at, header in enumerate(headers):
        words = [folded(cell) for row in sample if (cell := _at(row, at))] if at != email else []
        if words and all(word in WORDS for word in words):
            found.append(Sign(at, header, "word"))
    return tuple(found)


def _holds_addresses(rows: Sequence[Sequence[str]], at: int) -> bool:
    cells = [cell for row in rows if (cell := _at(row, at))]
    return bool(cells) and sum("@" in cell for cell in cells) * 2 > len(cells)


def _numbered(column: str, first: Sequence[str]) -> int:
    if column.isdigit() and 1 <= int(column) <= len(first):
        return int(column) - 1
    wanted = folded(column)
    for at, header in enumerate(first):
        if wanted and folded(header) == wanted:
            return at
    raise BadInput(
        "--columns", f"there is no column {column!r}; there are {', '.join(first)[:200]}"
    )


def _at(cells: Sequence[str], at: int) -> str:
    return cells[at] if at < len(cells) else ""
