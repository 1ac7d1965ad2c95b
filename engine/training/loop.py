"""What all stages share: steps, rates, averages, checkpoints, a log.

Nothing of a step depends on the steps before it but the weights and the optimizers' memory: its random numbers come
from a generator seeded by run, stage and step. So a resumed run is an unbroken one, also on another machine.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import torch
from torch import Tensor, nn

from engine.training import checkpoint
from engine.training.checkpoint import Progress
from engine.training.presets import StageName, StagePlan

_T = TypeVar("_T")
_LOG_EVERY = 25
_CHECKPOINT_EVERY_S = 240.0
_MOST_GRADIENT = 1.0
_AVERAGE = 0.999
_WEIGHT_DECAY = 0.01
# The rate stays at its height for the first half, then falls along a cosine to this share.
_LAST_RATE = 0.01
# Each stage's seeds are its own.
_STAGE_SEEDS: Mapping[StageName, int] = {"tokenizer": 11, "transformer": 12, "decoder": 13}


class Stage(Protocol):
    """One stage's network and what a step of it is."""

    @property
    def name(self) -> StageName: ...

    @property
    def module(self) -> nn.Module: ...

    def loss(self, draw: torch.Generator, along: float) -> dict[str, Tensor]:
        """Losses of one random batch; ``loss`` is what is minimised. ``along``: 0 … 1 of the stage."""
        ...

    def sheet(self, path: Path) -> None:
        """Write a picture of what the averaged weights (already in `module`) can do."""
        ...

    def evaluate(self) -> dict[str, float]:
        """Figures on what was held out, with the averaged weights."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What a stage says while it runs: (stage, fraction done, figures)."""

    tell: Callable[[StageName, float, Mapping[str, float]], None]


def run(
    stage: Stage,
    plan: StagePlan,
    steps: int,
    folder: Path,
    seed: int,
    report: Report,
    *,
    stop_after_s: float | None = None,
) -> Progress:
    """Train to the last step, from the last checkpoint if there is one.

    Args:
        stop_after_s: end earlier, with a checkpoint; the next run goes on from there.

    Returns:
        Where it ended; its step is ``steps`` when the stage is done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stage.name}.safetensors"
    optimizers = _optimizers(stage.module, plan.rate)
    average = {name: value.detach().clone() for name, value in stage.module.state_dict().items()}
    progress = checkpoint.load(path, stage.module, average, optimizers) if path.exists() else Progress(0, 0.0)
    began, saved = time.perf_counter(), time.perf_counter()
    sums: dict[str, float] = {}
    step = progress.step
    while step < steps:
        along = step / steps
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * rate_at(step, steps, plan.warm_up)
        draw = torch.Generator().manual_seed((seed * 1000 + _STAGE_SEEDS[stage.name]) * 10_000_000 + step)
        losses = stage.loss(draw, along)
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        losses["loss"].backward()
        # Only what is trained: other parts may still hold gradients of an earlier stage.
        trained = [value for value in stage.module.parameters() if value.requires_grad]
        nn.utils.clip_grad_norm_(trained, _MOST_GRADIENT)
        for optimizer in optimizers:
            optimizer.step()
        step += 1
        _follow(average, stage.module, step)
        for name, value in losses.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach())
        now = time.perf_counter()
        done = Progress(step, progress.seconds + now - began)
        if step % _LOG_EVERY == 0 or step == steps:
            count = _LOG_EVERY if step % _LOG_EVERY == 0 else step % _LOG_EVERY
            figures = {name: value / count for name, value in sums.items()}
            sums = {}
            _log(folder, {"stage": stage.name, "step": step, "seconds": round(done.seconds, 1), **figures})
            report.tell(stage.name, step / steps, figures)
        stopping = stop_after_s is not None and now - began > stop_after_s
        if step == steps or stopping or now - saved > _CHECKPOINT_EVERY_S:
            saved = now
            checkpoint.save(path, stage.module, average, optimizers, done)
            with_average(stage, average, lambda: stage.sheet(folder / f"{stage.name}.png"))
        if stopping:
            return done
        if step == steps:
            figures = with_average(stage, average, stage.evaluate)
            _log(folder, {"stage": stage.name, "step": step, "seconds": round(done.seconds, 1), "held out": figures})
            report.tell(stage.name, 1.0, figures)
    return Progress(step, progress.seconds + time.perf_counter() - began)


def rate_at(step: int, steps: int, warm_up: int) -> float:
    """Share of the highest rate: a straight rise, a plateau to the middle, half a cosine down."""
    rise = min(1.0, (step + 1) / max(1, min(warm_up, steps)))
    fall = max(0.0, (step / steps - 0.5) / 0.5)
    return rise * (_LAST_RATE + (1 - _LAST_RATE) * (0.5 + 0.5 * math.cos(math.pi * fall)))


def with_average(stage: Stage, average: Mapping[str, Tensor], work: Callable[[], _T]) -> _T:
    """Do ``work`` with the averaged weights in the network; its own are put back."""
    own = {name: value.detach().clone() for name, value in stage.module.state_dict().items()}
    stage.module.load_state_dict(dict(average))
    stage.module.eval()
    try:
        with torch.no_grad():
            return work()
    finally:
        stage.module.load_state_dict(own)
        stage.module.train()


def _optimizers(module: nn.Module, rate: float) -> tuple[torch.optim.Optimizer, ...]:
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    return (torch.optim.AdamW(parameters, rate, betas=(0.9, 0.98), weight_decay=_WEIGHT_DECAY),)


def _follow(average: dict[str, Tensor], module: nn.Module, step: int) -> None:
    """Exponential moving average; at first it follows closely."""
    keep = min(_AVERAGE, (step + 1) / (step + 10))
    for name, value in module.state_dict().items():
        average[name].lerp_(value.detach(), 1 - keep)


def _log(folder: Path, line: Mapping[str, object]) -> None:
    with (folder / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
