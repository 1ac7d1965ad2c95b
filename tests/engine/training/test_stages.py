from __future__ import annotations

import torch

from engine.tokens.config import PRESETS
from engine.tokens.grid import places, positions, token_mask
from engine.tokens.ground import fill_ground
from engine.training.loop import rate_at
from engine.training.masks import holes
from engine.training.photos import caption
from engine.training.presets import PRESETS as TRAINING
from engine.training.presets import STAGES, steps_of
from engine.training.tokenizer_stage import losses
from engine.training.transformer_stage import window_tokens


def test_batched_tokens_say_where_they_are_as_single_ones_do():
    draw = torch.Generator().manual_seed(2)
    picture = torch.rand(3, 3, 64, 64, generator=draw)
    known = ~holes(3, 64, draw)[:, None]
    region = token_mask(~known[:, 0])
    ids = torch.zeros(3, 64, 2, dtype=torch.int64)
    tokens = window_tokens(fill_ground(picture, known), known, region.flatten(1), ids, region.flatten(1))
    everywhere = torch.ones(8, 8, dtype=torch.bool).nonzero()
    for number in range(3):
        at = region[number].nonzero()
        assert torch.allclose(tokens.positions[number], positions(everywhere, at))
        assert torch.allclose(tokens.places[number][region[number].flatten()], places(at), atol=1e-6)


def test_a_perfect_picture_costs_nothing_and_the_outside_is_not_looked_at():
    picture = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    hole = torch.zeros(2, 1, 32, 32, dtype=torch.bool)
    hole[:, :, 8:16, 8:16] = True
    assert float(losses(picture, picture, hole)["loss"]) < 1e-6
    elsewhere = picture.clone()
    elsewhere[:, :, 24:] = 0
    assert float(losses(elsewhere, picture, hole)["loss"]) < 1e-6
    inside = picture.clone()
    inside[:, :, 8:16, 8:16] = 0
    assert float(losses(inside, picture, hole)["loss"]) > 0.1


def test_a_blurred_picture_lacks_texture():
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    hole = torch.ones(1, 1, 32, 32, dtype=torch.bool)
    flat = picture.mean((2, 3), keepdim=True).expand_as(picture)
    moved = picture.roll(3, 2)
    assert float(losses(flat, picture, hole)["texture"]) > 4 * float(losses(moved, picture, hole)["texture"])


def test_the_rate_rises_stays_and_falls():
    rates = [rate_at(step, 100, 10) for step in range(100)]
    assert rates[0] < rates[5] < rates[9]
    assert rates[10:50] == [1.0] * 40
    assert rates[99] < 0.03
    assert rates[50:] == sorted(rates[50:], reverse=True)


def test_a_budget_is_the_same_number_of_steps_whatever_the_machine():
    preset = TRAINING["cpu"]
    assert abs(sum(preset.stages[name].share for name in STAGES) - 1) < 1e-9
    for name in STAGES:
        assert steps_of(preset, name, 120) == round(
            120 * preset.stages[name].share * preset.stages[name].steps_per_minute
        )
        assert steps_of(preset, name, 0.0001) == 1


def test_every_preset_names_networks_that_there_are():
    assert {preset.networks for preset in TRAINING.values()} <= set(PRESETS)


def test_a_photograph_is_called_what_can_be_measured():
    navy = torch.tensor([0.07, 0.13, 0.33])[:, None, None].expand(3, 40, 40)
    assert caption(navy).split() == ["dark", "blurred", "navy"]
    noise = torch.rand(3, 40, 40, generator=torch.Generator().manual_seed(1))
    assert caption(noise) == ""
