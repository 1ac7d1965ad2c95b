"""What the filters promise: flat areas stay, edges stay firm, directions follow lines."""

from __future__ import annotations

import numpy as np

from engine.styles import filters as f


def stripes() -> np.ndarray:
    rows = np.arange(60, dtype=np.float32)[:, None].repeat(60, 1)
    return np.repeat((0.5 + 0.4 * np.sin(rows / 3))[..., None], 3, -1).astype(np.float32)


def test_direction_runs_along_the_lines_of_a_picture():
    tx, ty, sure = f.along(stripes(), 2.0)
    inside = (slice(15, 45), slice(15, 45))
    assert np.abs(tx[inside]).min() > 0.99
    assert np.abs(ty[inside]).max() < 0.1
    assert sure[inside].min() > 0.9


def test_a_mean_along_lines_leaves_them_as_they_are():
    lines = stripes()
    tx, ty, _ = f.along(lines, 2.0)
    out = f.flowing(lines, tx, ty, 5.0)
    assert np.abs(out - lines)[20:40, 20:40].max() < 0.02


def test_flattening_takes_noise_away_and_keeps_an_edge():
    rng = np.random.default_rng(0)
    picture = np.full((60, 60, 3), 0.2, np.float32)
    picture[:, 30:] = 0.8
    noisy = np.clip(picture + rng.normal(0, 0.05, picture.shape), 0, 1).astype(np.float32)
    out = f.flattened(noisy, 4)
    assert out[20:40, 8:22].std() < 0.5 * noisy[20:40, 8:22].std()
    assert out[30, 26].mean() < 0.3 and out[30, 33].mean() > 0.7


def test_another_lightness_keeps_the_hue_and_stays_within_what_can_be_shown():
    picture = np.array([[[0.8, 0.2, 0.1]]], np.float32)
    for tone in (0.05, 0.3, 0.6, 0.95):
        out = f.at_tone(picture, f.luma(picture), np.full((1, 1), tone, np.float32), 1.5)
        assert abs(float(f.luma(out)[0, 0]) - tone) < 1e-3
        assert out.min() >= -1e-4 and out.max() <= 1 + 1e-4
        assert out[0, 0, 0] >= out[0, 0, 1] >= out[0, 0, 2]
