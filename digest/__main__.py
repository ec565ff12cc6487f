"""The command `digest`. A stage that reads lines starts at once; all else by way of `cli`."""

from __future__ import annotations

import sys

from digest import streams


def main() -> None:
    """A quarter of a second of imports is a good part of what a stage costs with a hundred articles."""
    stage = streams.BY_WORDS.get(tuple(sys.argv[1:]))
    if stage is None:
        from digest.cli import main as command

        command()
        return
    try:
        stage()
    except BrokenPipeError:
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
