"""What stands round an article on its page and is none of it: captions, pleas, forms, sharing, sign-offs.

The phrases are what sites of a language say in general; a site's own sentences are learned by
`boilerplate` instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest import words
from digest.model import Caption


class _Phrases:
    """Phrases that a text may hold; those with `^` are looked for at its beginning alone, not at every letter."""

    def __init__(self, *phrases: str) -> None:
        at_start = [one for one in phrases if one.startswith("^")]
        inside = [one for one in phrases if not one.startswith("^")]
        self._at_start = re.compile("|".join(at_start), re.IGNORECASE) if at_start else None
        self._inside = re.compile("|".join(inside), re.IGNORECASE) if inside else None

    def are_in(self, text: str) -> bool:
        """True where one of them is in the text."""
        if self._at_start and self._at_start.match(text):
            return True
        return bool(self._inside and self._inside.search(text))


_CAPTION = re.compile(
    r"^(?:(?:file |stock |featured )?(?:pictured?|photo|image|video|photograph)|above|below"
    r"|(?:im |symbol)?bild|foto(?:grafía|grafia)?|beeld|afbeelding|imagen|imagem|immagine|en photo"
    r"|en la (?:foto|imagen)|na foto|nella foto|bildunterschrift|légende)"
    r"(?: (?:above|below|left|right|top|bottom|oben|unten|ci-dessus|ci-dessous|arriba|abajo|sopra))?"
    r"\s*[:：]\s*",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"(?:\bPC|\b(?:photo|image|picture|video) ?(?:credit|courtesy|by|source)s?|\bcredits?"
    r"|\bphoto(?:graph)?s?(?=:)|\bfoto|\bbild(?:quelle|nachweis)?|\bcrédit(?:s| photo)?|\bcrédito|\bfuente|\bquelle|\bfonte"
    r"|\bsource|©)\s*[:：]?\s+(?=\S)",
    re.IGNORECASE,
)
_AGENCY = r"(?:AFP|AP|Reuters|REUTERS|Getty|EPA|EFE|dpa|DPA|ANSA|APA|Keystone|Imago|imago|Bloomberg|Shutterstock|Alamy|NurPhoto|IMAGO|AAP|PA Wire|TT|NTB|Ritzau)"
_ENDS_IN_CREDIT = re.compile(
    r"(?:\s|^)(?:(?:Photo|Image|Picture|Video|Illustration|Photograph)s?(?: (?:credit|by|courtesy(?: of)?|via))?\s*[:/]\s*|Photo(?:graph)?s? (?:by|courtesy)\s+"
    r"|Image credit\s*:?\s*|(?:Foto|Bild|Bildquelle|Bildrechte|Quelle|Legende|Crédit(?:s)?(?: photo)?|Crédito|Fotografía|Imagen|Beeld|Kuva|Zdroj|Fot\.)\s*[:/]\s*|©\s*)[^.!?]{2,70}\.?$"
    rf"|[(\[][^()\[\]]{{0,60}}\b{_AGENCY}\b[^()\[\]]{{0,40}}[)\]]\.?$"
    rf"|\s[A-Z][\w.'-]+(?: [A-Z][\w.'-]+){{0,3}}\s?/\s?{_AGENCY}\b[^.!?]{{0,40}}$"
)
_FILE = re.compile(r"^(?:FILE|ARCHIVO|ARCHIV|File photo)\s*[-–—:]\s*")
_CONSENT = _Phrases(
    r"\bcookies?\b",
    r"\bdatenschutz",
    r"\bprivacy (?:policy|settings?)\b",
    r"\bextern\w* inhalt",
    r"\bexternal content\b",
    r"\bpolitique de confidentialité\b",
    r"\bpolítica de privacidad\b",
    r"\bpersonenbezogene",
    r"\bredaktioneller inhalt\b",
)
_LEAVE = _Phrases(
    r"\b(?:allow|accept|agree|enable|consent|show you|load)\w*\b",
    r"\b(?:anzeigen|akzeptier|zustimm|erlaub|einverstanden|verhinder|gelesen|einwillig|empfohlen|verfügbar)\w*",
    r"\b(?:accept(?:er|ez)|autoris|afficher|acepta|permit|mostrar|accett|consent)\w*",
)
_ASKS = _Phrases(
    r"\bsupport (?:us|our|the)\b",
    r"\b(?:your|for) support\b",
    r"\bdonat(?:e|ion)s?\b",
    r"\bcontribut(?:e|ion) (?:to|from|today|here)",
    r"\bbecome a (?:member|patron|supporter|subscriber)",
    r"\bchip in\b",
    r"\bunterstütz(?:en|t|ung)?\b.{0,40}\b(?:uns|unsere|sie)\b",
    r"\bspenden?\b",
    r"\bsoutene[zr]\b",
    r"\bfaites un don\b",
    r"\bap[oó]y[ae](?:nos|r|n)?\b",
    r"\bhaz(?:te)? (?:una donación|socio)",
    r"\bsosten(?:eteci|ici|eci|ere)\b",
    r"\bsostieni(?:ci)?\b",
    r"\bapoie\b",
    r"\bsteun (?:ons|onze)\b",
    r"\bdoneer\b",
    r"\bstöd oss\b",
    r"\bstøtt oss\b",
    r"\bstøt os\b",
)
_LETTER = _Phrases(
    r"\bnewsletters?\b",
    r"\binbox\b",
    r"\bsign up\b",
    r"\bsubscri(?:be|ption)\b",
    r"\bfollow us\b",
    r"\bdownload (?:our|the) app\b",
    r"\babonnie(?:ren|r)",
    r"\babonnez-vous\b",
    r"\binscrivez-vous\b",
    r"\bsuscríb(?:ete|ase)\b",
    r"\biscriviti\b",
    r"\babbonati\b",
    r"\binscreva-se\b",
    r"\bassine\b",
    r"\bmeld je aan\b",
    r"\babonneer\b",
    r"\bwhatsapp[- ](?:channel|kanal|canal)\b",
)
_TO_READER = _Phrases(
    r"\b(?:you|your|us|we|our|here|click|today|now|link)\b",
    r"\b(?:sie|ihr|ihre|ihren|uns|unser\w*|wir|hier|jetzt|du|dein\w*)\b",
    r"\b(?:vous|votre|vos|nous|notre|nos|ici|cliquez)\b",
    r"\b(?:tú|tu|usted|su|nos|nuestr\w+|aquí|haz)\b",
    r"\b(?:noi|nostr\w+|ci|qui|clicca|voi|vostr\w+)\b",
    r"\b(?:você|nós|noss\w+|aqui|clique)\b",
    r"\b(?:je|jij|u|uw|ons|onze|wij|hier|klik)\b",
)
_FORM = _Phrases(
    r"^leave a (?:reply|comment)",
    r"^(?:post|add|write|join) (?:a |the |your )?(?:comment|conversation|discussion)",
    r"^you must be (?:logged|signed) in",
    r"your e-?mail address will",
    r"required fields are marked",
    r"^(?:save my name|notify me of)",
    r"^schreibe? (?:einen|sie einen|deinen) kommentar",
    r"^kommentar (?:schreiben|hinterlassen|verfassen)",
    r"e-mail-adresse wird nicht veröffentlicht",
    r"^laisser un commentaire",
    r"adresse e-mail ne sera pas publiée",
    r"^deja (?:un comentario|una respuesta)",
    r"dirección de correo electrónico no será publicada",
    r"^lascia un commento",
    r"indirizzo e-?mail non sarà pubblicato",
    r"^deixe (?:um comentário|uma resposta)",
    r"endereço de e-?mail não será publicado",
    r"^(?:laat een reactie|geef een reactie|reageer)",
    r"e-mailadres wordt niet gepubliceerd",
)
_TAIL = _Phrases(
    r"^(?:related|more|most read|most popular|trending|recommended|read next|up next|also read|see also"
    r"|latest|you may also|you might also|popular|don't miss|editor'?s'? picks?|further reading)\b.{0,60}$",
    r"^(?:comments?|\d+ comments?|tags?|topics?|filed under|categories|about the authors?|author bio|"
    r"share this(?: (?:story|article|post))?)\s*:?$",
    r"^(?:mehr zum thema|lesen sie auch|das könnte (?:sie|dich)|meistgelesen|weitere artikel|kommentare|"
    r"schlagw[oö]rter|über den autor|auch interessant|zum thema)\b.{0,50}$",
    r"^(?:à lire aussi|lire aussi|sur le même sujet|les plus lus|commentaires|mots-clés|à propos de)"
    r"\b.{0,50}$",
    r"^(?:te puede interesar|también te|más leídas?|lo más|relacionad[oa]s?|noticias relacionadas|"
    r"comentarios|etiquetas|artículos relacionados)\b.{0,50}$",
    r"^(?:leggi anche|potrebbe interessarti|i più letti|commenti|articoli correlati)\b.{0,50}$",
    r"^(?:leia (?:também|mais)|veja também|mais lidas|comentários|relacionad[oa]s)\b.{0,50}$",
    r"^(?:lees ook|meer over|meest gelezen|reacties|gerelateerd)\b.{0,50}$",
    r"^(?:average rating|rate this|was this (?:article )?helpful|what'?s your reaction)\b.{0,30}$",
)
#: Labels ahead of a link to another article.
_ELSEWHERE = _Phrases(
    r"^(?:related(?: (?:articles?|stor(?:y|ies)|content|news|coverage))?|more|read more|also read|read also|read next|see also|watch|listen"
    r"|what to know|more (?:on|from|about) [\w' ]{2,40}|don['’]t miss|up next|recommended(?: videos?| reading)?|further reading)\s*[:|–-]\s*\S",
    r"^(?:zum artikel|zum thema|lesen sie (?:auch|mehr)|lies auch|mehr dazu|mehr zum thema|auch interessant|lesetipp|siehe auch)\s*[:|–-]\s*\S",
    r"^(?:à lire(?: aussi)?|lire aussi|voir aussi|lire également)\s*[:|–-]?\s*\S",
    r"^(?:te puede interesar|lee también|leer también|leer más|lea también|ver también|más información)\s*[:|–-]\s*\S",
    r"^(?:leggi anche|leia (?:também|mais)|veja também|saiba mais)\s*[:|–-]\s*\S",
    r"^(?:lees ook|lees meer|bekijk ook|läs (?:också|mer)|les også|læs også)\s*[:|–-]\s*\S",
    r"^(?:also read|read next|read more|related|watch|more)\s*[:–-].{0,160}$",
)
_MENU = _Phrases(
    r"^(?:share|tweet|print|e-?mail|save|facebook|twitter|x|whatsapp|linkedin|reddit|telegram|pinterest|"
    r"copy link|copy|bookmark|gift|listen|advertisement|advert|ad|sponsored|loading\.*|skip to .+|menu|search|"
    r"home|sign in|log in|subscribe|newsletter|read more|continue reading|see all|view all|show more|"
    r"follow|comments?|like|reply|play|mute|close|next|previous|back to top|instagram|youtube|flipboard)$",
    r"^(?:share|tweet|post|send|follow)\b.{0,20}\b(?:on|this|via|by|to)\b.{0,20}$",
    r"^(?:teilen|drucken|merken|anzeige|werbung|startseite|anmelden|weiterlesen|suche|kommentieren|vorlesen)$",
    r"^(?:partager|imprimer|publicité|accueil|connexion|lire la suite|s'abonner|recherche)$",
    r"^(?:compartir|imprimir|publicidad|inicio|iniciar sesión|leer más|buscar|comparte)$",
    r"^(?:condividi|stampa|pubblicità|accedi|leggi tutto|cerca|compartilhar|compartilhe|publicidade)$",
    r"^(?:delen|afdrukken|advertentie|inloggen|lees meer|zoeken)$",
)
_LEGAL = _Phrases(
    r"\ball rights reserved\b", r"^©", r"^copyright\b", r"\balle rechte vorbehalten\b"
)
_CUT = re.compile(
    r"\s*(?:\[\s*(?:…|\.{3})\s*\]|\(\s*(?:…|\.{3})\s*\)|…|\.{3,})\s*"
    r"(?:(?:read more|continue reading|weiterlesen|lire la suite|leer más|leggi tutto|lees meer)"
    r"[^.]{0,80})?\s*[→»›>]*\s*$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?:^|(?<=[.!?…”\"]\s))(?:read more|continue reading|weiterlesen|lire la suite|leer más|leggi tutto"
    r"|lees meer)\b[^.]{0,80}$",
    re.IGNORECASE,
)
_SIGN = re.compile(r"^(.+[.?!…][”\"’')\]]*)\s+[–—-]?\s*([A-Za-z]{2,5})$", re.DOTALL)


def caption_of(paragraph: str) -> Caption | None:
    """The caption and credit of a paragraph that says that it is one."""
    label = _CAPTION.match(paragraph)
    if label is None or words.count(paragraph) > 90:
        return None
    rest = paragraph[label.end() :].strip()
    return credited(rest) if rest else None


def credited(text: str) -> Caption:
    """A caption's own text and, where it ends in one, its credit."""
    credit = _CREDIT.search(text)
    if credit is None:
        return Caption(text=text)
    by = text[credit.end() :].strip().rstrip(".)] ")
    return Caption(text=text[: credit.start()].strip().rstrip(" ([|–—-"), credit=by or None)


