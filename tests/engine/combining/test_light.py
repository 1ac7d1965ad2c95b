"""A cut-out follows the layer's light, softness and grain; its shadow lies where it stands."""

from __future__ import annotations

import numpy as np
import pytest

from engine.combining.finish import as_seen, grain_of
from engine.combining.light import followed, light_of
from engine.combining.shadow import ground_shadow, margin_of, rim_shadow
from engine.imaging.layer import Floats
from engine.imaging.match import Look


def scene(*, gain: tuple[float, float, float] = (1, 1, 1), most: float = 0.95) -> Floats:
    """Greys and some colours, as a photograph has them."""
    rng = np.random.default_rng(3)
    grey = rng.uniform(0.03, most, (40, 40, 1)).repeat(3, -1)
    grey[:8] = rng.uniform(0, most, (8, 40, 3))
    return (grey * np.array(gain)).astype(np.float32)


WHOLE = np.ones((40, 40), np.float32)


def test_in_the_same_light_nothing_changes():
    light = light_of(scene(), WHOLE, is_scene=True)
    assert np.abs(followed(scene(), light, light) - scene()).max() < 1e-3


def test_warm_light_makes_warm_and_cool_makes_cool():
    plain = light_of(scene(), WHOLE, is_scene=True)
    for gain, is_warm in (((1.0, 0.93, 0.85), True), ((0.88, 0.95, 1.0), False)):
        other = light_of(scene(gain=gain), WHOLE, is_scene=True)
        out = followed(np.full((4, 4, 3), 0.5, np.float32), plain, other)
        red_over_blue = float(out[..., 0].mean() - out[..., 2].mean())
        assert red_over_blue > 0.01 if is_warm else red_over_blue < -0.01


def test_whites_become_no_brighter_than_a_dull_layers_and_hazy_blacks_are_lifted():
    bright, dull = (light_of(scene(most=most), WHOLE, is_scene=True) for most in (0.98, 0.7))
    assert followed(np.ones((4, 4, 3), np.float32), bright, dull).max() < 0.93
    hazy = light_of(scene() * 0.7 + np.float32(0.2), WHOLE, is_scene=True)
    assert followed(np.zeros((4, 4, 3), np.float32), bright, hazy).min() > 0.02


def test_a_cut_out_is_softened_and_grained_like_the_layer_and_never_sharpened():
    rng = np.random.default_rng(1)
    crisp = np.kron(rng.uniform(0.2, 0.8, (16, 16)), np.ones((4, 4)))[..., None].repeat(3, -1).astype(np.float32)
    alpha = np.ones((64, 64), np.float32)
    soft = as_seen(crisp, alpha, Look(1.2, 0.0), 5)
    assert soft.sigma_px > 0.5 and np.abs(np.diff(soft.colour, axis=1)).max() < np.abs(np.diff(crisp, axis=1)).max()
    kept = as_seen(crisp, alpha, Look(99.0, 0.0), 5)
    assert kept.sigma_px == 0 and np.array_equal(kept.colour[8:-8, 8:-8], crisp[8:-8, 8:-8])
    grainy = as_seen(np.full((64, 64, 3), 0.5, np.float32), alpha, Look(None, 0.03), 5)
    assert grain_of(grainy.colour, alpha > 0) == pytest.approx(0.03, rel=0.25)
    again = as_seen(np.full((64, 64, 3), 0.5, np.float32), alpha, Look(None, 0.03), 5)
    assert np.array_equal(grainy.colour, again.colour)


def test_texture_is_no_grain_where_some_of_the_picture_is_calm():
    rng = np.random.default_rng(1)
    picture = np.full((128, 128, 3), 0.5, np.float32)
    picture[64:] += rng.normal(0, 0.1, (64, 128, 3)).astype(np.float32)
    assert grain_of(picture, np.ones((128, 128), np.bool_)) < 0.005


@pytest.mark.parametrize("side", [40, 900])
def test_a_shadow_lies_at_the_foot_and_fades(side: int):
    margin = margin_of(side)
    alpha = np.zeros((side + 2 * margin, side + 2 * margin), np.float32)
    alpha[margin : margin + side, margin : margin + side] = 1
    shadow = ground_shadow(alpha, side)
    foot, middle = margin + side, alpha.shape[1] // 2
    assert shadow[foot + 1, middle] > 0.2 and shadow.max() <= 1
    assert shadow[foot + 1, middle] > shadow[foot + margin // 2, middle] > shadow[-1, middle]
    assert shadow[:, 0].max() < 0.02 and shadow[-1].max() < 0.02 and shadow[margin, 0] < 0.01
    assert 0 < rim_shadow(alpha, side)[foot + 1, middle] < 0.4
    assert not ground_shadow(np.zeros_like(alpha), side).any()
