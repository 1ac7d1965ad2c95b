"""Which model lies in a folder, as its configurations say; what is written on the folder is nobody's word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from engine.errors import BrokenWeights
from engine.models.meissonic.config import config_from_json

# Where transformers' configurations lie: EditMGT's, then that of diffusers' pipelines, then a language model's.
_CONFIGS = ("editmgt/config.json", "transformer/config.json", "config.json")
_PICTURES = "vqvae/config.json"
# Larger than any configuration; what is larger is not read.
_LARGEST = 1 << 20
# Beyond any picture that a model draws.
_MOST_TOK, _MOST_LEVELS = 1 << 14, 10


def model_in(folder: Path) -> str | None:
    """The name of the model whose weights those are.

    Returns:
        As the catalogue has it, or as it would (``amused-128``: one that was never published); None: the folder does
        not say.
    """
    for place in _CONFIGS:
        said = _said(folder / place)
        name = None if said is None else _name_of(said, folder)
        if name is not None:
            return name
    return None


def _name_of(said: Mapping[str, object], folder: Path) -> str | None:
    if said.get("_class_name") == "UVit2DModel":
        pictures = _said(folder / _PICTURES) or {}
        side_tok, levels = said.get("sample_size"), pictures.get("block_out_channels")
        count = len(cast("list[object]", levels)) if isinstance(levels, list) else 0
        if not isinstance(side_tok, int) or not 0 < side_tok <= _MOST_TOK or not 0 < count <= _MOST_LEVELS:
            return None
        # Each level of the picture tokenizer but the first halves the picture.
        return f"amused-{side_tok * 2 ** (count - 1)}"
    if "num_single_layers" in said:
        try:
            return "editmgt" if config_from_json(json.dumps(said)).edits else "meissonic"
        except BrokenWeights:
            return None
    return "lumina-dimoo" if str(said.get("model_type")).lower() == "llada" else None


def _said(path: Path) -> Mapping[str, object] | None:
    try:
        if path.stat().st_size > _LARGEST:
            return None
        said = cast(object, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError):
        return None
    return cast("dict[str, object]", said) if isinstance(said, dict) else None
