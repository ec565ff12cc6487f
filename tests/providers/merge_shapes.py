"""How SendGrid, Mailgun and SES are spoken to: they merge each reader's words into one mail themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.providers.contract import Arrived
from tests.providers.fakes import Answered, Posted


class SendGridShape:
    """https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send"""

    reserved = frozenset({"to", "from", "subject", "reply-to", "cc", "bcc", "content-type"})

    def read(self, posted: Posted) -> list[Arrived]:
        assert posted.path == "/v3/mail/send"
        assert posted.headers["authorization"].startswith("Bearer ")
        found = posted.json
        assert 1 <= len(found["personalizations"]) <= 1_000
        assert found["from"]["email"]
        assert [part["type"] for part in found["content"]] == ["text/plain", "text/html"]
        return [self._one(found, item) for item in found["personalizations"]]

    def _one(self, found: Mapping[str, Any], item: Mapping[str, Any]) -> Arrived:
        (to,) = item["to"]
        assert to.get("name", "a name is not empty")
        tags = item["substitutions"]
        assert sum(len(name) + len(value) for name, value in tags.items()) <= 10_000
        text, page = (self._filled(part["value"], tags) for part in found["content"])
        fields = {name.lower(): value for name, value in item["headers"].items()}
        assert not self.reserved & fields.keys()
        assert all(value.isascii() for value in fields.values())
        fields |= item["custom_args"]
        subject = self._filled(found["subject"], tags)
        return Arrived(to["email"], subject, page, text, fields)

    def _filled(self, text: str, tags: Mapping[str, str]) -> str:
        for name, value in tags.items():
            text = text.replace(name, value)
        return text

    def taken(self, copies: Sequence[Arrived], refused: Mapping[int, str]) -> Answered:
        return Answered(202, None, {"x-message-id": "m1"})

    def wrong(self, words: str) -> Answered:
        error = {"message": words, "field": "personalizations.0.to.0.email", "help": None}
        return Answered(400, {"errors": [error]})

    def key(self, posted: Posted) -> str:
        return ""

    def again(self, before: Answered) -> Answered:
        return before
