"""Shaping an issue at the desk: stories moved, written, left out, put together; the mail's own words; undo.

Every change is saved at once. It says which version of the issue its page showed: where somebody else
changed the same since, nothing is done, and the page shows both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import ConfigDict, StringConstraints, field_validator
from starlette.exceptions import HTTPException

from digest import edit, shaping
from digest.delivery import ledger
from digest.errors import BadInput, Conflict, NotFound, RenderError
from digest.model import (
    ArticleId,
    Change,
    IssueContent,
    Join,
    Redo,
    Shape,
    Split,
    Story,
    StoryWords,
    Undo,
    Words,
    Write,
    WriteMail,
)
from digest.shaping import Author
from digest.store import articles, link_answers, sends, shapes
from digest.store.editors import Role
from digest.web import contest_view, edit_words, forms, placing, quoting, spoken
from digest.web.forms import Form
from digest.web.pages import SAFE
from digest.web.review import Review, reviewed, show

router = APIRouter(prefix="/desk/{newsletter}/{period}", include_in_schema=False)

ForViewer = Depends(reviewed(Role.VIEWER))
ForEditor = Depends(reviewed(Role.EDITOR))

Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}$")]


class Seen(Form):
    """A button, and the version that its page showed."""

    csrf: str
    seen: Number


class PlaceForm(Seen):
    """`12 up`, `12 lead`, `12 to Harbour`: a story and where it goes. before: the story that follows there."""

    do: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15} [^ ].*$")]
    before: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,15}$")] = ""


class Text(Seen):
    """A form with longer texts, which are kept on one line."""

    model_config = ConfigDict(extra="forbid", str_max_length=4000)

    @field_validator("*", mode="before")
    @classmethod
    def _spaced(cls, value: object) -> object:
        return " ".join(value.split()) if isinstance(value, str) else value


class Written(Text):
    """Texts to be kept. Beside each, as `was_title`, what its page showed: who left it so did not write it."""

    def new(self) -> dict[str, str]:
        """What was written anew, by the name of its field."""
        given = self.model_dump(exclude_none=True, exclude={"csrf", "seen"})
        was = {name: value for name, value in given.items() if name.startswith("was_")}
        return {
            name: value
            for name, value in given.items()
            if name not in was and was.get(f"was_{name}") != value
        }


class StoryForm(Written):
    """What an editor writes of a story. picture: a box that is not ticked sends nothing."""

    title: str = ""
    summary: str = ""
    alt: str = ""
    picture: str = "off"
    was_title: str | None = None
    was_summary: str | None = None
    was_alt: str | None = None
    was_picture: str | None = None


class MailForm(Written):
    """The mail's own words; those that are not sent stay."""

    subject: str | None = None
    preheader: str | None = None
    intro: str | None = None
    outro: str | None = None
    was_subject: str | None = None
    was_preheader: str | None = None
    was_intro: str | None = None
    was_outro: str | None = None


class DropForm(Text):
    """Why a story is left out."""

    reason: Annotated[str, StringConstraints(max_length=300)] = ""


class JoinForm(Seen):
    """Which story it is told with."""

    into: Number


PlainSeen, Placing = Depends(forms.reads(Seen)), Depends(forms.reads(PlaceForm))
Writing, MailWriting = Depends(forms.reads(StoryForm)), Depends(forms.reads(MailForm))
Dropping, Joining = Depends(forms.reads(DropForm)), Depends(forms.reads(JoinForm))


# ---------------------------------------------------------------- looking


@router.api_route("/version", methods=SAFE)
def version(review: Review = ForViewer) -> JSONResponse:
    """How far the issue is: what an open page asks, to show what others and the program did."""
    issue = review.issue
    with review.house.database.read() as session:
        newest = shapes.version(session, issue.id)
        send = sends.if_begun(session, issue.id)
        links = f"0{link_answers.word(session, issue.id)}"
        moved = spoken.progress(send, ledger.counts(session, issue.id)) if send else links
    moved += contest_view.word(review.house, issue) if send else ""
    told = {"version": newest, "checksum": issue.edition.checksum if issue.edition else ""}
    return JSONResponse(told | {"status": issue.status.value, "progress": moved})


