"""Scenes with a known figure, and a training of a few steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from support.pictures import disc, picture

from engine.models.figure.network import SIDE_PX, fresh
from engine.training import figures
from engine.training.figure_scenes import Sources, recoloured, scene
from engine.training.figures import composed_scenes, loss_of, overlap, train
from engine.training.pasted import Piece


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    monkeypatch.setattr(figures, "_BATCH", 4)
    paths: list[Path] = []
    for number in range(3):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(picture(60, 80, seed=number)).save(paths[-1])
    alpha = disc(50, 50, 25, 25, 20).astype(np.float32) / 255
    rgb = np.full((50, 50, 3), (0.9, 0.1, 0.1), np.float32)
    piece = Piece(rgb, alpha, (None, None), ("0.png",))
    return Sources(tuple(paths), (piece,), tuple(picture(60, 80, seed=seed) for seed in (5, 6)), ("0.png",))


def test_the_same_seed_composes_the_same_scenes(sources: Sources):
    one, again, other = (composed_scenes(sources, 3, seed) for seed in (1, 1, 2))
    assert torch.equal(one[0], again[0]) and torch.equal(one[1], again[1]) and not torch.equal(one[0], other[0])
    assert one[0].shape == (3, 3, SIDE_PX, SIDE_PX) and one[1].shape == (3, SIDE_PX, SIDE_PX)
    assert one[0].dtype == one[1].dtype == torch.uint8


def test_the_figure_is_where_the_scene_is_not_the_ground(sources: Sources):
    plain = replace(sources, grounds=(np.full((60, 80, 3), 128, np.uint8),))
    draw = np.random.default_rng(4)
    for _ in range(6):
        rgb, truth = scene(plain, draw)
        assert 0.02 < truth.mean() / 255 < 0.8
        away = np.abs(rgb.astype(int) - 128).sum(-1)
        assert away[truth > 250].mean() > 2 * away[truth < 5].mean()


def test_photographs_without_any_clear_figure_are_refused(tmp_path: Path):
    path = tmp_path / "plain.png"
    Image.new("RGB", (40, 40), "grey").save(path)
    with pytest.raises(ValueError, match="clear figure"):
        Sources.of([path])


def test_other_colours_are_colours():
    rgb = np.random.default_rng(1).random((9, 7, 3)).astype(np.float32)
    for seed in range(12):
        other = recoloured(rgb, np.random.default_rng(seed))
        assert other.shape == rgb.shape and other.min() >= 0 and other.max() <= 1


def test_the_right_answer_costs_least():
    truth = torch.zeros(1, 8, 8)
    truth[:, 2:6, 2:6] = 1
    right, half, wrong = (loss_of(10 * sign * (2 * truth - 1), truth) for sign in (1, 0, -1))
    assert right < 0.01 < half < wrong


def test_a_few_steps_bring_a_fresh_network_nearer(sources: Sources, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(figures, "_TELL_EVERY", 8)
    scenes, net, kept = composed_scenes(sources, 6, 1), fresh(1), list[int]()
    before = loss_now(net, scenes)
    train(net, scenes, 16, 4e-3, 1, kept.append)
    assert loss_now(net, scenes) < 0.98 * before
    assert kept == [8, 16] and 0 <= overlap(net, scenes) <= 1


def loss_now(net: torch.nn.Module, scenes: tuple[torch.Tensor, torch.Tensor]) -> float:
    net.eval()
    with torch.inference_mode():
        truth = torch.nn.functional.avg_pool2d(scenes[1][:, None].float() / 255, 2)[:, 0]
        return float(loss_of(net(scenes[0].float() / 255), truth))
