"""The pairs that the upscaling network learns from, and a training of a few steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from support.pictures import picture

from engine.models.scale.network import fresh
from engine.training import upscaler
from engine.training.upscaler import Pairs, gains, graphic, train


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(upscaler, "_GRAPHICS", 2)
    monkeypatch.setattr(upscaler, "_HELD_OUT", 1)
    monkeypatch.setattr(upscaler, "_BATCH", 3)
    for number in range(3):
        Image.fromarray(picture(230, 240, seed=number)).save(tmp_path / f"{number}.png")
    return tmp_path


@pytest.mark.parametrize("factor", [2, 4])
def test_a_pair_is_one_picture_in_two_sizes(photos: Path, factor: int):
    small, large = Pairs(photos, 1).batch(factor)  # type: ignore[arg-type]
    assert small.shape == (3, 3, 32, 32) and large.shape == (3, 3, 32 * factor, 32 * factor)
    assert torch.equal((small * 255).round() / 255, small)
    assert (torch.nn.functional.avg_pool2d(large, factor) - small).abs().mean() < 0.03


def test_the_same_seed_draws_the_same_pairs(photos: Path):
    one, again, other = (Pairs(photos, seed).batch(2)[1] for seed in (1, 1, 2))
    assert torch.equal(one, again) and not torch.equal(one, other)


def test_too_few_photographs_are_said(tmp_path: Path):
    with pytest.raises(ValueError, match="too few"):
        Pairs(tmp_path, 1)


def test_a_graphic_has_flat_parts_and_edges():
    drawn = graphic(np.random.default_rng(5))
    steps = np.abs(np.diff(drawn.astype(int), axis=1)).sum(-1)
    assert (steps == 0).mean() > 0.5 and steps.max() > 40


def test_a_few_steps_bring_a_fresh_network_nearer(photos: Path):
    pairs, net = Pairs(photos, 1), fresh(1)
    before = gains(net, pairs.held_out)
    train(net, pairs, 12, 1e-3, lambda _: None)
    after = gains(net, pairs.held_out)
    assert after[2] > before[2] and after[4] > before[4]