@router.api_route("/story/{story}", methods=SAFE)
def story_page(story: int, review: Review = ForViewer) -> HTMLResponse:
    """One story with its source beside it, to be written."""
    return _story_page(review, ArticleId(story))


def _story_page(
    review: Review,
    story: ArticleId,
    *,
    warning: str = "",
    status: int = 200,
    typed: Mapping[str, str] = MappingProxyType({}),
) -> HTMLResponse:
    """typed: what somebody wrote that could not be kept: it stays in its fields."""
    found = _told(review.issue.content, story)
    with review.house.database.read() as session:
        shape = shaping.shape_of(session, review.issue)
        week = shapes.week_of(session, review.issue.id)
        try:
            article = articles.get(session, story)
        except NotFound:
            raise HTTPException(404, "That article is not in the store any more.") from None
    made = next((one for one in week.stories if one.article_id == story), found) if week else found
    context = {
        "seat": review.seat,
        "issue": review.issue,
        "path": review.path,
        "schedule": review.schedule,
        "zone": review.schedule.calendar.zone,
        "shape": shape,
        "story": found,
        "made": made,
        "article": article,
        "paragraphs": quoting.paragraphs(article.text, made.summary.sentences),
        "others": [one for one in placing.stories(review.issue.content) if one.article_id != story],
        "places": placing.places(review.issue.content),
        "here": placing.place_of(review.issue.content, story),
        "written": shape.stories.get(story, {}),
        "editable": review.may_edit and week is not None,
        "typed": typed,
        "warning": warning,
    }
    return review.pages.show("desk/story.html", context, status=status)


# ---------------------------------------------------------------- changing


def _refused(review: Review, warning: str) -> Response:
    return show(review, warning=warning, status=409)


@router.post("/place")
def place(request: Request, review: Review = ForEditor, form: PlaceForm = Placing) -> Response:
    """Move a story one step, to a place, or out of the mail."""
    number, _, where = form.do.partition(" ")
    story = ArticleId(int(number))
    before = ArticleId(int(form.before)) if form.before else None
    change = placing.change(review.issue.content, story, where, before=before, by=review.seat.name)
    anchor = f"story-{story}"
    return carry_out(request, review, form, [change] if change else [], anchor=anchor)


@router.post("/story/{story}")
def write(
    story: int, request: Request, review: Review = ForEditor, form: StoryForm = Writing
) -> Response:
    """Write a story's headline, summary and picture; what is as the stages made it is theirs again."""
    number = ArticleId(story)
    with review.house.database.read() as session:
        week = shapes.week_of(session, review.issue.id)
        shape = shaping.shape_of(session, review.issue)
    made = _told(week, number)
    summary = " ".join(made.summary.text.split())
    made_so = {StoryWords.TITLE: made.title, StoryWords.SUMMARY: summary}
    if made.image:
        made_so |= {StoryWords.ALT: made.image.alt, StoryWords.PICTURE: "on"}
    known, new = shape.stories.get(number, {}), form.new()
    changes: list[Change] = []
    for what, machine in made_so.items():
        own = new.get(what.value, machine)
        own = "" if own == machine else own
        if what.value in new and own != known.get(what, ""):
            changes.append(Write(story=number, what=what, value=own))

    def again(review: Review, warning: str) -> Response:
        return _story_page(review, number, warning=warning, status=409, typed=new)

    anchor = f"story-{story}"
    return carry_out(request, review, form, changes, anchor=anchor, again=again)