def credited_line(paragraph: str) -> Caption | None:
    """The caption in a line that ends in a picture's credit, as a page's plain text has it."""
    if words.count(paragraph) > 70 and not _FILE.match(paragraph):
        return None
    found = _ENDS_IN_CREDIT.search(paragraph)
    if found and found.start() == 0 and words.count(paragraph) > 12:
        return None
    text = _FILE.sub("", paragraph[: found.start()] if found else paragraph).strip(" |–—-")
    if found is None and text == paragraph:
        return None
    return Caption(text=text or paragraph, credit=found[0].strip(" |©()[]–—-") if found else None)


def is_consent(paragraph: str) -> bool:
    """A notice about cookies or content of other sites that waits for the reader's leave."""
    if words.count(paragraph) > 60:
        return False
    return _CONSENT.are_in(paragraph) and _LEAVE.are_in(paragraph)


def is_plea(paragraph: str) -> bool:
    """A short paragraph that asks the reader for money, an address or a visit elsewhere."""
    if words.count(paragraph) > 60 or paragraph[:1] in "“\"„«‘'":
        return False
    asks = _ASKS.are_in(paragraph) or _LETTER.are_in(paragraph)
    if not asks or not _TO_READER.are_in(paragraph):
        return False
    return not _is_reported(paragraph)


