"""Figure: what stands before its ground, of whatever kind it is, from a small network of our own.

`network` is the network, `weights` loads what was trained, `look` asks it about a picture.
"""

from engine.models.figure.look import likely_figure
from engine.models.figure.network import SIDE_PX, FigureNet
from engine.models.figure.weights import load

__all__ = ["SIDE_PX", "FigureNet", "likely_figure", "load"]
