"""Scale: a picture at up to eight times its size, from a small network of our own.

Plain code: `network` is the network, `zoom` draws one part of the large picture from what of the small one it needs,
`weights` loads what was trained.
"""

from engine.models.scale.weights import Scaler, load
from engine.models.scale.zoom import MOST_TIMES, Zoom

__all__ = ["MOST_TIMES", "Scaler", "Zoom", "load"]