def leads_elsewhere(paragraph: str) -> bool:
    """A line that names another article: "Read next: Goats on the mole"."""
    return words.count(paragraph) <= 30 and _ELSEWHERE.are_in(paragraph.lstrip("→>»•* "))


def is_form(paragraph: str) -> bool:
    """Part of a form for comments."""
    return words.count(paragraph) <= 40 and _FORM.are_in(paragraph)


def is_tail(line: str) -> bool:
    """A line after which nothing of the article comes, if little prose follows."""
    return (_TAIL.are_in(line) and not line.endswith((".", "”", '"'))) or is_form(line)


def is_menu(line: str) -> bool:
    """A word or two of sharing, menus or advertising."""
    return _MENU.are_in(line.strip(" *+|•·:›»>→↓…"))


def is_legal(paragraph: str) -> bool:
    """A line of copyright."""
    return words.count(paragraph) <= 50 and _LEGAL.are_in(paragraph)


def without_cut(text: str) -> tuple[str, bool]:
    """Without the mark of an excerpt at its end, and whether there was one."""
    shorter = _MORE.sub("", _CUT.sub("", text)).rstrip()
    return shorter, shorter != text.rstrip()


def without_source_line(paragraphs: Sequence[str], title: str) -> list[str]:
    """Without the last paragraph if it says little beside the article's own title.

    WordPress ends its feeds so, in every language: "The post … appeared first on …".
    """
    found = list(paragraphs)
    name = _fold(title)
    if found and len(name) > 3:
        last = _fold(found[-1])
        if name in last and words.count(last.replace(name, " ")) <= 14 and last != name:
            found.pop()
    return found


