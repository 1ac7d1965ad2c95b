"""Sight: a small network that names what is around a selection, so that grass goes on as the layer's own grass."""

from engine.models.sight.weights import SHIPPED, Sight, load

__all__ = ["SHIPPED", "Sight", "load"]
