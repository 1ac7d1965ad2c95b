"""The operations by name, as the worker runs them."""

from __future__ import annotations

from contextlib import suppress

import torch

from engine.errors import BrokenWeights
from engine.models import nano, sight
from engine.operations import adjust, recolour, relight, remove, replace

__all__ = ["OPERATIONS", "warm_up"]

OPERATIONS = {
    "remove": remove.run,
    "replace": replace.run,
    "relight": relight.run,
    "recolour": recolour.run,
    "adjust": adjust.run,
}


def warm_up(device: torch.device | str) -> None:
    """Read the models' files and do one small edit, so that the first real one pays for neither.

    A broken file stops no removal, which needs none: an edit that needs it will say so.
    """
    with suppress(BrokenWeights):
        sight.load()
        nano.load(str(device))
    remove.warm_up(device)
