"""A stage's state on disk: weights, their average, the optimizers' memory. Written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from engine.weights import read_tensors, write_tensors


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is: steps done, wall seconds they took, and the last losses."""

    step: int
    seconds: float


def save(
    path: Path,
    module: nn.Module,
    average: Mapping[str, Tensor],
    optimizers: tuple[torch.optim.Optimizer, ...],
    progress: Progress,
) -> None:
    """One file; the one before stays until it is whole."""
    tensors: dict[str, Tensor] = {f"weights/{name}": value for name, value in module.state_dict().items()}
    tensors |= {f"average/{name}": value for name, value in average.items()}
    for number, optimizer in enumerate(optimizers):
        states = cast(dict[int, dict[str, Tensor | float]], optimizer.state_dict()["state"])
        for parameter, state in states.items():
            for key, value in state.items():
                tensors[f"optimizer/{number}/{parameter}/{key}"] = torch.as_tensor(value)
    write_tensors(path, tensors, {"progress": json.dumps([progress.step, progress.seconds])})


def load(
    path: Path, module: nn.Module, average: dict[str, Tensor], optimizers: tuple[torch.optim.Optimizer, ...]
) -> Progress:
    """Put everything back as `save` found it.

    Raises:
        ValueError: the file is of another network.
    """
    states: list[dict[int, dict[str, Tensor]]] = [{} for _ in optimizers]
    weights: dict[str, Tensor] = {}
    tensors, header = read_tensors(path)
    for name, value in tensors.items():
        kind, rest = name.split("/", 1)
        if kind == "weights":
            weights[rest] = value
        elif kind == "average":
            average[rest] = value.to(average[rest].device) if rest in average else value
        else:
            number, parameter, key = rest.split("/")
            states[int(number)].setdefault(int(parameter), {})[key] = value
    step, seconds = json.loads(header["progress"])
    try:
        module.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"{path.name} is a checkpoint of another network") from error
    for optimizer, state in zip(optimizers, states, strict=True):
        optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    return Progress(step, seconds)


def load_average(path: Path) -> dict[str, Tensor]:
    """The averaged weights of a checkpoint: what is used and shipped."""
    tensors, _ = read_tensors(path, lambda name: name.startswith("average/"))
    return {name.removeprefix("average/"): value for name, value in tensors.items()}
