"""The network that tells a figure from its ground."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from support.pictures import disc, picture

from engine.errors import BrokenWeights
from engine.models.figure import likely_figure, load
from engine.models.figure.network import SIDE_PX, fresh
from engine.models.figure.weights import SHIPPED

MOST_WEIGHTS, MOST_BYTES = 1_500_000, 6_000_000


def red_disc(height: int = 120, width: int = 160) -> tuple[np.ndarray, np.ndarray]:
    rgb = picture(height, width, seed=3).astype(np.float32) / 1020 + np.array([0.15, 0.35, 0.6], np.float32)
    inside = disc(height, width, height // 2, width // 3, height // 4) > 0
    rgb[inside] = picture(height, width, seed=4)[inside].astype(np.float32) / 1530 + (0.75, 0.1, 0.05)
    return np.clip(rgb, 0, 1).astype(np.float32), inside


def test_a_thing_of_no_kind_is_told_from_its_ground():
    rgb, inside = red_disc()
    told = likely_figure(load(), rgb)
    assert told[inside].mean() > told[~inside].mean() + 0.4


def test_the_mirror_image_is_told_mirrored():
    rgb, _ = red_disc()
    told, mirrored = likely_figure(load(), rgb), likely_figure(load(), np.ascontiguousarray(rgb[:, ::-1]))
    assert mirrored[:, ::-1] == pytest.approx(told, abs=1e-3)


@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (300, 40), (128, 128)])
def test_any_size_has_an_answer_of_that_size(shape: tuple[int, int]):
    told = likely_figure(load(), np.random.default_rng(1).random((*shape, 3)).astype(np.float32))
    assert told.shape == shape and told.dtype == np.float32 and told.min() >= 0 and told.max() <= 1


def test_it_is_small():
    assert sum(each.numel() for each in load().parameters()) <= MOST_WEIGHTS
    assert SHIPPED.stat().st_size <= MOST_BYTES


def test_a_fresh_one_is_the_same_for_a_seed_and_answers_at_half_the_size():
    one, again, other = (fresh(seed).eval() for seed in (1, 1, 2))
    seen = torch.rand(2, 3, SIDE_PX, SIDE_PX, generator=torch.Generator().manual_seed(1))
    assert torch.equal(one(seen), again(seen)) and not torch.equal(one(seen), other(seen))
    assert one(seen).shape == (2, SIDE_PX // 2, SIDE_PX // 2)


@pytest.mark.parametrize("content", [b"", b"nonsense", SHIPPED.read_bytes()[:5000]])
def test_a_broken_file_is_told(tmp_path: Path, content: bytes):
    path = tmp_path / "figure.safetensors"
    path.write_bytes(content)
    with pytest.raises(BrokenWeights, match="figure"):
        load(path)
    with pytest.raises(BrokenWeights):
        load(tmp_path / "missing")
