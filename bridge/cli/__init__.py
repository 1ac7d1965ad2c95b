"""The ``inlay`` command."""

from __future__ import annotations

import sys


def main() -> None:
    """The entry point. What it needs is imported here, so that Ctrl-C in the first second is no traceback either."""
    try:
        from bridge.cli.app import main as run  # noqa: PLC0415 -- see above

        run()
    except KeyboardInterrupt:
        sys.exit(130)
