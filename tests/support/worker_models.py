"""Open models for the worker of a test: without weights worth the name, one without room, one that takes it down.

The worker is started with ``--operations support.worker_models:OPERATIONS``; it loads these in place of the families.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.geometry import TokenRect
from engine.models.keeper import Keeper
from engine.models.loading import Loader, Way
from engine.models.masked.interface import Opened
from engine.models.pulled import PulledModels
from engine.operations import registry
from support.open_stand_in import StandIn

TOKEN_PX, CODES, NATIVE_PX = 8, 32, 128
# So many weights each claims to have: which is smaller decides who helps out.
WEIGHTS = {"lumina-dimoo": 400, "editmgt": 300, "meissonic": 200, "amused-512": 100}


class FlatTokens:
    """Each token is a grey square: no network, so that only the ways around a model are looked at."""

    token_px, codes = TOKEN_PX, CODES

    def encode(self, picture: Tensor) -> Tensor:
        grey = torch.nn.functional.avg_pool2d(picture.mean(1, keepdim=True), TOKEN_PX)[0, 0]
        return (grey * (CODES - 1)).round().long().clamp(0, CODES - 1)

    def decode(self, ids: Tensor) -> Tensor:
        grey = ids.float() / (CODES - 1)
        return grey.repeat_interleave(TOKEN_PX, 0).repeat_interleave(TOKEN_PX, 1).expand(1, 3, -1, -1)

    def decode_region(self, ids: Tensor, rect_tok: TokenRect, halo_tok: int | None = None) -> Tensor:
        return self.decode(ids[rect_tok.y0 : rect_tok.y1, rect_tok.x0 : rect_tok.x1])


class AtRandom(StandIn):
    """Draws whatever its seed says."""

    def __init__(self, name: str) -> None:
        super().__init__(FlatTokens(), NATIVE_PX)  # type: ignore[arg-type]
        self.name = name


class Greedy(AtRandom):
    """There is never room for it."""

    def steps_of(self, opened: Sequence[Opened]) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


class Deadly(AtRandom):
    """Takes its process down."""

    def steps_of(self, opened: Sequence[Opened]) -> Any:
        os._exit(9)


KINDS: Mapping[str, Callable[[str], StandIn]] = {
    "lumina-dimoo": AtRandom,
    "editmgt": Greedy,
    "meissonic": AtRandom,
    "amused-512": Deadly,
}


def loader(name: str) -> Loader:
    def load(folder: Path, device: torch.device, way: Way) -> Any:
        return KINDS[name](name)

    return load


LOADERS = {name: loader(name) for name in KINDS}
OPERATIONS = registry.OPERATIONS


def warm_up(device: torch.device) -> None:
    """Nothing to warm."""


def with_models(keeper: Keeper, *, fast: bool = False) -> Mapping[str, Any]:
    """The real operations, with these families in a keeper of the same folder."""
    shelf = keeper._shelf
    return registry.with_models(Keeper(shelf, torch.device("cpu"), 1 << 20, loaders=LOADERS), fast=fast)


def put(folder: Path, *names: str) -> PulledModels:
    """Folders of models as pulls leave them, with as many weights as `WEIGHTS` says, and nothing in them."""
    from safetensors.numpy import save_file  # noqa: PLC0415 -- for those who put some

    for name in names:
        (folder / name).mkdir(parents=True)
        save_file({"weight": np.zeros(WEIGHTS[name], np.float32)}, folder / name / "model.safetensors")
        files = [{"path": "model.safetensors", "size": (folder / name / "model.safetensors").stat().st_size}]
        told = [{**file, "sha256": f"{WEIGHTS[name]:064d}"} for file in files]
        manifest = {"version": 1, "name": name, "pulled_at": "2026-01-01T00:00:00Z", "origins": [], "files": told}
        (folder / name / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return PulledModels(folder)
