"""Pieces set into a hole are whole pieces of what is known, and nothing else changes."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.errors import Cancelled
from engine.models.exemplar.quilt import quilted


def nothing() -> None:
    pass


def noise(height: int, width: int, channels: int = 3, seed: int = 0) -> Tensor:
    return torch.rand(height, width, channels, generator=torch.Generator().manual_seed(seed))


def hole_in(height: int, width: int, share: float = 0.4) -> Tensor:
    hole = torch.zeros(height, width, dtype=torch.bool)
    down, across = round(height * share), round(width * share)
    hole[(height - down) // 2 : (height + down) // 2, (width - across) // 2 : (width + across) // 2] = True
    return hole


def quilt(crop: Tensor, hole: Tensor, unusable: Tensor | None = None, seed: int = 1) -> Tensor | None:
    return quilted(crop, hole, torch.zeros_like(hole) if unusable is None else unusable, seed=seed, check=nothing)


@settings(max_examples=12, deadline=None)
@given(st.integers(130, 180), st.integers(130, 180), st.sampled_from([1, 2, 3, 4]), st.integers(0, 99))
def test_every_pixel_of_the_fill_is_one_of_the_known_ones_and_nothing_else_changes(
    height: int, width: int, channels: int, seed: int
) -> None:
    crop, hole = noise(height, width, channels, seed), hole_in(height, width)
    out = quilt(torch.where(hole[..., None], -5.0, crop), hole, seed=seed)
    assert out is not None
    assert torch.equal(out[~hole], crop[~hole])
    known = {tuple(pixel) for pixel in crop[~hole].tolist()}
    assert all(tuple(pixel) in known for pixel in out[hole].tolist())


def test_what_the_hole_held_means_nothing() -> None:
    crop, hole = noise(120, 140), hole_in(120, 140)
    one, other = (quilt(torch.where(hole[..., None], value, crop), hole) for value in (0.0, 1.0))
    assert one is not None
    assert other is not None
    assert torch.equal(one, other)


def test_most_of_a_fill_is_copied_in_one_piece_with_its_neighbours() -> None:
    height = width = 160
    index = torch.arange(height * width, dtype=torch.float32).view(height, width, 1)
    crop = torch.cat([noise(height, width), index], 2)
    hole = hole_in(height, width)
    out = quilt(crop, hole)
    assert out is not None
    came_from = out[..., 3]
    inside = hole[:, :-1] & hole[:, 1:]
    together = (came_from[:, 1:] - came_from[:, :-1] == 1)[inside]
    assert float(together.float().mean()) > 0.85


def test_a_texture_that_repeats_is_met_where_it_goes_on() -> None:
    y, x = torch.meshgrid(torch.arange(180.0), torch.arange(180.0), indexing="ij")
    crop = torch.stack([((x / 4).sin() + (y / 4).cos()) / 4 + 0.5] * 3, -1)
    hole = hole_in(180, 180)
    out = quilt(torch.where(hole[..., None], 0.0, crop), hole)
    assert out is not None
    assert float((out - crop)[hole].abs().mean()) < 0.05


def test_the_seed_decides() -> None:
    crop, hole = noise(130, 130).round(decimals=1), hole_in(130, 130)
    one, again, other = (quilt(crop, hole, seed=seed) for seed in (1, 1, 2))
    assert one is not None
    assert again is not None
    assert other is not None
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_nothing_is_copied_from_what_is_unusable() -> None:
    crop, hole = noise(150, 150), hole_in(150, 150, 0.3)
    unusable = torch.zeros_like(hole)
    unusable[:, :30] = True
    crop[unusable] = 9
    out = quilt(crop, hole, unusable)
    assert out is not None
    assert float(out[hole].max()) <= 1


@pytest.mark.parametrize("side", [20, 60])
def test_with_too_little_to_take_from_there_is_no_fill(side: int) -> None:
    assert quilt(noise(side, side), hole_in(side, side, 0.9)) is None


def test_a_large_layer_is_filled_with_true_pixels_in_pieces_whose_cuts_have_no_stairs() -> None:
    height, width = 700, 1300
    index = torch.arange(height * width, dtype=torch.float32).view(height, width, 1) / (height * width)
    crop, hole = torch.cat([noise(height, width, 2), index], 2), hole_in(height, width)
    out = quilt(torch.where(hole[..., None], -1.0, crop), hole)
    assert out is not None
    assert torch.equal(out[~hole], crop[~hole])
    came_from = (out[..., 2].double() * height * width).round().long()
    assert torch.equal(crop.view(-1, 3)[came_from[hole]], out[hole]), "each is one known pixel, whole"
    assert not bool(hole.view(-1)[came_from[hole]].any())
    # Cuts were found in a picture a third of the size: unsmoothed, they would run straight for three pixels at a time.
    right = came_from[:, 1:] - came_from[:, :-1] != 1
    cut = right & hole[:, 1:] & hole[:, :-1]
    places = cut.nonzero()
    turned = sum(1 for y, x in places.tolist() if y % 3 != 2 and y + 1 < height and not bool(cut[y + 1, x]))
    assert turned > 0.05 * len(places)


def test_a_hole_at_the_border_of_the_layer_is_filled() -> None:
    crop, hole = noise(140, 140), torch.zeros(140, 140, dtype=torch.bool)
    hole[100:, 80:] = True
    out = quilt(torch.where(hole[..., None], -1.0, crop), hole)
    assert out is not None
    assert float(out.min()) >= 0


def test_a_cancel_is_heard() -> None:
    def cancel() -> None:
        raise Cancelled

    hole = hole_in(120, 120)
    with pytest.raises(Cancelled):
        quilted(noise(120, 120), hole, torch.zeros_like(hole), seed=1, check=cancel)
