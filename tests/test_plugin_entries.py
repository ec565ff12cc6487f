"""Names that packages bring: found without running them, and each that cannot be had told with its package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from digest import plugin_entries
from digest.plugin_entries import PluginError, Room
from tests.plugin_packages import written

MAKES = """
from digest.plugins import Options, SourcePlugin, SummariserPlugin
SOURCE = SourcePlugin(make=lambda place: None, options=Options)
SUMMARISER = SummariserPlugin(make=lambda options: None, options=Options)
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages that Python looks into."""
    monkeypatch.syspath_prepend(tmp_path / "site")
    return tmp_path / "site"


def test_what_is_installed_is_known_with_its_package_and_not_imported(site: Path) -> None:
    written(site, "acme-minutes", "sources", code="raise SystemExit('imported')", minutes="SOURCE")
    (offer,) = plugin_entries.offers(Room.SOURCES)
    assert (offer.name, offer.package, offer.fault) == ("minutes", "acme-minutes 0.1", "")
    assert plugin_entries.known(Room.SOURCES, "minutes")
    assert not plugin_entries.known(Room.SUMMARISERS, "minutes")
    assert "acme_minutes" not in sys.modules


def test_a_name_that_nobody_brings_lists_those_there_are_and_the_package_by_custom(
    site: Path,
) -> None:
    written(site, "acme-minutes", "sources", code=MAKES, minutes="SOURCE")
    told = plugin_entries.unknown(Room.SOURCES, "podcast")
    assert (
        "there are feed, wordpress, ghost, sitemap, pages, markdown, export, api, minutes (acme-minutes 0.1)"
        in told
    )
    assert "the package sunday-catchup-podcast, which is not installed here" in told
    with pytest.raises(PluginError, match="no kind of source is called 'podcast'"):
        plugin_entries.find(Room.SOURCES, "podcast")


@pytest.mark.parametrize(
    ("name", "meant"), [("wordpres", "wordpress"), ("feeds", "feed"), ("minute", "minutes")]
)
def test_a_slip_of_the_pen_names_what_may_be_meant_and_no_package(
    site: Path, name: str, meant: str
) -> None:
    written(site, "acme-minutes", "sources", code=MAKES, minutes="SOURCE")
    told = plugin_entries.unknown(Room.SOURCES, name)
    assert told.endswith(f"; did you mean {meant}?")
    assert "sunday-catchup" not in told


@pytest.mark.parametrize("name", ["", "../x", "A b", "x" * 90])
def test_what_can_be_no_name_leads_to_no_package(name: str) -> None:
    assert "sunday-catchup" not in plugin_entries.unknown(Room.PROVIDERS, name)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (
            "import nowhere_to_be_found",
            "ModuleNotFoundError: No module named 'nowhere_to_be_found'",
        ),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("SOURC = 1", "has no attribute 'SOURCE'"),
        ("SOURCE = object()", "is no SourcePlugin"),
        (MAKES + "SOURCE = SUMMARISER", "is no SourcePlugin"),
        ("def broken(:", "SyntaxError"),
    ],
    ids=["no module", "exit", "error", "no attribute", "no plug-in", "another room", "no Python"],
)
def test_one_that_cannot_be_loaded_is_told_with_its_package(
    site: Path, request: pytest.FixtureRequest, code: str, why: str
) -> None:
    name = f"acme-broken-{request.node.callspec.indices['code']}"
    written(site, name, "sources", code=code, minutes="SOURCE")
    with pytest.raises(PluginError) as caught:
        plugin_entries.find(Room.SOURCES, "minutes")
    assert f"'minutes' of {name} 0.1" in str(caught.value)
    assert why in str(caught.value)


def test_our_own_name_stays_ours_and_the_other_is_told(site: Path) -> None:
    written(site, "acme-feed", "sources", code=MAKES, feed="SOURCE")
    (offer,) = plugin_entries.offers(Room.SOURCES)
    with pytest.raises(
        PluginError, match=r"'feed' of acme-feed 0\.1 cannot be had: the name is our own"
    ):
        offer.load()


def test_of_two_with_one_name_neither_is_had_and_both_are_named(site: Path) -> None:
    written(site, "acme-minutes", "sources", code=MAKES, minutes="SOURCE")
    written(site, "other-minutes", "sources", code=MAKES, minutes="SOURCE")
    with pytest.raises(PluginError) as caught:
        plugin_entries.find(Room.SOURCES, "minutes")
    assert "acme-minutes 0.1" in str(caught.value)
    assert "other-minutes 0.1" in str(caught.value)


@pytest.mark.parametrize("name", ["Minutes", "a/b", "-x"])
def test_a_name_that_cannot_stand_in_an_address_is_told(site: Path, name: str) -> None:
    written(site, "acme-minutes", "sources", code=MAKES, **{name: "SOURCE"})
    (offer,) = plugin_entries.offers(Room.SOURCES)
    assert "small letters" in offer.fault
