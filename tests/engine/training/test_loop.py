"""The loop on a network so small that every number is exact."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from engine.training import loop
from engine.training.loop import Report, run
from engine.training.presets import StageName, StagePlan

PLAN = StagePlan(4, 8, 1e-2, 3, 60, 1.0, bfloat16=False)
STEPS = 60


class Product(nn.Module):
    """No matrix library in it: products and sums of single numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.linspace(-1, 1, 7))


class Fit:
    name: StageName = "tokenizer"

    def __init__(self) -> None:
        self.module = Product()
        self.sheets = 0

    def loss(self, draw: torch.Generator, along: float) -> dict[str, Tensor]:
        x = torch.randn(7, generator=draw)
        error = (self.module.weight * x - 2 * x).square().sum()
        return {"loss": error * (1 + along)}

    def sheet(self, path: Path) -> None:
        self.sheets += 1

    def evaluate(self) -> dict[str, float]:
        return {"weight": float(self.module.weight.mean())}


def told(name: StageName, done: float, figures: object) -> None:
    pass


def trained(folder: Path, *, stop_after_s: float | None = None) -> tuple[Tensor, Tensor]:
    """The weights and their average, as the checkpoint has them."""
    while run(Fit(), PLAN, STEPS, folder, 1, Report(told), stop_after_s=stop_after_s).step < STEPS:
        pass
    tensors, _ = loop.checkpoint.read_tensors(folder / "tokenizer.safetensors")
    return tensors["weights/weight"], tensors["average/weight"]


def test_a_run_that_stops_after_every_step_ends_exactly_as_an_unbroken_one(tmp_path: Path):
    unbroken = trained(tmp_path / "one")
    broken = trained(tmp_path / "many", stop_after_s=0.0)
    assert torch.equal(unbroken[0], broken[0])
    assert torch.equal(unbroken[1], broken[1])


def test_it_learns_and_says_so(tmp_path: Path):
    weights, average = trained(tmp_path)
    assert float((weights - 2).abs().mean()) < float((torch.linspace(-1, 1, 7) - 2).abs().mean())
    assert not torch.equal(weights, average)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == [25, 50, 60]
    assert lines[-1]["held out"]["weight"] == pytest.approx(float(average.mean()), abs=1e-6)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path):
    trained(tmp_path)

    class Other(Fit):
        def __init__(self) -> None:
            super().__init__()
            self.module = Product()
            self.module.weight = nn.Parameter(torch.zeros(9))

    with pytest.raises(ValueError, match="another network"):
        run(Other(), PLAN, STEPS, tmp_path, 1, Report(told))
