"""What a training run does: sizes, rates, and how a budget of minutes becomes steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

StageName = Literal["tokenizer", "transformer", "decoder"]
STAGES: tuple[StageName, ...] = ("tokenizer", "transformer", "decoder")


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage.

    Attributes:
        batch: pictures a step. window_px: their side.
        rate: the highest learning rate; it rises over ``warm_up`` steps, and falls over the second half.
        steps_per_minute: nominal, measured once on the machine that the preset is for. A budget of minutes is always
            the same number of steps, so that a run can be repeated; the wall time is what it is.
        share: of the whole budget.
        bfloat16: networks run in bfloat16, weights and losses stay float32.
    """

    batch: int
    window_px: int
    rate: float
    warm_up: int
    steps_per_minute: int
    share: float
    bfloat16: bool


@dataclass(frozen=True, slots=True)
class Preset:
    """A whole run.

    Attributes:
        networks: name of the networks' preset in `engine.tokens.config.PRESETS`.
        worlds, crops_per_photo: pictures made before the first step. picture_px: their side.
        held_out: of each, the last so many, and all that were made from the same originals, are never trained on.
    """

    networks: str
    stages: Mapping[StageName, StagePlan]
    worlds: int
    crops_per_photo: int
    picture_px: int
    held_out: int


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "cpu": Preset(
            networks="cpu",
            stages={
                "tokenizer": StagePlan(24, 64, 2e-3, 100, 150, 0.3243, bfloat16=False),
                "transformer": StagePlan(20, 128, 1.5e-3, 100, 36, 0.5629, bfloat16=True),
                "decoder": StagePlan(16, 64, 4e-4, 50, 110, 0.1128, bfloat16=False),
            },
            worlds=12_288,
            crops_per_photo=8,
            picture_px=160,
            held_out=384,
        ),
        "gpu": Preset(
            networks="gpu",
            stages={
                "tokenizer": StagePlan(128, 128, 1.5e-3, 300, 900, 0.3, bfloat16=True),
                "transformer": StagePlan(128, 256, 1e-3, 500, 360, 0.6, bfloat16=True),
                "decoder": StagePlan(96, 128, 3e-4, 100, 500, 0.1, bfloat16=True),
            },
            worlds=49_152,
            crops_per_photo=16,
            picture_px=288,
            held_out=512,
        ),
        "toy": Preset(
            networks="toy",
            stages={
                "tokenizer": StagePlan(4, 32, 2e-3, 2, 60, 0.4, bfloat16=False),
                "transformer": StagePlan(4, 32, 2e-3, 2, 60, 0.4, bfloat16=False),
                "decoder": StagePlan(4, 32, 5e-4, 2, 60, 0.2, bfloat16=False),
            },
            worlds=96,
            crops_per_photo=4,
            picture_px=40,
            held_out=16,
        ),
    }
)


def steps_of(preset: Preset, stage: StageName, minutes: float) -> int:
    """Steps that this stage gets out of a budget of minutes for all stages; at least 1."""
    plan = preset.stages[stage]
    return max(1, round(minutes * plan.share * plan.steps_per_minute))
