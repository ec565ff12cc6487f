"""The HTML part as a page: what people need who cannot see it, and what mail programs throw away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from digest.mail.slots import SLOTS
from digest.preflight.findings import Finding, error, warning

#: The widest column of a mail, in CSS pixels.
WIDEST = 680
#: A mail with pictures and fewer words than this is taken for an advertisement.
FEWEST_WORDS = 20

#: What mail programs take out or filters refuse.
_FOREIGN = ("script", "iframe", "frame", "object", "embed", "applet", "form", "base", "audio")
_LOADS_STYLE = re.compile(r"@import|@font-face", re.IGNORECASE)
_FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|avif|svg)", re.IGNORECASE)
_TEMPLATE = "Mend the template (templates/email), and build again."


def check(page: HtmlElement) -> Iterator[Finding]:
    """The parsed HTML part."""
    yield from _named(page)
    yield from _foreign(page)
    yield from _pictures(page)
    yield from _ways_out(page)


def _named(page: HtmlElement) -> Iterator[Finding]:
    for name in ("lang", "dir"):
        if page.get(name, "und") in ("", "und", "auto"):
            yield error(
                f"The HTML part does not say its {name}: it is read out in a wrong voice.",
                "Set newsletter.language in the schedule, and keep it in <mjml> of the template.",
            )
    if not (page.findtext(".//title") or "").strip():
        yield error("The HTML part has no title.", "Keep <mj-title> in the template.")
    if not any(p.text_content().strip() for p in page.find_class("postal")):
        yield error(
            "The postal address is missing, which the law asks for.",
            "Set newsletter.postal_address in the schedule; its element has the class “postal”.",
        )


def _foreign(page: HtmlElement) -> Iterator[Finding]:
    """What runs, asks or loads: no mail program allows it, and filters count it."""
    found = {str(element.tag) for element in page.iter(*_FOREIGN)}
    found |= {"link" for link in page.iter("link") if "stylesheet" in (link.get("rel") or "")}
    found |= {"meta refresh" for meta in page.iter("meta") if _refreshes(meta)}
    for name in sorted(found):
        yield error(f"The HTML part has a <{name}>, which mail programs throw away.", _TEMPLATE)
    if any(_LOADS_STYLE.search(style.text or "") for style in page.iter("style")):
        yield error("The HTML part loads fonts or styles from elsewhere.", _TEMPLATE)
    if page.xpath("//@*[starts-with(name(), 'on')]"):
        yield error("The HTML part has a handler of events (on…), which is a script.", _TEMPLATE)


def _refreshes(meta: HtmlElement) -> bool:
    return (meta.get("http-equiv") or "").lower() == "refresh"


def _pictures(page: HtmlElement) -> Iterator[Finding]:
    pictures = list(page.iter("img"))
    silent = [picture.get("src") or "" for picture in pictures if picture.get("alt") is None]
    if silent:
        yield error(
            "A picture has no alternative text.",
            'Describe it at its source; in a template, alt="" says that it shows nothing.',
            url=silent[0],
        )
    said = {(picture.get("alt") or "").strip(): picture.get("src") or "" for picture in pictures}
    for alt, address in sorted(said.items()):
        if _FILE_NAME.fullmatch(alt):
            yield warning(
                f"A picture's alternative text is the name of a file: “{alt[:60]}”.",
                "Describe the picture at its source, for those who do not see it.",
                url=address,
            )
    wide = {picture.get("width") or "": picture.get("src") or "" for picture in pictures}
    for width, address in sorted(wide.items()):
        if not width.isdecimal() or int(width) > WIDEST:
            yield warning(
                f"A picture is {width or 'of no stated width'}{' px wide' * width.isdecimal()};"
                " Outlook shows it in its own size, and the column breaks.",
                f"Give it a width of at most {WIDEST} in the template.",
                url=address,
            )
    if pictures and len(_visible(page).split()) < FEWEST_WORDS:
        yield error(
            "The mail is all picture, and filters take such a mail for an advertisement.",
            "Say in words what the pictures say.",
        )


def _visible(page: HtmlElement) -> str:
    """The words of the body."""
    body = page.find("body")
    return "" if body is None else str(body.text_content())


def _ways_out(page: HtmlElement) -> Iterator[Finding]:
    anchors = list(page.iter("a"))
    if not any(a.get("href") == SLOTS["leave_url"] for a in anchors):
        yield error(
            "The HTML part has no link to leave the newsletter.",
            "Link slots.leave_url in its template, and build again.",
        )
    for a in anchors:
        if a.get("href") is not None and not _says(a):
            yield error(
                f"A link has no words: “{str(a.get('href'))[:80]}”.",
                "Give the story a title, or the linked picture an alternative text.",
                url=str(a.get("href")),
            )


def _says(a: HtmlElement) -> str:
    """What is read out of a link."""
    pictured = [picture.get("alt") or "" for picture in a.iter("img")]
    return "".join((*a.itertext(), *pictured, a.get("aria-label") or "")).strip()
