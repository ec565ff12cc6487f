"""Settings of plug-ins' providers: `DIGEST_PLUGIN_<NAME>_<KEY>`, each also from a file by `…_FILE`.

Here they are only told apart from ours; their own model checks them where the provider is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from digest import plugin_entries
from digest.errors import Fault
from digest.plugin_entries import Room
from digest.setting_files import PREFIX, Found, secret_file

_HEAD = f"{PREFIX}PLUGIN_"


def name_of(provider: str, key: str) -> str:
    """`DIGEST_PLUGIN_POST_TOKEN` of the provider `post` and its key `token`."""
    return f"{_HEAD}{provider.replace('-', '_')}_{key}".upper()


def of(plugged: Mapping[str, str], provider: str) -> dict[str, str]:
    """What is set for one provider, by the keys that it knows."""
    head = name_of(provider, "")
    return {
        name.removeprefix(head).lower(): value
        for name, value in plugged.items()
        if name.startswith(head)
    }


def names(plugged: Mapping[str, str]) -> list[str]:
    """The providers that something is set for."""
    if not plugged:
        return []
    return [one.name for one in plugin_entries.offers(Room.PROVIDERS) if of(plugged, one.name)]


def apart(found: Iterable[Found], faults: list[Fault]) -> tuple[dict[str, str], list[Found]]:
    """Those of plug-ins that are installed, by name, and all others. A later one goes before an earlier one."""
    plugged: dict[str, str] = {}
    others: list[Found] = []
    for one in found:
        name, value, place = one
        if not name.startswith(_HEAD) or not _is_brought(name):
            others.append(one)
        elif name.endswith("_FILE"):
            plugged[name.removesuffix("_FILE")] = secret_file(name, value, place, faults)
        else:
            plugged[name] = value
    return plugged, others


def _is_brought(name: str) -> bool:
    brought = plugin_entries.offers(Room.PROVIDERS)
    return name == name.upper() and any(name.startswith(name_of(one.name, "")) for one in brought)
