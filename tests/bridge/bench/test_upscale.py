"""The figures of `inlay bench upscale` on pictures whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from bridge.bench.upscale import Picture, ours, photographs, score, step_overshoot
from engine.geometry import Size


def stripes() -> Picture:
    """Dark and light, with edges between that are a pixel soft."""
    grey = np.repeat(np.tile(np.array([60, 60, 60, 60, 130, 200, 200, 200, 200, 130], np.uint8), 8)[None], 80, 0)
    return np.repeat(grey[..., None], 3, 2)


def test_the_photograph_itself_has_the_best_of_all_figures():
    own = score(stripes(), stripes())
    assert own.psnr > 60 and own.ssim == pytest.approx(1) and own.sharpness == pytest.approx(1) and own.overshoot == 0


def test_a_blurred_one_is_less_sharp_and_less_like_it_but_does_not_ring():
    made = np.array(Image.fromarray(stripes()).resize((40, 40)).resize((80, 80), Image.Resampling.BILINEAR))
    blurred = score(stripes(), made)
    assert blurred.psnr < 35 and blurred.ssim < 0.99 and blurred.sharpness < 0.9 and blurred.overshoot == 0


def test_ringing_is_seen():
    made = stripes().astype(np.int16)
    made[:, 3::10] -= 14
    rings = score(stripes(), made.astype(np.uint8))
    assert 0.5 < rings.overshoot < 3


def test_a_step_shows_how_much_a_filter_rings():
    def repeated(small: Picture, size: Size) -> Picture:
        return np.array(Image.fromarray(small).resize((size.width, size.height), Image.Resampling.NEAREST))

    def lanczos(small: Picture, size: Size) -> Picture:
        return np.array(Image.fromarray(small).resize((size.width, size.height), Image.Resampling.LANCZOS))

    assert step_overshoot(repeated) == 0 and step_overshoot(lanczos) > 5
    assert step_overshoot(ours) <= 10.5


def test_without_the_check_photographs_the_demos_are_measured(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bridge.bench.upscale.check_photographs", lambda: None)
    found = dict(photographs(quick=False))
    assert len(found) == 3 and all(side % 4 == 0 for one in found.values() for side in one.shape[:2])
