"""Halved windows know only what is known."""

import torch

from engine.models.exemplar.pyramid import Level, build, depth_in_hole, halve, thicker_than


def level(height: int, width: int, hole: tuple[slice, slice]) -> Level:
    mask = torch.zeros(height, width, dtype=torch.bool)
    mask[hole] = True
    colour = torch.rand(height, width, 3, generator=torch.Generator().manual_seed(1))
    return Level(torch.where(mask[..., None], 99.0, colour), mask, torch.zeros_like(mask))


def test_what_is_in_the_hole_never_leaks_into_known_pixels():
    half = halve(level(21, 34, (slice(5, 16), slice(7, 20))))
    assert half.hole.shape == (11, 17)
    assert float(half.colour[~half.hole].max()) <= 1.0


def test_depth_counts_rings_from_the_border():
    hole = torch.zeros(9, 9, dtype=torch.bool)
    hole[2:7, 2:7] = True
    assert depth_in_hole(hole, 24)[4].tolist() == [0, 0, 1, 2, 3, 2, 1, 0, 0]
    assert depth_in_hole(hole, 2)[4].tolist() == [0, 0, 1, 2, 2, 2, 1, 0, 0]


def test_thickness_is_the_largest_square_inside():
    hole = level(40, 40, (slice(3, 10), slice(0, 40))).hole
    assert thicker_than(hole, 7)
    assert not thicker_than(hole, 8)


def test_the_coarsest_hole_is_thin_and_no_level_is_empty():
    levels = build(level(200, 300, (slice(50, 150), slice(100, 200))), 28, 10**9, 16)
    assert not thicker_than(levels[-1].hole, 28)
    assert all(bool(one.hole.any()) and not bool(one.hole.all()) for one in levels)
