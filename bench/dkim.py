"""What signing costs: `python bench/dkim.py [seconds]`.

Prints microseconds of processor time that a signature adds to a copy, ours and dkimpy's of the same message with
the same key and the same canonicalisation, and their ratio; then what two threads reach together. dkimpy verifies
one of ours of each kind first.
"""

from __future__ import annotations

import base64
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
# A folder's own name must not stand before the package that we measure against.
sys.path[:] = [one for one in sys.path if Path(one or ".").resolve() != ROOT / "bench"]

import dkim  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: E402
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from cryptography.hazmat.primitives.serialization import (  # noqa: E402
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from bench import measure  # noqa: E402
from bench.compile import EDITION, ENVELOPE, KEY, reader  # noqa: E402
from digest.delivery.compile import Compiled, compile_edition  # noqa: E402
from digest.delivery.dkim import Key, Signer  # noqa: E402

#: What is promised: at least so many times cheaper than dkimpy.
BAR = {"rsa": 10, "ed25519": 8}


def keys() -> dict[str, tuple[Key, bytes]]:
    """Kind → our key, and the same as dkimpy wants it."""
    big, small = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
        Ed25519PrivateKey.generate(),
    )
    pem = big.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return {
        "rsa": (Key("rsa", big), pem),
        "ed25519": (Key("ed25519", small), base64.b64encode(small.private_bytes_raw())),
    }


def cost_us(make: Callable[[int], object], seconds: float) -> float:
    """Processor time of one, in microseconds: the median of short runs."""
    runs: list[float] = []
    until = time.process_time() + seconds
    while time.process_time() < until:
        start = time.process_time()
        for number in range(5):
            make(number)
        runs.append((time.process_time() - start) / 5)
    return sorted(runs)[len(runs) // 2] * 1e6


def by_dkimpy(data: bytes, secret: bytes, kind: str) -> bytes:
    made = dkim.DKIM(data)
    fields = [*made.should_sign, b"list-unsubscribe-post", b"feedback-id"]
    return bytes(
        made.sign(
            kind.encode(),
            b"gazette.example",
            secret,
            signature_algorithm=f"{kind}-sha256".encode(),
            canonicalize=(b"relaxed", b"simple"),
            include_headers=[one for one in fields if one in {n.lower() for n, _ in made.headers}],
        )
    )


def signed_by(*found: Key) -> Compiled:
    return compile_edition(EDITION, ENVELOPE, key=KEY, signer=Signer(found) if found else None)


def together(compiled: Compiled, seconds: float) -> float:
    """How many times more copies a second two threads sign than one."""

    def work(count: int) -> None:
        for number in range(count):
            _ = compiled.message(reader(number)).pieces

    many = max(50, int(seconds * 1e6 / cost_us(lambda n: compiled.message(reader(n)).pieces, 0.2)))
    start = time.perf_counter()
    work(many)
    alone = time.perf_counter() - start
    threads = [threading.Thread(target=work, args=(many,)) for _ in range(2)]
    start = time.perf_counter()
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return 2 * alone / (time.perf_counter() - start)


def main() -> None:
    asked = measure.asked(__doc__, "seconds", 2.0)
    seconds, figures = asked.seconds, {}
    plain = signed_by()
    data = plain.message(reader(1)).data
    unsigned = cost_us(lambda number: plain.message(reader(number)).pieces, seconds)
    print(f"a message of {len(data):,} bytes; without a signature {unsigned:.1f} us")
    met = True
    for kind, (ours, secret) in keys().items():
        compiled = signed_by(ours)
        text = f"v=DKIM1; k={kind}; p={base64.b64encode(ours.public).decode()}".encode()
        assert dkim.verify(
            compiled.message(reader(1)).data, dnsfunc=lambda *_, text=text, **__: text
        )
        own = (
            cost_us(lambda number, c=compiled: c.message(reader(number)).pieces, seconds) - unsigned
        )  # type: ignore[misc]
        theirs = cost_us(lambda _, s=secret, k=kind: by_dkimpy(data, s, k), seconds)  # type: ignore[misc]
        figures[kind] = {"ours_us": own, "dkimpy_us": theirs}
        met = met and theirs >= BAR[kind] * own
        both = together(compiled, seconds)
        print(
            f"{kind:8}  ours {own:7.1f} us   dkimpy {theirs:8.1f} us   ratio {theirs / own:5.1f}"
            f"   {1e6 / (own + unsigned):6,.0f}/s a core   two threads {both:.2f} x"
        )
    measure.keep(asked.json, bytes=len(data), kinds=figures)
    print(
        f"bar: dkimpy's cost {BAR['rsa']} x (RSA) and {BAR['ed25519']} x (Ed25519): {'met' if met else 'missed'}"
    )


if __name__ == "__main__":
    main()
