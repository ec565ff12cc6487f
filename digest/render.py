"""An issue's content as a mail: subject, preheader, HTML and text, with slots for each reader's values.

Jinja2 fills the templates of `templates/email/<mail>/`, mjml-python makes HTML of the MJML. The same
content gives the same bytes. Where the HTML would get too long for mail programs, stories fold from
the end into "and N more", with a link to the issue's page on the web; the content itself stays whole.
"""

from __future__ import annotations

import functools
import hashlib
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import jinja2

from digest import places
from digest.errors import RenderError
from digest.mail import cleaning, colours, mjml, plaintext
from digest.mail.folding import Fold, fitting
from digest.mail.slots import SLOTS, fill
from digest.mail.wording import Wording
from digest.model import IssueContent, Rendered
from digest.schedules import Schedule

__all__ = ["HTML_LIMIT", "NOTICES", "SLOTS", "fill", "for_the_web", "render", "render_notice"]

#: The longest HTML in bytes. Gmail hides what comes after some 102,000; slots and tracking need room.
HTML_LIMIT = 95_000

#: The small mails, and what each one needs to know.
NOTICES: Mapping[str, frozenset[str]] = {
    "confirm": frozenset({"confirm_url"}),
    "login": frozenset({"login_url", "editor_name"}),
    "reminder": frozenset({"period", "desk_url", "deadline"}),
    "held": frozenset({"period", "reason", "desk_url"}),
    "skipped": frozenset({"period", "reason", "desk_url"}),
    "paused": frozenset({"period", "reason", "remedy", "since", "desk_url"}),
}


def render(
    content: IssueContent, schedule: Schedule, *, public_url: str, whole: bool = False
) -> Rendered:
    """One week as a mail. Raises RenderError with the template and its line.

    whole: fold nothing, however long it gets; for a page on the web.
    """
    content = cleaning.clean_all(content)
    base = {
        **_base(schedule, public_url),
        "content": content,
        "until": content.window.end,
        "title": cleaning.line(content.subject),
        "links": _links(content, public_url),
    }
    limit = None if whole else HTML_LIMIT

    def html(fold: Fold) -> str:
        return _html("digest", {**base, "fold": fold})

    fold, page = fitting(content, html, limit)
    return _rendered("digest", {**base, "fold": fold}, page)


def for_the_web(
    content: IssueContent, edition: Rendered, schedule: Schedule, *, public_url: str
) -> Rendered:
    """What the issue's page shows: the edition as it was sent, or the whole week where that one folds.

    A folded mail nearly fills its limit; far below it nothing was folded, nothing is rendered here.
    """
    if len(edition.html.encode("utf-8")) < HTML_LIMIT // 2:
        return edition
    whole = render(content, schedule, public_url=public_url, whole=True)
    return edition if len(whole.html.encode("utf-8")) <= HTML_LIMIT else whole


def render_notice(
    kind: str, data: Mapping[str, object], schedule: Schedule, *, public_url: str
) -> Rendered:
    """A small mail of one of the NOTICES. Raises RenderError for an unknown kind or a missing value."""
    needed = NOTICES.get(kind)
    if needed is None:
        raise RenderError(kind, f"no such notice; there are: {', '.join(NOTICES)}")
    missing = ", ".join(sorted(needed - data.keys()))
    if missing:
        raise RenderError(kind, f"needs {missing}")
    known = {name: cleaning.clean(str(data[name])) for name in needed}
    english = Wording("en", schedule.newsletter.timezone)  # these small mails are in English
    base = {**_base(schedule, public_url), **known, "words": english}
    base["title"] = _subject(kind, base)
    return _rendered(kind, base, _html(kind, base))


def _base(schedule: Schedule, public_url: str) -> dict[str, Any]:
    """What every template may use."""
    newsletter, look = cleaning.clean_all(schedule.newsletter.model_dump()), schedule.render
    return {
        "newsletter": newsletter,
        "words": Wording(schedule.newsletter.language, schedule.newsletter.timezone),
        "light": colours.light(look.accent),
        "dark": colours.dark(look.accent_dark),
        "logo": cleaning.secure(look.logo_url),
        "slots": SLOTS,
        "public_url": public_url,
    }


def _links(content: IssueContent, public_url: str) -> dict[str, str]:
    archive = f"{public_url}/archive/{content.newsletter}"
    return {"archive": archive, "page": f"{archive}/{content.period}"}


def _rendered(mail: str, context: Mapping[str, Any], html: str) -> Rendered:
    subject = _subject(mail, context)
    preheader = cleaning.line(_fill(f"{mail}/preheader.txt", context))
    text = plaintext.tidy(_fill(f"{mail}/body.txt", context))
    return Rendered(
        subject=subject,
        preheader=preheader,
        html=html,
        text=text,
        checksum=checksum(subject, preheader, html, text),
    )


def checksum(*parts: str) -> str:
    """SHA-256 (hex) of texts, each with its length in bytes before it, so that none can lend to another."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _subject(mail: str, context: Mapping[str, Any]) -> str:
    return cleaning.line(_fill(f"{mail}/subject.txt", context))


def _html(mail: str, context: Mapping[str, Any]) -> str:
    template = f"{mail}/body.mjml"
    preheader = cleaning.line(_fill(f"{mail}/preheader.txt", context))
    return mjml.to_html(_fill(template, {**context, "preheader": preheader}), template)


def _fill(template: str, context: Mapping[str, Any]) -> str:
    """A template filled. Raises RenderError with the template's name and line."""
    try:
        return _environment().get_template(template).render(context)
    except jinja2.TemplateSyntaxError as error:
        raise RenderError(error.name or template, str(error.message), line=error.lineno) from error
    except Exception as error:
        name, line = _place(error, template)
        raise RenderError(name, f"{type(error).__name__}: {error}", line=line) from error


def _place(error: Exception, template: str) -> tuple[str, int | None]:
    """The innermost template in an error's traceback, which Jinja2 writes in lines of templates."""
    root = str(places.folder("templates") / "email") + "/"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(root):
            return frame.filename.removeprefix(root), frame.lineno
    return template, None


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(places.folder("templates") / "email"),
        autoescape=jinja2.select_autoescape(enabled_extensions=("mjml",), default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "line": cleaning.line,
        "blurb": cleaning.blurb,
        "paragraphs": cleaning.paragraphs,
        "web": cleaning.web,
        "secure": cleaning.secure,
        "wrap": plaintext.wrap,
        "underline": plaintext.underline,
    }
    environment.filters.update(filters)
    return environment
