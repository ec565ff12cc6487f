"""A Sunday's send by an HTTP provider, whole: the ledger agrees with what the provider got."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest

from digest.delivery import sender
from digest.model import UncertainPolicy
from digest.protocols import Provider
from digest.providers.aws_signature import Signer
from digest.providers.brevo import BrevoProvider
from digest.providers.mailgun import MailgunProvider
from digest.providers.postmark import PostmarkProvider
from digest.providers.resend import ResendProvider
from digest.providers.sendgrid import SendGridProvider
from digest.providers.ses import SesProvider
from digest.store.engine import Database
from tests.delivery.sundays import a_house, later, lines, names, put_frozen, states
from tests.providers.fakes import Fake, Shape, running
from tests.providers.http_contract import quick
from tests.providers.merge_shapes import MailgunShape, SendGridShape, SesShape
from tests.providers.shapes import BrevoShape, PostmarkShape, ResendShape

Made = Callable[[str], Provider]
PROVIDERS: list[tuple[type[Shape], Made]] = [
    (PostmarkShape, lambda url: PostmarkProvider(token="t", base_url=url, pace=quick(), most=50)),
    (ResendShape, lambda url: ResendProvider(token="t", base_url=url, per_s=0, pace=quick(), most=50)),
    (BrevoShape, lambda url: BrevoProvider(token="t", base_url=url, per_s=0, pace=quick(), most=50)),
    (SendGridShape, lambda url: SendGridProvider(token="t", base_url=url, pace=quick(), most=50)),
    (MailgunShape, lambda url: MailgunProvider(token="t0ken", domain="mg.gazette.example", base_url=url, pace=quick(), most=50)),
    (SesShape, lambda url: SesProvider(signer=Signer(key_id="AKID", secret="s", region="eu-west-1"), base_url=url, pace=quick())),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "made"), PROVIDERS)
def test_everybody_gets_one_copy_whatever_goes_wrong_on_the_way(
    shape: type[Shape], made: Made, sqlite: Database, tmp_path: Path
) -> None:
    script = deque(["429:0", "ok", "ok", "429", "ok", "drop", "ok", "accept-drop"])
    keyed = shape in (ResendShape, BrevoShape)
    faulty = frozenset({"reader599@example.net"})
    with running(Fake(shape(), script=script, faulty=faulty, keyed=keyed)) as fake:
        house = a_house(sqlite, tmp_path, made(fake.url))
        issue = put_frozen(house, names(600))
        for _ in range(5):
            sender.drain(house)
            later(house, hours=1)
    found = states(house, issue)
    assert sum(found.values()) == 600
    assert set(fake.copies.values()) == {1}
    told = lines(house, issue)
    accepted = {address for address, (state, _, _) in told.items() if state == "accepted"}
    assert accepted <= set(fake.copies)
    if keyed:
        assert found == {"accepted": 599, "failed": 1}
    else:
        in_doubt = {address for address, (state, _, _) in told.items() if state == "uncertain"}
        assert 0 < len(in_doubt) <= 100
        assert found.get("failed", 0) + len(in_doubt & faulty) == 1
        assert set(fake.copies) - accepted <= in_doubt


def test_a_batch_that_was_in_doubt_is_replayed_whole_under_its_key(
    sqlite: Database, tmp_path: Path
) -> None:
    """The first process hears nothing five times and gives up; the next one asks the same again."""
    with running(Fake(ResendShape(), script=deque(["accept-500"] * 5), keyed=True)) as fake:
        provider = ResendProvider(token="t", base_url=fake.url, per_s=0, pace=quick(), most=20)
        house = a_house(sqlite, tmp_path, provider, policy=UncertainPolicy.REPLAY)
        issue = put_frozen(house, names(20))
        for _ in range(4):
            sender.drain(house)
            later(house, hours=1)
    assert states(house, issue) == {"accepted": 20}
    assert set(fake.copies.values()) == {1}
    keys = [one.headers["idempotency-key"] for one in fake.posted]
    assert len(keys) >= 6
    assert set(keys) == {keys[0]}
