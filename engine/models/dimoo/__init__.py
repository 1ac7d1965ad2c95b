"""Lumina-DiMOO (arXiv 2510.06308): an 8B LLaDA that reads words and picture tokens as one sequence. See `model`.

`config` and `memory` know no torch, and importing this package does not either.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from engine.models.dimoo.model import DimooModel


def load(folder: Path, device: torch.device, dtype: torch.dtype) -> DimooModel:
    """The model in a published folder; `loading.load` knows more ways.

    Raises:
        BrokenWeights: something is missing, damaged or of another kind.
    """
    from engine.models.dimoo.loading import load as read  # noqa: PLC0415 -- see above

    return read(folder, device, dtype)
