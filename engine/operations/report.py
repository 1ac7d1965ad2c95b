"""What an operation tells while it works, and how it learns that it was cancelled. No torch here."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.geometry import PixelRect


class Report(Protocol):
    """Given to every operation by whoever runs it (the worker, a bench, a test)."""

    def progress(self, fraction: float, stage: str) -> None:
        """``fraction`` 0..1 of the edit is done; ``stage`` in plain words."""
        ...

    def preview(self, rect_px: PixelRect, scale: int, pixels: npt.NDArray[np.uint8]) -> None:
        """A first look; the fields of `engine.api.EditPreview`."""
        ...

    def check(self) -> None:
        """Called at least every 50 ms of work.

        Raises:
            Cancelled: when the edit is to stop.
        """
        ...


class SilentReport:
    """Tells nobody and never cancels."""

    def progress(self, fraction: float, stage: str) -> None:
        """Ignored."""

    def preview(self, rect_px: PixelRect, scale: int, pixels: npt.NDArray[np.uint8]) -> None:
        """Ignored."""

    def check(self) -> None:
        """Never raises."""
