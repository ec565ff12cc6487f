"""Certificates for the relays of the tests: self-signed, so that whoever trusts one trusts nobody else."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DAY = dt.timedelta(days=1)
HERE = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate for 127.0.0.1 and localhost, or for another name."""

    chain: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.chain))


def make(folder: Path, *names: str, ended: dt.timedelta = -DAY) -> Certificate:
    """A new one in `folder`. names: of hosts, else this machine's. ended: so long ago it became too old."""
    folder.mkdir(exist_ok=True)
    found = Certificate(folder / "chain.pem", folder / "key.pem")
    key = ec.generate_private_key(ec.SECP256R1())
    end = dt.datetime.now(dt.UTC) - ended
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "relay of the tests")])
    shown = [x509.DNSName(name) for name in names] or HERE
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(end - 2 * DAY)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName(shown), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    found.chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return found
