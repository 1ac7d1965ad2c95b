"""Words as aMUSEd reads them: CLIP's text encoder, its pooled vector and its last but one layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from engine.errors import BrokenWeights
from engine.models.masked.whole import whole

_TOKENIZER, _ENCODER = "tokenizer", "text_encoder"
# Counted places, which older versions of transformers wrote out. And the half that looks at pictures: Meissonic's own
# scripts read LAION's whole CLIP in the place of this encoder (inference.py), and transformers leaves that half.
_BESIDE = r"text_model\.embeddings\.position_ids|vision_model\..+|visual_projection\.weight|logit_scale"


class WordIds(Protocol):
    """transformers' CLIPTokenizer, as far as it is used."""

    model_max_length: int

    def __call__(
        self, text: list[str], *, return_tensors: str, padding: str, truncation: bool, max_length: int
    ) -> WordIds.Found: ...

    class Found(Protocol):
        input_ids: Tensor


class _Encoded(Protocol):
    text_embeds: Tensor
    hidden_states: Sequence[Tensor]


class _Encoder(Protocol):
    def __call__(self, input_ids: Tensor, *, return_dict: bool, output_hidden_states: bool) -> _Encoded: ...


class TextEncoder:
    """Text to what `network.Network.say` takes.

    Attributes:
        module: transformers' CLIPTextModelWithProjection.
    """

    def __init__(self, module: nn.Module, word_ids: WordIds) -> None:
        self.module = module
        self._word_ids = word_ids

    @torch.inference_mode()
    def __call__(self, text: str) -> tuple[Tensor, Tensor]:
        """(1, words, width) and (1, width), on the encoder's device; words beyond its length are cut off."""
        ids = self._word_ids(
            [text],
            return_tensors="pt",
            padding="max_length",
            truncation=True,
            max_length=self._word_ids.model_max_length,
        ).input_ids
        device = next(self.module.parameters()).device
        encoded = cast(_Encoder, self.module)(ids.to(device), return_dict=True, output_hidden_states=True)
        return encoded.hidden_states[-2], encoded.text_embeds


def load_text_encoder(folder: Path, device: torch.device, dtype: torch.dtype) -> TextEncoder:
    """The text encoder and its tokenizer of a published model, safetensors only.

    Raises:
        BrokenWeights: they cannot be read.
    """
    # Seconds of imports, and not everybody has the extra.
    from transformers import CLIPTextModelWithProjection, CLIPTokenizer  # noqa: PLC0415

    try:
        loaded = cast(
            object,
            CLIPTextModelWithProjection.from_pretrained(
                str(folder / _ENCODER),
                use_safetensors=True,
                local_files_only=True,
                dtype=dtype,
                output_loading_info=True,
            ),
        )
        word_ids = cast(WordIds, CLIPTokenizer.from_pretrained(str(folder / _TOKENIZER), local_files_only=True))
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise BrokenWeights(f"aMUSEd's text encoder cannot be read: {error}") from error
    module = whole(loaded, "The text encoder", _BESIDE)
    return TextEncoder(module.to(device=device, dtype=dtype).eval(), word_ids)
