"""The trained network, read from the package."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import safetensors
import torch

from engine.errors import BrokenWeights
from engine.models.scale.network import ScaleNet
from engine.weights import read_tensors

SHIPPED = Path(__file__).with_name("weights") / "scale.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Scaler:
    """``net`` on its device, ready to use; ``weights_hash``: SHA-256 of the file, hexadecimal."""

    net: ScaleNet
    weights_hash: str


@cache
def load(device: str = "cpu", path: Path = SHIPPED) -> Scaler:
    """Read once a process and device; takes milliseconds.

    Raises:
        BrokenWeights: the file is missing, cut short, or of another network.
    """
    try:
        content = path.read_bytes()
        tensors, _ = read_tensors(path)
        net = ScaleNet(width=tensors["first.weight"].shape[0])
        net.load_state_dict(tensors)
    except (OSError, safetensors.SafetensorError, KeyError, ValueError, TypeError, RuntimeError, IndexError) as error:
        raise BrokenWeights(f"The built-in model's file “{path.name}” cannot be used.") from error
    net.requires_grad_(False).to(device=device, memory_format=torch.channels_last).eval()  # pyright: ignore[reportCallIssue]
    return Scaler(net, hashlib.sha256(content).hexdigest())
