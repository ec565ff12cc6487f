"""What a release is made of: a software bill of materials (CycloneDX 1.6, JSON) of this package and all that it needs.

`python bench/sbom.py [FILE]`, default dist/sbom.json, from what is installed beside it: the same list twice for
the same installation. Tools for tests are installed, too, and stand in no release: they are left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Write the file and tell how much stands in it."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "sbom.json"
    bill = needed(installed())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")
    print(f"{path}: {len(bill['components'])} packages")


def installed() -> dict[str, Any]:
    """All that is installed beside this Python, with our own pyproject.toml as its root."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    command += ["--pyproject", str(ROOT / "pyproject.toml"), "--of", "JSON", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own words
    if done.returncode:
        sys.exit(f"{done.stderr.strip()}\nIs it installed? pip install -e '.[release]'")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def needed(bill: dict[str, Any]) -> dict[str, Any]:
    """The bill without what a release does not need, and without where this machine keeps it."""
    root = bill["metadata"]["component"]
    wanted = closure(root["name"])
    kept = [one for one in bill["components"] if canonicalize_name(one["name"]) in wanted]
    refs = {root["bom-ref"], *(one["bom-ref"] for one in kept)}
    graph = [
        {**one, "dependsOn": [ref for ref in one.get("dependsOn", []) if ref in refs]}
        for one in bill["dependencies"]
        if one["ref"] in refs
    ]
    return {**bill, "components": [_without_places(one) for one in kept], "dependencies": graph}


def closure(name: str) -> set[str]:
    """A distribution's needs and theirs, by the names that PEP 503 compares; its extra `speed` with it."""
    ahead, seen = [(name, "speed")], set[str]()
    while ahead:
        one, extra = ahead.pop()
        if canonicalize_name(one) in seen:
            continue
        seen.add(canonicalize_name(one))
        for need in map(Requirement, requires(one) or ()):
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                ahead.append((need.name, next(iter(need.extras), "")))
    return seen - {canonicalize_name(name)}


def _without_places(component: dict[str, Any]) -> dict[str, Any]:
    links = component.get("externalReferences", [])
    public = [one for one in links if one["url"].startswith("https://")]
    return {**component, "externalReferences": public}


if __name__ == "__main__":
    main()
