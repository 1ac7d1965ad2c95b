"""What diffusers' and transformers' `from_pretrained` loaded, if none of it was made up.

Where a file lacks a weight, transformers draws it at random and says so in a log, and diffusers leaves it without
memory; neither is an error to them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from torch import nn

from engine.errors import BrokenWeights


def whole(loaded: object, what: str) -> nn.Module:
    """The network.

    Args:
        loaded: by ``from_pretrained(…, output_loading_info=True)``. what: whose files they are, for people.

    Raises:
        BrokenWeights: weights are missing.
    """
    network, info = cast("tuple[nn.Module, Mapping[str, Collection[str]]]", loaded)
    missing = sorted(info["missing_keys"])
    if missing:
        raise BrokenWeights(f"{what} lacks {len(missing)} of its weights: {', '.join(missing[:3])}.")
    return network
