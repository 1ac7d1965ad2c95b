from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.models.exemplar.grid import Grid, grid_of
from engine.models.exemplar.offsets import dominant_offsets
from engine.models.exemplar.patches import principal_patches, project
from engine.models.exemplar.pyramid import Level
from engine.models.exemplar.shift_map import shift_map


def nothing() -> None:
    pass


def repeating(height: int, width: int, rows: int, cols: int, seed: int = 0) -> torch.Tensor:
    """A picture (H, W, 3) that repeats every ``rows`` rows and ``cols`` columns."""
    cell = torch.rand(rows, cols, 3, generator=torch.Generator().manual_seed(seed))
    return cell.repeat(-(-height // rows), -(-width // cols), 1)[:height, :width].contiguous()


def level_with_hole(picture: torch.Tensor, y0: int, y1: int, x0: int, x1: int) -> Level:
    hole = torch.zeros(picture.shape[:2], dtype=torch.bool)
    hole[y0:y1, x0:x1] = True
    emptied = torch.where(hole[..., None], 0.37, picture)
    return Level(emptied, hole, torch.zeros_like(hole))


def offsets_of(level: Level, grid: Grid, most: int = 24) -> torch.Tensor:
    flat = level.colour.reshape(-1, 3)
    basis = principal_patches(flat, grid.sources, grid.offsets, 24)
    features = project(flat, grid.height, grid.width, basis, grid.shape)
    return dominant_offsets(features, grid, most, torch.Generator().manual_seed(3), nothing)


def test_the_likeliest_offsets_of_a_repeating_picture_are_its_periods():
    level = level_with_hole(repeating(60, 66, 12, 11), 20, 34, 22, 36)
    offsets = offsets_of(level, grid_of(level, 3))
    # Peaks of the blurred histogram may lie a pixel beside.
    beside = torch.stack([offsets[:6, 0] % 12, offsets[:6, 1] % 11], 1)
    assert ((beside[:, 0] <= 1) | (beside[:, 0] >= 11)).all()
    assert ((beside[:, 1] <= 1) | (beside[:, 1] >= 10)).all()


def test_a_hole_in_a_repeating_picture_is_filled_with_what_was_there():
    picture = repeating(60, 66, 12, 11)
    level = level_with_hole(picture, 20, 34, 22, 36)
    grid = grid_of(level, 3)
    shifts = torch.tensor([[0, 11], [12, 0], [0, -11], [-12, 0], [0, 22], [24, 0], [5, 9], [-24, 0], [0, -22]])
    copied, leads = shift_map(level.colour.reshape(-1, 3), level.banned, grid, shifts, torch.zeros(9), nothing)
    assert leads.all()
    assert torch.equal(level.colour.reshape(-1, 3)[copied], picture.reshape(-1, 3)[grid.pixels])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(1, 20), st.integers(1, 12))
def test_what_is_copied_is_known_allowed_and_at_one_of_the_shifts(seed: int, high: int, wide: int, count: int):
    draw = torch.Generator().manual_seed(seed)
    y0, x0 = (int(torch.randint(0, 32 - side + 1, (1,), generator=draw)) for side in (high, wide))
    level = level_with_hole(torch.rand(32, 32, 3, generator=draw), y0, y0 + high, x0, x0 + wide)
    banned = (torch.rand(32, 32, generator=draw) < 0.1) & ~level.hole
    level = Level(level.colour, level.hole, banned)
    grid = grid_of(level, 2)
    shifts = torch.randint(-31, 32, (count, 2), generator=draw)
    copied, leads = shift_map(level.colour.reshape(-1, 3), banned, grid, shifts, torch.zeros(count), nothing)
    target, source = grid.pixels[leads], copied[leads]
    assert not level.hole.reshape(-1)[source].any()
    assert not banned.reshape(-1)[source].any()
    moved = torch.stack([source // 32 - target // 32, source % 32 - target % 32], 1)
    assert (moved[:, None] == shifts[None]).all(2).any(1).all()


def test_a_pixel_that_no_shift_leads_out_of_the_hole_is_said_to_be_so():
    level = level_with_hole(repeating(20, 20, 5, 5), 4, 16, 4, 16)
    grid = grid_of(level, 1)
    _, leads = shift_map(
        level.colour.reshape(-1, 3), level.banned, grid, torch.tensor([[0, 5], [5, 0]]), torch.zeros(2), nothing
    )
    ys, xs = grid.pixels // 20, grid.pixels % 20
    # Five further on lies a known pixel, or the end of the picture.
    right, down = (xs >= 11) & (xs < 15), (ys >= 11) & (ys < 15)
    assert torch.equal(leads, right | down)
