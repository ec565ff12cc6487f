"""The wheel carries all it needs: built and installed elsewhere, `digest demo` runs from any folder."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PIP = (sys.executable, "-m", "pip")
#: No registry is asked for anything.
ALONE = ("-q", "--no-deps", "--no-index", "--disable-pip-version-check")


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([*PIP, "wheel", *ALONE, "--no-build-isolation", "-w", folder, ROOT], check=True)
    (made,) = folder.glob("sunday_catchup-*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """A virtual environment with our wheel; the dependencies are seen through from this one.

    The wheel's own files come first on the path, so nothing of the checkout can be used.
    """
    folder = wheel.parent
    venv.create(folder / "env", with_pip=False, symlinks=True)
    python = folder / "env" / "bin" / "python"
    site = Path(
        run(
            python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
        ).strip()
    )
    subprocess.run([*PIP, "install", *ALONE, "--target", site, wheel], check=True)
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


@pytest.mark.slow
def test_every_file_of_the_program_is_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    for room, there in (
        ("digest", ""),
        ("templates", "digest/assets/"),
        ("schedules", "digest/assets/"),
    ):
        files = [one for one in (ROOT / room).rglob("*") if one.is_file() and one.suffix != ".pyc"]
        assert files
        assert {f"{there}{one.relative_to(ROOT).as_posix()}" for one in files} <= inside
    texts = [
        *(ROOT / "ops").iterdir(),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs" / "reference").iterdir(),
    ]
    assert {f"digest/assets/{one.relative_to(ROOT).as_posix()}" for one in texts} <= inside


@pytest.mark.slow
def test_the_demo_runs_from_the_wheel_in_any_folder(installed: Path, tmp_path: Path) -> None:
    where = run(installed, "-c", "import digest; print(digest.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(installed.parents[1])
    run(installed, "-m", "digest", "demo", "--readers", "5", cwd=tmp_path)
    mails = list((tmp_path / "demo-data" / "data" / "outbox").rglob("*.eml"))
    assert len(mails) == 5


@pytest.mark.slow
def test_a_stage_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    line = json.dumps(
        {"id": 1, "title": "A quay opens", "text": "The quay opened. It was raining."}
    )
    done = subprocess.run(
        [installed, "-m", "digest", "summarise", "--jsonl"],
        input=line + "\n",
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["summary"].startswith("The quay opened.")
