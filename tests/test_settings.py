"""Settings: strict, all faults at once with their place, secrets never shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from digest import settings
from digest.cli.doctor import idle_limits
from digest.errors import ConfigError, Fault
from digest.setting_files import PREFIX
from digest.settings import SECRETS, Settings, SmtpSecurity

EXAMPLE = Path(__file__).parents[1] / ".env.example"


def faults(environ: dict[str, str], env_file: Path | None = None) -> list[Fault]:
    with pytest.raises(ConfigError) as caught:
        settings.load(environ, env_file)
    return list(caught.value.faults)


def written(folder: Path, text: str, name: str = ".env") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# ---------------------------------------------------------------- .env.example


def example() -> dict[str, tuple[str, str]]:
    """Name → (comment above it, value)."""
    found: dict[str, tuple[str, str]] = {}
    comment = ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            comment += line.removeprefix("#")
        elif "=" in line:
            name, _, value = line.partition("=")
            found[name] = (comment, value)
        else:
            comment = ""
    return found


def test_the_example_has_every_setting_in_order_and_no_other() -> None:
    assert list(example()) == [PREFIX + name.upper() for name in Settings.model_fields]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_example_describes_each_setting(name: str) -> None:
    comment, _ = example()[PREFIX + name.upper()]
    description = Settings.model_fields[name].description
    assert description
    assert description in comment


def test_the_example_holds_the_defaults() -> None:
    assert settings.load({}, EXAMPLE) == Settings()


# ---------------------------------------------------------------- where values come from


def test_without_anything_the_defaults_hold() -> None:
    assert settings.load({}, None) == Settings()
    assert settings.load({"PATH": "/bin", "DIGESTIVE": "1"}, Path("nowhere/.env")) == Settings()


def test_the_environment_goes_before_the_file_and_changes_before_both(tmp_path: Path) -> None:
    path = written(tmp_path, "DIGEST_PORT=1\nDIGEST_HOST=a\nDIGEST_SMTP_HOST=relay\n")
    found = settings.load({"DIGEST_PORT": "2", "DIGEST_HOST": "b"}, path, changes={"port": 3})
    assert (found.port, found.host, found.smtp_host) == (3, "b", "relay")


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("DIGEST_HOST=::1", "::1"),
        ("  DIGEST_HOST = ::1  ", "::1"),
        ('DIGEST_HOST="a b"', "a b"),
        ("DIGEST_HOST='a#b'", "a#b"),
        ("DIGEST_HOST=a=b", "a=b"),
        ('# DIGEST_PORT=1\n\nDIGEST_HOST="', '"'),
        ("\ufeffDIGEST_HOST=a", "a"),
    ],
)
def test_the_lines_of_a_file(tmp_path: Path, line: str, host: str) -> None:
    assert settings.load({}, written(tmp_path, line + "\n")).host == host


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path, name: str) -> None:
    secret = written(tmp_path, "  hush, hush\n", "secret")
    found = settings.load({f"{PREFIX}{name.upper()}_FILE": str(secret)}, None)
    assert getattr(found, name).get_secret_value() == "hush, hush"


@pytest.mark.parametrize("lines", ["DIGEST_API_TOKEN=\n{}", "{}\nDIGEST_API_TOKEN="])
def test_an_empty_secret_beside_its_file_takes_nothing_away(tmp_path: Path, lines: str) -> None:
    secret = written(tmp_path, "hush", "secret")
    path = written(tmp_path, lines.format(f"DIGEST_API_TOKEN_FILE={secret}"))
    assert settings.load({}, path).api_token.get_secret_value() == "hush"


def test_there_are_secrets_and_only_they_have_files() -> None:
    assert {"secret_key", "api_token", "smtp_password"} < SECRETS
    assert all(name.endswith(("_key", "_token", "_secret", "_password")) for name in SECRETS)
    (fault,) = faults({"DIGEST_HOST_FILE": "x"})
    assert "no such setting" in fault.message


# ---------------------------------------------------------------- what is wrong


def test_all_faults_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "DIGEST_PORT=eighty\nnonsense\n\nDIGEST_COLOUR=red\nPATH=/bin\nDIGEST_CONNECTIONS=0\n",
    )
    found = faults({"DIGEST_PROVIDER": "pigeon", "DIGEST_X": "1"}, path)
    assert {(fault.file, fault.line, fault.key) for fault in found} == {
        (str(path), 1, "DIGEST_PORT"),
        (str(path), 2, "nonsense"),
        (str(path), 4, "DIGEST_COLOUR"),
        (str(path), 5, "PATH"),
        (str(path), 6, "DIGEST_CONNECTIONS"),
        ("environment", None, "DIGEST_PROVIDER"),
        ("environment", None, "DIGEST_X"),
    }
    assert all(fault.message for fault in found)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", ""),
        ("SMTP_SECURITY", "maybe"),
        ("CONNECTIONS", "201"),
        ("RETRY_BASE_S", "0"),
        ("GIVE_UP_H", "-1"),
        ("LOG_LEVEL", "info"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_value_that_cannot_be_is_refused(name: str, value: str) -> None:
    (fault,) = faults({PREFIX + name: value})
    assert fault.key == PREFIX + name


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "eighty", "expected a whole number"),
        ("PORT", "65536", "expected 65535 or less"),
        (
            "PROVIDER",
            "pigeon",
            "no provider is called 'pigeon'; there are outbox, smtp, postmark, resend, brevo, ses, sendgrid, mailgun."
            " A plug-in may bring it: by custom the package sunday-catchup-pigeon, which is not installed here",
        ),
        (
            "PROVIDER",
            ",",
            "expected one or more of outbox, smtp, postmark, resend, brevo, ses, sendgrid, mailgun",
        ),
        ("SMTP_SECURITY", "maybe", "expected 'starttls', 'tls' or 'none'"),
        ("RETRY_BASE_S", "nan", "expected a number that is finite"),
        ("RETRY_BASE_S", "0", "expected more than 0"),
        ("GIVE_UP_H", "inf", "expected a number that is finite"),
        ("GIVE_UP_H", "long", "expected a number"),
    ],
)
def test_a_fault_says_what_was_expected(name: str, value: str, told: str) -> None:
    (fault,) = faults({PREFIX + name: value})
    assert fault.message == told


@pytest.mark.parametrize(
    "url",
    ["", "gazette.example", "ftp://gazette.example", "https://", "https:///n", "//gazette.example",
     "https://gazette.example/?a=1", "https://gazette.example/#top", "https://a:b@gazette.example",
     "https://gazette.example:port", "https://gazette .example", "javascript:alert(1)"],
)  # fmt: skip
def test_a_public_url_that_no_link_can_begin_with_is_refused(url: str) -> None:
    (fault,) = faults({"DIGEST_PUBLIC_URL": url})
    assert fault.key == "DIGEST_PUBLIC_URL"
    assert fault.message.startswith("expected an address")


@pytest.mark.parametrize(
    "url", ["https://mail.gazette.example", "http://[::1]:8000/", "HTTPS://gazette.example/mail/"]
)
def test_a_public_url_begins_with_http_and_names_a_host(url: str) -> None:
    assert settings.load({"DIGEST_PUBLIC_URL": url}, None).public_url == url


@pytest.mark.parametrize("url", ["mysql://u:hush@db/digest", "digest.db", "sqlite:digest.db", "postgresql+asyncpg://db"])  # fmt: skip
def test_a_database_that_we_do_not_know_is_refused_and_its_password_not_told(url: str) -> None:
    (fault,) = faults({"DIGEST_DATABASE_URL": url})
    assert "sqlite:/// or postgresql://" in fault.message
    assert "hush" not in str(fault)


def test_smtp_without_a_host_is_named_where_smtp_was_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "DIGEST_PORT=0\nDIGEST_PROVIDER=smtp\nDIGEST_SMTP_HOST= \n")
    found = faults({}, path)
    assert [(one.file, one.line, one.key) for one in found] == [
        (str(path), 1, "DIGEST_PORT"),
        (str(path), 2, "DIGEST_SMTP_HOST"),
    ]
    (fault,) = faults({"DIGEST_PROVIDER": "smtp"}, written(tmp_path, "DIGEST_PROVIDER=outbox\n"))
    assert (fault.file, fault.message) == ("environment", "needed by DIGEST_PROVIDER=smtp")
    found_host = settings.load({"DIGEST_PROVIDER": "smtp", "DIGEST_SMTP_HOST": "relay"}, None)
    assert found_host.smtp_host == "relay"


@pytest.mark.parametrize("name", ["postmark", "resend", "brevo"])
def test_a_provider_without_its_token_is_a_fault(name: str, tmp_path: Path) -> None:
    (fault,) = faults({"DIGEST_PROVIDER": name})
    assert (fault.key, fault.message) == (
        f"DIGEST_{name.upper()}_TOKEN",
        f"needed by DIGEST_PROVIDER={name}",
    )
    secret = written(tmp_path, "hush", "secret")
    given = {"DIGEST_PROVIDER": name, f"DIGEST_{name.upper()}_TOKEN_FILE": str(secret)}
    assert settings.load(given, None).provider == name


NEEDED = {
    "ses": {"SES_REGION": "eu-west-1", "SES_ACCESS_KEY_ID": "AKID", "SES_SECRET_ACCESS_KEY": "x"},
    "sendgrid": {"SENDGRID_TOKEN": "x"},
    "mailgun": {"MAILGUN_TOKEN": "x", "MAILGUN_DOMAIN": "mg.gazette.example"},
}


@pytest.mark.parametrize("name", NEEDED)
def test_each_thing_that_a_provider_needs_and_has_not_is_a_fault_of_its_own(name: str) -> None:
    found = faults({"DIGEST_PROVIDER": name})
    assert [fault.key for fault in found] == [PREFIX + key for key in NEEDED[name]]
    assert {fault.message for fault in found} == {f"needed by DIGEST_PROVIDER={name}"}
    given = {PREFIX + key: value for key, value in NEEDED[name].items()}
    assert settings.load({"DIGEST_PROVIDER": name, **given}, None).provider == name


@pytest.mark.parametrize("region", ["eu-west-1.evil.example/", "EU-WEST-1", "eu west"])
def test_a_region_is_a_name_and_no_part_of_another_address(region: str) -> None:
    (fault,) = faults({"DIGEST_SES_REGION": region})
    assert fault.message == "expected a region such as eu-west-1"


@pytest.mark.parametrize("url", ["http://api.example.com", "ftp://127.0.0.1", "api.example.com", "https://a:b@api.example.com"])  # fmt: skip
def test_a_providers_address_is_encrypted_unless_it_is_here(url: str) -> None:
    (fault,) = faults({"DIGEST_RESEND_URL": url})
    assert fault.key == "DIGEST_RESEND_URL"
    assert "a:b" not in fault.message
    here = settings.load({"DIGEST_RESEND_URL": "http://127.0.0.1:8125/"}, None)
    assert here.resend_url == "http://127.0.0.1:8125"


def test_every_fault_stands_on_a_line_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path, "DIGEST_PORT=x\nDIGEST_HOSTS=a\n")
    with pytest.raises(ConfigError) as caught:
        settings.load({"DIGEST_A\nB": "1"}, path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert {line.partition(": ")[0] for line in lines} == {f"{path}:1", f"{path}:2", "environment"}


def test_a_setting_given_twice_in_one_place_is_a_fault(tmp_path: Path) -> None:
    secret = written(tmp_path, "hush", "secret")
    (fault,) = faults({"DIGEST_API_TOKEN": "a", "DIGEST_API_TOKEN_FILE": str(secret)})
    assert "twice" in fault.message
    (fault,) = faults({}, written(tmp_path, "DIGEST_PORT=1\nDIGEST_PORT=2\n"))
    assert (fault.line, fault.key) == (2, "DIGEST_PORT")


def test_a_name_in_small_letters_is_refused() -> None:
    (fault,) = faults({"DIGEST_port": "1"})
    assert fault.key == "DIGEST_port"


def test_a_secret_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults({"DIGEST_API_TOKEN_FILE": str(tmp_path / "nowhere")})
    assert (fault.key, "nowhere" in fault.message) == ("DIGEST_API_TOKEN_FILE", True)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (fault,) = faults({"DIGEST_API_TOKEN_FILE": str(tmp_path / "bytes")})
    assert "no text" in fault.message


def test_a_settings_file_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe")
    (fault,) = faults({}, tmp_path / ".env")
    assert "cannot be read" in fault.message


def test_secrets_are_never_shown() -> None:
    secret = "hush-hush-hush-hush-hush-hush-hush"
    found = settings.load({f"{PREFIX}{name.upper()}": secret for name in SECRETS}, None)
    assert secret not in f"{found!r} {found} {found.model_dump()} {found.model_dump_json()}"
    (fault,) = faults({"DIGEST_API_TOKEN": secret, "DIGEST_PORT": "x"})
    assert secret not in str(fault)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1


# ---------------------------------------------------------------- the database's URL


def test_the_database_is_sqlite_in_the_data_folder_unless_said_otherwise(tmp_path: Path) -> None:
    found = Settings(data=tmp_path)
    assert found.database == f"sqlite:///{tmp_path.resolve() / 'digest.db'}"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_uses_psycopg(scheme: str) -> None:
    found = Settings(database_url=f"{scheme}://digest@db/digest")
    assert found.database == "postgresql+psycopg://digest@db/digest"


def test_every_key_is_a_word_that_an_environment_can_hold() -> None:
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in Settings.model_fields)
    assert isinstance(Settings().smtp_security, SmtpSecurity)
    assert isinstance(Settings().secret_key, SecretStr)


def test_a_bounce_mailbox_needs_a_login() -> None:
    (fault,) = faults({"DIGEST_BOUNCE_IMAP_HOST": "imap.gazette.example"})
    assert fault.key == "DIGEST_BOUNCE_IMAP_USERNAME"
    login = {"DIGEST_BOUNCE_IMAP_HOST": "imap.gazette.example", "DIGEST_BOUNCE_IMAP_USERNAME": "b"}
    assert settings.load(login, None).bounce_imap_username == "b"


@pytest.mark.parametrize("key", ["LIMITS", "WARM_UP", "SLOW_START", "DOMAIN_LIMITS"])
def test_a_pace_for_what_is_no_provider_is_refused(key: str) -> None:
    value = {"LIMITS": "1/s", "WARM_UP": "9 x2", "SLOW_START": "9", "DOMAIN_LIMITS": "*=1/s"}[key]
    with pytest.raises(ConfigError, match=f"DIGEST_{key}: 'smpt' is no provider; there are outbox"):
        settings.load({f"DIGEST_{key}": f"smpt: {value}"}, None)


def test_a_pace_for_a_provider_that_is_not_used_is_told() -> None:
    found = settings.load({"DIGEST_LIMITS": "outbox: 5/s; postmark: 1/s; 9/s"}, None)
    told = "DIGEST_LIMITS speaks of postmark, which DIGEST_PROVIDER does not name"
    assert list(idle_limits(found)) == [told]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Gazette.Example", "gazette.example"),
        ("häfen.example", "xn--hfen-loa.example"),
        ("bounce.gazette.example", "bounce.gazette.example"),
    ],
)
def test_a_domain_is_kept_in_ascii_and_small_letters(given: str, kept: str) -> None:
    assert settings.load({"DIGEST_RETURN_DOMAIN": given}, None).return_domain == kept


@pytest.mark.parametrize(
    "given", ["gazette", "a@b.example", "gazette.example/", "-.example", "a b"]
)
def test_what_is_no_domain_is_refused_with_an_example(given: str) -> None:
    (fault,) = faults({"DIGEST_RETURN_DOMAIN": given})
    assert (fault.key, fault.message) == (
        "DIGEST_RETURN_DOMAIN",
        "expected a domain such as gazette.example",
    )


@pytest.mark.parametrize("given", ["Sunday", "a..b", "-a", "a_b", "s._domainkey", ""])
def test_what_is_no_selector_is_refused(given: str) -> None:
    (fault,) = faults({"DIGEST_DKIM_SELECTOR": given})
    assert "such as sunday2026" in fault.message


def test_a_domain_to_sign_for_needs_a_key() -> None:
    (fault,) = faults({"DIGEST_DKIM_DOMAIN": "gazette.example"})
    assert (fault.key, fault.message) == ("DIGEST_DKIM_KEY", "needed by DIGEST_DKIM_DOMAIN")
    for key in ("DIGEST_DKIM_KEY", "DIGEST_DKIM_SECOND_KEY"):
        settings.load({"DIGEST_DKIM_DOMAIN": "gazette.example", key: "x"}, None)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"DIGEST_PORT": "8461"}, "http://127.0.0.1:8461"),
        ({"DIGEST_HOST": "0.0.0.0"}, "http://127.0.0.1:8000"),
        ({"DIGEST_HOST": "192.0.2.7", "DIGEST_PORT": "80"}, "http://192.0.2.7:80"),
        ({"DIGEST_HOST": "::1"}, "http://[::1]:8000"),
        ({"DIGEST_PORT": "8461", "DIGEST_PUBLIC_URL": "https://a.example"}, "https://a.example"),
    ],
)
def test_the_default_address_follows_what_is_listened_on(given: dict[str, str], url: str) -> None:
    assert settings.load(given, None).public_url == url
    written = {"DIGEST_PUBLIC_URL": "http://127.0.0.1:8000", **given}
    assert settings.load(written, None).public_url == url, "as .env.example has it"
