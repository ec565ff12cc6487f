"""Summaries by a model behind an OpenAI-compatible API: a hosted one, or llama.cpp or Ollama next door.

Asked is POST {url}/chat/completions (https://platform.openai.com/docs/api-reference/chat), with a JSON schema for
the answer; a server that does not know schemas is asked for any JSON, and then for plain text. Each answer
is held against the article (`digest.facts`), asked for anew once, and given up then. Nothing is waited for
beyond one answer: who is busy or away is asked again by a later run.
"""

from __future__ import annotations

import asyncio
import email.utils
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from digest import logs
from digest.facts import gate, orders
from digest.protocols import Request, Told
from digest.summarisers import prompts

log = logs.get(__name__)

#: An answer of more bytes than this is none.
MOST_BYTES = 200_000
#: The longest time that another side may ask us to stay away, in seconds.
LONGEST_REST_S = 6 * 3600.0

_FORMATS: tuple[dict[str, Any] | None, ...] = (
    {
        "type": "json_schema",
        "json_schema": {"name": "summary", "strict": True, "schema": prompts.SCHEMA},
    },
    {"type": "json_object"},
    None,
)
_FENCE = re.compile(
    r"\A\s*(?:<think>.*?</think>\s*)?(?:```(?:json)?\s*)?(.*?)(?:\s*```)?\s*\Z", re.DOTALL
)


class _Away(Exception):
    """No answer now. retry_s: when the other side wants to be asked again; 0 where it does not say."""

    def __init__(self, why: str, retry_s: float = 0.0, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.why, self.retry_s, self.for_good = why, retry_s, for_good


class _NoSuchFormat(Exception):
    """The server does not take this form of answer."""


@dataclass
class ChatWriter:
    """`digest.protocols.Writer` over HTTP."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    at_once: int = 2
    per_minute: int = 30
    timeout_s: float = 60.0
    _format: int = field(default=0, init=False)

    def write(self, requests: Sequence[Request]) -> list[Told]:
        """One answer a request; `at_once` of them are asked at the same time."""
        return asyncio.run(self._write(requests))

    async def _write(self, requests: Sequence[Request]) -> list[Told]:
        turn = asyncio.Semaphore(self.at_once)
        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        limits = httpx.Timeout(self.timeout_s, connect=min(10.0, self.timeout_s))
        async with httpx.AsyncClient(headers=headers, timeout=limits, trust_env=False) as client:

            async def one(request: Request) -> Told:
                async with turn:
                    return await self._told(client, request)

            return list(await asyncio.gather(*(one(request) for request in requests)))

    async def _told(self, client: httpx.AsyncClient, request: Request) -> Told:
        asked, count = prompts.messages(request), 0
        doubts: list[str] = []
        for _ in range(2):
            try:
                count += 1
                text = await asyncio.wait_for(
                    self._answer(client, asked, request), self.timeout_s * 2
                )
            except TimeoutError:
                return Told("later", why="the model did not answer in time", requests=count)
            except _Away as away:
                found = Told("later", why=away.why, requests=count, retry_s=away.retry_s)
                return replace(found, state="failed") if away.for_good else found
            doubts = doubts_of(text, request)
            if not doubts:
                return Told("accepted", text, requests=count)
            asked += prompts.again(text[:2000], doubts)
        return Told("refused", why="; ".join(doubts[:3]), requests=count)

    async def _answer(
        self, client: httpx.AsyncClient, asked: list[dict[str, str]], request: Request
    ) -> str:
        """The summary in the model's answer, by the best form that the server takes."""
        while True:
            form = self._format
            try:
                return summary_in(await self._post(client, asked, request, _FORMATS[form]))
            except _NoSuchFormat:
                self._format = max(self._format, min(form + 1, len(_FORMATS) - 1))

    async def _post(
        self,
        client: httpx.AsyncClient,
        asked: list[dict[str, str]],
        request: Request,
        form: dict[str, Any] | None,
    ) -> str:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": asked,
            "temperature": 0,
            "max_tokens": 200 + 4 * request.limits.words,
        }
        if form:
            body["response_format"] = form
        try:
            url = f"{self.url.rstrip('/')}/chat/completions"
            async with client.stream("POST", url, json=body) as response:
                content = b""
                async for piece in response.aiter_bytes():
                    content += piece
                    if len(content) > MOST_BYTES:
                        raise _Away("the model's answer has no end", for_good=True)
        except httpx.HTTPError as error:
            raise _Away(f"the model cannot be reached: {type(error).__name__}") from error
        if response.status_code in (400, 404, 415, 422) and form and _is_about_form(content):
            raise _NoSuchFormat
        if response.status_code != 200:
            raise _refusal(response.status_code, response.headers)
        return content.decode("utf-8", "replace")


def _is_about_form(content: bytes) -> bool:
    return any(
        word in content for word in (b"response_format", b"json_schema", b"json_object", b"grammar")
    )


def _refusal(status: int, headers: Mapping[str, str]) -> _Away:
    """What an answer that is no success means."""
    if status in (401, 403):
        return _Away(f"the model's API does not take the key (HTTP {status})", 3600.0)
    if status in (408, 409, 425, 429) or status >= 500:
        return _Away(
            f"the model's API is busy (HTTP {status})", _rest(headers.get("retry-after", ""))
        )
    return _Away(f"the model's API refuses this request (HTTP {status})", for_good=True)


def _rest(given: str) -> float:
    """Seconds of a Retry-After: a number or a date (RFC 9110 §10.2.3); 0 where it says neither."""
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(given).timestamp() - time.time()
        except (ValueError, TypeError):
            return 0.0
    return min(max(0.0, seconds), LONGEST_REST_S) if seconds == seconds else 0.0


def summary_in(answer: str) -> str:
    """The summary in an API's answer. Raises _Away where there is none to be found."""
    try:
        choice = json.loads(answer)["choices"][0]
        content = choice["message"]["content"]
        if not isinstance(content, str):
            raise TypeError("no text")
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise _Away("the model's answer cannot be read") from error
    inner = _FENCE.sub(r"\1", content, count=1)
    try:
        found = json.loads(inner)
    except (ValueError, RecursionError):
        return " ".join(inner.split())
    told = found.get("summary") if isinstance(found, dict) else found
    return " ".join(told.split()) if isinstance(told, str) else ""


def doubts_of(text: str, request: Request) -> list[str]:
    """Why a model's text cannot be printed, in plain words; empty where it can."""
    limits = request.limits
    found = gate.shape(text, most_words=limits.words, most_sentences=limits.sentences)
    if not found:
        source = orders.without_orders(request.text)
        found = gate.check(text, source, title=request.title, language=request.language)
    return [doubt.told for doubt in found]
