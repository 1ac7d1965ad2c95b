"""`inlay demo`, whole."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bridge.compare import changed_outside
from bridge.demo import run
from bridge.demo.photos import demo_photos
from bridge.files import read_picture


async def test_the_demo_edits_three_photographs_and_tells_their_history(tmp_path: Path):
    told = io.StringIO()
    assert await run.demo(tmp_path / "out", 1, Console(file=told, width=100))
    text = told.getvalue()
    for words in ("rocket", "coffee", "cat", "its versions", "← now", "All of it worked"):
        assert words in text
    for photo in demo_photos():
        after = read_picture(tmp_path / "out" / f"{photo.name}-after.png").pixels
        assert changed_outside(photo.pixels, after, photo.mask) == 0
        assert (after != photo.pixels).any(axis=2)[photo.mask > 0].mean() > 0.5
        mask = read_picture(tmp_path / "out" / f"{photo.name}-mask.png").pixels
        assert np.array_equal(mask[..., 0], photo.mask)
    sheet = read_picture(tmp_path / "out" / "contact-sheet.png")
    assert sheet.size.width > 1500


async def test_the_demo_fails_when_a_pixel_outside_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(run, "demo_photos", lambda: demo_photos()[:1])
    monkeypatch.setattr(run, "changed_outside", lambda *_: 1)
    assert not await run.demo(tmp_path, 1, Console(file=io.StringIO()))


def test_every_photograph_has_something_selected_and_something_left():
    for photo in demo_photos():
        assert photo.mask.shape == photo.pixels.shape[:2]
        assert 0.01 < (photo.mask > 0).mean() < 0.3
