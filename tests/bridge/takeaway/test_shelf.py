"""Files that wait: once, for a short while, and gone from the disk afterwards."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bridge.takeaway.shelf import LIFE_S, Parcel, Shelf


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(tmp_path: Path, clock: Clock) -> Shelf:
    return Shelf(tmp_path / "taken", clock)


def put(shelf: Shelf, person: str = "ada") -> tuple[str, Path]:
    path = shelf.place() / "file"
    path.write_bytes(b"data")
    return shelf.put(path, "a.png", "image/png", person, "document", "view"), path


def test_an_address_works_once(shelf: Shelf):
    token, path = put(shelf)
    parcel = shelf.take(token)
    assert parcel is not None and (parcel.path, parcel.name, parcel.right) == (path, "a.png", "view")
    assert shelf.take(token) is None and shelf.take("else") is None
    shelf.discard(path)
    assert not path.parent.exists()


def test_what_nobody_fetches_goes(shelf: Shelf, clock: Clock):
    token, path = put(shelf)
    clock.now_s = LIFE_S - 1
    kept, other = put(shelf)
    clock.now_s = LIFE_S
    assert shelf.take(token) is None and not path.exists()
    assert isinstance(shelf.take(kept), Parcel) and other.exists()


def test_one_person_keeps_only_so_many_waiting(shelf: Shelf):
    first, path = put(shelf)
    others = put(shelf, "bob")[0]
    tokens = [put(shelf)[0] for _ in range(8)]
    assert shelf.take(first) is None and not path.exists()
    assert shelf.take(others) is not None and shelf.take(tokens[0]) is not None


def test_everything_goes_with_the_bridge(shelf: Shelf, tmp_path: Path):
    token, _ = put(shelf)
    shelf.close()
    assert shelf.take(token) is None
    assert not list((tmp_path / "taken").rglob("file"))


def test_what_a_killed_bridge_left_is_swept_away_after_a_day(shelf: Shelf, tmp_path: Path):
    old, new = tmp_path / "taken" / "old", tmp_path / "taken" / "new"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    shelf.place()
    assert not old.exists() and new.exists()


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_only_the_owner_can_look_into_the_folder(shelf: Shelf, tmp_path: Path):
    _, path = put(shelf)
    for folder in (tmp_path / "taken", path.parent.parent, path.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_tokens_are_not_kept(shelf: Shelf):
    token, _ = put(shelf)
    assert token not in repr(vars(shelf))
