"""Bytes that Meissonic and EditMGT need on their device for a step, from their config alone. No torch here.

Counted by hand from what is alive at once in `packed`, `network` and `masked.draws`, and held to measured runs by a
test; weights are counted by `engine.models.parts`, which knows the text encoders too.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.models.meissonic.config import Config

_FLOAT32 = 4
# Alive in a single block's widest moment, beside the sequence itself: three of modulation, the sum before, what was
# found and the feed-forward side by side with it, twice, and the result. In a double block, of words and of picture.
_SINGLE, _DOUBLE_WORDS, _DOUBLE_PICTURE = 15, 10, 17
# At the head: each cell's values twice, each token's five times.
_HEAD_CELLS, _HEAD_TOKENS = 2, 5


@dataclass(frozen=True, slots=True)
class Needed:
    """Bytes on the device, without weights.

    Attributes:
        opened: of an edit while it is open: its words and its source.
        contexts: kept from step to step, in fast mode. step: of the larger of a forward and a draw, at its peak.
    """

    opened: int
    contexts: int
    step: int

    @property
    def peak(self) -> int:
        return self.opened + self.contexts + self.step


def needed_bytes(
    config: Config,
    float_bytes: int,
    size_tok: tuple[int, int],
    region_tok: int,
    *,
    guided: bool = True,
    has_source: bool | None = None,
    fast_cells: int | None = None,
) -> Needed:
    """One edit.

    Args:
        float_bytes: 4 for float32, 2 for half floats. size_tok: of the window. region_tok: tokens to be drawn.
        has_source: whether a picture is looked at; None: as the family does. It is taken to be as large as the window.
        fast_cells: cells of the region in fast mode; None: exact mode.
    """
    rows, width, words = 2 if guided else 1, config.width, config.words
    cells = -(-size_tok[0] // config.cell_tok) * -(-size_tok[1] // config.cell_tok)
    source = cells if (config.edits if has_source is None else has_source) else 0
    opened = (rows * words + source) * width * float_bytes
    sequence, picture = rows * (words + cells + source), rows * (cells + source)
    # The sequence, the embedded picture, sines and cosines of its places, and what makes the source louder.
    base = (sequence + rows * cells) * width * float_bytes + 2 * picture * config.head_dim * _FLOAT32
    base += rows * (words + cells + source) ** 2 * float_bytes if source else 0
    blocks = max(_SINGLE * sequence, _DOUBLE_WORDS * rows * words + _DOUBLE_PICTURE * picture)
    head = _HEAD_CELLS * rows * cells + _HEAD_TOKENS * rows * region_tok
    forward = base + max(blocks, head) * width * float_bytes
    contexts = 0
    if fast_cells is not None:
        layers = config.layers + config.single_layers
        contexts = 2 * layers * (sequence - rows * fast_cells) * width * float_bytes
    # Both guidances' logits, their difference and its multiple; or chances, also as float32, and random numbers twice.
    a_number = max((rows + 2 if guided else 2) * float_bytes, 3 * _FLOAT32 + (0 if float_bytes == _FLOAT32 else 2))
    draw = region_tok * config.codes * a_number + rows * region_tok * width * float_bytes
    return Needed(opened, contexts, max(forward, draw))
