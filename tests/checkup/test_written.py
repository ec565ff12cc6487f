"""Mistakes in what an operator writes: `digest check` names each, with its place and what to do, and sends nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.checkup import place as places
from tests.checkup.place import Place
from tests.cli.test_doctor_dns import a_key

PG = "postgresql://digest:secret@127.0.0.1/digest"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return places.made(tmp_path, monkeypatch)


def test_what_is_written_rightly_gets_not_a_single_warning(place: Place) -> None:
    status, told = place.says("check")
    assert (status, "are fine" in told) == (0, True), told
    assert "warning" not in told
    assert "BAD" not in told


class Slip(NamedTuple):
    """make: the mistake. told: what is said of it, in this order: where, what, what to do."""

    make: Callable[[Place], object]
    told: tuple[str, ...]


def setting(name: str, value: str, *told: str) -> Slip:
    return Slip(lambda place: place.set(**{name: value}), told)


def line(text: str, *told: str) -> Slip:
    return Slip(lambda place: setattr(place, "more", f"{text}\n"), told)


def schedule(old: str, new: str, *told: str) -> Slip:
    return Slip(lambda place: place.change(old, new), told)


def table(text: str, *told: str) -> Slip:
    return Slip(lambda place: place.add(text), told)


def by_key(kind: str, text: Callable[[str], str], *told: str) -> Slip:
    """A DKIM key that was changed before it was named."""

    def make(place: Place) -> None:
        pem = a_key(place.folder, kind)
        pem.write_text(text(pem.read_text()))
        pem.chmod(0o600)
        place.set(DKIM_KEY_FILE=str(pem))

    return Slip(make, told)


def twice_named(place: Place) -> None:
    for number, kind in enumerate(("rsa", "ed25519")):
        pem = a_key(place.folder, kind)
        pem.chmod(0o600)
        place.set(**{f"DKIM_{'SECOND_' if number else ''}KEY_FILE": str(pem)})
    place.set(DKIM_SECOND_SELECTOR="sunday")


#: The program does not start with these: exit status 2.
REFUSED = {
    "a setting's name has a slip": line("DIGEST_PROVIDR=smtp", ".env:10", "DIGEST_PROVIDR", "did you mean DIGEST_PROVIDER?"),
    "a provider's name has a slip": setting("PROVIDER", "stmp", ".env:1: DIGEST_PROVIDER", "did you mean smtp?"),
    "a relay is not named": Slip(lambda place: place.unset("SMTP_HOST"), (".env:1: DIGEST_SMTP_HOST", "needed by")),
    "a relay is an address of the web": setting("SMTP_HOST", "smtp://mail.harbour-times.net:587", ".env:2", "only a server's name"),
    "a port is a word": setting("SMTP_PORT", "smtp", ".env:3: DIGEST_SMTP_PORT", "a whole number"),
    "a port is too high": setting("SMTP_PORT", "99999", ".env:3: DIGEST_SMTP_PORT", "65535 or less"),
    "an encryption is not known": setting("SMTP_SECURITY", "ssl", ".env:4: DIGEST_SMTP_SECURITY", "'starttls', 'tls' or 'none'"),
    "a secret's file is not there": setting("SMTP_PASSWORD_FILE", "/run/no/secret", ".env:10", "cannot read /run/no/secret"),
    "a line is of the shell": line("export DIGEST_PORT=8000", ".env:10", "without `export`"),
    "a comment stands behind a value": line("DIGEST_PORT=8000 # the proxy's", ".env:10: DIGEST_PORT", "a line of its own"),
    "a setting is given twice": line("DIGEST_PROVIDER=smtp", ".env:10: DIGEST_PROVIDER", "is given twice"),
    "a token is missing": setting("PROVIDER", "postmark", ".env:1: DIGEST_POSTMARK_TOKEN", "needed by DIGEST_PROVIDER=postmark"),
    "a secret key is short": setting("SECRET_KEY", "0123456789abcdef", ".env:10: DIGEST_SECRET_KEY", "openssl rand -hex 32"),
    "a database is of another make": setting("DATABASE_URL", "mysql://u@127.0.0.1/d", ".env:10", "begins sqlite:/// or postgresql://"),
    "a database's password breaks its address": setting("DATABASE_URL", PG.replace("secret", "se@ret"), ".env:10", "write @ as %40"),
    "a signature has a domain and no key": setting("DKIM_DOMAIN", "harbour-times.net", ".env:10: DIGEST_DKIM_KEY", "needed by DIGEST_DKIM_DOMAIN"),
    "a key is no key": by_key("rsa", lambda text: text[:40], ".env:10: DIGEST_DKIM_KEY"),
    "a key is another's certificate": by_key("rsa", lambda text: text.replace("PRIVATE KEY", "CERTIFICATE"), ".env:10: DIGEST_DKIM_KEY"),
    "two keys have one name": Slip(twice_named, ("DIGEST_DKIM_SECOND_SELECTOR", "two keys cannot be published under one name")),
    "a network is none": setting("FETCH_ALLOW", "intranet", ".env:10: DIGEST_FETCH_ALLOW", "intranet"),
    "a proxy is a name": setting("TRUSTED_PROXIES", "nginx", ".env:6: DIGEST_TRUSTED_PROXIES", "write 127.0.0.1 or a network"),
    "an operator has no address": setting("OPERATOR", "root", ".env:8: DIGEST_OPERATOR"),
    "a limit has a slip": setting("LIMITS", "10/sec", ".env:10: DIGEST_LIMITS"),
    "a limit is for nobody": setting("LIMITS", "postmrk: 1/s", ".env:10: DIGEST_LIMITS", "is no provider"),
    "a model has no name": setting("CHAT_URL", "http://127.0.0.1:1/v1", ".env:10: DIGEST_CHAT_MODEL", "needed by DIGEST_CHAT_URL"),
    "a model is wanted and not there": table('[summarise]\nsummariser = "chat"\n', "DIGEST_CHAT_URL", "needed by summarise.summariser"),
    "a webhook's key is no key": setting("SENDGRID_WEBHOOK_KEY", "word", ".env:10: DIGEST_SENDGRID_WEBHOOK_KEY"),
    "an API is not encrypted": setting("POSTMARK_URL", "http://api.postmarkapp.com", ".env:10: DIGEST_POSTMARK_URL", "begins https://"),
    "a return domain is an address": setting("RETURN_DOMAIN", "bounce@harbour-times.net", ".env:7: DIGEST_RETURN_DOMAIN", "a domain such as"),
    "the readers' address has no scheme": setting("PUBLIC_URL", "sunday.harbour-times.net", ".env:5: DIGEST_PUBLIC_URL", "begins https://"),
    "the readers' address has a parameter": setting("PUBLIC_URL", "https://sunday.harbour-times.net/?a=b", ".env:5: DIGEST_PUBLIC_URL", "without '?'"),
    "there is no schedule": Slip(lambda place: place.schedules.clear(), ("schedules: no schedule here", "add <newsletter>.toml")),
    "the folder of schedules is another": setting("SCHEDULES", "shedules", "shedules: no schedule here"),
    "a quote is not closed": schedule('"Harbour Sunday"', '"Harbour Sunday', "sunday.toml:2", "is no valid TOML"),
    "a key has a slip": schedule("postal_address", "postal_adress", "sunday.toml:7: newsletter.postal_adress", "did you mean postal_address?"),
    "a table has a slip": table('[delivery]\nat = "sunday 08:00"\n', "sunday.toml:12: delivery", "no such key"),
    "a time zone has a slip": schedule("Europe/London", "Europe/Londn", "sunday.toml:3: newsletter.timezone", "did you mean Europe/London?"),
    "a weekday has a slip": table('[deliver]\nat = "sundy 08:00"\n', "sunday.toml:13: deliver.at", "as in 'sunday 08:00'"),
    "an hour is none": table('[deliver]\nat = "sunday 25:00"\n', "sunday.toml:13: deliver.at", "is no time of day"),
    "the deadline is after the send": table('[approve]\ndeadline = "sunday 09:00"\n', "sunday.toml:13: approve.deadline"),
    "a rule is not known": table('[approve]\nif_nobody = "wait"\n', "sunday.toml:13: approve.if_nobody", "'send', 'hold' or 'remind'"),
    "a sender is no address": schedule("sunday@harbour", "sunday.harbour", "sunday.toml:6: newsletter.from_address"),
    "a site is no address": schedule("https://harbour-times.net/", "harbour-times.net", "sunday.toml:5: newsletter.site_url", "begins https://"),
    "a language is not known": schedule('name = "Harbour', 'language = "english"\nname = "Harbour', "sunday.toml:2: newsletter.language", "a tag like 'en'"),
    "two sources have one key": table('[[sources]]\nkey = "desk"\nkind = "api"\n', "sunday.toml:13: sources[desk].key", "is used twice"),
    "a source has no address": table('[[sources]]\nkey = "site"\nkind = "wordpress"\n', "sunday.toml:12: sources[site]", "needs a url"),
    "a Ghost has no key": table('[[sources]]\nkey = "g"\nkind = "ghost"\nurl = "https://g.net/"\n', "sources[g]", "Settings → Integrations"),
    "a kind has a slip": table('[[sources]]\nkey = "s"\nkind = "rss"\nurl = "https://g.net/"\n', "sunday.toml:14: sources[s].kind", "did you mean feed?"),
    "a source is asked every minute": table('[[sources]]\nkey = "s"\nkind = "feed"\nurl = "https://g.net/"\nevery = "1m"\n', "sunday.toml:16: sources[s].every", "from '5m' to '7d'"),
    "a colour cannot be read": table('[render]\naccent = "#ffffff"\n', "sunday.toml:13: render.accent"),
    "a theme has a slip": table('[render]\ntheme = "broadshet"\n', "sunday.toml:13: render.theme", "'broadsheet'"),
    "a segment is not declared": table('[audience]\nsegment = "town"\n', "sunday.toml:13: audience.segment", "no segment is called 'town'"),
    "a subject has an unknown word": table('[compose]\nsubject = "{titel}"\n', "sunday.toml:13: compose.subject", "knows {lead}, {date}"),
    "a weight is too high": table("[rank]\ncomments = 11\n", "sunday.toml:13: rank.comments", "10 or less"),
    "a file's name is none": Slip(lambda place: place.schedules.update({"Sunday Mail.toml": places.SCHEDULE}), ("Sunday Mail.toml", "small letters, digits and hyphens")),
    "one key is for two sources": Slip(
        lambda place: place.schedules.update({"late.toml": places.SCHEDULE.replace('kind = "api"', 'kind = "feed"\nurl = "https://g.net/f"')}),
        ("sunday.toml:10", "'desk' is another source in late.toml"),
    ),
    "a template of one's own is broken": Slip(
        lambda place: (place.put("mine/digest/subject.txt", "{{ issue.nope }}"), place.add('[render]\ntemplates = "mine"\n')),
        ("mine/digest/subject.txt:1",),
    ),
}  # fmt: skip

#: The program would start, and Sunday would go wrong: exit status 1.
BAD = {
    "a secret key is that of a guide": setting("SECRET_KEY", "change-me-change-me-change-me-change-me", ".env:10 DIGEST_SECRET_KEY", "is an example", "openssl rand -hex 32"),
    "a secret key is one letter": setting("SECRET_KEY", "a" * 40, ".env:10 DIGEST_SECRET_KEY", "is an example", "openssl rand"),
    "a password is that of a guide": Slip(lambda place: place.set(SMTP_USERNAME="sunday", SMTP_PASSWORD="your-password"), (".env:11 DIGEST_SMTP_PASSWORD", "is an example", "put the real one there")),
    "a login has no password": setting("SMTP_USERNAME", "sunday", ".env:10 DIGEST_SMTP_USERNAME", "DIGEST_SMTP_PASSWORD is not", "set DIGEST_SMTP_PASSWORD"),
    "a relay elsewhere is not encrypted": setting("SMTP_HOST", "mail.harbour-times.net", ".env:4 DIGEST_SMTP_SECURITY", "is not in this network", "starttls (port 587)"),
    "readers are to come to a private address": Slip(
        lambda place: place.set(SMTP_HOST="mail.harbour-times.net", SMTP_SECURITY="tls", PUBLIC_URL="http://192.168.1.4:8000"),
        (".env:5 DIGEST_PUBLIC_URL", "readers elsewhere cannot reach http://192.168.1.4:8000", "DIGEST_PUBLIC_URL=https://"),
    ),
    "readers are to come to this machine": Slip(
        lambda place: (place.set(SMTP_HOST="mail.harbour-times.net", SMTP_SECURITY="tls"), place.unset("PUBLIC_URL")),
        ("DIGEST_PUBLIC_URL, which is not set", "readers elsewhere cannot reach", "DIGEST_PUBLIC_URL=https://"),
    ),
    "the sender is of a mailbox host": schedule("sunday@harbour-times.net", "harbour.sunday@gmail.com", "sunday.toml:6 newsletter.from_address", "is of a mailbox host", "your own domain"),
    "a source is in a private network": table('[[sources]]\nkey = "s"\nkind = "feed"\nurl = "http://10.0.0.7/feed"\n', "sunday.toml:15 sources.url", "10.0.0.7 is not a public address", "DIGEST_FETCH_ALLOW"),
    "the ping cannot be reached": setting("PING_URL", "http://localhost:3001/ping", ".env:10 DIGEST_PING_URL", "not a public address", "DIGEST_FETCH_ALLOW"),
    "the bounce mailbox has no password": Slip(lambda place: place.set(BOUNCE_IMAP_HOST="imap.harbour-times.net", BOUNCE_IMAP_USERNAME="b"), (".env:10 DIGEST_BOUNCE_IMAP_HOST", "no password", "set DIGEST_BOUNCE_IMAP_PASSWORD")),
    "the bounce mailbox is on a port without TLS": Slip(
        lambda place: place.set(BOUNCE_IMAP_HOST="imap.harbour-times.net", BOUNCE_IMAP_USERNAME="b", BOUNCE_IMAP_PASSWORD="real", BOUNCE_IMAP_PORT="143"),
        (".env:13 DIGEST_BOUNCE_IMAP_PORT", "without TLS", "=993"),
    ),
    "a secret's file is for everybody": Slip(
        lambda place: place.set(SMTP_USERNAME="sunday", SMTP_PASSWORD_FILE=str(place.put("word", "real", 0o644))),
        (".env:11 DIGEST_SMTP_PASSWORD", "can be read by others (mode 0644)", "chmod 600"),
    ),
    "the settings are for everybody": Slip(
        lambda place: (place.set(SMTP_USERNAME="sunday", SMTP_PASSWORD="real"), place.put(".env", "", 0o644)),
        (".env: .env can be read by others (mode 0644)", "chmod 600 .env"),
    ),
}  # fmt: skip

#: It works, and is likely not what was meant: exit status 0, and 1 by `digest doctor --strict`.
DOUBTFUL = {
    "the sender is an example": Slip(
        lambda place: (place.set(SMTP_HOST="mail.harbour-times.net", SMTP_SECURITY="tls"), place.change("sunday@harbour-times.net", "sunday@gazette.example")),
        ("sunday.toml:6 newsletter.from_address", "is a name of examples", "your own domain"),
    ),
    "the street is the sample's": Slip(
        lambda place: (place.set(SMTP_HOST="mail.harbour-times.net", SMTP_SECURITY="tls"), place.change("7 Mole Road, Aberwick", "1 Quay Street, Port Ellery")),
        ("sunday.toml:7 newsletter.postal_address", "that of the sample", "write the street"),
    ),
    "a port goes with another encryption": Slip(lambda place: place.set(SMTP_PORT="465", SMTP_SECURITY="starttls"), (".env:4 DIGEST_SMTP_SECURITY", "where tls is usual", "465 goes with tls")),
    "no proxy is believed": Slip(lambda place: place.unset("TRUSTED_PROXIES"), ("DIGEST_TRUSTED_PROXIES, which is not set", "none is believed", "DIGEST_TRUSTED_PROXIES=127.0.0.1")),
    "readers come to another house": setting("PUBLIC_URL", "https://mailer-cloud.net", "sunday.toml:6 newsletter.from_address", "its links lead to mailer-cloud.net", "of one domain"),
    "the readers' address has a path": setting("PUBLIC_URL", "https://harbour-times.net/sunday", ".env:5 DIGEST_PUBLIC_URL", "has a path", "a host of its own"),
    "a time zone knows no summer": schedule("Europe/London", "EST", "sunday.toml:3 newsletter.timezone", "EST knows no summer time", "America/New_York"),
    "a schedule has another ending": Slip(lambda place: place.put("schedules/late.toml.txt", places.SCHEDULE), ("late.toml.txt is not read", "rename it to late.toml")),
    "nobody hears of risks": Slip(lambda place: place.unset("OPERATOR"), ("DIGEST_OPERATOR, which is not set", "nobody hears", "DIGEST_OPERATOR=you@")),
    "nobody looks after backups": Slip(lambda place: place.unset("BACKUP_EVERY_H"), ("DIGEST_BACKUP_EVERY_H, which is not set", "`digest backup FOLDER --keep 14`")),
    "nobody reads what comes back": Slip(lambda place: place.unset("RETURN_DOMAIN"), ("DIGEST_BOUNCE_IMAP_HOST, which is not set", "nobody reads what comes back", "DIGEST_RETURN_DOMAIN with a pipe")),
    "nobody hears the provider's reports": Slip(
        lambda place: place.set(PROVIDER="postmark", POSTMARK_TOKEN="real"),
        ("DIGEST_POSTMARK_WEBHOOK_SECRET, which is not set", "are not taken in", "let postmark call /webhooks/postmark"),
    ),
    "a token is short": setting("API_TOKEN", "s3cr3t", ".env:10 DIGEST_API_TOKEN", "has 6 letters", "openssl rand -hex 32"),
    "a limit speaks of a provider that is not used": setting("LIMITS", "postmark: 1/s", "DIGEST_LIMITS speaks of postmark"),
    "a source's folder is not there": table('[[sources]]\nkey = "s"\nkind = "pages"\npath = "archive"\n', "sources[s].path", "does not exist"),
    "a key is of another kind of source": table('[[sources]]\nkey = "s"\nkind = "feed"\nurl = "https://g.net/f"\nwithin = "/a/"\n', "sources[s].within", "is not used by a source of kind 'feed'"),
    "a section is ordered and left out": Slip(
        lambda place: place.add('[collect]\nexclude_sections = ["Sport"]\n[compose]\nsection_order = ["Sport"]\n'),
        ("compose.section_order: 'Sport' never goes out",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_named_with_its_place_and_what_was_expected(
    place: Place, name: str
) -> None:
    REFUSED[name].make(place)
    status, told = place.says("check")
    assert status == 2, told
    for word in REFUSED[name].told:
        assert word in told, (word, told)


@pytest.mark.parametrize("name", BAD)
def test_what_would_spoil_a_sunday_is_named_with_its_place_and_its_remedy(
    place: Place, name: str
) -> None:
    BAD[name].make(place)
    status, told = place.says("check")
    (line,) = [one for one in told.splitlines() if one.startswith("BAD")]
    assert status == 1
    for word in BAD[name].told:
        assert word in line


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_is_likely_not_meant_is_a_warning_with_its_place_and_its_remedy(
    place: Place, name: str
) -> None:
    DOUBTFUL[name].make(place)
    status, told = place.says("check")
    (line,) = [one for one in told.splitlines() if one.lstrip().startswith("warning")]
    assert status == 0
    for word in DOUBTFUL[name].told:
        assert word in line


def test_a_line_that_the_environment_overrules_is_a_warning(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGEST_SMTP_HOST", "127.0.0.1")
    assert "warning" not in place.says("check")[1]
    monkeypatch.setenv("DIGEST_SMTP_PORT", "2525")
    (line,) = [one for one in place.says("check")[1].splitlines() if one.startswith("warning")]
    assert ".env:3 DIGEST_SMTP_PORT: the environment gives DIGEST_SMTP_PORT another value" in line
    assert "`unset DIGEST_SMTP_PORT`" in line


def test_the_doctor_names_what_cannot_be_used_as_well_and_looks_at_the_disk_all_the_same(
    place: Place,
) -> None:
    place.set(SMTP_PORT="smtp")
    place.change("Europe/London", "Europe/Londn")
    status, told = place.says("doctor")
    assert status == 1
    assert "BAD  DIGEST_SMTP_PORT: expected a whole number" in told
    assert "at   .env:3" in told
    assert "BAD  newsletter.timezone: no time zone is called 'Europe/Londn'" in told
    assert "are looked at when these are mended" in told


def test_settings_without_a_fault_and_schedules_with_one_leave_the_disk_to_be_looked_at(
    place: Place,
) -> None:
    place.data.mkdir(mode=0o755)
    place.change("Europe/London", "Europe/Londn")
    status, told = place.says("doctor")
    assert status == 1
    assert "chmod 700 data" in told
