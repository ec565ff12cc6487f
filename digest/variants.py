"""The variants of a mail: every language and theme that a newsletter offers, made once with the issue.

The mail as it comes is `rendered`; a reader without a choice gets it. A variant is known by its key, as
`de.plain`. Where readers may leave out sections each variant has cuts (`mail/cuts.py`), the plain one too.
One checksum stands for all of them, so that an approval binds them all.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

from digest import render
from digest.errors import NotFound
from digest.mail import cuts
from digest.mail.retold import retold
from digest.model import Choice, IssueContent, Printed, Rendered
from digest.schedules import Schedule


def keys(schedule: Schedule) -> tuple[str, ...]:
    """The variants that a newsletter offers, the one that comes without a choice first."""
    offered = schedule.variants
    languages = dict.fromkeys((schedule.newsletter.language, *offered.languages))
    themes = dict.fromkeys((schedule.render.theme, *offered.themes))
    return tuple(f"{language}.{theme}" for language, theme in itertools.product(languages, themes))


def print_all(content: IssueContent, schedule: Schedule, *, public_url: str) -> Printed:
    """The week in every variant, and all that under its second subject. Raises RenderError.

    One checksum binds the mails of both subjects and the terms of their contest.
    """
    printed = _under_one_subject(content, schedule, public_url)
    if content.contest is None:
        return printed
    other = dataclasses.replace(content, subject=content.contest.second)
    second = _under_one_subject(other, schedule, public_url)
    before = printed.rendered
    both = before.checksum, second.rendered.checksum, content.contest.terms
    checksum = render.checksum(*both)
    render.is_also(before, checksum)
    return dataclasses.replace(printed.known_as(checksum), second=second.known_as(checksum))


def _under_one_subject(content: IssueContent, schedule: Schedule, public_url: str) -> Printed:
    first, *others = keys(schedule)
    if not schedule.variants.any:
        return Printed(render.render(content, schedule, public_url=public_url), {})
    plain = _one(content, schedule, first, public_url, is_first=True)
    made = {first: plain}
    made |= {key: _one(content, schedule, key, public_url) for key in others}
    whole = cuts.put_together(plain)
    named = itertools.chain.from_iterable((key, one.checksum) for key, one in made.items())
    parts = (whole.subject, whole.preheader, whole.html, whole.text)
    checksum = render.checksum(*parts, *named)
    render.is_also(plain, checksum)
    return Printed(whole, made).known_as(checksum)


def _one(
    content: IssueContent, schedule: Schedule, key: str, public_url: str, *, is_first: bool = False
) -> Rendered:
    """One variant, with its cuts where its two parts agree on them."""
    week, spoken = told(content, schedule, key)
    asked, home = "" if is_first else key, schedule.newsletter.language
    way = render.Way(cuts=schedule.variants.sections, variant=asked, home=home)
    made = render.render(week, spoken, public_url=public_url, way=way)
    return made if cuts.agree(made) else cuts.put_together(made)


def told(content: IssueContent, schedule: Schedule, key: str) -> tuple[IssueContent, Schedule]:
    """A week and its schedule as a variant has them; with an empty key, as they are."""
    if not key:
        return content, schedule
    language, _, theme = key.rpartition(".")
    newsletter = schedule.newsletter.model_copy(update={"language": language})
    look = schedule.render.model_copy(update={"theme": theme})
    spoken = schedule.model_copy(update={"newsletter": newsletter, "render": look})
    return retold(content, schedule.newsletter.language, into=language), spoken


def key_of(offered: Sequence[str], choice: Choice) -> str:
    """The variant for a reader, as near as one comes to the choice. offered: the one without a choice first."""
    language, _, theme = offered[0].rpartition(".")
    wanted = [choice.language, choice.language.partition("-")[0], language]
    for spoken, look in itertools.product(filter(None, wanted), (choice.theme or theme, theme)):
        if f"{spoken}.{look}" in offered:
            return f"{spoken}.{look}"
    return offered[0]


def choice_of(
    schedule: Schedule, name: str, unwanted: Sequence[str], first: Sequence[str]
) -> Choice:
    """What a person means by a variant's name (`de.plain`, `de` or `plain`) and names of sections.

    Raises NotFound where the newsletter does not offer that, with what it does.
    """
    if (unwanted or first) and not schedule.variants.sections:
        raise NotFound("readers of this newsletter choose no sections: see [variants] sections")
    key = _named(schedule, name) if name else keys(schedule)[0]
    language, _, theme = key.rpartition(".")
    if not (name or unwanted or first):
        return Choice()
    return Choice(language, theme, tuple(unwanted), tuple(first))


def _named(schedule: Schedule, name: str) -> str:
    known = keys(schedule)
    language, _, theme = known[0].rpartition(".")
    for key in (name, f"{name}.{theme}", f"{language}.{name}"):
        if key in known:
            return key
    raise NotFound(f"no variant is called {name!r}; there are: {', '.join(known)}")


def sections(content: IssueContent) -> tuple[str, ...]:
    """The names of an issue's sections in printed order."""
    return tuple(dict.fromkeys(story.section for story in content.stories if story.section))
