"""What the exemplar model promises about its fills."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Cancelled, NothingToCopyFrom
from engine.models.exemplar import Recipe, regenerate


class Quiet:
    """Counts checks, keeps previews, cancels after so many checks."""

    def __init__(self, cancel_after: int | None = None) -> None:
        self.checks, self.previews, self.fractions = 0, [], []
        self.cancel_after = cancel_after

    def progress(self, fraction: float, stage: str) -> None:
        self.fractions.append(fraction)

    def preview(self, pixels: torch.Tensor, scale: int) -> None:
        self.previews.append((tuple(pixels.shape), scale))

    def check(self) -> None:
        self.checks += 1
        if self.cancel_after is not None and self.checks > self.cancel_after:
            raise Cancelled


def fill(crop: torch.Tensor, mask: torch.Tensor, seed: int = 0, **more: object) -> torch.Tensor:
    """The hole's own pixels are replaced by a loud colour first: nothing of them may come through."""
    return regenerate(torch.where(mask[..., None], 7.0, crop), mask, seed=seed, report=Quiet(), **more)


def disc(height: int, width: int, y: float, x: float, radius: float) -> torch.Tensor:
    rows, cols = torch.arange(height)[:, None], torch.arange(width)[None]
    return (rows - y) ** 2 + (cols - x) ** 2 < radius**2


def noise(height: int, width: int, channels: int = 3, seed: int = 0) -> torch.Tensor:
    return torch.rand(height, width, channels, generator=torch.Generator().manual_seed(seed))


def test_a_flat_colour_is_continued_exactly():
    crop = torch.tensor([0.2, 0.4, 0.6]).expand(80, 90, 3)
    assert torch.allclose(fill(crop, disc(80, 90, 40, 40, 22)), crop, atol=1e-6)


