"""What went wrong, as a page for people or a problem document for programs (RFC 9457). No traces."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from digest import logs
from digest.bootstrap import House
from digest.errors import BadInput, Busy, Conflict, DigestError, NotFound
from digest.web import headers, requests
from digest.web.pages import Pages
from digest.web.sessions import NotFresh, NotSeated, NotStrong
from digest.web.speech import mark
from digest.web.v1 import problems
from digest.web.wanted import remember_page

log = logs.get(__name__)

#: What a title is called, and what is said where nothing more is known; in the reader's language.
_TITLES = {
    400: mark("That was not understood"),
    401: mark("Please log in"),
    403: mark("Not allowed"),
    404: mark("Not found"),
    405: mark("Not possible here"),
    409: mark("Someone was first"),
    413: mark("Too large"),
    422: mark("That was not understood"),
    429: mark("Later, please"),
    500: mark("Something broke"),
    503: mark("Not now"),
}
_WORDS = {
    404: mark("There is nothing at this address. It may have been mistyped."),
    405: mark("This address cannot be used in that way."),
    500: mark("It is our mistake, and it has been noted. Please try again in a minute."),
    503: mark("The server is busy at the moment. Please try again in a few seconds."),
}
_KNOWN = frozenset((*_WORDS.values(), mark("This issue was not sent, or not yet.")))
#: After so many seconds a busy database may be asked again (RFC 9110 §10.2.3).
RETRY_S = 5


def install(app: FastAPI) -> None:
    """Give every error its answer."""
    app.add_exception_handler(NotSeated, _not_seated)
    app.add_exception_handler(NotStrong, _not_strong)
    app.add_exception_handler(NotFresh, _not_fresh)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DigestError, _ours)
    app.add_exception_handler(Exception, _unknown)


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None) -> JSONResponse:
    """A problem document."""
    body = {"type": "about:blank", "title": _title(status), "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _answer(
    request: Request, status: int, detail: str, *, headers: dict[str, str] | None = None
) -> Response:
    path = request.url.path
    if path.startswith("/api/v1/") and problems.is_known(status):
        return problems.answer(request, problems.of_status(status, detail, headers))
    if path.startswith("/api/"):
        return problem(status, detail, headers=headers)
    if path == "/desk" or path.startswith("/desk/"):
        context = {"title": _title(status), "message": detail, "back": "/desk"}
        context["back_words"] = "Back to the desk"
        pages: Pages = request.app.state.pages
        return pages.show("desk/error.html", context, status=status, headers=headers)
    return _for_a_reader(request, status, detail, headers)


def _for_a_reader(
    request: Request, status: int, detail: str, headers: dict[str, str] | None
) -> Response:
    """In the language of the newsletter that the address names, else of the first one."""
    pages: Pages = request.app.state.pages
    key = str(request.path_params.get("newsletter", ""))
    speech = pages.speech(pages.house.schedules.get(key))
    context = {
        "title": speech.gettext(_title(status)),
        "message": speech.gettext(detail) if detail in _KNOWN else detail,
        "back": "/",
        "back_words": speech.gettext("To the newsletters"),
    }
    return pages.show(
        "public/error.html", context, status=status, headers=headers, language=speech.tag
    )


def _title(status: int) -> str:
    return _TITLES.get(status, mark("That did not work"))


def _not_seated(request: Request, error: Exception) -> Response:
    answer = RedirectResponse("/desk/login", status_code=303)
    remember_page(request, answer)
    return answer


def _not_strong(request: Request, error: Exception) -> Response:
    return RedirectResponse("/desk/me", status_code=303)


def _not_fresh(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotFresh)
    return RedirectResponse(f"/desk/fresh?then={error.then}", status_code=303)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = str(error.detail)
    if detail == HTTPStatus(error.status_code).phrase:
        detail = _WORDS.get(error.status_code, detail)
    return _answer(request, error.status_code, detail, headers=dict(error.headers or {}))


def _ours(request: Request, error: Exception) -> Response:
    """Our own errors. NotFound quotes the address, which anybody may have written: not repeated."""
    if isinstance(error, NotFound):
        return _answer(request, 404, _WORDS[404])
    if isinstance(error, Conflict):
        return _answer(request, 409, str(error))
    if isinstance(error, Busy):
        log.warning("the database was busy", method=request.method, route=_route(request))
        return _answer(request, 503, _WORDS[503], headers={"retry-after": str(RETRY_S)})
    if isinstance(error, BadInput):
        return _answer(request, 400, f"{error.reason[:1].upper()}{error.reason[1:]}.")
    return _unknown(request, error)


def _unknown(request: Request, error: Exception) -> Response:
    """Starlette answers this one outside of our own layers, so it gets its headers here."""
    name = str(request.scope.get(requests.NAME, ""))
    with logs.about(request=name):
        log.error("a page failed", exc_info=error, method=request.method, route=_route(request))
    house: House = request.app.state.house
    secure = headers.always(https=house.public_url.startswith("https:")) | {requests.NAME: name}
    return _answer(request, 500, _WORDS[500], headers=secure)


def _route(request: Request) -> str:
    """The route's pattern, since the path itself may hold a token."""
    return str(getattr(request.scope.get("route"), "path", ""))
