"""Sight: what is around a selection, named as an entry of the material library."""

from engine.models.sight.looks import LOOKED_AT_PX, SHIPPED, Seen, Sight, load

__all__ = ["LOOKED_AT_PX", "SHIPPED", "Seen", "Sight", "load"]
