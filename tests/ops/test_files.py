"""What ops/ holds for an operator fits the program: its settings, its commands, its doors."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from digest import cli, settings
from digest.audience import uploads
from digest.cli import reading

ROOT = Path(__file__).parents[2]
OPS = ROOT / "ops"
FILES = sorted(path for path in OPS.iterdir() if path.is_file())
UNITS = sorted(OPS.glob("*.service"))


def unit(path: Path) -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string(path.read_text())
    return found


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((OPS / "compose.yaml").read_text())
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_a_file_names_is_one(path: Path) -> None:
    named = set(re.findall(r"DIGEST_[A-Z_]+", path.read_text()))
    known = {settings.PREFIX + name.upper() for name in settings.Settings.model_fields}
    known |= {f"{settings.PREFIX}{name.upper()}_FILE" for name in settings.FROM_FILES}
    assert named <= known


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_command_that_a_file_gives_is_one(path: Path) -> None:
    commands: Any = typer.main.get_command(cli.app)
    given = re.findall(r"bin/digest ([a-z]+)|^CMD \[\"([a-z]+)\"|run --rm web ([a-z]+)|command: ([a-z]+)",
                       path.read_text(), re.MULTILINE)  # fmt: skip
    names = {name for found in given for name in found if name}
    assert names <= set(commands.commands)


def test_no_secret_that_lies_beside_them_goes_into_a_wheel_or_an_image() -> None:
    """compose.yaml has an operator write `ops/secret_key`: a folder taken as a whole would carry it along."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    wheel = [one for one in build["targets"]["wheel"]["force-include"] if one.startswith("ops")]
    source = [one for one in build["targets"]["sdist"]["include"] if one.startswith("ops")]
    (copied,) = re.findall(r"^COPY (ops.*) \./ops/$", (OPS / "Containerfile").read_text(), re.M)
    ours = [f"ops/{path.name}" for path in FILES if path.name.endswith(reading.ENDINGS)]
    for named in (wheel, source, copied.split()):
        assert sorted(named) == ours


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_gives_away_no_right_that_the_program_does_not_need(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["User"] == "digest"
    assert service["CapabilityBoundingSet"] == ""
    for name in (
        "NoNewPrivileges",
        "PrivateTmp",
        "PrivateDevices",
        "ProtectHome",
        "RestrictNamespaces",
    ):
        assert service[name] == "yes", name
    assert service["ProtectSystem"] == "strict"
    assert service["UMask"] == "0077"


def test_both_units_are_alike_but_for_their_work_and_folder() -> None:
    web, worker = (unit(OPS / f"{name}.service")["Service"] for name in ("digest", "digest-worker"))
    differing = {key for key in web if web[key] != worker[key]}
    assert differing == {"ExecStart", "WorkingDirectory", "StateDirectory"}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_and_a_person_in_its_folder_mean_the_same_house(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert "EnvironmentFile" not in service, "what a person types there reads .env and no other"
    assert service["Environment"] == "DIGEST_LOG_FORMAT=json"


def test_a_copy_of_all_settings_as_the_containers_file_closes_no_door(
    compose: dict[str, Any],
) -> None:
    """What stands under `environment` goes before the file: the defaults in it are a machine's, no container's."""
    given = compose["services"]["web"]["environment"]
    assert given["DIGEST_HOST"] == "0.0.0.0"
    assert given["DIGEST_DATA"] == "/data"


def test_the_containers_are_a_web_two_workers_and_the_database(compose: dict[str, Any]) -> None:
    assert list(compose["services"]) == ["web", "worker-1", "worker-2", "postgres"]
    for name in ("web", "worker-1", "worker-2"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_the_containers_open_no_door_but_to_this_machine(compose: dict[str, Any]) -> None:
    ports = [port for one in compose["services"].values() for port in one.get("ports", ())]
    assert ports == ["127.0.0.1:8000:8000"]


def test_each_worker_has_a_folder_of_its_own(compose: dict[str, Any]) -> None:
    services = compose["services"]
    folders = [services[name]["volumes"][0] for name in ("web", "worker-1", "worker-2")]
    assert len(set(folders)) == 3


def test_no_secret_stands_in_the_containers_file(compose: dict[str, Any]) -> None:
    asked = {name for one in compose["services"].values() for name in one.get("secrets", ())}
    assert asked == set(compose["secrets"])
    assert "PASSWORD:" not in (OPS / "compose.yaml").read_text()


def test_the_databases_url_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://digest:secret@db/digest\n")
    found = settings.load({"DIGEST_DATABASE_URL_FILE": str(tmp_path / "url")}, None)
    assert found.database == "postgresql+psycopg://digest:secret@db/digest"


def test_the_image_runs_as_nobody_in_particular() -> None:
    text = (OPS / "Containerfile").read_text()
    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    assert "DIGEST_HOST=0.0.0.0" in text, "the container's own network, not the machine's"


def test_the_proxy_lets_through_what_the_desk_takes() -> None:
    (size,) = re.findall(r"client_max_body_size (\d+)m;", (OPS / "nginx.conf").read_text())
    assert int(size) * 2**20 > uploads.LIMIT


def test_the_timer_makes_a_backup_that_the_unit_may_write() -> None:
    service = unit(OPS / "digest-backup.service")["Service"]
    _, command, folder, *_ = service["ExecStart"].split()
    assert (command, service["Type"]) == ("backup", "oneshot")
    assert service["ReadWritePaths"] == folder
    assert unit(OPS / "digest-backup.timer")["Timer"]["Persistent"] == "true"


def test_the_containers_say_how_many_workers_there_are(compose: dict[str, Any]) -> None:
    """Else each look at the house finds two too many, and none that is missing."""
    services = [compose["services"][name] for name in ("web", "worker-1", "worker-2")]
    assert {one["environment"]["DIGEST_WORKERS"] for one in services} == {len(services)}
