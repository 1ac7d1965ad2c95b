"""Bytes that Lumina-DiMOO needs on its device, from its config alone. No torch here.

Counted by hand from what is alive at once in `transformer.Block`, `published` and `guided`, and held to a measured run
by a test; a device's own reserve (CUDA's context, fragmentation) comes on top, and so does the picture's tokenizer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.models.dimoo.config import Config

Way = Literal["bf16", "fp16", "fp32", "int8", "offload"]

# Words of a usual request with its template.
USUAL_WORDS_TOK = 64
# The window of an instruction, and rows and columns of the reference that takes most tokens, with its newlines.
INSTRUCT_SIDE_TOK = 32
LARGEST_REFERENCE_TOK = (64, 16)
_FLOAT32 = 4


@dataclass(frozen=True, slots=True)
class Needed:
    """Bytes on the device.

    Attributes:
        weights: while nothing runs. contexts: kept for an edit from step to step, in fast mode. step: of the larger
            of a forward and a draw, at its peak, without the two before.
    """

    weights: int
    contexts: int
    step: int

    @property
    def peak(self) -> int:
        return self.weights + self.contexts + self.step


def lengths_of(
    size_tok: tuple[int, int],
    *,
    guided: bool = True,
    pictures: Sequence[tuple[int, int]] = (),
    words_tok: int = USUAL_WORDS_TOK,
) -> list[int]:
    """Tokens of each sequence of an edit: with words, without them, without pictures.

    Args:
        size_tok: rows and columns of the window. pictures: of those that the words speak of: an instruction speaks of
            the window itself, and references are shown beside it.
    """
    answer = 4 + size_tok[0] * (size_tok[1] + 1)
    shown = sum(2 + rows * (columns + 1) for rows, columns in pictures)
    lengths = [words_tok + shown + answer]
    if guided:
        lengths.append(words_tok + shown + answer)
    if pictures:
        lengths.append(words_tok + answer)
    return lengths


def weight_bytes(config: Config, way: Way) -> int:
    """The weights on the device. With “offload” they are not there: only the largest of them is, for a moment."""
    each, width, hidden = _bytes_each(way), config.width, config.hidden
    ends = 2 * config.vocabulary * width
    if way == "offload":
        return max(config.vocabulary * width, width * hidden) * each
    norms = (2 * config.layers + 1) * width
    linear = config.layers * (4 * width * width + 3 * width * hidden)
    if way == "int8":
        scales = config.layers * (5 * width + 2 * hidden)
        return linear + (scales + ends + norms) * each
    return (linear + ends + norms) * each


def needed_bytes(config: Config, way: Way, lengths: Sequence[int], region_tok: int, *, fast: bool = False) -> Needed:
    """
    Args:
        lengths: of all sequences of all edits that share a forward, see `lengths_of`.
        region_tok: tokens of the largest region.
        fast: keys and values are kept.
    """
    each, width = _bytes_each(way), config.width
    tokens = sum(lengths)
    a_number_each = tokens * width * each
    # Kept of the last layer only once its own step is nearly over.
    contexts = 2 * (config.layers - 1) * a_number_each if fast else 0
    # Sines and cosines, and the ids with their places.
    turns = tokens * (2 * config.head_width * _FLOAT32 + 24)
    # x, normed, keys, values and queries, and what turning the last of them takes in float32.
    attention = 5 * a_number_each + (2 if each == _FLOAT32 else 3) * tokens * width * _FLOAT32
    # x as it came and as it is, normed, and twice what lies between the MLP's two layers.
    mlp = 3 * a_number_each + 2 * tokens * config.hidden * each
    # An 8 bit weight is read out before it is used, then scaled.
    read_out = 2 * width * config.hidden * each if way == "int8" else 0
    forward = turns + max(attention, mlp + read_out)
    # Logits, noise and their sum; what the forward said of the region, once with each guidance.
    draw = 3 * region_tok * config.codes * (each if way != "fp16" else _FLOAT32) + 3 * region_tok * width * each
    return Needed(weight_bytes(config, way), contexts, max(forward, draw))


def _bytes_each(way: Way) -> int:
    return _FLOAT32 if way == "fp32" else 2
