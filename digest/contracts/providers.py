"""What every provider must do: a test of one subclasses this and says how to make it and what arrived."""

from __future__ import annotations

import email
import email.policy
import html
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from digest.contracts.hand_over import (
    LEAVE,
    ListFeed,
    a_mail,
    a_message,
    leave_mail,
    leave_url,
    messages,
    send,
)
from digest.model import Mail
from digest.protocols import Provider


@dataclass(frozen=True)
class Arrived:
    """One copy as it came to the other side. fields: names in lower case."""

    recipient: str
    subject: str
    html: str
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)


def from_eml(data: bytes) -> Arrived:
    """What a true message says."""
    parsed = email.message_from_bytes(data, policy=email.policy.SMTP)
    page, text = parsed.get_body(("html",)), parsed.get_body(("plain",))
    assert page is not None
    assert text is not None
    return Arrived(
        recipient=parsed["To"].addresses[0].addr_spec,
        subject=str(parsed["Subject"]),
        html=page.get_content(),
        text=text.get_content().replace("\r\n", "\n"),
        fields={name.lower(): str(value) for name, value in parsed.items()},
    )


class ProviderContract:
    """Subclass it: `provider` makes one, `arrived` lists what it delivered."""

    @abstractmethod
    @contextmanager
    def provider(self, folder: Path) -> Iterator[Provider]:
        """A provider that accepts everything."""

    @abstractmethod
    def arrived(self, folder: Path) -> list[Arrived]:
        """The messages that were accepted, in any order."""
        raise NotImplementedError

    def of_one(self, folder: Path, mail: Mail, name: str = "") -> Arrived:
        """The mail as reader 7 gets it."""
        with self.provider(folder) as provider:
            sent = send(provider, [a_message(7, mail=mail, name=name)])
            assert sent.feed.told == {"key7": ["accepted"]}
            (found,) = self.arrived(folder)
        return found

    def test_it_has_a_name_and_says_how_much_may_be_in_flight(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            assert provider.name
            assert provider.channels >= 1
            assert provider.in_flight >= 1
            assert provider.replays in (True, False)
            assert provider.replay_s > 0 or not provider.replays

    def test_an_accepted_message_arrives_as_it_was(self, tmp_path: Path) -> None:
        found = self.of_one(tmp_path, a_mail(subject="Grüße – “the” <quay> & {{week}} %1%"))
        assert found.recipient == "reader7@example.net"
        assert found.subject == "Grüße – “the” <quay> & {{week}} %1%"
        assert found.html.strip() == (
            f'<html><body><p>Grüße</p><a href="{html.escape(leave_url(7))}">Leave</a></body></html>'
        )
        assert found.text.split("\n")[:2] == ["Grüße", ".a line that begins with a full stop"]

    def test_words_that_look_like_a_providers_own_syntax_stay_as_they_are(
        self, tmp_path: Path
    ) -> None:
        odd = "{{ params.x }} {% if a %} %recipient.x% -x- <%y%> {{{z}}} *|M|* {{contact.A}} \\ \" ' \t"
        page = f'<p>{html.escape(odd)}</p><a href="{LEAVE}">Leave</a>'
        found = self.of_one(tmp_path, a_mail(html=page, text=f"{odd}\n{LEAVE}\n"))
        assert found.html.strip() == page.replace(LEAVE, html.escape(leave_url(7)))
        assert found.text.rstrip("\n") == f"{odd}\n{leave_url(7)}"

    def test_each_reader_has_the_own_way_to_leave_in_page_text_and_header(
        self, tmp_path: Path
    ) -> None:
        with self.provider(tmp_path) as provider:
            send(provider, messages(3))
            found = sorted(self.arrived(tmp_path), key=lambda one: one.recipient)
        assert [one.recipient for one in found] == [f"reader{n}@example.net" for n in range(3)]
        for number, one in enumerate(found):
            assert f'href="{html.escape(leave_url(number))}"' in one.html
            assert f"Leave: {leave_url(number)}" in one.text
            by_mail = f"<mailto:{leave_mail(number)}?subject=unsubscribe>"
            assert one.fields["list-unsubscribe"] == f"<{leave_url(number)}>, {by_mail}"

    def test_the_header_of_a_newsletter_is_kept(self, tmp_path: Path) -> None:
        found = self.of_one(tmp_path, a_mail())
        assert found.fields["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
        assert "<sunday.gazette.example>" in found.fields["list-id"]
        assert found.fields["list-archive"] == "<https://gazette.example/archive/sunday>"
        assert found.fields["precedence"] == "bulk"
        assert found.fields["feedback-id"] == "2026-11-29:sunday:digest:gazetteexample"

    def test_a_readers_name_cannot_end_its_field(self, tmp_path: Path) -> None:
        found = self.of_one(tmp_path, a_mail(), name='Zoë "Z" <x@evil.example>\r\nBcc: y')
        assert found.recipient == "reader7@example.net"
        assert "bcc" not in found.fields

    def test_no_more_is_in_flight_than_it_says(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            sent = send(provider, messages(provider.in_flight + 3))
            assert 1 <= sent.feed.most_out <= provider.in_flight
            assert len(self.arrived(tmp_path)) == provider.in_flight + 3

    def test_each_of_many_gets_one_copy(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            sent = send(provider, messages(40))
            assert sent.feed.keys() == [f"key{n}" for n in range(40)]
            assert sorted(one.recipient for one in self.arrived(tmp_path)) == sorted(
                f"reader{n}@example.net" for n in range(40)
            )

    def test_channels_work_side_by_side(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            sent = send(provider, messages(25), channels=min(4, provider.channels))
            assert len(sent.feed.keys()) == 25
            assert len(self.arrived(tmp_path)) == 25

    def test_several_mails_go_by_one_channel(self, tmp_path: Path) -> None:
        other = a_mail(subject="Another one", name="other")
        found = [a_message(n, mail=other if n % 3 else a_mail()) for n in range(9)]
        with self.provider(tmp_path) as provider:
            send(provider, found)
            subjects = {one.recipient: one.subject for one in self.arrived(tmp_path)}
        assert subjects["reader1@example.net"] == "Another one"
        assert subjects["reader3@example.net"] == "The quay, and the week"
        assert len(subjects) == 9

    def test_a_big_mail_arrives_whole(self, tmp_path: Path) -> None:
        page = (
            "<p>A paragraph of seventy-two letters, as a long read has them, or so.</p>\n" * 9_000
        )
        found = self.of_one(tmp_path, a_mail(html=page + LEAVE))
        assert found.html.replace("\r\n", "\n").startswith(page)

    def test_it_ends_when_the_feed_says_so_and_sends_no_more(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            feed = ListFeed.of(messages(provider.in_flight + 5), stop_after=1)
            send(provider, feed)
            most = provider.in_flight + 1  # one more may have been on its way to the provider
            assert len(self.arrived(tmp_path)) == len(feed.keys()) <= most
            assert len(feed.queue) == provider.in_flight + 5 - len(feed.keys())

    def test_an_empty_feed_sends_nothing(self, tmp_path: Path) -> None:
        with self.provider(tmp_path) as provider:
            assert send(provider, []).feed.told == {}
            assert self.arrived(tmp_path) == []

    def test_the_same_key_twice_is_harmless_where_the_provider_says_so(
        self, tmp_path: Path
    ) -> None:
        with self.provider(tmp_path) as provider:
            send(provider, messages(2))
            send(provider, messages(2))
            assert len(self.arrived(tmp_path)) == (2 if provider.replays else 4)
