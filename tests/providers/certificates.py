"""Certificates for the relays of the tests: one authority that the tests trust, made once a run."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


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


def make(folder: Path, *, names: str = "DNS:localhost,IP:127.0.0.1") -> Certificate:
    found = Certificate(folder / "chain.pem", folder / "key.pem")
    command = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-days", "2", "-subj", "/CN=relay of the tests"),
        *("-addext", f"subjectAltName={names}"),
        *("-keyout", str(found.key), "-out", str(found.chain)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return found
