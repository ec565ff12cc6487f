"""The place of an answer: what is known of MAIL and RCPT is never taken for the answer that counts."""

from __future__ import annotations

import pytest

from digest.contracts.hand_over import a_message
from digest.providers.smtp_places import Places
from digest.providers.smtp_replies import Reply
from digest.providers.smtp_turns import MAIL, PART, RCPT, Turn

BY_DATA = Turn(a_message(), ())
IN_CHUNKS = Turn(a_message(), (), chunked=True)
CAREFUL = Turn(a_message(), (), chunked=True, careful=True)


def said(text: str) -> Reply:
    return Reply(250, text)


def learned(mail: str, rcpt: str) -> Places:
    places = Places()
    assert places.hear(MAIL, said(mail))
    assert places.hear(RCPT, said(rcpt))
    places.end(said("2.0.0 queued as 1"), BY_DATA)
    return places


def test_nothing_is_known_before_a_message_went_by_data() -> None:
    places = Places()
    assert not places.learned
    assert places.end(said("2.0.0 queued"), BY_DATA)
    assert places.learned
    assert not places.sure
    assert places.end(said("2.0.0 queued"), IN_CHUNKS)
    assert places.sure


@pytest.mark.parametrize(
    ("mail", "rcpt"), [("2.1.0 ok", "2.1.5 <reader1> ok"), ("OK", "Accepted"), ("OK", "OK")]
)
def test_an_answer_of_the_envelope_is_not_the_end(mail: str, rcpt: str) -> None:
    places = learned(mail, rcpt)
    for one in (mail, rcpt):
        assert not places.end(said(one), IN_CHUNKS)
        assert not places.hear(PART, said(one))
    assert places.end(said("OK id=1"), IN_CHUNKS)


def test_codes_may_come_with_any_words() -> None:
    places = learned("2.1.0 ok", "2.1.5 <reader1> ok")
    assert places.hear(MAIL, said("2.1.0 fine"))
    assert places.hear(RCPT, said("2.1.5 <reader2> ok"))
    assert not places.hear(RCPT, said("2.0.0 queued as 2"))


def test_words_without_codes_must_be_the_same_each_time() -> None:
    places = learned("OK", "Accepted")
    assert places.hear(RCPT, said("Accepted"))
    assert not places.hear(MAIL, said("Accepted"))
    assert not learned("OK", "reader1 ok").hear(RCPT, said("reader2 ok"))


def test_where_the_end_is_held_back_the_first_part_is_told_from_it() -> None:
    places = learned("2.1.0 ok", "2.1.5 ok")
    assert places.hear(PART, said("2.0.0 1500 bytes"))
    assert not places.end(said("2.0.0 1500 bytes"), CAREFUL)
    assert places.end(said("2.0.0 1500 bytes"), IN_CHUNKS)
    assert places.end(said("2.0.0 queued"), CAREFUL)
