"""How a version came to be, in the words of the IPTC's vocabulary of digital sources.

https://cv.iptc.org/newscodes/digitalsourcetype/ (as of 2024-09-17). What was done on the way from the original to the
version is in the versions' plans; the strongest of it counts. Of an original nothing is said: where a designer's pixels
come from, nobody told the bridge.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import ValidationError

from bridge.history.records import Version
from engine.commands.plan import AnyOperation, Plan

Origin = Literal["humanEdits", "algorithmicallyEnhanced", "composite", "compositeWithTrainedAlgorithmicMedia"]
_VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"

# From the weakest to the strongest:
# - humanEdits, “augmentation, correction or enhancement by one or more humans using non-generative tools”: letters that
#   somebody typed, set as they are;
# - algorithmicallyEnhanced, “modification or correction by algorithm without changing its core content”: light, colour,
#   sharpness, styles drawn by rule, a background made transparent;
# - composite, “mix or composite of several elements”: other pictures put in;
# - compositeWithTrainedAlgorithmicMedia, made for inpainting and outpainting: a model drew what was not there.
_RANKS: tuple[Origin, ...] = (
    "humanEdits",
    "algorithmicallyEnhanced",
    "composite",
    "compositeWithTrainedAlgorithmicMedia",
)
_DRAWN: Origin = "compositeWithTrainedAlgorithmicMedia"
# What is not here is drawn by a model; so is whatever is added and forgotten here: better too much is said than too
# little.
_OF_OPERATION: dict[str, Origin] = {
    "add_text": "humanEdits",
    "adjust": "algorithmicallyEnhanced",
    "background_blur": "algorithmicallyEnhanced",
    "background_remove": "algorithmicallyEnhanced",
    "recolour": "algorithmicallyEnhanced",
    "relight": "algorithmicallyEnhanced",
    "restyle": "algorithmicallyEnhanced",
    "upscale": "algorithmicallyEnhanced",
    "place_image": "composite",
    "combine": "composite",
}
# What the operations call that which painted a background, where nothing was drawn for it.
_AS_IT_IS = "the picture as it is"


def uri_of(origin: Origin) -> str:
    """The term's address, as XMP and C2PA name it."""
    return _VOCABULARY + origin


def origin_of(way: Iterable[Version]) -> Origin | None:
    """The strongest of what these versions, from the original to the one that is meant, did; None: nothing was done."""
    return _strongest(_of(version) for version in way)


def _of(version: Version) -> Origin | None:
    if version.kind == "source":
        return None
    if version.weights_hash:  # trained weights had a say in its pixels
        return _DRAWN
    try:
        operations = Plan.model_validate_json(version.plan).ops
    except ValidationError:
        operations = ()
    kinds: list[Origin] = [_of_operation(operation, version) for operation in operations]
    return _strongest(kinds) or _DRAWN


def _strongest(origins: Iterable[Origin | None]) -> Origin | None:
    found = set(origins)
    return next((one for one in reversed(_RANKS) if one in found), None)


def _of_operation(operation: AnyOperation, version: Version) -> Origin:
    if operation.op == "background_replace" and (operation.reference is not None or version.model == _AS_IT_IS):
        return "composite"
    return _OF_OPERATION.get(operation.op, _DRAWN)
