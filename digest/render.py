"""An issue's content as a mail: subject, preheader, HTML and text, with slots for each reader's values.

Jinja2 fills the templates of `templates/email/<mail>/`, mjml-python makes HTML of the MJML. The same
content gives the same bytes. Where the HTML would get too long for mail programs, briefs fold from
the last one on into "and N more", with a link to the issue's page on the web (`mail/folding.py`);
the content itself stays whole.
"""

from __future__ import annotations

import functools
import hashlib
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import jinja2
from markupsafe import Markup

from digest import own_templates, phrases, story_links
from digest.errors import RenderError
from digest.looks import Theme
from digest.mail import cleaning, environments, mjml, plaintext, routes
from digest.mail.cuts import Cuts
from digest.mail.folding import Fold, fitting
from digest.mail.slots import ROOM, SLOTS, fill
from digest.mail.wording import Wording
from digest.model import ArticleId, IssueContent, Rendered, Story
from digest.schedules import Schedule

__all__ = [
    "HTML_LIMIT",
    "NOTICES",
    "SLOTS",
    "fill",
    "folded",
    "for_the_web",
    "render",
    "render_notice",
]

K = TypeVar("K")
V = TypeVar("V")

#: The longest HTML in bytes, with its slots filled. Gmail hides what comes after some 102,000.
HTML_LIMIT = 95_000

#: In bytes, what copies of a contest of subjects are longer by: an arm in each link, or a point that is loaded.
LINK_ROOM = 1000

#: What the newest mails of this process left to the web, by their checksums: to find that out takes as long as a mail.
_FOLDS: dict[str, frozenset[ArticleId]] = {}
#: How many stories they showed, by newsletter, period, language and form: a guess for the next one.
_SHOWN: dict[tuple[object, ...], int] = {}
REMEMBERED = 64

#: The small mails to readers, in the newsletter's language, and what each one needs to know.
READERS: Mapping[str, frozenset[str]] = {
    "confirm": frozenset({"confirm_url"}),
    "welcome": frozenset({"latest_url", "leave_url", "headlines"}),
    "moved": frozenset({"confirm_url"}),
    "moving": frozenset({"stop_url"}),
    "changed": frozenset({"preferences_url"}),
    "preferences": frozenset({"preferences_url"}),
    "goodbye": frozenset({"again_url"}),
}

#: What may be missing, as it is where an older version put the notice in line.
MAY_MISS: Mapping[str, frozenset[str]] = {"welcome": frozenset({"under_way"})}

#: Those to editors, which are in English.
EDITORS: Mapping[str, frozenset[str]] = {
    "login": frozenset({"login_url", "editor_name"}),
    "invited": frozenset({"desk_url", "editor_name", "inviter", "role"}),
    "reminder": frozenset({"period", "subject", "desk_url", "approve_url", "deadline", "rule"}),
    "held": frozenset({"period", "reason", "desk_url"}),
    "skipped": frozenset({"period", "reason", "desk_url"}),
    "storm": frozenset({"count", "since", "desk_url"}),
    "risk": frozenset({"summary", "standing", "over", "desk_url"}),
    "paused": frozenset({"period", "reason", "remedy", "since", "desk_url"}),
    "sent": frozenset(
        {"period", "subject", "began", "ended", "desk_url"}
        | {"audience", "accepted", "failed", "skipped", "uncertain", "cancelled_by"}
    ),
}

NOTICES: Mapping[str, frozenset[str]] = {**READERS, **EDITORS}


@dataclass(frozen=True, slots=True)
class Way:
    """How a variant is printed: with cuts between its sections, and what its link to the web asks for.

    home: the newsletter's own language, where this mail is in another.
    """

    cuts: bool = False
    variant: str = ""
    home: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What stands for a section that a reader does not want: its first story, and how many articles more."""

    name: str
    story: Story
    more: int


def render(
    content: IssueContent,
    schedule: Schedule,
    *,
    public_url: str,
    whole: bool = False,
    way: Way = Way(),
) -> Rendered:
    """One week as a mail. Raises RenderError with the template and its line.

    whole: fold nothing, however long it gets; for a page on the web.
    """
    made = _folded(content, schedule, public_url, None if whole else HTML_LIMIT, way)
    rendered = _rendered("digest", made[0], made[2])
    _remember(_FOLDS, rendered.checksum, made[1].folded)
    return rendered


def _remember(known: dict[K, V], key: K, value: V) -> None:
    known[key] = value
    for old in list(known)[:-REMEMBERED]:
        known.pop(old, None)


def folded(
    content: IssueContent, edition: Rendered, schedule: Schedule, *, public_url: str
) -> frozenset[ArticleId]:
    """The articles that the mail leaves to the issue's page on the web; none where it is far from its limit."""
    if len(edition.html.encode("utf-8")) < HTML_LIMIT // 2:
        return frozenset()
    if edition.checksum in _FOLDS:
        return _FOLDS[edition.checksum]
    way = Way(cuts=schedule.variants.sections)
    found = _folded(content, schedule, public_url, HTML_LIMIT, way)[1].folded
    _remember(_FOLDS, edition.checksum, found)
    return found