@pytest.mark.parametrize("radius", [9, 24])
def test_stripes_are_continued_almost_exactly(radius: int):
    stripes = ((torch.arange(128)[None] // 4) % 2).float().expand(128, 128)[..., None].expand(-1, -1, 3)
    assert float((fill(stripes, disc(128, 128, 64, 60, radius)) - stripes).abs().mean()) < 0.004


def test_a_checkerboard_is_continued_almost_exactly():
    y, x = torch.arange(144)[:, None] // 6, torch.arange(144)[None] // 6
    board = ((y + x) % 2).float()[..., None].expand(-1, -1, 3)
    mask = disc(144, 144, 70, 74, 24)
    assert float((fill(board, mask) - board).abs()[mask].mean()) < 0.05


def test_a_gradient_is_filled_smoothly():
    ramp = torch.linspace(0, 1, 128)[None, :, None].expand(128, 128, 3)
    mask = disc(128, 128, 64, 64, 24)
    filled = fill(ramp, mask)
    assert float((filled - ramp).abs()[mask].max()) < 0.08
    assert float((filled[:, 1:] - filled[:, :-1]).abs().max()) < 0.06


def test_an_edge_is_continued_across_the_hole():
    edge = (torch.arange(120)[:, None] < 60).float().expand(120, 120)[..., None].expand(-1, -1, 3)
    mask = disc(120, 120, 60, 60, 20)
    assert float((fill(edge, mask) - edge).abs()[mask].mean()) < 0.02


def test_what_is_known_is_not_touched():
    crop, mask = noise(70, 90), disc(70, 90, 30, 40, 15)
    assert torch.equal(fill(crop, mask)[~mask], crop[~mask])


def test_the_same_seed_gives_the_same_fill_and_another_gives_another():
    crop, mask = noise(96, 96), disc(96, 96, 48, 48, 24)
    first, again, other = fill(crop, mask, 5), fill(crop, mask, 5), fill(crop, mask, 6)
    assert torch.equal(first, again)
    assert float((first - other).abs()[mask].mean()) > 0.05


@pytest.mark.parametrize(
    ("height", "width"), [(1, 40), (40, 1), (2, 30), (3, 3), (1, 3), (5, 200), (300, 4), (16, 16), (7, 7)]
)
def test_tiny_tall_and_wide_layers_are_filled(height: int, width: int):
    crop, mask = torch.full((height, width, 3), 0.25), torch.zeros(height, width, dtype=torch.bool)
    mask[height // 2, width // 2] = True
    mask[: max(1, height // 3), : max(1, width // 3)] = True
    assert torch.allclose(fill(crop, mask), crop, atol=1e-5)


@settings(max_examples=40)
@given(
    height=st.integers(1, 48),
    width=st.integers(1, 48),
    channels=st.integers(1, 4),
    share=st.floats(0.02, 0.99),
    seed=st.integers(0, 1000),
)
def test_any_mask_on_any_small_layer_gives_finite_pixels_in_range(
    height: int, width: int, channels: int, share: float, seed: int
):
    crop = noise(height, width, channels, seed)
    mask = noise(height, width, 1, seed + 1)[..., 0] < share
    mask[seed % height, seed % width] = False
    filled = fill(crop, mask, seed)
    assert bool(torch.isfinite(filled).all())
    assert float(filled.abs().max()) < 3.0
    assert torch.equal(filled[~mask], crop[~mask])


@pytest.mark.parametrize("side", ["left", "top", "corner", "three"])
def test_holes_at_the_border_are_filled(side: str):
    crop, mask = torch.full((100, 110, 3), 0.5), torch.zeros(100, 110, dtype=torch.bool)
    rows, cols = {
        "left": (slice(20, 70), slice(0, 40)),
        "top": (slice(0, 30), slice(30, 80)),
        "corner": (slice(60, 100), slice(70, 110)),
        "three": (slice(0, 100), slice(0, 70)),
    }[side]
    mask[rows, cols] = True
    assert torch.allclose(fill(crop, mask), crop, atol=1e-5)


def test_several_holes_far_and_near_are_all_filled():
    crop = torch.full((160, 400, 3), 0.75)
    mask = disc(160, 400, 40, 40, 14) | disc(160, 400, 60, 75, 10) | disc(160, 400, 120, 350, 20)
    assert torch.allclose(fill(crop, mask), crop, atol=1e-5)


def test_a_mask_over_everything_has_nothing_to_copy_from():
    with pytest.raises(NothingToCopyFrom, match="whole layer"):
        fill(noise(20, 20), torch.ones(20, 20, dtype=torch.bool))


def test_one_known_pixel_is_enough_for_a_best_effort():
    mask = torch.ones(30, 30, dtype=torch.bool)
    mask[3, 4] = False
    crop = torch.full((30, 30, 3), 0.3)
    assert torch.allclose(fill(crop, mask), crop, atol=1e-4)


def test_unusable_pixels_have_no_say():
    crop, mask = torch.full((80, 80, 3), 0.4), disc(80, 80, 40, 40, 12)
    unusable = disc(80, 80, 40, 60, 10) & ~mask
    crop[unusable] = 55.0
    filled = fill(crop, mask, unusable=unusable)
    assert float((filled[mask] - 0.4).abs().max()) < 1e-4


def test_transparent_pixels_are_not_copied_into_opaque_surroundings():
    crop = torch.cat([noise(120, 120) * 0.2 + 0.4, torch.ones(120, 120, 1)], -1)
    crop[:, 100:] = 0.0
    filled = fill(crop, disc(120, 120, 60, 50, 20), has_alpha=True)
    assert float(filled[:, :90, 3].min()) > 0.99


def test_transparency_around_the_hole_is_continued():
    crop = torch.zeros(90, 90, 4)
    assert float(fill(crop, disc(90, 90, 45, 45, 15), has_alpha=True).abs().max()) < 1e-6


def test_a_cancel_is_heard_wherever_it_comes():
    crop, mask = noise(128, 128), disc(128, 128, 64, 64, 40)
    counting = Quiet()
    regenerate(crop, mask, seed=0, report=counting)
    assert counting.checks > 20
    for after in (0, counting.checks // 2, counting.checks - 1):
        with pytest.raises(Cancelled):
            regenerate(crop, mask, seed=0, report=Quiet(cancel_after=after))


def test_previews_come_coarse_first_and_have_the_crops_shape():
    crop, mask, report = noise(150, 201), disc(150, 201, 70, 90, 60), Quiet()
    regenerate(crop, mask, seed=0, report=report)
    scales = [scale for _, scale in report.previews]
    assert scales == sorted(scales, reverse=True)
    assert len(scales) >= 2
    assert all(shape == (-(-150 // s), -(-201 // s), 3) for shape, s in report.previews)
    assert report.fractions == sorted(report.fractions)


def test_a_window_too_large_to_search_is_filled_from_the_coarser_level():
    stripes = ((torch.arange(160)[None] // 5) % 2).float().expand(160, 160)[..., None].expand(-1, -1, 3)
    mask = disc(160, 160, 80, 80, 40)
    filled = fill(stripes, mask, recipe=Recipe(most_searched_px=100 * 100))
    assert bool(torch.isfinite(filled).all())
    assert float((filled - stripes).abs()[mask].mean()) < 0.2


def test_the_fill_is_the_same_for_every_memory_layout():
    crop, mask = noise(64, 64), disc(64, 64, 30, 30, 12)
    strided = torch.from_numpy(np.asfortranarray(crop.numpy()))
    assert torch.equal(fill(crop, mask), fill(strided, mask))
