"""What ``config.json`` of a published transformer says; no torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from engine.errors import BrokenWeights

# Words as they are given to the networks: CLIP's, and Gemma's in EditMGT.
CLIP_WORDS, GEMMA_WORDS = 77, 256
# Width, height, two of the crop, one of looks; each as so many sines.
MICRO_NUMBERS, MICRO_SINES = 5, 256


@dataclass(frozen=True, slots=True)
class Config:
    """
    Attributes:
        heads, head_dim: of every attention. layers: with words and picture apart. single_layers: with both as one.
        words_dim: of the text encoder's hidden values. pooled_dim: of its pooled vector.
        axes: how many of a head's numbers turn by (nothing, row, column); together ``head_dim``.
        vocab, codes: ids that are embedded, ids that are drawn. The last of ``vocab`` is the mask.
        cell_tok: tokens a side of what the blocks see: 2 where the published model downsamples (1024 px), 1 else.
        edits: EditMGT: words come through a connector, and the picture that is to be edited is looked at.
    """

    heads: int = 8
    head_dim: int = 128
    layers: int = 14
    single_layers: int = 28
    words_dim: int = 1024
    pooled_dim: int = 1024
    axes: tuple[int, int, int] = (16, 56, 56)
    vocab: int = 8256
    codes: int = 8192
    cell_tok: int = 2
    edits: bool = False

    @property
    def width(self) -> int:
        return self.heads * self.head_dim

    @property
    def mask_id(self) -> int:
        return self.vocab - 1

    @property
    def words(self) -> int:
        """Places for words in a forward."""
        return GEMMA_WORDS if self.edits else CLIP_WORDS


# MeissonFlow/Meissonic, transformer/config.json.
MEISSONIC = Config()
# WeiChow/EditMGT, editmgt/config.json, as its training code writes it (train/train.py): Gemma-2-2B is 2304 wide.
EDIT_MGT = Config(words_dim=2304, edits=True)


def config_from_json(text: str) -> Config:
    """
    Raises:
        BrokenWeights: it is no config of these models, or of a kind that was never published.
    """
    try:
        said = cast("dict[str, object]", json.loads(text))
        connector = said.get("connector_type") or "none"
        down, up = bool(said.get("downsample", False)), bool(said.get("upsample", False))
        axes = tuple(int(axis) for axis in cast("list[int]", said.get("axes_dims_rope", [16, 56, 56])))

        def number(name: str, default: int) -> int:
            return int(cast(int, said.get(name, default)))

        config = Config(
            heads=number("num_attention_heads", 24),
            head_dim=number("attention_head_dim", 128),
            layers=number("num_layers", 19),
            single_layers=number("num_single_layers", 38),
            words_dim=number("joint_attention_dim", 4096),
            pooled_dim=number("pooled_projection_dim", 768),
            axes=cast("tuple[int, int, int]", axes),
            vocab=number("vocab_size", 8256),
            codes=number("codebook_size", 8192),
            cell_tok=2 if down else 1,
            edits=connector != "none",
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BrokenWeights(f"The transformer's config cannot be read: {error}") from error
    known = down == up and connector in ("none", "linear") and not said.get("guidance_embeds")
    if not known or len(axes) != 3 or sum(axes) != config.head_dim or any(axis % 2 for axis in axes):
        raise BrokenWeights("The transformer in this folder is of a kind that Inlay does not know.")
    if not config.edits and config.pooled_dim != config.width:
        raise BrokenWeights("The transformer's text vector does not fit its width.")
    return config
