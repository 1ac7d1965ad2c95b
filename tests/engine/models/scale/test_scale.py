"""The network's file, and the parts that a large picture is drawn in."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BrokenWeights
from engine.geometry import PixelRect, Size
from engine.models.scale import Zoom, load
from engine.models.scale.network import FACTORS, REACH_PX, ScaleNet, agreeing, enlarged, fresh
from engine.models.scale.weights import SHIPPED

SIDES = st.integers(1, 60)


def test_the_shipped_file_is_small_and_can_be_used():
    scaler = load()
    assert SHIPPED.stat().st_size < 1 << 20
    assert len(scaler.weights_hash) == 64
    assert load() is scaler


@pytest.mark.parametrize("content", [b"", b"not weights at all"])
def test_a_broken_file_is_said_to_be_broken(tmp_path: Path, content: bytes):
    path = tmp_path / "scale.safetensors"
    path.write_bytes(content)
    with pytest.raises(BrokenWeights, match=r"scale\.safetensors"):
        load("cpu", path)
    with pytest.raises(BrokenWeights):
        load("cpu", tmp_path / "missing.safetensors")


@pytest.mark.parametrize("factor", FACTORS)
def test_the_network_looks_no_further_than_it_says(factor: int):
    net = load().net
    side = 2 * REACH_PX + 5
    small = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1))
    other = small.clone()
    middle = REACH_PX + 2
    other[..., 0, :] = other[..., :, -1] = 0.5
    seen = slice((REACH_PX + 1) * factor, (middle + 1) * factor)
    one, two = (net(each, factor)[..., seen, seen] for each in (small, other))
    assert torch.allclose(one, two, atol=1e-6)
    other[..., middle, middle] += 0.5
    assert not torch.allclose(net(other, factor)[..., seen, seen], two, atol=1e-3)


def test_a_fresh_network_does_little_more_than_cubic_interpolation_and_is_made_by_its_seed():
    small = torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(1))
    assert (fresh(1)(small, 2) - agreeing(enlarged(small, 2), small, 2)).abs().mean() < 0.05
    first, again, other = (next(fresh(seed).parameters()) for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_back_projection_brings_the_means_nearer():
    small = torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(1))
    large = enlarged(small, 4) + 0.1
    before, after = (
        (torch.nn.functional.avg_pool2d(each, 4) - small).abs().mean() for each in (large, agreeing(large, small, 4))
    )
    assert after < 0.3 * before


@pytest.mark.parametrize("large", [Size(9, 20), Size(20, 9), Size(90, 10), Size(0, 0)])
def test_smaller_and_far_larger_is_refused(large: Size):
    with pytest.raises(ValueError, match="between 1 and 8 times"):
        Zoom(Size(10, 10), large)


@given(SIDES, SIDES, st.floats(1, 8), st.floats(0, 1), st.floats(0, 1))
def test_a_part_needs_what_lies_under_it_and_around(width: int, height: int, times: float, x: float, y: float):
    zoom = Zoom(Size(width, height), Size(max(width, round(width * times)), max(height, round(height * times))))
    assert zoom.factor >= max(zoom.large.width / width, zoom.large.height / height) * 0.95 or min(width, height) < 12
    x0, y0 = int(x * (zoom.large.width - 1)), int(y * (zoom.large.height - 1))
    needed = zoom.needs(PixelRect(x0, y0, x0 + 1, y0 + 1))
    under_x, under_y = x0 * width / zoom.large.width, y0 * height / zoom.large.height
    assert needed.x0 + REACH_PX - 1 <= under_x <= needed.x1 - REACH_PX + 1
    assert needed.y0 + REACH_PX - 1 <= under_y <= needed.y1 - REACH_PX + 1
    assert needed.width <= 2 * REACH_PX + 14 and needed.height <= 2 * REACH_PX + 14


@pytest.mark.parametrize("times", [2, 3, 4, 5.5, 8])
@torch.inference_mode()
def test_a_grey_picture_is_drawn_as_one_channel(times: float):
    zoom = Zoom(Size(10, 8), Size(round(10 * times), round(8 * times)))
    part = PixelRect(3, 2, 12, 9)
    around = zoom.needs(part)
    seen = torch.rand(1, around.height, around.width, generator=torch.Generator().manual_seed(3))
    made = zoom.draw(load().net, seen, part)
    assert made.shape == (1, 7, 9) and bool(made.isfinite().all())


def test_the_network_is_no_larger_than_its_card_says():
    assert sum(parameter.numel() for parameter in ScaleNet().parameters()) == 82_972
