"""What every answer carries, how long a question may be, and what other sites may ask: small ASGI layers.

Our pages load style sheets and pictures of this server only. Two of them have a script of ours as well, and work
without it: the desk's of one issue, and those with a sign-up form. An edition is a mail, with its styles
inside: it gets a policy of its own, in which nothing else can live.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.audience import uploads

#: The longest body that is read, in bytes.
BODY_LIMIT = 1_000_000
#: Where editors take up stories and readers in files; how large those may be, and what is said of a larger one.
UPLOADS, IMPORTS = "/desk/upload", "/desk/house/imports"
FILES = {
    UPLOADS: (50_000_000, "The file is larger than 50 MB.\n"),
    IMPORTS: (
        uploads.LIMIT,
        f"The file is larger than {uploads.LIMIT // 1_000_000} MB. Nothing was taken over. Part it, or take it over on "
        "the server itself, where there is no limit: digest subscribers import FILE\n",
    ),
}

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' https:; font-src 'self'; "
    "form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: Of the desk's page of one issue, and of those with a sign-up form.
SCRIPTED = {"content-security-policy": f"{PAGE_POLICY}; script-src 'self'; connect-src 'self'"}
_EDITION = "default-src 'none'; img-src https:; style-src 'unsafe-inline'; base-uri 'none'"

#: Headers of an archived edition, which anybody may read.
ARCHIVE = {
    "content-security-policy": f"{_EDITION}; form-action 'none'; frame-ancestors 'none'",
}
#: Headers of an edition inside the desk's own frame: no origin, no script, no one else's frame.
PREVIEW = {
    "content-security-policy": f"{_EDITION}; form-action 'none'; frame-ancestors 'self'; sandbox",
    "x-frame-options": "SAMEORIGIN",
    "cache-control": "no-store",
}

#: The same, as mail programs show it that load no picture.
WITHOUT_IMAGES = PREVIEW | {
    "content-security-policy": PREVIEW["content-security-policy"].replace("img-src https:; ", "")
}

_ALWAYS = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: with that, a form's POST says `Origin: null`, which the desk must refuse.
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


def always(*, https: bool) -> dict[str, str]:
    """The headers of every answer that sets no others."""
    extra = {"strict-transport-security": "max-age=31536000"} if https else {}
    return {**_ALWAYS, **extra}


class SecurityHeaders:
    """Adds the headers that an answer has not set itself."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.headers = always(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class OpenDoor:
    """Lets pages of every other site speak to what lies below one path, without cookies; to nothing else.

    Fetch standard, CORS protocol: no answer of ours depends on who is logged in where, so all may read it.
    """

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self.app = app
        self.prefix = f"{prefix}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self.prefix):
            await self.app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, send)
        else:
            await self.app(scope, receive, _readable(send))


_PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": "7200",
}


def _readable(send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("access-control-allow-origin", "*")
            headers.setdefault("cross-origin-resource-policy", "cross-origin")
        await send(message)

    return told


class BodyLimit:
    """Refuses a body beyond the limit of its place, by what it announces or by what arrives."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most, words = FILES.get(scope["path"], (BODY_LIMIT, "The request is too large.\n"))
        if _announced(scope, most) > most:
            await _too_large(scope["path"], words)(scope, receive, send)
        else:
            await self.app(scope, _counted(receive, most, words.strip()), send)


def _too_large(path: str, words: str) -> Response:
    """For a program a problem document (RFC 9457), for a person the words."""
    if not path.startswith("/api/"):
        return PlainTextResponse(words, 413)
    told = {"type": "about:blank", "title": "Too large", "status": 413, "detail": words.strip()}
    return JSONResponse(told, 413, media_type="application/problem+json")


def _announced(scope: Scope, most: int) -> int:
    told = dict(scope["headers"]).get(b"content-length", b"0")
    return int(told) if told.isdigit() else most + 1


def _counted(receive: Receive, most: int, words: str) -> Receive:
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413, words)
        return message

    return limited
