"""Meissonic (Bai et al. 2024, arXiv 2410.08261) and EditMGT (Chow et al. 2025, arXiv 2512.11715): one architecture.

`config` and `memory` know no torch, and importing this package does not either. See `model`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from engine.models.meissonic.model import MeissonicModel


def load(folder: Path, device: torch.device, dtype: torch.dtype) -> MeissonicModel:
    """The model in a published folder, whichever of the two it is.

    Raises:
        BrokenWeights: something is missing, damaged or of another kind.
    """
    from engine.models.meissonic.loading import load as read  # noqa: PLC0415 -- see above

    return read(folder, device, dtype)
