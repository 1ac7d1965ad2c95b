"""The trained network, as it lies in the package, and what it says of a picture."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import safetensors
import torch
from torch import Tensor

from engine.errors import BrokenWeights
from engine.models.sight.network import Network, fitted
from engine.weights import read_tensors

SHIPPED = Path(__file__).with_name("weights") / "sight.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """Ready to look.

    Attributes:
        names: of library entries, in the order of the network's answers.
        weights_hash: SHA-256 of the file, hexadecimal.
    """

    network: Network
    names: tuple[str, ...]
    weights_hash: str

    @torch.inference_mode()
    def sees(self, picture: Tensor, shown: Tensor) -> Mapping[str, float]:
        """How sure it is of each name, 0 … 1, the sum is 1.

        Args:
            picture: (3, H, W) sRGB 0 … 1. shown: (H, W) bool: what may be looked at; at least one pixel.
        """
        sure = self.network(*fitted(picture[None], shown[None])).softmax(1)[0]
        return dict(zip(self.names, sure.tolist(), strict=True))


@cache
def load(path: Path = SHIPPED) -> Sight:
    """The network in float32 on the CPU, where it takes milliseconds; read once a process.

    Raises:
        BrokenWeights: the file is missing, cut short, or of another network.
    """
    try:
        content = path.read_bytes()
        tensors, header = read_tensors(path)
        names = tuple(cast("list[str]", json.loads(header["names"])))
        network = Network(len(names))
        network.load_state_dict(tensors)
    except (OSError, safetensors.SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise BrokenWeights(f"The built-in model's file “{path.name}” cannot be used.") from error
    return Sight(network.float().eval().requires_grad_(False), names, hashlib.sha256(content).hexdigest())
