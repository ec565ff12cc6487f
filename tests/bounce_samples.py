"""Puts the samples that flufl.bounce tests itself with under `.venv`: real bounces, which are not ours to keep."""

from __future__ import annotations

import ast
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

PACKAGE = "flufl.bounce"
FOLDER = Path(__file__).parents[1] / ".venv" / "bounce-samples"


def ensure() -> None:
    """Download the source distribution once and unpack its tests. Raises where that cannot be done."""
    if (FOLDER / "test_detectors.py").exists():
        return
    with tempfile.TemporaryDirectory() as place:
        wanted = [f"{PACKAGE}=={version(PACKAGE)}", "--no-deps", "--no-binary", ":all:"]
        command = [sys.executable, "-m", "pip", "download", "-q", "-d", place, *wanted]
        subprocess.run([*command, "--disable-pip-version-check"], check=True)
        archive = next(Path(place).glob("*.tar.gz"))
        with tarfile.open(archive) as packed:
            packed.extractall(place, filter="data")
        FOLDER.parent.mkdir(exist_ok=True)
        tests = next(Path(place).glob("*/tests"))
        FOLDER.mkdir(exist_ok=True)
        for one in [*(tests / "data").glob("*.txt"), tests / "test_detectors.py"]:
            (FOLDER / one.name).write_bytes(one.read_bytes())


def expected() -> dict[str, tuple[frozenset[str], bool]]:
    """File → (the recipients, whether they are only delayed), from the package's own table of tests."""
    tree = ast.parse((FOLDER / "test_detectors.py").read_text(encoding="utf-8"))
    table = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DETECTORS"
    )
    found: dict[str, tuple[frozenset[str], bool]] = {}
    for _, name, addresses, delayed in table:
        known, was = found.get(name, (frozenset(), False))
        found[name] = (known | {one.decode("ascii") for one in addresses}, was or delayed)
    return found


if __name__ == "__main__":
    ensure()
    print(f"bounce samples: {len(expected())} in {FOLDER.name}")
