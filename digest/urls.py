"""One key for all spellings of one web address: http or https, www or not, with or without trackers.

Parameters that may say which page it is are never dropped. facts: of the libraries measured,
`w3lib` alone keeps them; what it leaves (trackers, default ports, the dot after a host) is done here.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from w3lib.url import canonicalize_url

#: Parameters that tell who sent the reader, never which page it is.
TRACKERS = frozenset(
    {
        *("fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid"),
        *("igshid", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "s_cid", "cmpid", "xtor"),
        *("wt_mc", "at_medium", "at_campaign", "ref_src", "spm", "__twitter_impression"),
    }
)
TRACKER_PREFIXES = ("utm_", "vero_", "oly_")
#: One page in another dress.
DRESSES = frozenset({"outputtype=amp"})

_DEFAULT_PORTS = {"http": 80, "https": 443}


def url_key(url: str) -> str | None:
    """The key of a web address, as `host/path?query`; None where it is no absolute web address."""
    try:
        parts = urlsplit(
            canonicalize_url(url.strip(), keep_blank_values=True, keep_fragments=False)
        )
        host = _host(parts)
    except ValueError:  # a bad port, a bad IPv6 address, a label too long for IDNA
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return None
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _tracks(pair))
    return f"{host}{parts.path or '/'}" + (f"?{query}" if query else "")


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    port = parts.port
    return host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"


def _tracks(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    tracker = name in TRACKERS or name.startswith(TRACKER_PREFIXES)
    return tracker or pair.lower() in DRESSES
