"""Pixels to tokens and back."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tokens import box_hole, holes
from torch import Tensor

from engine.geometry import PixelRect, TokenRect
from engine.tokens import grid


def line(thick: int) -> Tensor:
    return box_hole(64, 64, (11, 30, 53, 30 + thick))


def ring() -> Tensor:
    y, x = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    far = ((y - 32) ** 2 + (x - 32) ** 2).float().sqrt()
    return (far > 20) & (far < 26)


@pytest.mark.parametrize(
    "hole",
    [line(1), line(3), box_hole(64, 64, (13, 13, 20, 20)), ring(), box_hole(64, 64, (63, 63, 64, 64))],
    ids=["1 px line", "3 px line", "7 by 7 dot", "ring", "last pixel"],
)
def test_the_thinnest_mask_still_gives_tokens(hole: Tensor):
    tokens = grid.token_mask(hole)
    assert bool(tokens.any())
    assert bool((grid.pixel_mask(tokens) | ~hole).all())


@given(holes())
@settings(max_examples=60, deadline=None)
def test_a_token_is_masked_exactly_where_it_meets_the_mask(hole: Tensor):
    tokens = grid.token_mask(hole)
    for row in range(tokens.shape[0]):
        for column in range(tokens.shape[1]):
            own = hole[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
            assert bool(tokens[row, column]) == bool(own.any())
    grown = grid.token_mask(hole, dilate=1)
    assert bool((grown | ~tokens).all())


def test_dilation_adds_all_eight_neighbours():
    grown = grid.token_mask(box_hole(40, 40, (17, 17, 18, 18)), dilate=1)
    assert grown.nonzero().tolist() == [[y, x] for y in (1, 2, 3) for x in (1, 2, 3)]


def test_a_last_partial_token_counts():
    hole = torch.zeros(2, 13, 9, dtype=torch.bool)
    hole[1, 12, 8] = True
    assert grid.token_mask(hole).nonzero().tolist() == [[1, 1, 1]]


@given(holes(), st.integers(0, 7), st.integers(0, 7))
@settings(max_examples=40, deadline=None)
def test_padding_to_whole_tokens_adds_no_token_and_frees_no_hidden_pixel(hole: Tensor, less_y: int, less_x: int):
    hole = hole[: hole.shape[0] - less_y, : hole.shape[1] - less_x]
    padded = grid.pad_to_tokens(hole[None, None])[0, 0]
    assert padded.shape[0] % 8 == padded.shape[1] % 8 == 0
    assert torch.equal(grid.token_mask(padded), grid.token_mask(hole))
    picture = torch.where(hole, float("nan"), 1.0)
    assert bool(grid.pad_to_tokens(picture[None, None])[0, 0][~padded].isfinite().all())


def test_rectangles_of_pixels_and_tokens():
    assert grid.token_rect(PixelRect(7, 8, 9, 24)) == TokenRect(0, 1, 2, 3)
    assert grid.pixel_rect(TokenRect(0, 1, 2, 3)) == PixelRect(0, 8, 16, 24)
    assert grid.rect_of(torch.tensor([[2, 5], [4, 1]])) == TokenRect(1, 2, 6, 5)
    assert grid.rect_of(torch.zeros(0, 2, dtype=torch.int64)).is_empty


def test_a_patch_holds_its_own_pixels():
    pixels = torch.arange(2 * 16 * 24).float().view(1, 2, 16, 24)
    patches = grid.to_patches(pixels)
    assert patches.shape == (1, 2, 3, 128)
    assert torch.equal(patches[0, 1, 2, :64].view(8, 8), pixels[0, 0, 8:, 16:])
    with pytest.raises(ValueError, match="whole tokens"):
        grid.to_patches(pixels[..., :23])


def test_scatter_touches_nothing_else():
    into = torch.arange(24).view(3, 4, 2)
    out = grid.scatter(torch.tensor([[90, 91]]), torch.tensor([[1, 2]]), into)
    assert out[1, 2].tolist() == [90, 91]
    assert int((out != into).any(-1).sum()) == 1
    assert torch.equal(into, torch.arange(24).view(3, 4, 2))


@given(st.integers(-5, 5), st.integers(-5, 5))
@settings(max_examples=20, deadline=None)
def test_positions_and_places_do_not_depend_on_where_the_window_was_cut(down: int, right: int):
    region = torch.tensor([[5, 6], [5, 7], [9, 6]])
    shift = torch.tensor([down, right])
    assert torch.equal(grid.positions(region, region), grid.positions(region + shift, region + shift))
    assert torch.equal(grid.places(region), grid.places(region + shift))
    assert grid.places(region).shape == (3, grid.PLACE_NUMBERS)


def test_places_run_from_edge_to_edge_whatever_the_regions_size():
    rows = torch.tensor([[y, 0] for y in range(4)])
    assert grid.places(rows)[:, 0].tolist() == [-0.75, -0.25, 0.25, 0.75]
    assert float(grid.places(torch.tensor([[3, 3]]))[0, :2].abs().max()) == 0
