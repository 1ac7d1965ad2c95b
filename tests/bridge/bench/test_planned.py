"""The figure for plans: a drawing that goes on from what is around is told from one that does not."""

from __future__ import annotations

import numpy as np
import torch

from bridge.bench.planned import border_step, planned_against_random
from engine.api import Alpha, Depth, EditRequest, LayerFormat
from engine.geometry import PixelRect, Size

BOX = PixelRect(20, 20, 60, 60)


def ramp() -> np.ndarray:
    """Darker at the left."""
    return np.repeat(np.linspace(0, 1, 80, dtype=np.float32)[None, :, None], 80, 0).repeat(3, 2)


def test_what_goes_on_has_no_step_and_what_is_turned_round_has_one() -> None:
    inside = torch.from_numpy(ramp()[BOX.slices()]).permute(2, 0, 1)
    fits, turned = border_step(ramp(), BOX, inside), border_step(ramp(), BOX, inside.flip(-1))
    assert fits < 0.03
    assert turned > 5 * fits


def test_a_step_along_a_part_of_one_side_counts() -> None:
    inside = torch.from_numpy(ramp()[BOX.slices()]).permute(2, 0, 1)
    spoilt = inside.clone()
    spoilt[:, :10, :10] = 1
    assert border_step(ramp(), BOX, spoilt) > 1.5 * border_step(ramp(), BOX, inside)


def test_the_figures_are_of_the_drawing_that_is_taken() -> None:
    mask = np.zeros((80, 80), np.uint8)
    mask[BOX.slices()] = 255
    pixels = (ramp() * 255).astype(np.uint8)
    size, layer = Size(80, 80), LayerFormat(Depth.U8, 3, Alpha.NONE)
    asked = EditRequest("e", "replace", size, layer, size.rect, pixels, mask, 1, "sunset sea", previews=False)
    figures = planned_against_random([asked])
    assert 0 < figures["planned.of_random"] < 4
    assert figures["planned.better"] in (0.0, 1.0)
