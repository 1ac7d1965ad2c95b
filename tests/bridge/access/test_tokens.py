from __future__ import annotations

from hashlib import sha256

from bridge.access.tokens import new_token, token_hash


def test_tokens_are_long_and_never_the_same():
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 43 for token in tokens)


def test_a_token_is_stored_as_its_sha256():
    assert token_hash("token") == sha256(b"token").digest()


def test_any_text_has_a_hash():
    assert token_hash("") != token_hash("é🙂\x00")
