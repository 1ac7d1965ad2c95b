"""aMUSEd 256 and 512 (Patil et al. 2024, arXiv 2401.01808): diffusers' networks, our own loop and our own forward.

Importing this package imports no torch. See `model`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from engine.models.amused.model import AmusedModel


def load(folder: Path, device: torch.device, dtype: torch.dtype) -> AmusedModel:
    """The model in a published folder.

    Raises:
        BrokenWeights: something is missing, damaged or of another kind.
    """
    from engine.models.amused.model import load as read  # noqa: PLC0415 -- see above

    return read(folder, device, dtype)
