"""Meissonic and EditMGT from the folder as published; safetensors only, nothing of the folder is run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import torch
from safetensors import SafetensorError
from torch import Tensor

from engine.errors import BrokenWeights
from engine.models.masked.vq import VqTokenizer
from engine.models.masked.vq_module import load_vq_model
from engine.models.meissonic.config import Config, config_from_json
from engine.models.meissonic.model import MeissonicModel
from engine.models.meissonic.network import Network
from engine.models.meissonic.words import load_words
from engine.weights import read_tensors

# Where the transformer lies: EditMGT's, then Meissonic's.
_TRANSFORMERS = ("editmgt", "transformer")
_SCHEDULER = Path("scheduler", "scheduler_config.json")
_INDEX = "diffusion_pytorch_model.safetensors.index.json"
_FILES = ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors")


def load(folder: Path, device: torch.device, dtype: torch.dtype) -> MeissonicModel:
    """The published model in that folder: whichever of the two it is.

    Raises:
        BrokenWeights: it cannot be read.
    """
    part = next((folder / name for name in _TRANSFORMERS if (folder / name).is_dir()), None)
    if part is None:
        raise BrokenWeights(f"{folder.name} holds no transformer.")
    config = config_from_json(_text(part / "config.json"))
    network = load_network(part, config, device, dtype)
    cosine = _is_cosine(folder, config)
    words = load_words(folder, device, dtype, edits=config.edits)
    return MeissonicModel(network, VqTokenizer(load_vq_model(folder, device, dtype)), words, cosine=cosine)


def load_network(part: Path, config: Config, device: torch.device, dtype: torch.dtype) -> Network:
    """
    Raises:
        BrokenWeights: a key is missing or unexpected, a shape is another, or a file cannot be read.
    """
    with torch.device("meta"):
        network = Network(config)
    expected = {name: value.shape for name, value in network.state_dict().items()}
    found: dict[str, Tensor] = {}
    for path in _tensor_files(part):
        try:
            tensors, _ = read_tensors(path)
        except (OSError, SafetensorError) as error:
            raise BrokenWeights(f"{path.name} cannot be read: {error}") from error
        found |= {name: value.to(device, dtype) for name, value in tensors.items()}
    missing, unexpected = sorted(expected.keys() - found.keys()), sorted(found.keys() - expected.keys())
    if missing or unexpected:
        raise BrokenWeights(f"The transformer lacks {missing[:3]} and has {unexpected[:3]}, which are not its own.")
    wrong = [name for name, shape in expected.items() if found[name].shape != shape]
    if wrong:
        raise BrokenWeights(f"{wrong[0]} is of shape {tuple(found[wrong[0]].shape)}, not {tuple(expected[wrong[0]])}.")
    network.load_state_dict(found, assign=True)
    return network.requires_grad_(False).eval()


def _tensor_files(part: Path) -> list[Path]:
    if (part / _INDEX).is_file():
        try:
            index = cast("dict[str, dict[str, str]]", json.loads(_text(part / _INDEX)))
            names = {str(name) for name in index["weight_map"].values()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BrokenWeights(f"{_INDEX} cannot be read: {error}") from error
        if any(Path(name).name != name or not name.endswith(".safetensors") for name in names):
            raise BrokenWeights(f"{_INDEX} names files outside its folder, or no safetensors.")
        return [part / name for name in sorted(names)]
    for name in _FILES:
        if (part / name).is_file():
            return [part / name]
    raise BrokenWeights(f"{part.name} holds no {_FILES[0]}.")


def _is_cosine(folder: Path, config: Config) -> bool | None:
    """The schedule of EditMGT's scheduler; Meissonic's inpainting sets its own."""
    if not (folder / _SCHEDULER).is_file():
        return None
    try:
        said = cast("dict[str, object]", json.loads(_text(folder / _SCHEDULER)))
        mask_id = int(cast(int, said.get("mask_token_id", config.mask_id)))
    except (ValueError, TypeError, AttributeError) as error:
        raise BrokenWeights(f"The scheduler's config cannot be read: {error}") from error
    if mask_id != config.mask_id:
        raise BrokenWeights(f"The scheduler's mask is token {mask_id}, the transformer's {config.mask_id}.")
    return said.get("masking_schedule", "cosine") == "cosine" if config.edits else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenWeights(f"{path.name} cannot be read: {error}") from error