def is_also(known: Rendered, checksum: str) -> None:
    """A mail goes by another checksum as well: that of all its forms."""
    if known.checksum in _FOLDS:
        _remember(_FOLDS, checksum, _FOLDS[known.checksum])


def _folded(
    content: IssueContent,
    schedule: Schedule,
    public_url: str,
    limit: int | None,
    way: Way = Way(),
) -> tuple[dict[str, Any], Fold, str]:
    """What the templates know, how much of the week is shown, and the HTML of it."""
    content = cleaning.clean_all(content)
    if schedule.clicks.count or story_links.counts_clicks(content.contest):
        content = routes.routed(content, public_url)
    nobodys = frozenset({phrases.of(schedule.newsletter.language).more})
    marks = Cuts(way.cuts, nobodys)
    base = _base(schedule, public_url)
    base |= {
        "home": base["words"].way("", way.home or schedule.newsletter.language),
        "content": content,
        "until": content.window.end,
        "title": cleaning.line(content.subject),
        "links": _links(content, public_url, way.variant),
        "cuts": marks,
    }

    def knowing(fold: Fold) -> dict[str, Any]:
        return {**base, "fold": fold, "others": _lines(fold, marks) if way.cuts else ()}

    room = ROOM * len(SLOTS) + (LINK_ROOM if content.contest else 0)
    last = (content.newsletter, content.period, schedule.newsletter.language, way)
    fold, page = fitting(
        content,
        lambda fold: _html("digest", knowing(fold)),
        limit - room if limit else None,
        guess=_SHOWN.get(last),
    )
    if limit:
        _remember(_SHOWN, last, len(fold.stories))
    return knowing(fold), fold, page


def _lines(fold: Fold, marks: Cuts) -> tuple[Line, ...]:
    """A line for each section that this mail prints and a reader may not want, in printed order."""
    inside: dict[str, list[Story]] = {}
    for story in fold.stories:
        if not marks.is_nobodys(story.section):
            inside.setdefault(story.section, []).append(story)
    return tuple(
        Line(name, stories[0], sum(1 + len(story.thread) for story in stories) - 1)
        for name, stories in inside.items()
    )


def for_the_web(
    content: IssueContent,
    edition: Rendered,
    schedule: Schedule,
    *,
    public_url: str,
    way: Way = Way(),
) -> Rendered:
    """What the issue's page shows: the edition as it was sent, or the whole week where that one folds.

    A folded mail nearly fills its limit; far below it nothing was folded, nothing is rendered here.
    """
    if len(edition.html.encode("utf-8")) < HTML_LIMIT // 2:
        return edition
    whole = render(content, schedule, public_url=public_url, whole=True, way=way)
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
    used = needed | MAY_MISS.get(kind, frozenset())
    known = {name: cleaning.clean(str(data.get(name, ""))) for name in used}
    words = _notice_words(kind, schedule)
    base = {**_base(schedule, public_url), **known, "words": words}
    if kind in READERS:
        base["said"] = _said(words, kind, schedule)
    base["title"] = _subject(kind, base)
    return _rendered(kind, base, _html(kind, base))


def _notice_words(kind: str, schedule: Schedule) -> Wording:
    """English for editors, and for readers whose language we have no words of."""
    own = Wording(schedule.newsletter.language, schedule.newsletter.timezone)
    if kind in READERS and own.is_ours:
        return own
    return Wording("en", schedule.newsletter.timezone)


