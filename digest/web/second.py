"""Proving more than that one reads one's mail: passkeys (WebAuthn level 3), codes of an app (RFC 6238), recovery codes.

A challenge is made here, kept here, good for five minutes and once, and for the browser that asked. What is
tried with codes is counted for the person, whichever door it is tried at.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from digest.audience.tokens import hash_secret
from digest.bootstrap import House
from digest.errors import BadInput
from digest.model import EditorId
from digest.store import allowances, factors, tokens
from digest.store.editors import Editor
from digest.store.engine import Session
from digest.store.factors import Passkey

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

#: How long a challenge waits for its answer.
CHALLENGE_LIFETIME = dt.timedelta(minutes=5)
#: Codes that one person may try in any quarter of an hour, right or wrong, at all doors together.
TRIES, SPAN = 10, dt.timedelta(minutes=15)
#: How long a code of an app stands (RFC 6238 §5.2), and so many steps before and after are taken too.
STEP_S, DRIFT = 30, 1
#: Recovery codes that are made at once, and their letters: 120 bits, so that a plain hash is enough.
CODES, _LETTERS, _LONG = 10, "abcdefghjkmnpqrstuvwxyz23456789", 25


class TooMany(Exception):
    """Too many codes were tried: none is looked at for a while."""


# ---------------------------------------------------------------- passkeys


def passkeys_work(public_url: str) -> bool:
    """Browsers know passkeys for names by https, and for localhost; for no bare address."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return parts.scheme == "https" or host == "localhost" or host.endswith(".localhost")
    return False


def _party(house: House) -> tuple[str, str]:
    """The relying party's id and origin, as our public address says them."""
    parts = urlsplit(house.public_url)
    return parts.hostname or "", f"{parts.scheme}://{parts.netloc}"


def ask_to_register(house: House, editor: Editor, *, browser: str) -> str:
    """The options for a new passkey, as JSON for the browser. browser: the secret in its cookie."""
    import webauthn
    from webauthn.helpers import structs

    now = house.clock()
    with house.database.write() as session:
        known = factors.passkeys(session, editor.id)
        challenge = _challenge(session, "passkey-new", editor.id, browser, now)
    options = webauthn.generate_registration_options(
        rp_id=_party(house)[0],
        rp_name=_name(house),
        user_id=_handle(house, editor.id),
        user_name=editor.email,
        user_display_name=editor.name or editor.email,
        challenge=challenge.encode(),
        timeout=int(CHALLENGE_LIFETIME.total_seconds() * 1000),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=_bytes(one.credential)) for one in known
        ],
    )
    return webauthn.options_to_json(options)


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What a device made: the credential's id and its public key (base64url), and how often it was used."""

    credential: str
    public_key: str
    counter: int


def registered(house: House, given: str, *, editor: EditorId, browser: str) -> NewPasskey:
    """The passkey that answered a challenge for a new one.

    Raises BadInput where it is no answer to a challenge of ours, or the device did not verify its user.
    """
    import webauthn

    rp_id, origin = _party(house)
    answer, challenge = _answered(house, given, "passkey-new", editor, browser)
    with _told_plainly():
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            require_user_verification=True,
        )
    key = _base64url(found.credential_public_key)
    return NewPasskey(_base64url(found.credential_id), key, found.sign_count)


def ask_to_log_in(house: House, *, browser: str) -> str:
    """The options for a login by whichever passkey the person chooses, as JSON for the browser."""
    import webauthn
    from webauthn.helpers.structs import UserVerificationRequirement

    with house.database.write() as session:
        challenge = _challenge(session, "passkey", 0, browser, house.clock())
    options = webauthn.generate_authentication_options(
        rp_id=_party(house)[0],
        challenge=challenge.encode(),
        timeout=int(CHALLENGE_LIFETIME.total_seconds() * 1000),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def whose(house: House, given: str, *, browser: str) -> tuple[Passkey, int]:
    """The passkey that answered a challenge of ours, and how often it was used by now. Raises BadInput for none."""
    import webauthn

    rp_id, origin = _party(house)
    answer, challenge = _answered(house, given, "passkey", 0, browser)
    with house.database.read() as session:
        known = factors.passkey_of(session, str(answer.get("id", "")))
    if known is None or not _is_theirs(house, known, answer):
        raise BadInput("passkey", "this passkey belongs to no seat here")
    with _told_plainly():
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=_bytes(known.public_key),
            credential_current_sign_count=known.counter,
            require_user_verification=True,
        )
    return known, found.new_sign_count


@contextmanager
def _told_plainly() -> Iterator[None]:
    """An answer that does not hold, or that the package cannot read, is BadInput."""
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        yield
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput("passkey", "the browser's answer does not hold") from error


def _challenge(session: Session, purpose: str, subject: int, browser: str, now: dt.datetime) -> str:
    scope, lifetime = hash_secret(browser), CHALLENGE_LIFETIME
    return tokens.issue(
        session, purpose=purpose, subject=subject, scope=scope, now=now, lifetime=lifetime
    )


