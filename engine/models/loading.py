"""How open models can run on a device, and loading one of them so."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import cast

import torch

from engine.errors import BrokenWeights, MissingExtra
from engine.models.catalogue import Family, entry_of
from engine.models.cheaper import move, stream, to_int8
from engine.models.masked.interface import OpenModel

_LOADERS = {
    Family.AMUSED: "engine.models.amused.model",
    Family.MEISSONIC: "engine.models.meissonic.loading",
    Family.DIMOO: "engine.models.dimoo.loading",
}
# These make their weights smaller while they read them, so that all of them are never there whole.
_BY_ITSELF = frozenset((Family.DIMOO,))


@dataclass(frozen=True, slots=True)
class Way:
    """How a model runs; see `engine.models.memory.Way`, which counts what it needs.

    Attributes:
        dtype: of its weights and what it computes.
        int8: its large matrices are kept in 8 bits.
        streams: its weights stay in the computer's memory, and each layer's go to the device when it computes.
        window: its window's side as a share of the native one.
        note: follows the model's name: “Meissonic …”; empty for the dearest way.
    """

    dtype: torch.dtype
    int8: bool = False
    streams: bool = False
    window: float = 1.0
    note: str = ""

    @property
    def weight_bytes(self) -> int:
        """Of one weight on the device."""
        return 0 if self.streams else 1 if self.int8 else self.dtype.itemsize

    @property
    def loaded(self) -> Way:
        """What of it is decided when the model is loaded."""
        return replace(self, window=1.0, note="")


# Loads a model from its folder, to run so.
Loader = Callable[[Path, torch.device, Way], OpenModel]


def ways_on(device: torch.device) -> tuple[Way, ...]:
    """The ways to run a model on that device, the dearest first."""
    if device.type == "cpu":  # 8 bit weights would be unpacked for every step, and the weights are where they can be
        whole = Way(torch.float32)
        cheaper = (Way(torch.bfloat16, note="ran with half of the precision"),)
    else:
        whole = Way(torch.float16 if device.type == "mps" else torch.bfloat16)
        cheaper = (
            replace(whole, int8=True, note="ran with 8 bit weights"),
            replace(whole, streams=True, note="ran with its weights in the computer's memory, which is slow"),
        )
    return (whole, *cheaper, replace(cheaper[-1], window=0.5, note=f"{cheaper[-1].note}, in smaller windows"))


def load(name: str, folder: Path, device: torch.device, way: Way) -> OpenModel:
    """The model of that name from its folder.

    Raises:
        MissingExtra: the packages that it needs are not installed.
        BrokenWeights: its files cannot be used, or are another model's.
    """
    family = entry_of(name).family
    try:
        read = _module(_LOADERS[family]).load
        if family in _BY_ITSELF:
            own = "int8" if way.int8 else "offload" if way.streams else None
            return _named(name, cast(OpenModel, read(folder, device, way.dtype, way=own)))
        # What is made smaller, is made so where there is more room.
        at_first = torch.device("cpu") if way.int8 or way.streams else device
        model = _named(name, cast(OpenModel, read(folder, at_first, way.dtype)))
    except ImportError as error:
        if (error.name or "").partition(".")[0] in ("", "engine", "torch"):
            raise
        raise MissingExtra(f"{entry_of(name).title} needs packages that are not installed ({error.name}).") from None
    if way.int8:
        to_int8(model)
        move(model, device)
    if way.streams:
        stream(model, device)
    return model


def _named(name: str, model: OpenModel) -> OpenModel:
    """
    Raises:
        BrokenWeights: it is another model of its family: somebody gave that one's folder under this name.
    """
    if model.name != name:
        raise BrokenWeights(f"What is here as {entry_of(name).title} is {model.name}.")
    return model


def _module(place: str) -> ModuleType:
    """A family's code, and what it needs, when it is first asked for: seconds, and not everybody has the extra."""
    return importlib.import_module(place)
