"""How a surface is divided: every pixel lies in one part, and the parts are those that were asked for."""

from __future__ import annotations

import pytest
import torch

from engine.materials.canvas import Canvas
from engine.materials.shapes import box, chosen, courses, exposed, facets, herringbone, parted, stones


def canvas(size: int = 64, unit: float = 64.0, batch: int = 2) -> Canvas:
    return Canvas(batch, size, size, seed=7, unit_px=unit)


@pytest.mark.parametrize(("ragged", "uneven"), [(0.0, 0.0), (0.6, 0.0), (0.9, 0.8)])
def test_every_pixel_lies_within_its_block(ragged: float, uneven: float) -> None:
    c = canvas()
    block = courses(c, c.x, c.y, 0.27, 0.09, ragged=ragged, uneven=uneven)
    assert (block.dx.abs() <= block.half_width + 1e-4).all()
    assert (block.dy.abs() <= block.half_height + 1e-4).all()
    assert (block.half_width > 0).all()
    assert (block.half_height > 0).all()


def test_a_regular_bond_has_blocks_of_one_size_and_shifts_every_row() -> None:
    c = canvas()
    block = courses(c, c.x, c.y, 0.27, 0.09)
    assert torch.allclose(block.half_width, torch.tensor(0.135), atol=1e-5)
    assert torch.allclose(block.half_height, torch.tensor(0.045), atol=1e-5)


def test_herringbone_blocks_fill_the_plane_and_have_the_ratio_asked_for() -> None:
    width, ratio = 8.0, 4
    y, x = torch.meshgrid(torch.arange(256.0) + 0.5, torch.arange(256.0) + 0.5, indexing="ij")
    block, upright = herringbone(x[None], y[None], width, ratio)
    assert (block.dx.abs() <= ratio * width / 2).all()
    assert (block.dy.abs() <= width / 2).all()
    assert 0.4 < float(upright.mean()) < 0.6
    # A block's pixels are counted: away from the frame each has its whole area.
    inner = (slice(None), slice(64, 192), slice(64, 192))
    name = block.column * 10007 + block.row
    areas = {int(key): int((name == key).sum()) for key in name[inner].unique()}
    assert set(areas.values()) == {int(width * width * ratio)}


def test_a_stone_is_bordered_by_zero_and_its_middle_is_within_it() -> None:
    c = canvas(size=128)
    stone = stones(c, c.x * 4, c.y * 4, rounding=0.02)
    assert float(stone.border.min()) > -0.1
    other = (stone.column.diff(dim=-1) != 0) | (stone.row.diff(dim=-1) != 0)
    # From one stone to the next the border is a pixel's width away at most.
    assert float(stone.border[..., 1:][other].max()) < 4 / 64 + 0.02


def test_facets_have_no_steps() -> None:
    c = canvas(size=128, unit=256.0)
    height = facets(c, c.x * 3, c.y * 3)
    # A slope over one cell is 1 each way at most: heights lie within -0.5 … 0.5.
    assert float(height.diff(dim=-1).abs().max()) <= 3 / 256 * 1.01
    assert float(height.abs().max()) <= 0.5


def test_a_box_is_negative_inside_and_measures_outside() -> None:
    along = torch.tensor([[[0.0, 1.0, 2.0, 5.0]]])
    distance = box(along, torch.zeros_like(along), 2.0, 1.0)
    assert torch.allclose(distance, torch.tensor([[[-1.0, -1.0, 0.0, 3.0]]]), atol=1e-5)


def test_colours_are_taken_from_the_palette() -> None:
    palette = ((0.2, 0.4, 0.6), (0.9, 0.1, 0.3))
    c = canvas()
    one = chosen(c, palette, spread=0.0).flatten(1)
    table = torch.tensor(palette)
    assert float(torch.cdist(one, table).min(1).values.max()) < 1e-6
    parts = parted(c, torch.rand(2, 8, 8, generator=torch.Generator().manual_seed(1)), (palette,), spread=0.0)
    assert float(torch.cdist(parts.flatten(2).transpose(1, 2).reshape(-1, 3), table).min(1).values.max()) < 1e-6


def test_exposure_keeps_order_stays_under_one_and_leaves_dark_colours_alone() -> None:
    light = torch.linspace(0, 1.5, 100)
    out = exposed(light)
    assert (out.diff() >= 0).all()
    assert float(out.max()) < 1.0
    assert torch.allclose(out[light < 0.6], light[light < 0.6], atol=1e-3)


def test_noise_with_a_shift_keeps_its_fine_octaves() -> None:
    c = canvas(size=128, unit=128.0)
    jumps = c.cell((c.x * 8).floor(), (c.y * 8).floor()) * 60
    shifted = c.noise(c.x * 6, c.y * 6, octaves=5, shift=jumps)
    mixed_in = c.noise(c.x * 6 + jumps, c.y * 6, octaves=5)
    within = slice(1, 15)  # inside one cell, where the jumps do not show
    assert float(shifted[..., within].diff(dim=-1).abs().median()) > float(
        mixed_in[..., within].diff(dim=-1).abs().median()
    )
