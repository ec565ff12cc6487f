"""A test that waits for ever ends, and names the line that it waited at: else the whole run would hang."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_a_test_that_waits_for_ever_ends_its_run_and_says_where(tmp_path: Path) -> None:
    endless = tmp_path / "test_one.py"
    endless.write_text("import threading\n\n\ndef test_one():\n    threading.Event().wait()\n")
    settings = ("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *settings, "-o", "faulthandler_timeout=1", str(endless)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode != 0
    assert "Timeout" in done.stderr
    assert 'test_one.py", line 5 in test_one' in done.stderr
