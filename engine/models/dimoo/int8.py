"""Weights of 8 bits with a scale for each row; they are read out to the compute type, a layer at a time."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_LARGEST = 127


def quantised(weight: Tensor) -> tuple[Tensor, Tensor]:
    """(rows, columns) to int8 (rows, columns) and float32 scales (rows, 1): absolute maximum, nothing to calibrate."""
    wide = weight.float()
    scale = wide.abs().amax(1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny) / _LARGEST
    return (wide / scale).round().to(torch.int8), scale


class Int8Linear(nn.Module):
    """A linear layer without bias, whose weight takes half of bfloat16's bytes. The input's type is the result's."""

    weight: Tensor
    scale: Tensor

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(rows, columns, dtype=torch.int8))
        self.register_buffer("scale", torch.ones(rows, 1))

    def forward(self, x: Tensor) -> Tensor:
        # Scaled before it is multiplied: sums of whole numbers up to 127 would leave float16's range.
        return F.linear(x, self.weight.to(x.dtype) * self.scale.to(x.dtype))


def with_int8_blocks(network: nn.Module) -> list[str]:
    """Put `Int8Linear` in the place of every linear layer of the blocks; embedding and head stay as they are.

    Returns:
        The names of their weights, which a loader has to quantise.
    """
    names: list[str] = []
    modules: dict[str, nn.Module] = dict(network.named_modules())  # pyright: ignore[reportUnknownArgumentType]
    for name, module in modules.items():
        if ".blocks." in name and isinstance(module, nn.Linear):
            holder, _, last = name.rpartition(".")
            with module.weight.device:
                setattr(network.get_submodule(holder), last, Int8Linear(module.in_features, module.out_features))
            names.append(f"{name}.weight")
    return names