def sign_off(paragraph: str) -> tuple[str, str]:
    """A last paragraph without the author's short sign after its last full stop, and the sign."""
    found = _SIGN.match(paragraph)
    if found is None or found[2].islower():
        return paragraph, ""
    return found[1], found[2]


def clean(paragraphs: Sequence[str], title: str = "") -> tuple[list[str], list[Caption]]:
    """An article's paragraphs without furniture, and the captions that stood among them."""
    kept: list[str] = []
    captions: list[Caption] = []
    for paragraph in paragraphs:
        caption = caption_of(paragraph)
        if caption is not None:
            captions.append(caption)
        elif not is_furniture(paragraph) and not (not kept and _fold(paragraph) == _fold(title)):
            kept.append(paragraph)
    if kept:
        kept[-1], _ = sign_off(kept[-1])
    return kept, captions


#: What stands round an article is short: nothing longer is looked at; characters.
_LONGEST = 600


def is_furniture(paragraph: str) -> bool:
    """A plea, a part of a form, a word of sharing, copyright, or the way to another article."""
    if len(paragraph) > _LONGEST:
        return False
    return (
        is_plea(paragraph)
        or is_form(paragraph)
        or is_menu(paragraph)
        or is_legal(paragraph)
        or leads_elsewhere(paragraph)
    )


_REPORTED = re.compile(
    r"\b(?:said|says|told|according to|announced|sagte|erklärte|a déclaré|selon|dijo|afirmó|ha detto|disse|"
    r"volgens)\b",
    re.IGNORECASE,
)


def _is_reported(paragraph: str) -> bool:
    """News about support or letters, not a plea of the site's own."""
    return bool(_REPORTED.search(paragraph))


def _fold(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
