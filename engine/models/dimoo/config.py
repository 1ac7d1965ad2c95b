"""What Lumina-DiMOO's config.json says, and the ids that its published code has as constants. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from engine.errors import BrokenWeights

# Settings of LLaDA's general code of which DiMOO uses one value: another one would be another network.
_FIXED: Mapping[str, object] = {
    "activation_type": "silu",
    "alibi": False,
    "attention_layer_norm": False,
    "block_group_size": 1,
    "block_type": "llama",
    "include_bias": False,
    "include_qkv_bias": False,
    "input_emb_norm": False,
    "layer_norm_type": "rms",
    "layer_norm_with_affine": True,
    "rope": True,
    "rope_full_precision": True,
    "scale_logits": False,
    "weight_tying": False,
}


@dataclass(frozen=True, slots=True)
class Specials:
    """Ids with a meaning of their own, as in the published config.py.

    Attributes:
        mask: a token that is to be drawn. newline: ends each row of a picture.
        picture_start, picture_end: around a picture's rows. answer_start, answer_end: around what is drawn.
    """

    mask: int = 126336
    newline: int = 126084
    picture_start: int = 126349
    picture_end: int = 126350
    answer_start: int = 126354
    answer_end: int = 126355


@dataclass(frozen=True, slots=True)
class Config:
    """Sizes of the network; the defaults are the published 8B.

    Attributes:
        width, heads, layers, hidden: of the transformer; ``hidden`` between the two layers of a block's MLP.
        vocabulary: rows of the embedding: words and signs, and from ``first_code`` on the picture's ``codes``.
        rms_eps, rope_theta: of the norms and of the rotary positions.
    """

    width: int = 4096
    heads: int = 32
    layers: int = 32
    hidden: int = 12288
    # Upstream resizes the embedding to its tokenizer's length.
    vocabulary: int = 134548
    first_code: int = 126356
    codes: int = 8192
    rms_eps: float = 1e-5
    rope_theta: float = 500000.0
    specials: Specials = field(default_factory=Specials)

    def __post_init__(self) -> None:
        if self.first_code + self.codes > self.vocabulary:
            raise ValueError(f"{self.vocabulary} ids have no room for {self.codes} codes from {self.first_code} on")
        if self.width % self.heads:
            raise ValueError(f"{self.heads} heads do not share {self.width} numbers evenly")

    @property
    def head_width(self) -> int:
        return self.width // self.heads


def config_from_json(said: Mapping[str, object], vocabulary: int) -> Config:
    """The config of a published folder's config.json.

    Args:
        vocabulary: rows of the embedding in the weights themselves; config.json has two names for it, of which
            resizing keeps only one right.

    Raises:
        BrokenWeights: something is missing, or is another network than this one.
    """
    for name, value in _FIXED.items():
        if said.get(name, value) != value:
            raise BrokenWeights(f"config.json says {name} = {said[name]!r}; Lumina-DiMOO has {value!r}")
    try:
        heads = _whole(said, "n_heads")
        if said.get("n_kv_heads") not in (None, heads):
            raise BrokenWeights("config.json shares keys between heads; Lumina-DiMOO does not")
        return Config(
            width=_whole(said, "d_model"),
            heads=heads,
            layers=_whole(said, "n_layers"),
            hidden=_whole(said, "mlp_hidden_size"),
            vocabulary=vocabulary,
            rms_eps=float(cast(float, said["rms_norm_eps"])),
            rope_theta=float(cast(float, said["rope_theta"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenWeights(f"config.json of Lumina-DiMOO cannot be read: {error}") from error


def _whole(said: Mapping[str, object], name: str) -> int:
    value = said[name]
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} is {value!r}")
    return value
