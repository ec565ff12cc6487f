"""How Postmark, Resend and Brevo are spoken to, for the fake server; from their documentation."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from digest.contracts.providers import Arrived
from tests.providers.fakes import Answered, Posted


class PostmarkShape:
    """https://postmarkapp.com/developer/api/email-api: a list in, a list out, no keys."""

    def read(self, posted: Posted) -> list[Arrived]:
        assert posted.path == "/email/batch"
        assert posted.headers["x-postmark-server-token"]
        return [self._one(item) for item in posted.json]

    def _one(self, item: dict[str, Any]) -> Arrived:
        fields = {pair["Name"].lower(): pair["Value"] for pair in item["Headers"]}
        fields["ref"] = item["Metadata"]["ref"]
        assert item["MessageStream"]
        return Arrived(
            parseaddr(item["To"])[1], item["Subject"], item["HtmlBody"], item["TextBody"], fields
        )

    def taken(self, copies: Sequence[Arrived], refused: Mapping[int, str]) -> Answered:
        found: list[dict[str, object]] = []
        for place, one in enumerate(copies):
            if place in refused:
                found.append({"ErrorCode": 406, "Message": refused[place]})
            else:
                found.append({"ErrorCode": 0, "Message": "OK", "To": one.recipient})
        return Answered(200, found)

    def wrong(self, words: str) -> Answered:
        return Answered(422, {"ErrorCode": 300, "Message": words})

    def key(self, posted: Posted) -> str:
        return ""

    def again(self, before: Answered) -> Answered:
        return before


class ResendShape:
    """https://resend.com/docs/api-reference/emails/send-batch-emails; strict or permissive."""

    def read(self, posted: Posted) -> list[Arrived]:
        assert posted.path == "/emails/batch"
        assert posted.headers["authorization"].startswith("Bearer ")
        assert posted.headers["x-batch-validation"] == "permissive"
        assert len(posted.json) <= 100
        return [self._one(item) for item in posted.json]

    def _one(self, item: dict[str, Any]) -> Arrived:
        fields = {name.lower(): value for name, value in item["headers"].items()}
        (tag,) = item["tags"]
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,256}", tag["value"])
        fields["ref"] = tag["value"]
        (to,) = item["to"]
        return Arrived(parseaddr(to)[1], item["subject"], item["html"], item["text"], fields)

    def taken(self, copies: Sequence[Arrived], refused: Mapping[int, str]) -> Answered:
        data = [{"id": f"id{n}"} for n in range(len(copies)) if n not in refused]
        errors = [{"index": place, "message": why} for place, why in refused.items()]
        return Answered(200, {"data": data, "errors": errors} if errors else {"data": data})

    def wrong(self, words: str) -> Answered:
        return Answered(422, {"statusCode": 422, "name": "validation_error", "message": words})

    def key(self, posted: Posted) -> str:
        return posted.headers.get("idempotency-key", "")

    def again(self, before: Answered) -> Answered:
        return before


@dataclass(frozen=True)
class BrevoShape:
    """https://developers.brevo.com/docs/batch-send-transactional-emails.

    escapes: whether parameters are escaped where they are put into HTML; it is documented nowhere.
    """

    escapes: bool = False

    def read(self, posted: Posted) -> list[Arrived]:
        assert posted.path == "/smtp/email"
        assert posted.headers["api-key"]
        found = posted.json
        assert len(found["messageVersions"]) <= 1_000
        return [self._one({**found, **version}) for version in found["messageVersions"]]

    def _one(self, item: dict[str, Any]) -> Arrived:
        (to,) = item["to"]
        assert to["name"]
        assert all(value.isascii() for value in item["headers"].values())
        fields = {name.lower(): value for name, value in item["headers"].items()}
        fields["ref"] = fields["x-mailin-custom"]
        params = item["params"]
        return Arrived(
            to["email"],
            self._filled(item["subject"], params),
            self._filled(item["htmlContent"], params, escape=self.escapes),
            self._filled(item["textContent"], params, escape=self.escapes),
            fields,
        )

    def _filled(self, text: str, params: Mapping[str, str], *, escape: bool = False) -> str:
        """What its template language does: parameters are filled in, unknown commands vanish."""

        def one(found: re.Match[str]) -> str:
            name = re.fullmatch(r"\{\{\s*params\.(\w+)\s*\}\}", found[0])
            value = params.get(name[1], "") if name else ""
            return html.escape(value) if escape else value

        return re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", one, text)

    def taken(self, copies: Sequence[Arrived], refused: Mapping[int, str]) -> Answered:
        return Answered(201, {"messageIds": [f"<id{n}@brevo.example>" for n in range(len(copies))]})

    def wrong(self, words: str) -> Answered:
        return Answered(400, {"code": "invalid_parameter", "message": words})

    def key(self, posted: Posted) -> str:
        return str(posted.json["headers"]["idempotencyKey"])

    def again(self, before: Answered) -> Answered:
        words = "idempotencyKey was used before"
        return Answered(400, {"code": "duplicate_parameter", "message": words})
