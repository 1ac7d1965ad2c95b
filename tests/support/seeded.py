"""Weights and inputs from a seed, the same for upstream's modules and for ours, whose names and shapes are the same."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def fill(module: nn.Module, seed: int) -> None:
    """Every value of the state dict, drawn in the order of the names: norms about 1, matrices by their fan-in.

    What decides an id is made loud, so that not all are about as likely, and the modulations, which begin as nothing.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in sorted(module.state_dict().items()):
            drawn = torch.randn(value.shape, generator=generator)
            if "norm" in name and value.dim() == 1 and "linear" not in name:
                drawn = 1 + 0.3 * drawn
            elif value.dim() == 1:
                drawn = 0.1 * drawn
            elif not name.endswith("embeddings.weight"):
                drawn = drawn * value[0].numel() ** -0.5
            if name == "mlm_layer.conv2.weight":
                drawn = drawn * 3
            value.copy_(drawn)


def draws(seed: int, *shape: int) -> Tensor:
    """Normal numbers."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def grid(seed: int, codes: int, *shape: int) -> Tensor:
    """Ids."""
    return torch.randint(codes, shape, generator=torch.Generator().manual_seed(seed))
