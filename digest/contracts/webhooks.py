"""What every reader of a provider's webhook must do: a true call is read, and nothing else is believed."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from digest.errors import BadInput, Forged
from digest.model import ReportKind
from digest.protocols import ReportReader

NOW = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)
#: Bodies that no provider sends.
ODD = (
    b"",
    b"\xff\xfe{",
    b"{",
    b"[]",
    b"{}",
    b"null",
    b'"text"',
    b"7",
    b"[[]]",
    b"[null]",
    b"[" * 9_000,
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. headers: those that prove it and no others; names in lower case."""

    headers: Mapping[str, str]
    body: bytes


class WebhookContract:
    """Subclass it: `reader`, `stranger` and `bounce`.

    signs_body, signs_time: False where the provider's scheme does not cover them (a password covers neither).
    secret: what must stand in no error. ref, address: of the copy and the reader that the bounce tells of.
    """

    signs_body = True
    signs_time = True
    secret = ""
    ref = "ref7"
    address = "alice@example.net"

    @abstractmethod
    def reader(self) -> ReportReader:
        """A new one, which has read nothing."""
        raise NotImplementedError

    @abstractmethod
    def stranger(self) -> ReportReader:
        """One of another account: it must believe nothing of what is ours."""
        raise NotImplementedError

    @abstractmethod
    def bounce(self, at: dt.datetime) -> Call:
        """A true call, signed at that time: the copy `ref` came back for good from `address`."""
        raise NotImplementedError

    def not_understood(self, at: dt.datetime) -> Iterator[Call]:
        """True calls whose body tells nothing that can be understood."""
        yield from ()

    def test_a_true_call_is_read(self) -> None:
        reader, call = self.reader(), self.bounce(NOW)
        (report,) = reader.read(call.headers, call.body, now=NOW)
        assert report.provider == reader.name
        assert report.kind is ReportKind.BOUNCED
        assert (report.ref, report.address) == (self.ref, self.address)
        assert report.status.startswith("5."), "a bounce for good has a status of RFC 3463"
        assert report.event_id
        assert abs(report.at - NOW) <= dt.timedelta(days=1), "its time is in UTC, and the event's"

    def test_the_same_event_told_again_has_the_same_id(self) -> None:
        call, shared = self.bounce(NOW), self.reader()
        told = [
            [one.event_id for one in reader.read(call.headers, call.body, now=NOW)]
            for reader in (shared, shared, self.reader())
        ]
        assert told[0] == told[1] == told[2]

    def test_without_its_proof_a_call_is_forged(self) -> None:
        call = self.bounce(NOW)
        for name, value in call.headers.items():
            others = {key: one for key, one in call.headers.items() if key != name}
            for changed in (others, {**others, name: ""}, {**others, name: value[:-1]}):
                self.is_forged(replace(call, headers=changed))
        if call.headers:
            self.is_forged(replace(call, headers={}))

    def test_what_proves_itself_to_another_account_is_forged_here(self) -> None:
        call = self.bounce(NOW)
        with pytest.raises(Forged) as caught:
            list(self.stranger().read(call.headers, call.body, now=NOW))
        self.tells_no_secret(caught.value, call)

    def test_an_altered_body_is_forged_where_the_body_is_signed(self) -> None:
        call = self.bounce(NOW)
        altered = call.body.replace(b"alice", b"mallory")
        assert altered != call.body
        if self.signs_body:
            self.is_forged(replace(call, body=altered))

    @pytest.mark.parametrize("days", [-1, 1])
    def test_a_call_of_another_day_is_forged_where_its_time_is_signed(self, days: int) -> None:
        if self.signs_time:
            self.is_forged(self.bounce(NOW + dt.timedelta(days=days)))

    def test_whatever_comes_is_read_or_refused_and_breaks_nothing(self) -> None:
        call = self.bounce(NOW)
        for body in ODD:
            for headers in (call.headers, {}, dict.fromkeys(call.headers, "ÿ é \x00")):
                try:
                    list(self.reader().read(headers, body, now=NOW))
                except (Forged, BadInput) as error:
                    self.tells_no_secret(error, call)

    def test_a_true_call_that_tells_nothing_is_bad_input(self) -> None:
        for call in self.not_understood(NOW):
            with pytest.raises(BadInput) as caught:
                list(self.reader().read(call.headers, call.body, now=NOW))
            self.tells_no_secret(caught.value, call)

    # ------------------------------------------------

    def is_forged(self, call: Call) -> None:
        with pytest.raises(Forged) as caught:
            list(self.reader().read(call.headers, call.body, now=NOW))
        self.tells_no_secret(caught.value, call)

    def tells_no_secret(self, error: Exception, call: Call) -> None:
        """What is told may be logged: neither our secret nor what another gave as one."""
        given = (self.secret, *(value for value in call.headers.values() if len(value) > 8))
        assert not [one for one in given if one and one in str(error)]