def _said(words: Wording, kind: str, schedule: Schedule) -> dict[str, str]:
    """The words of a small mail to readers, by key: who writes, and when an issue comes."""
    newsletter, at = schedule.newsletter, schedule.deliver.at
    every = words.say("every", day=words.weekday(at.weekday), time=words.clock(at.time))
    name, site = cleaning.clean(newsletter.name), cleaning.clean(newsletter.site_name)
    return {
        key: words.say(f"{kind}.{key}", name=name, site=site, every=every)
        for key in words.words[kind]
    }


def _base(schedule: Schedule, public_url: str) -> dict[str, Any]:
    """What every template may use."""
    newsletter, look = cleaning.clean_all(schedule.newsletter.model_dump()), schedule.render.look
    return {
        "newsletter": newsletter,
        "words": Wording(schedule.newsletter.language, schedule.newsletter.timezone),
        "light": look.light,
        "dark": look.dark,
        "sizes": look.sizes,
        "theme": look.theme,
        "fonts": _fonts(look.theme),
        "logo": cleaning.secure(schedule.render.logo_url),
        "logo_width": schedule.render.logo_width,
        "slots": SLOTS,
        "public_url": public_url,
        "own": own_templates.read(schedule.render.templates),
    }


def _fonts(theme: Theme) -> dict[str, Markup]:
    """Our own stacks, whose quotation marks may stand as they are in an attribute in double ones."""
    stacks = {"heads": theme.heads, "texts": theme.texts, "notes": theme.notes}
    return {kind: Markup(stack) for kind, stack in stacks.items()}  # nosec B704  # noqa: S704  of our own table


def _links(content: IssueContent, public_url: str, variant: str) -> dict[str, str]:
    archive = f"{public_url}/archive/{content.newsletter}"
    choose = f"{SLOTS['leave_url']}/choices"
    asked = f"?variant={variant}" if variant else ""
    page = f"{archive}/{content.period}{asked}"
    return {"archive": archive, "page": page, "choose": choose}


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
    preheader = cleaning.line(_fill(f"{mail}/preheader.txt", context))
    return _fill(f"{mail}/body.mjml", {**context, "preheader": preheader})


def _fill(template: str, context: Mapping[str, Any]) -> str:
    """A template filled; one of MJML comes back as HTML. Raises RenderError with the template's name and line."""
    if context.get("own"):
        return own_templates.fill(template, context, context["own"])
    return fill_here(template, context)


def fill_here(
    template: str, context: Mapping[str, Any], own: Mapping[str, str] | None = None
) -> str:
    """The same in this process. own: an operator's templates, which stand over ours."""
    filled = _filled(_environment(own), template, context)
    if not template.endswith(".mjml"):
        return filled
    again = functools.partial(_filled, _environment(own, traced=True), template, context)
    return mjml.to_html(filled, template, traced=again)


def _filled(environment: jinja2.Environment, template: str, context: Mapping[str, Any]) -> str:
    try:
        return environment.get_template(template).render(context)
    except jinja2.TemplateSyntaxError as error:
        raise RenderError(error.name or template, str(error.message), line=error.lineno) from error
    except MemoryError:
        raise
    except Exception as error:
        name, line = _place(error, template)
        raise RenderError(name, f"{type(error).__name__}: {error}", line=line) from error


def _place(error: Exception, template: str) -> tuple[str, int | None]:
    """The innermost template in an error's traceback, which Jinja2 writes in lines of templates."""
    root = environments.root()
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(root):
            return frame.filename.removeprefix(root), frame.lineno
    return template, None


def _environment(
    own: Mapping[str, str] | None = None, *, traced: bool = False
) -> jinja2.Environment:
    """Jinja2 with our filters, made once for each set of templates."""
    return _made(None if own is None else tuple(own.items()), traced)


@functools.lru_cache(maxsize=8)
def _made(own: tuple[tuple[str, str], ...] | None, traced: bool) -> jinja2.Environment:
    if own is None:
        environment = environments.shipped(traced=traced)
    else:
        environment = environments.own(dict(own), traced=traced)
    filters: dict[str, Callable[..., Any]] = {
        "line": cleaning.line,
        "blurb": cleaning.blurb,
        "dotted": cleaning.dotted,
        "paragraphs": cleaning.paragraphs,
        "web": cleaning.web,
        "secure": cleaning.secure,
        "wrap": plaintext.wrap,
        "underline": plaintext.underline,
    }
    environment.filters.update(filters)
    return environment
