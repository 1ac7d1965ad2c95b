"""Lumina-DiMOO from its published folder: safetensors alone, shard by shard, nothing of the folder is run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal, Protocol, cast

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from engine.errors import BrokenWeights
from engine.models.cheaper import Int8Linear
from engine.models.dimoo.config import Config, config_from_json
from engine.models.dimoo.model import DimooModel
from engine.models.dimoo.transformer import Dimoo
from engine.models.masked.interface import Tokenizer
from engine.models.masked.vq import VqTokenizer
from engine.models.masked.vq_module import load_vq_model
from engine.weights import read_tensors, tensor_shapes

Way = Literal["bf16", "fp16", "fp32", "int8", "offload"]
_DTYPES: Mapping[str, torch.dtype] = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
_EMBEDDING = "model.transformer.wte.weight"
_INDEX, _SINGLE = "model.safetensors.index.json", "model.safetensors"


class _TextTokenizer(Protocol):
    """Of transformers' tokenizers, what is used here."""

    def __call__(self, text: str) -> Mapping[str, list[int]]: ...
    def get_added_vocab(self) -> dict[str, int]: ...


def load(
    folder: Path,
    device: torch.device,
    dtype: torch.dtype = torch.bfloat16,
    *,
    way: Way | None = None,
    tokenizer: Tokenizer | None = None,
) -> DimooModel:
    """
    Args:
        folder: as on the hub: config.json, model-….safetensors with their index, tokenizer.json, vqvae/.
        dtype: of weights and forwards; “bf16”, “fp16” and “fp32” of ``way`` say it too.
        way: “int8”: the blocks' weights in 8 bits, half the memory, approximate. “offload”: weights stay in the
            computer's memory and go to ``device`` layer by layer, slow.
        tokenizer: in the place of the folder's own; it is float32 whatever ``dtype`` is, as upstream's is.

    Raises:
        BrokenWeights: something is missing, damaged or of another kind.
    """
    dtype = dtype if way is None else _DTYPES.get(way, dtype)
    files = tensor_files(folder)
    if _EMBEDDING not in files:
        raise BrokenWeights(f"the weights of Lumina-DiMOO have no {_EMBEDDING}")
    vocabulary = _shapes(files[_EMBEDDING])[_EMBEDDING][0]
    config = config_from_json(_read_json(folder / "config.json"), vocabulary)
    place = torch.device("cpu") if way == "offload" else device
    network = read_network(files, config, place, dtype, int8=way == "int8")
    if way == "offload":
        _offload(network, device)
    pictures = tokenizer or VqTokenizer(load_vq_model(folder, device, torch.float32))
    if pictures.codes != config.codes:
        raise BrokenWeights(f"a picture tokenizer of {pictures.codes} codes; Lumina-DiMOO's has {config.codes}")
    words = _text_tokenizer(folder)

    def text_ids(text: str) -> Sequence[int]:
        return words(text)["input_ids"]

    return DimooModel(network, text_ids, pictures, device=device, dtype=dtype, signs=tuple(words.get_added_vocab()))


def tensor_files(folder: Path) -> dict[str, Path]:
    """Each tensor's file, by the index or of the single file.

    Raises:
        BrokenWeights: neither is there, or the index names files that are no safetensors of this folder.
    """
    if not (folder / _INDEX).exists():
        return dict.fromkeys(_shapes(folder / _SINGLE), folder / _SINGLE)
    said = _read_json(folder / _INDEX).get("weight_map")
    if not isinstance(said, dict):
        raise BrokenWeights(f"{_INDEX} has no weight_map")
    files: dict[str, Path] = {}
    for name, file in cast("dict[str, object]", said).items():
        if not isinstance(file, str) or PurePosixPath(file).name != file or not file.endswith(".safetensors"):
            raise BrokenWeights(f"{_INDEX} names {file!r}, which is no safetensors file of its folder")
        files[name] = folder / file
    return files


def read_network(
    files: Mapping[str, Path], config: Config, device: torch.device, dtype: torch.dtype, *, int8: bool = False
) -> Dimoo:
    """The network with a folder's weights, one tensor at a time: never more than one is there twice.

    Raises:
        BrokenWeights: a name is missing or too many, a shape is another one, a file is damaged.
    """
    with torch.device("meta"):
        network = Dimoo(config)
    names = set(network.state_dict())
    if missing := sorted(names - set(files)):
        raise BrokenWeights(f"{len(missing)} weights of Lumina-DiMOO are missing: {', '.join(missing[:3])}")
    if unexpected := sorted(set(files) - names):
        raise BrokenWeights(f"{len(unexpected)} weights are not of Lumina-DiMOO: {', '.join(unexpected[:3])}")
    for name in sorted(names):
        small = int8 and ".blocks." in name and "norm" not in name
        weight = _read(files[name], name).to("cpu" if small else device, dtype)
        try:
            network.load_state_dict({name: weight}, strict=False, assign=True)
        except RuntimeError as error:
            raise BrokenWeights(f"{name} of Lumina-DiMOO has another shape: {tuple(weight.shape)}") from error
        if small:
            in_8_bits(network, name.removesuffix(".weight")).to(device)
    return network.requires_grad_(False).eval()


def in_8_bits(network: Dimoo, name: str) -> Int8Linear:
    """The linear layer of that name with 8 bit weights, put in its place; not the network's head."""
    holder, _, last = name.rpartition(".")
    layer = network.get_submodule(name)
    assert isinstance(layer, nn.Linear)
    small = Int8Linear(layer)
    setattr(network.get_submodule(holder), last, small)
    return small


def _read(path: Path, name: str) -> Tensor:
    try:
        return read_tensors(path, lambda other: other == name)[0][name]
    except (OSError, SafetensorError, KeyError) as error:
        raise BrokenWeights(f"{path.name} of Lumina-DiMOO cannot be read: {error}") from error


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    try:
        return tensor_shapes(path)
    except (OSError, SafetensorError) as error:
        raise BrokenWeights(f"{path.name} of Lumina-DiMOO cannot be read: {error}") from error


def _read_json(path: Path) -> Mapping[str, object]:
    try:
        said = cast(object, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise BrokenWeights(f"{path.name} of Lumina-DiMOO cannot be read: {error}") from error
    if not isinstance(said, dict):
        raise BrokenWeights(f"{path.name} of Lumina-DiMOO is no table")
    return cast("dict[str, object]", said)


def _text_tokenizer(folder: Path) -> _TextTokenizer:
    from transformers import AutoTokenizer  # noqa: PLC0415 -- takes seconds, and only this needs it

    try:
        read = cast("Callable[..., _TextTokenizer]", AutoTokenizer.from_pretrained)
        return read(folder, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError) as error:
        raise BrokenWeights(f"the text tokenizer of Lumina-DiMOO cannot be read: {error}") from error


def _offload(network: Dimoo, device: torch.device) -> None:
    from accelerate import cpu_offload  # noqa: PLC0415 -- as above

    cpu_offload(network, device)
