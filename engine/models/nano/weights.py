"""The trained networks, as they lie in the package."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import cast

import safetensors
import torch

from engine.errors import BrokenWeights
from engine.tokens.cache import OpenedRegions
from engine.tokens.config import TOKEN_PX, TokenizerConfig, TransformerConfig
from engine.tokens.region import RegionFamily
from engine.tokens.text import Vocabulary
from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import Transformer
from engine.weights import read_tensors

SHIPPED = Path(__file__).with_name("weights") / "nano.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Nano:
    """Ready to draw.

    Attributes:
        window_tok: side of the windows it was trained on, in tokens; larger ones are only a little worse.
        weights_hash: SHA-256 of the file, hexadecimal.
        opened: the windows it looked at last: another prompt or seed on the same selection skips the prefill.
        family: what its steps are joined by (`engine.batcher`).
    """

    tokenizer: Tokenizer
    transformer: Transformer
    vocabulary: Vocabulary
    window_tok: int
    weights_hash: str
    opened: OpenedRegions = field(default_factory=OpenedRegions)
    family: RegionFamily = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "family", RegionFamily(self.transformer))

    @property
    def device(self) -> torch.device:
        return self.transformer.kind.device

    @property
    def window_px(self) -> int:
        return self.window_tok * TOKEN_PX


@cache
def load(device: str = "cpu", path: Path = SHIPPED) -> Nano:
    """The networks on that device in float32, read once a process.

    Raises:
        BrokenWeights: the file is missing, cut short, or of other networks.
    """
    try:
        content = path.read_bytes()
        tensors, header = read_tensors(path)
        tokenizer = Tokenizer(TokenizerConfig.from_dict(json.loads(header["tokenizer"])))
        words = cast("list[str]", json.loads(header["words"]))
        config = TransformerConfig.from_dict(json.loads(header["transformer"]))
        vocabulary = Vocabulary(words, config.most_words)
        transformer = Transformer(config, len(vocabulary))
        for name, network in (("tokenizer", tokenizer), ("transformer", transformer)):
            own = {key.removeprefix(f"{name}/"): value for key, value in tensors.items() if key.startswith(f"{name}/")}
            network.load_state_dict(own)
            # Shipped as bfloat16; computed in float32, in which a cached step is exact.
            network.to(device, torch.float32).eval().requires_grad_(False)
        window_tok = int(header["window_tok"])
    except (OSError, safetensors.SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise BrokenWeights(f"The built-in model's file “{path.name}” cannot be used.") from error
    return Nano(tokenizer, transformer, vocabulary, window_tok, hashlib.sha256(content).hexdigest())
