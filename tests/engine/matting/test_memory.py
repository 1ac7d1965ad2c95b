"""The last cut-outs are kept, the right ones, and not too many."""

from __future__ import annotations

import numpy as np
import pytest

from engine.matting.memory import Memory, key_of

PICTURE = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)


def test_one_changed_pixel_is_another_picture():
    other = PICTURE.copy()
    other[3, 3, 2] += 1
    assert key_of("u8", PICTURE) == key_of("u8", PICTURE.copy())
    assert len({key_of("u8", PICTURE), key_of("u8", other), key_of("u16", PICTURE)}) == 3
    assert key_of(PICTURE) != key_of(PICTURE.reshape(2, 8, 3))
    assert key_of("ab", "c") != key_of("a", "bc")


def test_what_is_kept_is_not_made_again():
    kept: Memory[bytes] = Memory(100, len)
    assert kept.get(b"a", lambda: b"first") == b"first"
    assert kept.get(b"a", lambda: b"second") == b"first"


def test_the_oldest_goes_and_what_is_too_large_is_never_kept():
    kept: Memory[bytes] = Memory(10, len)
    for key in (b"a", b"b", b"c"):
        kept.get(key, lambda: b"four")
    assert len(kept) == 2
    assert kept.get(b"a", lambda: b"new") == b"new"
    assert kept.get(b"large", lambda: bytes(11)) == bytes(11)
    assert kept.get(b"large", lambda: b"again") == b"again"


def test_a_failure_is_not_kept():
    kept: Memory[bytes] = Memory(10, len)

    def fail() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        kept.get(b"a", fail)
    assert kept.get(b"a", lambda: b"well") == b"well"
