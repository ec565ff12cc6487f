"""How SendGrid, Mailgun and SES are spoken to: they merge each reader's words into one mail themselves."""

from __future__ import annotations

import base64
import dataclasses
import email
import email.policy
import json
import re
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from typing import Any

from digest.contracts.providers import Arrived, from_eml
from tests.providers import sesv2_model
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


class MailgunShape:
    """https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages"""

    #: Fields of the form that the API's description knows; all others are prefixed or refused.
    known = frozenset({"from", "to", "subject", "text", "html", "recipient-variables"})

    def read(self, posted: Posted) -> list[Arrived]:
        assert posted.path == "/v3/mg.gazette.example/messages"
        assert posted.headers["authorization"] == "Basic YXBpOnQwa2Vu"
        form = self._form(posted)
        assert {name for name, _ in form if name[1:2] != ":"} == self.known
        options = [(name, value) for name, value in form if name[:2] in ("o:", "h:", "v:", "t:")]
        assert sum(len(name) + len(value.encode()) for name, value in options) <= 16_384
        fields = dict(form)
        recipients = [value for name, value in form if name == "to"]
        assert 1 <= len(recipients) <= 1_000
        variables = json.loads(fields["recipient-variables"])
        addresses = dict.fromkeys(parseaddr(one)[1] for one in recipients)  # others are ignored
        return [self._one(fields, address, variables[address]) for address in addresses]

    def _form(self, posted: Posted) -> list[tuple[str, str]]:
        head = f"Content-Type: {posted.headers['content-type']}\r\n\r\n".encode()
        parts = email.message_from_bytes(head + posted.body, policy=email.policy.HTTP)
        found = []
        for part in parts.iter_parts():
            name = part.get_param("name", header="content-disposition")
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            found.append((str(name), data.decode()))
        return found

    def _one(self, fields: Mapping[str, str], address: str, own: Mapping[str, str]) -> Arrived:
        filled = {name: self._filled(value, own) for name, value in fields.items()}
        header = {name[2:].lower(): value for name, value in filled.items() if name[:2] == "h:"}
        assert all(value.isascii() for value in header.values())
        header |= {name[2:]: value for name, value in filled.items() if name[:2] in ("v:", "o:")}
        return Arrived(address, filled["subject"], filled["html"], filled["text"], header)

    def _filled(self, text: str, own: Mapping[str, str]) -> str:
        """Each reader's own variables; those that nobody set, and Mailgun's own links, are not ours."""

        def one(found: re.Match[str]) -> str:
            return own.get(found[2] or "", "(of Mailgun)")

        names = r"recipient(?:\.([\w.:-]+))?|unsubscribe_url|mailing_list_unsubscribe_url|tag_unsubscribe_url"
        return re.sub(rf"%({names})%", one, text)

    def taken(self, copies: Sequence[Arrived], refused: Mapping[int, str]) -> Answered:
        return Answered(200, {"id": "<1@mg.gazette.example>", "message": "Queued. Thank you."})

    def wrong(self, words: str) -> Answered:
        words = "to parameter is not a valid address. please check documentation"
        return Answered(400, {"message": words})

    def key(self, posted: Posted) -> str:
        return ""

    def again(self, before: Answered) -> Answered:
        return before


class SesShape:
    """https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendBulkEmail.html"""

    def read(self, posted: Posted) -> list[Arrived]:
        assert posted.path == "/v2/email/outbound-bulk-emails"
        assert posted.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
        assert len(posted.body) <= 1_000_000
        found = posted.json
        sesv2_model.check("SendBulkEmail", found)
        assert 1 <= len(found["BulkEmailEntries"]) <= 50
        return [self._one(found, entry) for entry in found["BulkEmailEntries"]]

    def _one(self, found: Mapping[str, Any], entry: Mapping[str, Any]) -> Arrived:
        template = found["DefaultContent"]["Template"]
        own = entry["ReplacementEmailContent"]["ReplacementTemplate"]["ReplacementTemplateData"]
        data = json.loads(own)  # whether those of the template are kept beside it is told nowhere
        assert json.loads(template["TemplateData"]).keys() == data.keys()
        subject, text, page = (
            rendered(template["TemplateContent"][name], data)
            for name in ("Subject", "Text", "Html")
        )
        tags = {tag["Name"]: tag["Value"] for tag in entry["ReplacementTags"]}
        assert all(map(sesv2_model.tag_is_allowed, entry["ReplacementTags"]))
        pairs = [*template["Headers"], *entry["ReplacementHeaders"]]
        fields = {pair["Name"].lower(): pair["Value"] for pair in pairs}
        assert "feedback-id" not in fields
        before = f"{tags['ses:feedback-id-a']}:{tags['ses:feedback-id-b']}"
        fields |= {"feedback-id": f"{before}:1.eu-west-1.x=:AmazonSES", "ref": tags["digest-ref"]}
        (to,) = entry["Destination"]["ToAddresses"]
        assert to.isascii()
        return Arrived(parseaddr(to)[1], subject, page, text, fields)

    def taken(self, copies: Sequence[Arrived], refused: Mapping[int, str]) -> Answered:
        def result(place: int) -> dict[str, str]:
            if place in refused:
                return {"Status": "INVALID_PARAMETER", "Error": refused[place]}
            return {"Status": "SUCCESS", "MessageId": f"0102-{place}"}

        return Answered(200, {"BulkEmailEntryResults": [result(n) for n in range(len(copies))]})

    def wrong(self, words: str) -> Answered:
        return Answered(400, {"message": words}, {"x-amzn-errortype": "BadRequestException"})

    def key(self, posted: Posted) -> str:
        return ""

    def again(self, before: Answered) -> Answered:
        return before


class SesRawShape(SesShape):
    """https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html"""

    def read(self, posted: Posted) -> list[Arrived]:
        assert posted.path == "/v2/email/outbound-emails"
        found = posted.json
        sesv2_model.check("SendEmail", found)
        assert all(map(sesv2_model.tag_is_allowed, found["EmailTags"]))
        data = base64.b64decode(found["Content"]["Raw"]["Data"], validate=True)
        one = from_eml(data)
        assert found["Destination"]["ToAddresses"] == [one.recipient]
        tag = found["EmailTags"][0]["Value"]
        return [dataclasses.replace(one, fields={**one.fields, "ref": tag})]

    def taken(self, copies: Sequence[Arrived], refused: Mapping[int, str]) -> Answered:
        return Answered(200, {"MessageId": "0102"})


def rendered(template: str, data: Mapping[str, str]) -> str:
    """As Handlebars reads it, where SES allows simple substitutions only, and does not escape.

    What has a meaning there that a simple substitution has not is refused, as SES does.
    """
    pieces, end = [], 0
    for found in re.finditer(r"(\\*)(\{{2,})(.*?)(\}{2,})", template, re.DOTALL):
        backslashes, opened, name, closed = found.groups()
        assert not backslashes, "a backslash makes a command of what follows, or none"
        assert (len(opened), len(closed)) == (2, 2), "Template contains unsupported operations"
        assert re.fullmatch(r"\w+", name), "Template contains unsupported operations"
        pieces += [template[end : found.start()], data[name]]
        end = found.end()
    left = template[end:]
    assert "{{" not in left, "a command that never ends"
    return "".join([*pieces, left])
