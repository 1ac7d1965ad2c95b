"""Open weights on this machine: pulled on demand, checked, kept, removed. Nothing of them is read here."""

from bridge.weights.hub import Hub
from bridge.weights.pull import PullPlan, plan_of, pull, take_folder
from bridge.weights.shelf import Manifest, Shelf

__all__ = ["Hub", "Manifest", "PullPlan", "Shelf", "plan_of", "pull", "take_folder"]
