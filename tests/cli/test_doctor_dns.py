"""`digest doctor --dns` as an operator sees it: what is wrong, and lines that mend it when they are pasted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from digest.bootstrap import House, open_house
from digest.cli import doctor, doctor_dns
from digest.domains.records import Finding
from digest.settings import Settings
from tests.houses import SCHEDULE
from tests.zones import Zone, serving

ROOT = Path(__file__).parents[2]
SENDER = "9.9.9.7"


def a_key(folder: Path, kind: str) -> Path:
    made = (
        Ed25519PrivateKey.generate()
        if kind == "ed25519"
        else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    path = folder / f"{kind}.pem"
    path.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., tuple[Settings, House]]:
    """Settings and a house with one newsletter, from sunday@gazette.example."""
    files = tmp_path / "schedules"
    files.mkdir()
    (files / "sunday.toml").write_text(SCHEDULE, encoding="utf-8")

    def make(**changes: Any) -> tuple[Settings, House]:
        given = {"data": tmp_path, "schedules": files, **changes}
        settings = Settings.model_validate(given)
        house = open_house(settings)
        house.database.close()
        return settings, house

    return make


def by_smtp(folder: Path) -> dict[str, Any]:
    return {
        "provider": "smtp",
        "smtp_host": "mail.gazette.example",
        "return_domain": "bounce.gazette.example",
        "dkim_key": a_key(folder, "rsa").read_text(),
        "dkim_second_key": a_key(folder, "ed25519").read_text(),
    }


def subjects(found: list[Finding], *, fine: bool) -> list[str]:
    return [one.subject for one in found if one.fine is fine]


def test_what_is_said_to_be_published_mends_everything(
    opened: Callable[..., tuple[Settings, House]], tmp_path: Path
) -> None:
    settings, house = opened(**by_smtp(tmp_path))
    zone = Zone.of(f"mail.gazette.example. A {SENDER}")
    found = list(doctor_dns.examine(settings, house, zone))
    assert subjects(found, fine=False) == [
        "spf bounce.gazette.example",
        "dkim sunday._domainkey.gazette.example",
        "dkim sunday2._domainkey.gazette.example",
        "dmarc gazette.example",
        "mx bounce.gazette.example",
        f"ptr {SENDER}",
    ]
    for one in found:
        zone.publish(*one.publish)
    after = list(doctor_dns.examine(settings, house, zone))
    assert subjects(after, fine=False) == []
    assert [line for one in after for line in one.publish] == []
    aligned = next(one for one in after if one.subject == "alignment gazette.example")
    assert "bounce.gazette.example agrees" in aligned.text


def test_a_known_relay_is_looked_for_in_the_record(
    opened: Callable[..., tuple[Settings, House]],
) -> None:
    settings, house = opened(provider="smtp", smtp_host="email-smtp.eu-west-1.amazonaws.com")
    zone = Zone.of(
        'gazette.example. TXT "v=spf1 mx -all"\ngazette.example. MX 10 mx.example.\nmx.example. A 192.0.2.1\n'
        '_dmarc.gazette.example. TXT "v=DMARC1; p=none; rua=mailto:d@gazette.example"'
    )
    found = {one.subject: one for one in doctor_dns.examine(settings, house, zone)}
    assert not found["spf gazette.example"].fine
    assert '"v=spf1 mx include:amazonses.com -all"' in found["spf gazette.example"].publish[0]
    assert "the relay must do it" in found["dkim gazette.example"].text
    assert "owner's affair" in found["ptr email-smtp.eu-west-1.amazonaws.com"].text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "relay"])
def test_a_relay_on_this_machine_is_not_looked_up(
    opened: Callable[..., tuple[Settings, House]], host: str
) -> None:
    settings, house = opened(provider="smtp", smtp_host=host)
    zone = Zone()
    list(doctor_dns.examine(settings, house, zone))
    assert host not in zone.asked


def test_a_relay_that_is_an_address_should_be_let_send(
    opened: Callable[..., tuple[Settings, House]],
) -> None:
    settings, house = opened(provider="smtp", smtp_host=SENDER)
    found, *_ = doctor_dns.examine(
        settings, house, Zone.of('gazette.example. TXT "v=spf1 mx -all"')
    )
    assert f"v=spf1 mx ip4:{SENDER} -all" in found.publish[0]


def test_a_provider_with_a_return_path_of_its_own_is_asked_for_its_key(
    opened: Callable[..., tuple[Settings, House]],
) -> None:
    settings, house = opened(provider="sendgrid", sendgrid_token="x")
    policy = '_dmarc.gazette.example. TXT "v=DMARC1; p=none; rua=mailto:d@gazette.example"'
    found = list(doctor_dns.examine(settings, house, Zone.of(policy)))
    assert subjects(found, fine=False) == ["dkim gazette.example"]
    assert [one.subject for one in found] == [
        "spf gazette.example", "dkim gazette.example", "dmarc gazette.example",
    ]  # fmt: skip
    zone = Zone.of(policy + '\ns1._domainkey.gazette.example. TXT "k=rsa; p=MII"')
    assert subjects(list(doctor_dns.examine(settings, house, zone)), fine=False) == []


def test_without_a_network_one_finding_says_so_and_nothing_more_is_asked(
    opened: Callable[..., tuple[Settings, House]], tmp_path: Path
) -> None:
    settings, house = opened(**by_smtp(tmp_path))
    zone = Zone(silent=True)
    (found,) = doctor_dns.examine(settings, house, zone)
    assert (found.fine, "is the network there?" in found.text) == (False, True)
    assert zone.asked.total() == 1


def test_one_name_whose_servers_fail_does_not_hide_the_others(
    opened: Callable[..., tuple[Settings, House]], tmp_path: Path
) -> None:
    settings, house = opened(**by_smtp(tmp_path))
    zone = Zone(failing={"bounce.gazette.example"})
    found = list(doctor_dns.examine(settings, house, zone))
    assert "its servers fail: SERVFAIL" in found[0].text
    assert "dmarc gazette.example" in subjects(found, fine=False)


def test_a_signature_of_another_domain_is_told_without_asking_dns(
    opened: Callable[..., tuple[Settings, House]], tmp_path: Path
) -> None:
    key = a_key(tmp_path, "ed25519").read_text()
    for domain, fine in (
        ("", True),
        ("gazette.example", True),
        ("mail.gazette.example", True),
        ("other.example", False),
    ):
        settings, house = opened(dkim_key=key, dkim_domain=domain)
        (found,) = [
            one for one in doctor.examine(settings, house) if one.subject.startswith("dkim")
        ]
        assert found.fine is fine, domain
        assert "ed25519 as sunday" in found.subject


def test_the_command_asks_the_server_that_is_named_and_prints_lines_to_paste(
    tmp_path: Path,
) -> None:
    files = tmp_path / "schedules"
    files.mkdir()
    (files / "sunday.toml").write_text(SCHEDULE, encoding="utf-8")
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DIGEST_DATA": str(tmp_path / "data"),
        "DIGEST_SCHEDULES": str(files),
        "DIGEST_DKIM_KEY_FILE": str(a_key(tmp_path, "rsa")),
    }
    zone = Zone.of('gazette.example. TXT "v=spf1 -all"')
    with serving(zone) as address:
        command = [sys.executable, "-m", "digest", "doctor", "--dns-server", address]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
    assert (done.returncode, done.stderr) == (1, "")
    assert "ok   spf gazette.example" in done.stdout
    assert "BAD  dkim sunday._domainkey.gazette.example" in done.stdout
    pasted = [line for line in done.stdout.splitlines() if " IN " in line]
    assert len(pasted) == 3
    zone.publish(*pasted)
    assert zone.texts("sunday._domainkey.gazette.example")
