"""What an open model needs of a device's memory, in each way that it can run, and which of them fit.

Counted from its published configuration, for one edit whose window is selected whole at the model's native size, in
exact mode: the dearest. `bench open-weights` holds the count to a measured run of a middle-sized configuration. What
the device keeps for itself (CUDA's context) is in `Device.fits`. No torch here; `this_device` asks it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.models.catalogue import Entry
from engine.models.dimoo.config import Config
from engine.models.dimoo.memory import INSTRUCT_SIDE_TOK, LARGEST_REFERENCE_TOK, lengths_of, needed_bytes
from engine.models.meissonic.config import EDIT_MGT, MEISSONIC
from engine.models.meissonic.config import Config as MeissonicConfig
from engine.models.meissonic.memory import needed_bytes as meissonic_bytes
from engine.models.parts import (
    FLOAT32_BYTES,
    ClipConfig,
    GemmaConfig,
    MmditConfig,
    Part,
    UvitConfig,
    VqConfig,
    clip_part,
    gemma_part,
    llada_part,
    mmdit_part,
    uvit_part,
    vq_activations,
    vq_part,
)

_HALF_BYTES = 2
# What a process of torch with CUDA takes before it holds any tensor.
_CUDA_BYTES = 600 << 20
# At the draw of a step: logits with and without the words, both guidances and their sum; or chances, their random
# numbers twice and the quotient. All are as many as tokens times codes.
_DRAWN_AT_ONCE = 5


class Way(StrEnum):
    """How a model runs. INT8: linear layers' weights in 8 bits, the rest and all computing in halves. OFFLOAD: weights
    stay in the computer's memory, each layer's come to the device while it computes: slow."""

    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"
    INT8 = "int8"
    OFFLOAD = "offload"


@dataclass(frozen=True, slots=True)
class Needs:
    """Bytes on the device.

    Attributes:
        weights: of the transformer and of the picture tokenizer. text_encoder: of what reads the words.
        activations: what one edit makes, at its peak. host: in the computer's memory, where weights stay there.
    """

    weights: int
    text_encoder: int
    activations: int
    host: int = 0

    @property
    def total(self) -> int:
        return self.weights + self.text_encoder + self.activations


@dataclass(frozen=True, slots=True)
class Networks:
    """What a model is made of.

    Attributes:
        text: what reads the words; none where the transformer does.
        upcasts: its picture tokenizer overflows in 16 bit floats and runs in float32 then.
        always_float32: it runs in float32 always. vq_stays: it is on the device also where weights are not.
        step: bytes of a forward of the transformer for a window of so many tokens a side; None: next to nothing beside
            what the picture tokenizer makes.
    """

    transformer: Part
    text: tuple[Part, ...]
    vq: VqConfig
    upcasts: bool = True
    always_float32: bool = False
    vq_stays: bool = False
    step: Callable[[Way, int], int] | None = None


_DIMOO = Config()


def dimoo_step(config: Config, way: Way, side_tok: int) -> int:
    """Of a Lumina-DiMOO of that size, with the words and without them, everything drawn at once."""
    size_tok = (side_tok, side_tok)
    return needed_bytes(config, way.value, lengths_of(size_tok), side_tok * side_tok).step


def dimoo_step_with_pictures(config: Config, way: Way, side_tok: int) -> int:
    """The same of an instruction with a reference: its window is no larger than what it was trained with, but that
    window's picture and the reference stand in the sequence too."""
    side_tok = min(side_tok, INSTRUCT_SIDE_TOK)
    size_tok = (side_tok, side_tok)
    lengths = lengths_of(size_tok, pictures=(size_tok, LARGEST_REFERENCE_TOK))
    return needed_bytes(config, way.value, lengths, side_tok * side_tok).step


def _dimoo_step(way: Way, side_tok: int) -> int:
    return max(step(_DIMOO, way, side_tok) for step in (dimoo_step, dimoo_step_with_pictures))


def meissonic_step(config: MeissonicConfig) -> Callable[[Way, int], int]:
    """Of a Meissonic or EditMGT of that size: bytes by way and tokens a side, with the words and without them."""

    def step(way: Way, side_tok: int) -> int:
        each = FLOAT32_BYTES if way is Way.FP32 else _HALF_BYTES
        return meissonic_bytes(config, each, (side_tok, side_tok), side_tok * side_tok).peak

    return step


