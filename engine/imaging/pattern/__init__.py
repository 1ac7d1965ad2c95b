"""Patterns that are already in a layer, continued to the pixel: plain colours, gradients, stripes, lattices."""

from engine.imaging.pattern.continuation import Continued, continued

__all__ = ["Continued", "continued"]
