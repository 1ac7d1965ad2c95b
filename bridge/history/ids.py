"""Names of things in the history."""

from __future__ import annotations

import secrets

# 80 bits: no two alike among all that a team will ever make, and short enough to read in a list.
_ID_BYTES = 10


def new_id() -> str:
    """A fresh random id of 20 letters and digits."""
    return secrets.token_hex(_ID_BYTES)
