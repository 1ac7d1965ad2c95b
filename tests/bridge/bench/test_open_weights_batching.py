"""The benchmark of shared forwards counts what it says it counts."""

import torch
from support.tokens import box_hole, make_window, toy_transformer

from bridge.bench.open_weights_batching import Edit, measure, newcomer_waits
from engine.batcher import model_for
from engine.tokens.regenerate import Recipe, regenerate
from engine.tokens.region import RegionFamily, Worded, open_region
from engine.tokens.text import START

FAMILY = RegionFamily(toy_transformer())


def edit(seed: int) -> Edit:
    window = make_window(box_hole(48, 48, (8, 8, 40, 40)), seed)
    region = open_region(FAMILY.steps.model, window.ground, window.known, window.region)

    def drawn(told):
        model = model_for(FAMILY, Worded(region, (START, 4)), tokens=len(region.at))
        recipe = Recipe(steps=6)
        return regenerate(model, region.at, region.size_tok, recipe, seed=seed, after_step=lambda _: told())

    return drawn


def test_edits_are_counted_and_compared():
    figures = measure([edit(seed) for seed in range(3)], repeats=2)
    assert figures["different"] == 0 and 1 < figures["edits_a_forward"] <= 3
    assert figures["ratio"] == figures["one_after_another_s"] / figures["together_s"]


def test_an_edit_that_draws_otherwise_beside_others_is_told():
    calls = iter(range(100))
    figures = measure([edit(0), lambda told: torch.tensor([next(calls)])], repeats=2)
    assert figures["different"] == 2


def test_a_newcomer_waits_for_the_next_forward():
    assert newcomer_waits([edit(seed) for seed in range(3)]) == 1
