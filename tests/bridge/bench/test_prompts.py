"""The benchmark of prompts asks for what can be drawn, in three surroundings, and sees what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bridge.bench import prompts
from bridge.bench.prompts import PHRASES, Fill
from engine.materials import catalogue
from engine.training.eye import Eye, Network


def test_there_are_thirty_two_phrases_of_as_many_entries() -> None:
    entries = {catalogue.understand(phrase).entry for phrase in PHRASES}
    assert len(PHRASES) == len(entries) == 32
    assert None not in entries
    assert all(catalogue.understand(phrase).is_whole for phrase in PHRASES)


def test_a_matching_layer_shows_the_material_and_another_seed_another_one() -> None:
    one, other = (prompts._layer("gravel", "matching", seed) for seed in (0, 1))
    assert one.shape == (416, 416, 3)
    assert one.std() > 10
    assert not np.array_equal(one, other)


def test_selections_are_hard_or_soft_and_lie_inside_the_layer() -> None:
    hard, soft = prompts._selection(False), prompts._selection(True)
    assert set(np.unique(hard)) == {0, 255}
    assert len(np.unique(soft)) > 10
    for mask in (hard, soft):
        rows, cols = prompts._box().slices()
        outside = mask.copy()
        outside[rows, cols] = 0
        assert not outside.any()


class Blind(Eye):
    """Says the same of everything."""

    def name(self, pictures: torch.Tensor, shown: torch.Tensor) -> list[str]:
        return ["grass"] * len(pictures)


def fill(phrase: str, seed: int, after: np.ndarray) -> Fill:
    return Fill(phrase, "neutral", seed, prompts._layer(phrase, "neutral", seed), after, prompts._selection(False))


def pasted(phrase: str) -> np.ndarray:
    """What the words ask for, in a grey layer."""
    after, drawn = prompts._layer(phrase, "neutral", 0), prompts._layer(phrase, "matching", 0)
    inside = prompts._selection(False) > 0
    after[inside] = drawn[inside]
    return after


@pytest.fixture
def blind() -> Blind:
    return Blind(Network(1), ("grass",), 1.0)


def matching(phrase: str) -> Fill:
    layer = prompts._layer(phrase, "matching", 0)
    return Fill(phrase, "matching", 0, layer, layer.copy(), prompts._selection(False))


def in_a_photograph(phrase: str) -> Fill:
    return Fill(
        phrase, "photograph", 0, prompts._layer(phrase, "neutral", 0), pasted(phrase), prompts._selection(False)
    )


def test_right_names_sharpness_and_seams_are_told(blind: Blind) -> None:
    figures = prompts._measured(
        [fill("grass", 0, pasted("grass")), matching("grass"), in_a_photograph("gravel")], blind
    )
    assert figures["named.neutral"] == 1
    assert figures["named.photograph"] == 0
    assert figures["sharpness.worst"] < 0.1
    assert figures["seam"] == pytest.approx(1, abs=0.15)
    assert figures["changed_outside"] == 0


def test_a_soft_fill_and_a_changed_outside_are_seen(blind: Blind) -> None:
    after = pasted("grass")
    inside = prompts._selection(False) > 0
    after[inside] = np.array(Image.fromarray(after).resize((52, 52)).resize((416, 416)))[inside]
    after[0, 0] = 1
    figures = prompts._measured([fill("grass", 0, after), matching("grass"), in_a_photograph("grass")], blind)
    assert figures["sharpness.worst"] > 0.2
    assert figures["changed_outside"] == 3


def test_the_sheet_shows_every_fill(blind: Blind, tmp_path: Path) -> None:
    prompts._sheet([fill("grass", 0, pasted("grass")), fill("gravel", 0, pasted("gravel"))], blind, tmp_path / "s.png")
    assert Image.open(tmp_path / "s.png").size == (132, 292)