def _answered(
    house: House, given: str, purpose: str, subject: int, browser: str
) -> tuple[dict[str, Any], bytes]:
    """The answer, and the challenge that it used up: good once, for this purpose, person and browser."""
    try:
        answer = json.loads(given)
        client = json.loads(_bytes(answer["response"]["clientDataJSON"]))
        challenge = _bytes(client["challenge"]).decode("ascii")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput("passkey", "this is no answer of a browser") from error
    with house.database.write() as session:
        token = tokens.use(session, challenge, purpose, now=house.clock())
    if token is None or token.subject != subject:
        raise BadInput("passkey", "its time is over; please try again")
    if not hmac.compare_digest(token.scope, hash_secret(browser)):
        raise BadInput("passkey", "it was asked for in another browser")
    return answer, challenge.encode()


def _is_theirs(house: House, passkey: Passkey, answer: dict[str, Any]) -> bool:
    """A device that keeps passkeys tells whose this one is: it must be the same person."""
    told = (answer.get("response") or {}).get("userHandle")
    if not told:
        return False
    return hmac.compare_digest(str(told).rstrip("="), _base64url(_handle(house, passkey.editor_id)))


def _handle(house: House, editor: EditorId) -> bytes:
    """What a device knows an editor by: nothing about them (WebAuthn §14.6.1)."""
    return hmac.digest(house.key, f"passkey handle\0{editor}".encode(), "sha256")


def _name(house: House) -> str:
    schedule = next(iter(house.schedules.values()), None)
    return schedule.newsletter.site_name if schedule else "The desk"


# ---------------------------------------------------------------- codes


@dataclass(frozen=True, slots=True)
class Secret:
    """An app's new secret: as it is typed in groups of four, and as the address that a camera reads."""

    typed: str
    address: str


def begin_app(session: Session, house: House, editor: Editor) -> Secret:
    """A secret for an editor's app; it counts once a code of it has worked. Raises BadInput where one counts."""
    import pyotp

    secret = pyotp.random_base32(32)
    if not factors.begin_code_app(session, editor.id, _seal(house, secret), now=house.clock()):
        raise BadInput("codes", "an app makes your codes already; take it away first")
    return _told(house, editor, secret)


def begun_app(session: Session, house: House, editor: Editor) -> Secret | None:
    """The secret that waits for its first code; None where there is none."""
    app = factors.code_app(session, editor.id)
    if app is None or app.confirmed_at is not None:
        return None
    secret = _open(house, app.sealed)
    return _told(house, editor, secret) if secret else None


def _told(house: House, editor: Editor, secret: str) -> Secret:
    import pyotp

    groups = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    made = pyotp.TOTP(secret)
    return Secret(groups, made.provisioning_uri(name=editor.email, issuer_name=_name(house)))


def code_holds(session: Session, house: House, editor: EditorId, given: str) -> str:
    """By what a code opens: `code` of the app, `recovery`, or nothing (empty). Each opens once.

    Raises TooMany where too many were tried, whether they were right or not.
    """
    now = house.clock()
    plain = _counted(session, editor, given, now=now)
    if factors.held(session, editor).app and _of_app(session, house, editor, plain, now):
        return "code"
    return "recovery" if factors.use_code(session, editor, hash_secret(plain)) else ""


def confirm_app(session: Session, house: House, editor: EditorId, given: str) -> bool:
    """True where this is the first code of the app that was begun: from now on it counts. Raises TooMany."""
    now, plain = house.clock(), _counted(session, editor, given, now=house.clock())
    app = factors.code_app(session, editor)
    if app is None or app.confirmed_at is not None:
        return False
    return _of_app(session, house, editor, plain, now)


def _counted(session: Session, editor: EditorId, given: str, *, now: dt.datetime) -> str:
    """A code as it is compared, once it is counted. Raises TooMany."""
    if allowances.take(session, {f"code:{editor}": ((TRIES, SPAN),)}, now=now) is not None:
        raise TooMany
    return re.sub(r"[\s-]", "", given).lower()


def _of_app(session: Session, house: House, editor: EditorId, code: str, now: dt.datetime) -> bool:
    import pyotp

    app = factors.code_app(session, editor)
    secret = _open(house, app.sealed) if app else ""
    if not secret or not re.fullmatch(r"[0-9]{6}", code):
        return False
    made, step = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    for one in range(step - DRIFT, step + DRIFT + 1):
        if hmac.compare_digest(made.generate_otp(one), code):
            return factors.take_step(session, editor, one, now=now)
    return False


def new_codes(session: Session, editor: EditorId, *, now: dt.datetime) -> list[str]:
    """New recovery codes in place of the old ones; told once, kept as hashes."""
    made = ["".join(secrets.choice(_LETTERS) for _ in range(_LONG)) for _ in range(CODES)]
    factors.replace_codes(session, editor, [hash_secret(one) for one in made], now=now)
    return ["-".join(one[n : n + 5] for n in range(0, _LONG, 5)) for one in made]


# ---------------------------------------------------------------- at rest


def _seal(house: House, secret: str) -> str:
    """Not readable by whoever has the database and not the house's key."""
    return _lock(house).encrypt(secret.encode()).decode()


def _open(house: House, sealed: str) -> str:
    """The secret; empty where it was sealed with another key, as before a `digest rekey`."""
    from cryptography.fernet import InvalidToken

    try:
        return _lock(house).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


def _lock(house: House) -> Fernet:
    from cryptography.fernet import Fernet

    key = hmac.digest(house.key, b"codes of an app", "sha256")
    return Fernet(base64.urlsafe_b64encode(key))


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
