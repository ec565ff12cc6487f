"""SpamAssassin with Debian's own rules and no network: one process for any number of messages."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.mail_checkers import fetch

#: What it says of a message, at the top of its header; nothing is learned and nothing kept.
_VERDICT = re.compile(
    r"^X-Spam-Checker-Version:[^\n]*\n(?:X-Spam-[A-Z][^\n]*\n|[ \t][^\n]*\n)*?"
    r"X-Spam-Status: \w+, score=(?P<score>-?[\d.]+)[^\n]*?tests=(?P<tests>[^=]*)[ \n\t]autolearn",
    re.MULTILINE,
)
_NOTHING_LEARNED = ("--cf=use_bayes 0", "--cf=bayes_auto_learn 0")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a message scored (5 is spam), and the rules that it met."""

    score: float
    rules: tuple[str, ...]


def scores(messages: Mapping[str, bytes]) -> dict[str, Verdict]:
    """Each message's verdict, by name. Raises Missing, and RuntimeError where it fails."""
    tree = fetch.spamassassin()
    with tempfile.TemporaryDirectory() as home:
        paths = [Path(home) / f"{number:03}.eml" for number in range(len(messages))]
        for path, data in zip(paths, messages.values(), strict=True):
            path.write_bytes(data)
        done = subprocess.run(
            [*_command(tree), *map(str, paths)],
            capture_output=True,
            check=False,
            env={"HOME": home, "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        )
    said = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    found = [
        Verdict(float(one["score"]), tuple(re.findall(r"\w+", one["tests"])))
        for one in _VERDICT.finditer(said)
    ]
    if len(found) != len(messages):
        raise RuntimeError(f"SpamAssassin: {done.stderr.decode('utf-8', 'replace')[-500:]}")
    return dict(zip(messages, found, strict=True))


def _command(tree: Path) -> list[str]:
    """Its Perl is the fetched one where there is one: the modules are made for it."""
    itself = tree / "usr/bin/perl"
    perl = str(itself) if itself.exists() else shutil.which("perl")
    if perl is None:
        raise fetch.Missing("SpamAssassin needs Perl")
    patterns = (
        "usr/share/perl5",
        "usr/lib/*/perl5/5.*",
        "usr/share/perl/5.*",
        "usr/lib/*/perl/5.*",
        "usr/lib/*/perl-base",
    )
    modules = [f"-I{found}" for pattern in patterns for found in sorted(tree.glob(pattern))]
    program = [perl, "-T", *modules, str(tree / "usr/bin/spamassassin")]
    rules = ["-C", str(tree / "usr/share/spamassassin"), "-p", "/dev/null"]
    own = f"--siteconfigpath={tree / 'etc/spamassassin'}"
    return [*program, "--test-mode", "--local", "--nocreate-prefs", *rules, own, *_NOTHING_LEARNED]
