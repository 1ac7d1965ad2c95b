"""Patterns that are already in a layer, continued to the pixel: plain colours, gradients, stripes, lattices."""

from engine.imaging.pattern.continuation import continued

__all__ = ["continued"]
