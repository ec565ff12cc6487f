"""The wire against a relay that says what it is told: nobody lost, doubled or blamed, however it breaks."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.contracts.hand_over import ListFeed, Sent, messages
from digest.errors import DeliveryError, Refused, SendHalted, TryLater, Uncertain
from digest.model import Message
from digest.providers.smtp import SmtpProvider
from digest.providers.smtp_manners import Manners
from digest.providers.smtp_replies import Reply
from digest.providers.smtp_session import Limits, SmtpSession
from digest.providers.smtp_turns import Step, meaning
from digest.providers.smtp_wire import SmtpWire
from tests.providers.spoken import RESET, SILENT, Spoken, conversation, numbers, pieces_of, taught

CHUNKS = ("PIPELINING", "CHUNKING")
QUICK = Limits(connect=5, greeting=5, command=5, data=5, block=5, dot=5, settle=0.01, early=5)

#: Every way of talking: what the relay offers, and what we are told to do.
WAYS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "together": (("PIPELINING",), {}),
    "grouped": (("PIPELINING",), {"trips": 2}),
    "in turn": ((), {}),
    "chunks": (CHUNKS, {}),
    "chunks, four deep": (CHUNKS, {"depth": 4}),
}
BY_DATA = ["together", "grouped", "in turn"]
BY_CHUNKS = ["chunks", "chunks, four deep"]


def talk(way: str, script: Spoken, many: int = 3, **changes: Any) -> Sent:
    careful = changes.pop("careful", False)
    script.extensions, fields = WAYS[way]
    found = [dataclasses.replace(one, careful=careful) for one in messages(many)]
    fields = {"limits": QUICK, **fields, **changes}
    return asyncio.run(conversation(script, ListFeed.of(found), **fields))


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("cut", [1, 7, 10_000])
@pytest.mark.parametrize("careful", [False, True])
def test_all_arrive_once_however_replies_are_cut(way: str, cut: int, careful: bool) -> None:
    script = Spoken(cut=pieces_of(cut))
    sent = talk(way, script, 6, careful=careful)
    assert numbers(sent.feed) == script.took == ["0", "1", "2", "3", "4", "5"]
    assert script.connections == 1


def test_the_next_envelope_goes_in_one_write_with_the_dot() -> None:
    script = Spoken()
    talk("together", script)
    with_dot = [one for one in script.segments if b"\r\n.\r\n" in one]
    assert [one.endswith(b"DATA\r\n") for one in with_dot] == [True, True, False]


def test_a_group_waits_for_the_answer_to_the_dot() -> None:
    script = Spoken()
    talk("grouped", script)
    assert all(one.endswith(b"\r\n.\r\n") for one in script.segments if b"\r\n.\r\n" in one)
    assert (
        sum(one.startswith(b"MAIL") and one.endswith(b"DATA\r\n") for one in script.segments) == 3
    )


def test_a_relay_without_pipelining_hears_one_command_at_a_time() -> None:
    script = Spoken()
    talk("in turn", script, 2)
    assert all(
        one.count(b"\r\n") == 1 for one in script.segments if one[:4] in (b"MAIL", b"RCPT", b"DATA")
    )
    assert script.steps[:4] == ["MAIL 0", "RCPT 0", "DATA 0", "DOT 0"]


def test_a_reset_is_answered_before_anything_else_is_said_in_turn() -> None:
    """OpenSMTPD hangs up on whoever says two things at once."""
    script = Spoken()
    script.replies["RCPT", "0"] = ["550 5.1.1 no such user"]
    sent = talk("in turn", script, 3)
    assert numbers(sent.feed) == ["1", "2"]
    assert b"RSET\r\n" in script.segments
    assert "RSET 0" in script.steps
    assert script.connections == 1


def test_a_message_in_chunks_goes_with_the_next_envelope_in_one_write() -> None:
    script = Spoken()
    talk("chunks", script)
    assert sum(b"LAST\r\n" in one and b"MAIL" in one for one in script.segments) == 2
    assert sum(b"LAST\r\n" in one for one in script.segments) == 3


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="only Linux has it: tcp(7)")
def test_a_reply_that_is_only_a_part_is_acknowledged_at_once_where_several_are_under_way() -> None:
    """Else Postfix, which sends its replies bit by bit, waits 40 ms for us again and again."""
    hurry = socket.IPPROTO_TCP, getattr(socket, "TCP_QUICKACK", 0)

    async def heard_the_reset() -> list[int]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            relay, _ = listening.accept()
        session = SmtpSession(reader, writer, QUICK)
        offers = dict.fromkeys(CHUNKS, "")
        wire = SmtpWire(offers, limits=QUICK, manners=Manners(), depth=4)
        taught(wire).begin(session.hand_on(wire))
        running = asyncio.create_task(wire.run(ListFeed.of(messages(4))))
        await asyncio.sleep(0)
        line = writer.get_extra_info("socket")
        line.setsockopt(*hurry, 0)
        found = [line.getsockopt(*hurry)]
        with relay:
            relay.sendall(b"250 reset\r\n")
            while wire._expected[0][0] is Step.RESET:
                await asyncio.sleep(0.001)
            found.append(line.getsockopt(*hurry))
        with pytest.raises(TryLater):
            await running
        await wire.quit()
        return found

    assert asyncio.run(heard_the_reset()) == [0, 1]


def test_the_end_of_a_careful_message_is_held_back(way: str) -> None:
    script = Spoken()
    talk(way, script, 1, careful=True)
    end = b"BDAT 0 LAST\r\n" if "chunks" in way else b".\r\n"
    assert script.segments.count(end) == 1


# ---------------------------------------------------------------- refusals


REFUSALS = [
    ("RCPT", "550 5.1.1 no such user", Refused),  # F11
    ("RCPT", "450 4.2.0 greylisted", TryLater),  # F10
    ("END", "554 5.6.0 no", Refused),
    ("END", "452 4.2.2 full", TryLater),
]


@pytest.mark.parametrize(("step", "reply", "kind"), REFUSALS)
@pytest.mark.parametrize("careful", [False, True])
def test_f10_f11_a_refused_message_between_two_good_ones_harms_neither(
    way: str, step: str, reply: str, kind: type[DeliveryError], careful: bool
) -> None:
    script = Spoken(cut=pieces_of(5))
    step = step if step != "END" else ("BDAT" if "chunks" in way else "DOT")
    script.replies[step, "1"] = [reply]
    sent = talk(way, script, careful=careful)
    assert numbers(sent.feed) == script.took == ["0", "2"]
    assert numbers(sent.feed, kind) == ["1"]
    assert script.connections == 1


def test_what_a_refused_message_left_behind_is_reset_before_the_next(way: str) -> None:
    script = Spoken()
    script.replies["RCPT", "1"] = ["550 5.1.1 no such user"]
    talk(way, script)
    before = script.steps[: script.steps.index("MAIL 2")]
    assert before[-1].startswith("RSET")


def test_a_data_let_through_in_vain_ends_with_an_empty_message() -> None:
    script = Spoken()
    script.replies["RCPT", "1"], script.replies["DATA", "1"] = ["550 5.1.1 no"], ["354 go"]
    sent = talk("grouped", script)
    assert "DOT 1" in script.steps
    assert script.took == numbers(sent.feed) == ["0", "2"]
    assert numbers(sent.feed, Refused) == ["1"]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "END"])
def test_f9_a_closing_door_is_nobodys_attempt(way: str, step: str) -> None:
    chunks = "chunks" in way
    step = ("BDAT" if chunks else "DOT") if step == "END" else step
    if chunks and step == "DATA":
        step = "BDAT"
    script = Spoken()
    script.replies[step, "1"] = ["421 4.3.2 closing"]
    sent = talk(way, script)
    assert sorted(numbers(sent.feed)) == sorted(script.took) == ["0", "1", "2"]
    assert sent.feed.given_back["key1"] == 1
    assert len(sent.broke) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("said", ["503 5.5.1 out of step", "noise", "250-", "999 no"])
def test_words_out_of_step_before_the_end_blame_nobody(step: str, said: str) -> None:
    for one in BY_DATA:
        script = Spoken()
        script.replies[step, "1"] = [said]
        limits = dataclasses.replace(QUICK, command=0.4, data=0.4, early=0.4)
        sent = talk(one, script, limits=limits)
        assert sorted(numbers(sent.feed)) == sorted(script.took) == ["0", "1", "2"], one


@pytest.mark.parametrize("said", ["noise", "354 go", "503 5.5.1 what"])
def test_words_that_are_no_answer_to_the_dot_are_a_doubt(said: str) -> None:
    for one in BY_DATA:
        script = Spoken()
        script.replies["DOT", "1"] = [said]
        sent = talk(one, script)
        assert numbers(sent.feed, Uncertain) == ["1"], one
        assert sorted(numbers(sent.feed)) == ["0", "2"], one


def test_an_answer_to_nothing_is_never_taken_for_the_next_ones(way: str) -> None:
    script = Spoken()
    end = "BDAT" if "chunks" in way else "DOT"
    script.replies[end, "2"] = ["250 queued\r\n250 queued again"]
    sent = talk(way, script, 6)
    doubtful = numbers(sent.feed, Uncertain)
    assert set(numbers(sent.feed)) <= set(script.took)
    assert len(numbers(sent.feed)) + len(doubtful) == 6
    assert len(set(script.took)) == len(script.took)
    assert len(doubtful) <= (3 if "four" in way else 0)


# ---------------------------------------------------------------- an answer too many

Words = Callable[[str, str, str], str]


def by_codes(step: str, number: str, usual: str) -> str:
    return usual


def as_exim(step: str, number: str, usual: str) -> str:
    """Without enhanced codes."""
    few = {"MAIL": "250 OK", "RCPT": "250 Accepted", "RSET": "250 Reset OK"}
    return few.get(step, f"250-1500 byte chunk\r\n250 OK id={number}")


def alike(step: str, number: str, usual: str) -> str:
    return "250 OK"


def by_name(step: str, number: str, usual: str) -> str:
    return f"250 reader{number}: {step.lower()}"


def lines_of(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def twice(speech: Words, at: str, *, careful: bool) -> Words:
    """The same, but that reader 4 hears one answer twice, once. careful: the first chunk is not the last."""
    heard: list[str] = []

    def words(step: str, number: str, usual: str) -> str:
        found = speech(step, number, usual)
        if number != "4" or "" in heard:
            return found
        heard.append(step)
        if step in ("BDAT", "DOT"):
            step = "PART" if careful and heard.count("BDAT") == 1 else "END"
        if step != at:
            return found
        heard.append("")
        return f"{found}\r\n{found}"

    return words


#: How it is talked to, how it answers, which answer comes twice, and whether the end is held back.
TWICE: list[tuple[str, Words, str, bool]] = [
    *((way, by_codes, at, False) for way in BY_DATA for at in ("MAIL", "RCPT", "END")),
    *((way, words, "END", False) for way in BY_CHUNKS for words in (alike, by_name)),
    *(
        (way, words, at, careful)
        for way in BY_CHUNKS
        for words in (by_codes, as_exim)
        for careful in (False, True)
        for at in ("RSET", "MAIL", "RCPT", "PART", "END")
        if (careful or at != "PART") and ("four" in way or at != "RSET")
    ),
]


@pytest.mark.parametrize(("way", "speech", "at", "careful"), TWICE)
def test_one_answer_too_many_never_makes_an_acceptance_of_a_refusal(
    way: str, speech: Words, at: str, careful: bool
) -> None:
    script = Spoken(words=twice(speech, at, careful=careful), cut=lines_of, apart_s=0.001)
    refused = "5" if at == "END" else "4"
    part = [speech("BDAT", refused, "250 2.0.0 more")] if careful else []
    if at == "PART":
        part = [f"{one}\r\n{one}" for one in part]
    script.replies["BDAT", refused] = [*part, *["554 5.6.0 no"] * 3]
    script.replies["DOT", refused] = ["554 5.6.0 no"] * 3
    sent = talk(way, script, 8, careful=careful, new=True)
    accepted, doubtful = numbers(sent.feed), numbers(sent.feed, Uncertain)
    assert set(accepted) <= set(script.took)
    assert len(script.took) == len(set(script.took))
    assert sorted([*accepted, *doubtful, *numbers(sent.feed, Refused)]) == list("01234567")
    assert len(doubtful) <= (4 if "four" in way else 1)
    ends = b"".join(script.segments).count(b"LAST\r\n")
    assert bool(ends) is ("chunks" in way and speech in (by_codes, as_exim))


@pytest.mark.parametrize("speech", [by_codes, as_exim])
def test_chunks_begin_where_a_message_was_accepted_by_data(way: str, speech: Words) -> None:
    script = Spoken(words=speech)
    sent = talk(way, script, 6, new=True)
    assert numbers(sent.feed) == script.took == list("012345")
    assert script.connections == 1
    ends = [one.split() for one in script.steps if one.startswith(("DOT", "BDAT"))]
    assert [verb for verb, _ in ends] == ["DOT"] * 2 + ["BDAT" if "chunks" in way else "DOT"] * 4


@pytest.mark.parametrize("speech", [alike, by_name])
def test_where_no_answer_shows_its_place_all_goes_by_data_and_nobody_is_in_doubt(
    way: str, speech: Words
) -> None:
    script = Spoken(words=speech)
    sent = talk(way, script, 6, new=True)
    assert numbers(sent.feed) == script.took == list("012345")
    assert script.connections == 1
    assert not any(one.startswith("BDAT") for one in script.steps)


def test_after_an_answer_too_many_a_relay_gets_data(way: str) -> None:
    script = Spoken(cut=lines_of, apart_s=0.001)
    script.replies["BDAT" if "chunks" in way else "DOT", "2"] = ["250 queued\r\n250 again"]
    sent = talk(way, script, 8)
    assert set(numbers(sent.feed)) <= set(script.took)
    after = script.steps[script.steps.index("MAIL 7") :]
    assert any(one.startswith("DOT") for one in after)


def test_noise_behind_an_acceptance_does_not_undo_it(way: str) -> None:
    script = Spoken()
    end = "BDAT" if "chunks" in way else "DOT"
    script.replies[end, "0"] = ["250 queued\r\nnoise"]
    sent = talk(way, script, 1)
    assert numbers(sent.feed) == ["0"]


# ---------------------------------------------------------------- manners


@pytest.mark.parametrize("code", [500, 501, 502, 503])
@pytest.mark.parametrize("careful", [False, True])
def test_a_relay_that_takes_no_chunks_after_all_gets_data(code: int, careful: bool) -> None:
    script = Spoken()
    script.replies["BDAT", ""] = [f"{code} 5.5.1 what is BDAT"]
    sent = talk("chunks", script, careful=careful)
    assert sorted(numbers(sent.feed)) == sorted(script.took) == ["0", "1", "2"]
    ends = [one for one in script.steps if one.startswith("DOT")]
    assert sorted(ends) == ["DOT 0", "DOT 1", "DOT 2"]


def test_several_connections_that_hear_it_at_once_blame_nobody() -> None:
    """The first to hear that chunks are not taken tells all; the others have theirs under way."""
    script = Spoken(extensions=CHUNKS)
    script.replies["BDAT", ""] = ["500 5.5.1 what"] * 2
    feed = ListFeed.of(messages(4))

    async def both() -> None:
        async with await asyncio.start_server(script.serve, "127.0.0.1", 0) as server:
            provider = _provider(server.sockets[0].getsockname()[1])
            async with provider.open() as one, provider.open() as other:
                channels = taught(one), taught(other)
                done = await asyncio.gather(
                    *(channel.run(feed) for channel in channels), return_exceptions=True
                )
                assert all(isinstance(error, TryLater) for error in done)
            async with provider.open() as one:
                await one.run(feed)

    asyncio.run(both())
    assert sorted(numbers(feed)) == sorted(script.took) == ["0", "1", "2", "3"]


def _provider(port: int) -> SmtpProvider:
    return SmtpProvider(host="127.0.0.1", port=port, security="none", limits=QUICK)


@pytest.mark.parametrize("said", ["503 5.5.0 too early", "554 5.5.0 improper pipelining", RESET])
@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_an_early_envelope_that_is_disliked_goes_a_simpler_way(said: str, step: str) -> None:
    script = Spoken()
    for number in ("1", "2"):
        script.replies[step, number] = [said]
    sent = talk("together", script, 6, reopen=9)
    assert not numbers(sent.feed, Refused)
    assert not numbers(sent.feed, SendHalted)
    assert sorted(numbers(sent.feed) + numbers(sent.feed, Uncertain)) == list("012345")
    assert set(numbers(sent.feed)) <= set(script.took)
    assert len(set(script.took)) == len(script.took)


def test_a_relay_that_throws_away_what_came_early_is_found_out() -> None:
    script = Spoken(deaf=True)
    sent = talk("together", script, limits=dataclasses.replace(QUICK, early=0.2))
    assert sorted(numbers(sent.feed)) == sorted(script.took) == ["0", "1", "2"]
    assert script.connections == 2


# ---------------------------------------------------------------- broken lines


def test_f14_a_line_lost_after_the_end_is_a_doubt(way: str) -> None:
    script = Spoken()
    script.replies["BDAT" if "chunks" in way else "DOT", "1"] = [RESET]
    sent = talk(way, script)
    assert "1" in numbers(sent.feed, Uncertain)
    assert numbers(sent.feed, Uncertain) == ["1"] or "four" in way


@given(
    st.sampled_from(list(WAYS)), st.booleans(), st.integers(0, 5_000), st.sampled_from([1, 9, 999])
)
@settings(max_examples=60, deadline=None)
def test_f13_f18_wherever_the_line_is_cut_each_ends_in_one_true_state(
    way: str, careful: bool, dies_after: int, cut: int
) -> None:
    script = Spoken(dies_after=dies_after, cut=pieces_of(cut))
    limits = dataclasses.replace(QUICK, settle=0.002)
    sent = talk(way, script, 4, careful=careful, limits=limits)
    accepted, doubtful = set(numbers(sent.feed)), set(numbers(sent.feed, Uncertain))
    assert accepted | doubtful == set("0123")
    assert accepted <= set(script.took) <= accepted | doubtful
    assert len(script.took) == len(set(script.took))
    assert {f"key{one}" for one in doubtful} <= {key for one in sent.feed.requests for key in one}
    assert len(doubtful) <= (4 if "four" in way else 1)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_f15_silence_before_the_end_is_no_ones_fault(step: str) -> None:
    script = Spoken()
    script.replies[step, "0"] = [SILENT]
    limits = dataclasses.replace(QUICK, command=1.0, data=1.0)
    sent = talk("in turn", script, limits=limits)
    assert sorted(numbers(sent.feed)) == ["0", "1", "2"]
    assert len(sent.broke) == 1


def test_f15_silence_after_the_end_is_a_doubt() -> None:
    script = Spoken()
    script.replies["DOT", "0"] = [SILENT]
    sent = talk("in turn", script, limits=dataclasses.replace(QUICK, dot=0.3))
    assert numbers(sent.feed, Uncertain) == ["0"]


def test_a_channel_that_is_cancelled_says_nothing_more_and_answers_for_all() -> None:
    script = Spoken()
    script.replies["DATA", "0"] = [SILENT]
    feed = ListFeed.of(messages(2))

    async def cancelled() -> None:
        server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, _provider(port).open() as channel:
            task = asyncio.ensure_future(channel.run(feed))
            while "DATA 0" not in script.steps:
                await asyncio.sleep(0.001)
            task.cancel()
            await asyncio.wait([task])

    asyncio.run(cancelled())
    assert not feed.unanswered
    assert feed.given_back == {"key0": 1}
    assert not any(b"QUIT" in one for one in script.segments)


class _Order(ListFeed):
    """Keeps, for each message handed over, how much of its end the relay had by then."""

    script: Spoken

    def handed(self, *given: Message) -> None:
        super().handed(*given)
        heard = b"".join(self.script.segments)
        numbered = len(self.requests)
        ends = heard.count(b"\r\n.\r\n") + heard.count(b" LAST\r\n")
        assert ends < numbered, "the end went before it was on record"


def test_handed_comes_before_the_end_is_written(way: str) -> None:
    script = Spoken()
    script.extensions, fields = WAYS[way]
    feed = _Order(deque(messages(5)))
    feed.script = script
    asyncio.run(conversation(script, feed, limits=QUICK, **fields))
    assert numbers(feed) == script.took == ["0", "1", "2", "3", "4"]


def test_a_stop_in_the_middle_sees_through_what_is_on_the_wire(way: str) -> None:
    script = Spoken()
    script.extensions, fields = WAYS[way]
    feed = ListFeed.of(messages(20), stop_after=2)
    asyncio.run(conversation(script, feed, limits=QUICK, **fields))
    assert numbers(feed) == script.took
    assert 2 <= len(script.took) <= 6
    assert script.segments[-1].endswith(b"QUIT\r\n")


def test_f15_a_slow_upload_that_goes_on_is_not_silence() -> None:
    """The relay reads a big body in small bites that together take longer than a block may."""
    script = Spoken(bite=2**17, rest_s=0.03)
    big = [dataclasses.replace(messages(1)[0], make=_twelve_megabytes)]
    limits = dataclasses.replace(QUICK, block=1.0, dot=30)
    feed = ListFeed.of(big)
    asyncio.run(conversation(script, feed, limits=limits))
    assert numbers(feed) == ["0"]


def _twelve_megabytes(message: Message) -> list[bytes]:
    return [b"x" * 998 + b"\r\n"] * 12_000


# ---------------------------------------------------------------- what a refusal means


@pytest.mark.parametrize(
    ("step", "reply", "kind", "mark"),
    [
        (Step.MAIL, "452 4.3.1 full", TryLater, False),
        (Step.MAIL, "553 5.1.8 sender unknown", SendHalted, None),
        (Step.MAIL, "421 bye", TryLater, False),
        (Step.RCPT, "421 bye", TryLater, False),
        (Step.RCPT, "450 4.2.0 later", TryLater, True),
        (Step.RCPT, "550 5.1.1 nobody", Refused, False),
        (Step.RCPT, "550 5.7.1 policy", Refused, True),
        (Step.DATA, "554 no", Refused, True),
        (Step.END, "552 5.2.2 full", Refused, False),
        (Step.END, "550 5.7.1 spam", Refused, True),
        (Step.PART, "552 5.3.4 too big", Refused, False),
        (Step.END, "530 5.7.0 log in", SendHalted, None),
    ],
)
def test_what_a_refusal_means(
    step: Step, reply: str, kind: type[DeliveryError], mark: bool | None
) -> None:
    code, _, text = reply.partition(" ")
    found = meaning(step, Reply(int(code), text))
    assert type(found) is kind
    assert found.reply == reply
    if isinstance(found, TryLater):
        assert found.counts is mark
    if isinstance(found, Refused):
        assert found.policy is mark
