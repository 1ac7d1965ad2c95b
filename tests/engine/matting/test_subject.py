"""Where the subject is when nobody says."""

from __future__ import annotations

import numpy as np
import pytest
from support.pictures import disc, picture

from engine.matting import subject
from engine.matting.picture import Picture, picture_of
from engine.matting.subject import find_subject


def two_discs() -> tuple[Picture, np.ndarray, np.ndarray]:
    """Of one size; the left one stands out, the right one hardly."""
    rgb = picture(160, 240, seed=3).astype(np.float32) / 2040 + np.array([0.2, 0.4, 0.6], np.float32)
    left, right = disc(160, 240, 80, 60, 30) > 0, disc(160, 240, 80, 180, 30) > 0
    rgb[left], rgb[right] = (0.9, 0.15, 0.1), (0.35, 0.45, 0.55)
    return picture_of(rgb.astype(np.float32), has_alpha=False), left, right


@pytest.mark.parametrize("side", ["left", "right"])
def test_contrast_alone_finds_both_and_the_network_may_choose(side: str, monkeypatch: pytest.MonkeyPatch):
    seen, left, right = two_discs()
    found = find_subject(seen, by_contrast_alone=True)
    assert found[left].mean() > 0.9 and found[right].mean() > 0.9

    def one_side(_net: object, rgb: np.ndarray) -> np.ndarray:
        told = np.zeros(rgb.shape[:2], np.float32)
        told[:, : rgb.shape[1] // 2] = 1
        return told if side == "left" else 1 - told

    monkeypatch.setattr(subject, "likely_figure", one_side)
    found = find_subject(seen)
    assert found[left].mean() > 0.9
    assert found[right].mean() > 0.9 if side == "right" else found[right].mean() < 0.1
    assert find_subject(seen, by_contrast_alone=True)[right].mean() > 0.9


def test_where_nothing_stands_out_the_network_is_not_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(subject, "likely_figure", None)  # asking would fail
    plain = picture_of(np.full((40, 50, 3), 0.4, np.float32), has_alpha=False)
    assert find_subject(plain).all()


def test_the_same_picture_has_the_same_subject():
    seen, _, _ = two_discs()
    assert np.array_equal(find_subject(seen), find_subject(seen))
