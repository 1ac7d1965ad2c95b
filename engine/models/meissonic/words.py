"""Words as Meissonic and EditMGT read them: CLIP-H for both; what EditMGT attends to comes from Gemma 2."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from engine.errors import BrokenWeights
from engine.models.amused.words import TextEncoder, load_text_encoder
from engine.models.masked.whole import whole
from engine.models.meissonic.config import GEMMA_WORDS

_LANGUAGE_MODEL = "llm_encoder"
# The head that says the next word: EditMGT's own loader reads Gemma with it, so what it writes out may hold it, though
# it is the embedding once more.
_BESIDE = r"lm_head\.weight"


class Reader(Protocol):
    """Text to what `network.Network.say` takes: (words, width) and (pooled width,)."""

    def __call__(self, text: str) -> tuple[Tensor, Tensor]: ...


class _WordIds(Protocol):
    """A tokenizer of transformers."""

    class Found(Protocol):
        input_ids: Tensor

    def __call__(
        self, text: list[str], *, return_tensors: str, padding: str, truncation: bool, max_length: int
    ) -> _WordIds.Found: ...


class _Encoded(Protocol):
    hidden_states: Sequence[Tensor]


class _LanguageModel(Protocol):
    def __call__(
        self, *, input_ids: Tensor, return_dict: bool, output_hidden_states: bool, use_cache: bool
    ) -> _Encoded: ...


class ClipWords:
    """Meissonic: CLIP's last layer but one, and its pooled vector."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder

    def __call__(self, text: str) -> tuple[Tensor, Tensor]:
        hidden, pooled = self._encoder(text)
        return hidden[0], pooled[0]


class GemmaWords:
    """EditMGT: CLIP's pooled vector, and Gemma's last layer but one, of 256 places.

    The published code fills the places up and masks none of them, so Gemma sees what they are filled with.
    """

    def __init__(self, encoder: TextEncoder, language_model: nn.Module, word_ids: _WordIds) -> None:
        self._encoder, self._model, self._word_ids = encoder, language_model, word_ids

    @torch.inference_mode()
    def __call__(self, text: str) -> tuple[Tensor, Tensor]:
        ids = self._word_ids(
            [text], return_tensors="pt", padding="max_length", truncation=True, max_length=GEMMA_WORDS
        ).input_ids
        device = next(self._model.parameters()).device
        encoded = cast(_LanguageModel, self._model)(
            input_ids=ids.to(device), return_dict=True, output_hidden_states=True, use_cache=False
        )
        return encoded.hidden_states[-2][0], self._encoder(text)[1][0]


def load_words(folder: Path, device: torch.device, dtype: torch.dtype, *, edits: bool) -> Reader:
    """The text encoders of a published model, safetensors only.

    Raises:
        BrokenWeights: they cannot be read.
    """
    encoder = load_text_encoder(folder, device, dtype)
    if not edits:
        return ClipWords(encoder)
    # Seconds of imports, and not everybody has the extra.
    from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415

    # Gemma 2 overflows in float16.
    dtype = torch.bfloat16 if dtype is torch.float16 else dtype
    part = str(folder / _LANGUAGE_MODEL)
    try:
        # Without the head that says the next word, which nothing here asks for.
        loaded = cast(
            object,
            AutoModel.from_pretrained(
                part, use_safetensors=True, local_files_only=True, dtype=dtype, output_loading_info=True
            ),
        )
        word_ids = cast(_WordIds, AutoTokenizer.from_pretrained(part, local_files_only=True))
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise BrokenWeights(f"EditMGT's language model cannot be read: {error}") from error
    module = whole(loaded, "EditMGT's language model", _BESIDE)
    return GemmaWords(encoder, module.to(device=device, dtype=dtype).eval(), word_ids)
