"""Readers for the demo: invented names from many languages, addresses that can reach nobody.

All domains are the reserved ones of RFC 2606 or lie below them.
"""

from __future__ import annotations

from collections.abc import Iterator

#: A given name in its own script and as it stands in an address.
_GIVEN = (
    ("Ishbel", "ishbel"), ("Tomasz", "tomasz"), ("Noor", "noor"), ("Søren", "soren"),
    ("Ifeoma", "ifeoma"), ("Zoë", "zoe"), ("Dmytro", "dmytro"), ("Håkon", "hakon"),
    ("مريم", "maryam"), ("Ελένη", "eleni"), ("さくら", "sakura"), ("Оксана", "oksana"),
    ("José", "jose"), ("Anouk", "anouk"), ("Ffion", "ffion"), ("Jürgen", "juergen"),
    ("Linh", "linh"), ("רות", "ruth"), ("Kwabena", "kwabena"), ("Siobhán", "siobhan"),
)  # fmt: skip
_FAMILY = (
    ("Quill", "quill"), ("Wójcik", "wojcik"), ("Tremlett", "tremlett"), ("Ødegaard", "odegaard"),
    ("Nwosu", "nwosu"), ("O’Hanrahan", "ohanrahan"), ("Yıldız", "yildiz"), ("van der Meer", "vandermeer"),
    ("García Peña", "garcia.pena"), ("Bairstow", "bairstow"), ("Kallas", "kallas"), ("Çelik", "celik"),
    ("Müller-Voss", "mueller-voss"), ("Adeyinka", "adeyinka"), ("Strand", "strand"), ("Novák", "novak"),
    ("D’Amico", "damico"), ("Haddad", "haddad"), ("Penhale", "penhale"), ("Lindqvist", "lindqvist"),
    ("Rahmani", "rahmani"),
)  # fmt: skip
_DOMAINS = ("example.net", "example.org", "example.com")

#: The awkward ones, which every list has: each is an address that must work.
_AWKWARD = {
    3: "Soren.Odegaard@Example.NET",
    7: "hakon+gazette@example.org",
    15: "juergen@küste.example.net",
    18: "KWABENA@EXAMPLE.COM",
    33: "jose@correo.example.org",
}


def readers(n: int = 200) -> Iterator[tuple[str, str]]:
    """`n` readers as (name, address), the same ones each time, no address twice."""
    for at in range(n):
        given, family = _GIVEN[at % len(_GIVEN)], _FAMILY[at % len(_FAMILY)]
        lap = at // (len(_GIVEN) * len(_FAMILY))
        local = f"{given[1]}.{family[1]}" + (str(lap + 1) if lap else "")
        address = _AWKWARD.get(at, f"{local}@{_DOMAINS[at % len(_DOMAINS)]}")
        yield f"{given[0]} {family[0]}", address
