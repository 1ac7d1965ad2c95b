"""Tokens: what a paired client proves itself with. The bridge keeps only their hashes."""

from __future__ import annotations

import secrets
from hashlib import sha256

# 256 bits: nobody guesses one, so no key stretching is needed and looking a hash up tells a guesser nothing.
_TOKEN_BYTES = 32


def new_token() -> str:
    """A fresh token; shown once, to its client."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """SHA-256 of the token: what is stored and looked up."""
    return sha256(token.encode()).digest()
