"""Every natural material: shape, range, seed, difference; what it is by its colour."""

from __future__ import annotations

import pytest
import torch

from engine.materials.canvas import Canvas
from engine.materials.library import fire, ground, plants, sky, turf, water
from engine.materials.material import Material, Paint

ENTRIES = [entry for module in (turf, ground, plants, water, sky, fire) for entry in module.MATERIALS]


def drawn(entry: Material, *, seed: int = 1, side: int = 48, batch: int = 2) -> torch.Tensor:
    canvas = Canvas(batch, side, side, seed=seed, unit_px=64.0)
    return entry.draw(canvas, Paint()).clamp(0, 1).expand(batch, 3, side, side)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_it_draws_pictures_that_differ_by_their_seed_and_within_a_batch(entry: Material):
    one, again, other = drawn(entry), drawn(entry), drawn(entry, seed=2)
    assert one.shape == (2, 3, 48, 48)
    assert bool(torch.isfinite(one).all())
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert not torch.equal(one[0], one[1])


def colour_of(name: str) -> tuple[float, float, float]:
    entry = next(entry for entry in ENTRIES if entry.name == name)
    red, green, blue = drawn(entry, side=96, batch=6).mean((0, 2, 3)).tolist()
    return red, green, blue


@pytest.mark.parametrize("name", ["grass", "moss", "leaves", "ivy"])
def test_what_is_green_is_green(name: str):
    red, green, blue = colour_of(name)
    assert green > red
    assert green > blue


@pytest.mark.parametrize("name", ["blue sky", "clouds", "water", "pool water", "sea"])
def test_what_is_blue_is_blue(name: str):
    red, _, blue = colour_of(name)
    assert blue > red


@pytest.mark.parametrize("name", ["sand", "autumn leaves", "fire", "lava", "hay"])
def test_what_is_warm_is_warm(name: str):
    red, _, blue = colour_of(name)
    assert red > blue + 0.1


def test_snow_is_white_and_the_night_is_dark():
    assert min(colour_of("snow")) > 0.75
    assert max(colour_of("night sky")) < 0.3
