"""The built-in model: masked tokens drawn anew by words, from our own weights.

Plain code: `window` says which part of a picture a model sees and how small, `plan` draws the tokens of a selection,
`weights` loads what was trained.
"""

from engine.models.nano.plan import Plan, draw_plan
from engine.models.nano.weights import Nano, load

__all__ = ["Nano", "Plan", "draw_plan", "load"]
