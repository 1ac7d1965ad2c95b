"""The trained network, read from the package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import safetensors

from engine.errors import BrokenWeights
from engine.models.figure.network import FigureNet
from engine.weights import read_tensors

SHIPPED = Path(__file__).with_name("weights") / "figure.safetensors"


@cache
def load(path: Path = SHIPPED) -> FigureNet:
    """Read once a process; takes milliseconds. It is so small that it runs on the CPU.

    Raises:
        BrokenWeights: the file is missing, cut short, or of another network.
    """
    try:
        tensors, _ = read_tensors(path)
        net = FigureNet()
        net.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (OSError, safetensors.SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise BrokenWeights(f"The built-in model's file “{path.name}” cannot be used.") from error
    return net.requires_grad_(False).eval()
