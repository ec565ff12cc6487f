"""What went wrong, for programs (RFC 9457): each kind has an address of its own, at which it is explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from digest.bootstrap import House
from digest.errors import (
    BadInput,
    Busy,
    Conflict,
    DigestError,
    NoRoom,
    NotFound,
    RenderError,
)
from digest.web import requests

PATH = "/api/v1/problems"
router = APIRouter(prefix="/api/v1", tags=["about"])

#: After so many seconds what was busy may be asked again.
RETRY_S = 5


class Kind(BaseModel):
    """A kind of problem. type: the address that stands in a problem of this kind."""

    type: str
    title: str
    status: int
    meaning: str


class FieldError(BaseModel):
    """One thing that is wrong. pointer: into the body (RFC 6901); parameter: of the address or the header."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class ProblemBody(BaseModel):
    """A problem document (RFC 9457). instance: this very case; its last part is the request's id, as in the log."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] | None = None


class Kinds(BaseModel):
    """Every kind of problem that the API tells."""

    items: list[Kind]


#: slug: (status, title, meaning).
KINDS: Mapping[str, tuple[int, str, str]] = {
    "malformed": (400, "That was not understood", "The body is no JSON, or a header is not as it must be."),
    "no-token": (401, "A token is needed", "Send the token as `Authorization: Bearer …`, and in no other way."),
    "bad-token": (401, "This token opens nothing", "It is unknown, has expired, or was revoked."),
    "scope": (403, "The token may not do that", "It works, and has not the scope that is named."),
    "not-found": (404, "Not found", "There is nothing at this address, or not any more."),
    "method": (405, "Not possible here", "This address cannot be used with this method."),
    "conflict": (409, "Not as things stand", "What was asked for does not fit what is there: read it again."),
    "running": (409, "It is still being done", "The first call with this idempotency key has not ended yet."),
    "changed": (412, "It was changed meanwhile", "What `If-Match` names is not the version that is there now."),
    "too-large": (413, "Too large", "A body may have 1 MB."),
    "media-type": (415, "JSON, please", "A body is sent as `application/json`."),
    "invalid": (422, "Something in it is wrong", "`errors` says what, with the place of each."),
    "other-call": (422, "This key was used before", "The idempotency key belongs to another request."),
    "too-many": (429, "Later, please", "The token was used too often; `Retry-After` says when it may be again."),
    "broke": (500, "Something broke", "It is our mistake, and stands in the log under the request's id."),
    "busy": (503, "Not now", "The database is busy; the same again a few seconds later."),
}  # fmt: skip


@dataclass(slots=True)
class Problem(Exception):
    """Something that is answered as a problem of a kind."""

    kind: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    headers: Mapping[str, str] | None = None


@router.get("/problems")
def explained(request: Request) -> Kinds:
    """Every kind of problem, with what it means. Needs no token."""
    items = [
        Kind(type=_type(request, slug), title=title, status=status, meaning=meaning)
        for slug, (status, title, meaning) in KINDS.items()
    ]
    return Kinds(items=items)


def answer(request: Request, told: Problem) -> JSONResponse:
    """The problem document."""
    status, title, _ = KINDS[told.kind]
    body = ProblemBody(
        type=_type(request, told.kind),
        title=title,
        status=status,
        detail=told.detail,
        instance=f"{request.url.path}#{request.scope.get(requests.NAME, '')}",
        errors=list(told.errors) or None,
    )
    return JSONResponse(
        body.model_dump(exclude_none=True),
        status,
        dict(told.headers or {}),
        media_type="application/problem+json",
    )


@contextmanager
def about(field: str) -> Iterator[None]:
    """What cannot be used within this block is a field of the body."""
    try:
        yield
    except BadInput as error:
        told = FieldError(detail=error.reason, pointer=f"#/{field}")
        raise Problem("invalid", _sentence(f"{field}: {error.reason}"), (told,)) from error


def is_known(status: int) -> bool:
    """Whether there is a kind of problem for it."""
    return any(code == status for code, *_ in KINDS.values())


def of_status(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem that a bare status tells."""
    kind = next((slug for slug, (code, *_) in KINDS.items() if code == status), "broke")
    return Problem(kind, detail, headers=headers)


def of(error: Exception) -> Problem | None:
    """What an error is to a program; None for what is our mistake."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _invalid(error)
        case HTTPException():
            return of_status(error.status_code, str(error.detail), error.headers)
        case DigestError():
            return _of_ours(error)
    return None


def _of_ours(error: DigestError) -> Problem | None:
    """NotFound quotes what was asked for, which is no secret to who asked; an address does not stand in it."""
    match error:
        case NotFound():
            return Problem("not-found", _sentence(str(error)))
        case Conflict() | RenderError():
            return Problem("conflict", _sentence(str(error)))
        case Busy() | NoRoom():
            return Problem("busy", _sentence(str(error)), headers={"retry-after": str(RETRY_S)})
        case BadInput():  # its item may be an address, which is not repeated
            return Problem("invalid", _sentence(error.reason))
    return None


def _invalid(error: RequestValidationError) -> Problem:
    """Every fault with its place, never with what stood there."""
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return Problem("malformed", "The body is no JSON.")
    told = tuple(_fault(one) for one in found)
    return Problem("invalid", _sentence("; ".join(dict.fromkeys(map(_spoken, told)))), told)


def _fault(detail: Mapping[str, Any]) -> FieldError:
    place, *path = detail["loc"] or ("body",)
    words = str(detail["msg"]).removeprefix("Value error, ")
    if place != "body":
        return FieldError(detail=words, parameter=".".join(map(str, path)) or str(place))
    return FieldError(detail=words, pointer="#" + "".join(f"/{_escaped(part)}" for part in path))


def _escaped(part: object) -> str:
    """RFC 6901 §3."""
    return str(part).replace("~", "~0").replace("/", "~1")


def _spoken(error: FieldError) -> str:
    place = error.parameter or (error.pointer or "#").removeprefix("#/").replace("/", ".")
    return f"{place}: {error.detail}" if place.strip("#") else error.detail


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}".rstrip(".") + "."


def _type(request: Request, slug: str) -> str:
    house: House = request.app.state.house
    return f"{house.public_url}{PATH}#{slug}"


def responses(codes: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of these answers."""
    schema = {"schema": {"$ref": "#/components/schemas/ProblemBody"}}
    content = {"application/problem+json": schema}
    return {code: {"description": _meaning(code), "content": content} for code in sorted(codes)}


def _meaning(code: int) -> str:
    told = [meaning for status, _, meaning in KINDS.values() if status == code]
    return " Or: ".join(told)