_CLIP_L = ClipConfig(width=768, layers=12, hidden=3072, projection=768)
_CLIP_H = ClipConfig(width=1024, layers=24, hidden=4096, projection=1024)
_GEMMA = GemmaConfig()
_NETWORKS: Mapping[str, Networks] = {
    "amused-256": Networks(uvit_part(UvitConfig(resamples=False)), (clip_part(_CLIP_L),), VqConfig()),
    "amused-512": Networks(uvit_part(UvitConfig()), (clip_part(_CLIP_L),), VqConfig()),
    "meissonic": Networks(mmdit_part(MmditConfig()), (clip_part(_CLIP_H),), VqConfig(), step=meissonic_step(MEISSONIC)),
    "editmgt": Networks(
        mmdit_part(MmditConfig(connected_width=_GEMMA.width)),
        (clip_part(_CLIP_H), gemma_part(_GEMMA)),
        VqConfig(),
        step=meissonic_step(EDIT_MGT),
    ),
    "lumina-dimoo": Networks(llada_part(_DIMOO), (), VqConfig(), always_float32=True, vq_stays=True, step=_dimoo_step),
}


@dataclass(frozen=True, slots=True)
class Device:
    """What edits run on.

    Attributes:
        kind: cuda, mps, xpu or cpu. name: what people call it.
        total_bytes, free_bytes: of its memory. host_bytes: free of the computer's.
    """

    kind: str
    name: str
    total_bytes: int
    free_bytes: int
    host_bytes: int

    @property
    def ways(self) -> tuple[Way, ...]:
        """Those in which models run there (`loading.ways_on`), the most exact first."""
        if self.kind == "cpu":
            return (Way.FP32, Way.BF16)
        return (Way.FP16 if self.kind == "mps" else Way.BF16, Way.INT8, Way.OFFLOAD)

    def fits(self, needs: Needs) -> bool:
        """Whether an edit has room there now."""
        reserve = _CUDA_BYTES if self.kind == "cuda" else 0
        return needs.total + reserve <= self.free_bytes and needs.host <= self.host_bytes


def needs_of(entry: Entry, way: Way) -> Needs:
    """What an open model needs at its native size.

    Raises:
        KeyError: a built-in model, which needs next to nothing.
    """
    return bytes_needed(_NETWORKS[entry.name], entry.native_px, way)


def bytes_needed(networks: Networks, side_px: int, way: Way) -> Needs:
    """What networks need for a window of that side, selected whole."""
    each = FLOAT32_BYTES if way is Way.FP32 else _HALF_BYTES
    is_wide = networks.always_float32 or (networks.upcasts and way is Way.FP16)
    vq_each = FLOAT32_BYTES if is_wide else each
    side_tok = side_px // networks.vq.token_px
    # Random numbers and what is computed with them are float32 always.
    draw = _DRAWN_AT_ONCE * side_tok**2 * networks.vq.codes * FLOAT32_BYTES
    step = networks.step(way, side_tok) if networks.step is not None else draw
    activations = max(vq_activations(networks.vq, (side_px, side_px), vq_each), step)
    vq = vq_part(networks.vq)
    parts = (networks.transformer, *networks.text)
    if way is Way.OFFLOAD:
        streamed, host = max(part.largest * each for part in parts), sum(part.bytes(each) for part in parts)
        if networks.vq_stays:
            return Needs(streamed + vq.bytes(vq_each), 0, activations, host)
        return Needs(max(streamed, vq.largest * vq_each), 0, activations, host + vq.bytes(vq_each))
    sizes = [part.int8_bytes(each) if way is Way.INT8 else part.bytes(each) for part in parts]
    return Needs(sizes[0] + vq.bytes(vq_each), sum(sizes[1:]), activations)


def why_not(entry: Entry, device: Device) -> str | None:
    """Why a model cannot run there in any way, for `catalogue.choose`; None where it can."""
    if entry.is_built_in:
        return None
    needs = [needs_of(entry, way) for way in device.ways]
    if any(device.fits(one) for one in needs):
        return None
    least = min(one.total for one in needs)
    return f"it needs {least / 1e9:.1f} GB at least, and {device.free_bytes / 1e9:.1f} GB of {device.name} are free."
