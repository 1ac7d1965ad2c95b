"""The operations by name, as the worker runs them."""

from __future__ import annotations

from engine.operations import adjust, recolour, relight, remove, replace
from engine.operations.remove import warm_up

__all__ = ["OPERATIONS", "warm_up"]

OPERATIONS = {
    "remove": remove.run,
    "replace": replace.run,
    "relight": relight.run,
    "recolour": recolour.run,
    "adjust": adjust.run,
}
