"""The token of whoever may read the data folder: the person at this machine, paired by that alone."""

from __future__ import annotations

import os
from pathlib import Path

from bridge.access.tokens import new_token

_FILE = "local-token"
_OWNER_ONLY = 0o600


def read_local_token(data_folder: Path) -> str | None:
    """The token kept in the data folder, or None."""
    try:
        return (data_folder / _FILE).read_text(encoding="ascii").strip() or None
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def write_local_token(data_folder: Path) -> str:
    """Make a new token and keep it where only this person can read it (on systems with such permissions)."""
    token = new_token()
    path = data_folder / _FILE
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token)
    return token