@router.post("/story/{story}/drop")
def drop(
    story: int, request: Request, review: Review = ForEditor, form: DropForm = Dropping
) -> Response:
    """Leave a story out, with a reason."""
    change = placing.drop(ArticleId(story), by=review.seat.name, reason=form.reason)
    return carry_out(request, review, form, [change], anchor="outline")


@router.post("/story/{story}/join")
def join(
    story: int, request: Request, review: Review = ForEditor, form: JoinForm = Joining
) -> Response:
    """Tell a story with another one."""
    change = Join(story=ArticleId(story), into=ArticleId(int(form.into)))
    return carry_out(request, review, form, [change], anchor=f"story-{form.into}")


@router.post("/story/{story}/split")
def split(
    story: int, request: Request, review: Review = ForEditor, form: Seen = PlainSeen
) -> Response:
    """Take an article out of its thread."""
    change = Split(story=ArticleId(story))
    return carry_out(request, review, form, [change], anchor=f"story-{story}")


@router.post("/words")
def words(request: Request, review: Review = ForEditor, form: MailForm = MailWriting) -> Response:
    """Write the mail's own words; an empty one, or the stages' own, is theirs again."""
    with review.house.database.read() as session:
        week = shapes.week_of(session, review.issue.id)
        shape = shaping.shape_of(session, review.issue)
    machine = edit.shaped(week, _without_words(shape), review.schedule) if week else None
    new, changes = form.new(), list[Change]()
    for what in (one for one in Words if one.value in new):
        value = new[what.value]
        own = "" if machine and value == getattr(machine, what.value) else value
        if own != shape.mail.get(what, ""):
            changes.append(WriteMail(what=what, value=own))

    def again(review: Review, warning: str) -> Response:
        return show(review, warning=warning, status=409, typed=new)

    return carry_out(request, review, form, changes, anchor="words", again=again)


@router.post("/undo")
def undo(request: Request, review: Review = ForEditor, form: Seen = PlainSeen) -> Response:
    """Take the newest change back."""
    return carry_out(request, review, form, [Undo()], anchor="outline")


@router.post("/redo")
def redo(request: Request, review: Review = ForEditor, form: Seen = PlainSeen) -> Response:
    """Make the change again that was taken back last."""
    return carry_out(request, review, form, [Redo()], anchor="outline")


def carry_out(
    request: Request,
    review: Review,
    form: Seen,
    changes: Sequence[Change],
    *,
    anchor: str,
    again: Callable[[Review, str], Response] = _refused,
) -> Response:
    """Make the changes and lead back to the issue; a page with our script gets the issue at once.

    again: the page with the warning, where somebody else was first.
    """
    if review.issue.status not in shaping.OPEN:
        return again(review, f"The issue is {review.issue.status}: it cannot be changed any more.")
    if not review.may_edit:
        raise HTTPException(403, "An approved issue is changed by who may approve it.")
    seat, live = review.seat, request.headers.get("x-desk") == "live"
    author = Author(name=seat.name, actor=f"editor:{seat.id}", may_publish=seat.may_publish)
    try:
        if changes:
            changed = shaping.change(
                review.house,
                review.issue,
                *changes,
                seen=int(form.seen),
                author=author,
                now=review.house.clock(),
            )
            review = review.after(changed)
        elif live:
            review = review.fresh()
    except shaping.Clash as clash:
        return again(review.fresh(), edit_words.clash(clash.theirs))
    except (Conflict, BadInput, RenderError) as error:
        return again(review.fresh(), f"That was not done: {error}.")
    if live:
        return show(review)
    return RedirectResponse(f"{review.path}#{anchor}", status_code=303)


def _without_words(shape: Shape) -> Shape:
    return Shape(layout=shape.layout, stories=shape.stories)


def _told(content: IssueContent | None, story: ArticleId) -> Story:
    found = next((one for one in placing.stories(content) if one.article_id == story), None)
    if found is None:
        raise HTTPException(404, "That story is not in this issue.")
    return found
