"""What the model tells while it works."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class ModelReport(Protocol):
    """Given to `regenerate` by the operation."""

    def progress(self, fraction: float, stage: str) -> None:
        """``fraction`` 0..1 of the model's work is done."""
        ...

    def preview(self, pixels: Tensor, scale: int) -> None:
        """A first look at the crop: (ceil(H/scale), ceil(W/scale), C), ``scale`` crop pixels a pixel."""
        ...

    def check(self) -> None:
        """Raises `engine.errors.Cancelled` when the edit is to stop."""
        ...
