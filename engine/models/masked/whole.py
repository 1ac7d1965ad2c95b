"""What diffusers' and transformers' `from_pretrained` loaded, if none of it was made up and none was passed over.

Where a file lacks a weight, transformers draws it at random and says so in a log, and diffusers leaves it without
memory; a weight that the network has no place for, both leave out with a word in a log. Neither is an error to them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import cast

from torch import nn

from engine.errors import BrokenWeights


def whole(loaded: object, what: str, beside: str | None = None) -> nn.Module:
    """The network.

    Args:
        loaded: by ``from_pretrained(…, output_loading_info=True)``. what: whose files they are, for people.
        beside: a pattern of names that published files hold though the network has no place for them.

    Raises:
        BrokenWeights: weights are missing, or are not this network's.
    """
    network, info = cast("tuple[nn.Module, Mapping[str, Collection[str]]]", loaded)
    missing = sorted(info["missing_keys"])
    if missing:
        raise BrokenWeights(f"{what} lacks {len(missing)} of its weights: {', '.join(missing[:3])}.")
    unexpected = sorted(name for name in info["unexpected_keys"] if not (beside and re.fullmatch(beside, name)))
    if unexpected:
        raise BrokenWeights(
            f"{what} has weights that are not its own ({len(unexpected)}): {', '.join(unexpected[:3])}."
        )
    return network
