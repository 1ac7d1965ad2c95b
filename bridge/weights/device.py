"""What a model would need on this machine's device: asked in a process of its own, since torch alone knows devices."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict, dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from bridge.settings import Settings
from bridge.weights.errors import WeightsError
from bridge.weights.wording import gigabytes
from engine.host import HOME, environment
from engine.models.catalogue import Entry

_TIMEOUT_S = 120


class NoAnswer(WeightsError):
    """The device did not say what it has."""

    code = "no_device"
    hint = "`inlay doctor` says what is wrong with it."


class _Need(BaseModel):
    model_config = ConfigDict(frozen=True)

    way: str
    weights: int
    text_encoder: int
    activations: int
    fits: bool


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)

    device: str
    free_bytes: int
    needs: tuple[_Need, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A way to run a model here, and what it needs.

    Attributes:
        device: what it is called. free_bytes: of its memory, now.
        way: bf16, fp16, fp32, int8 or offload.
        total_bytes: at the peak of an edit. parts: of what, in words.
    """

    device: str
    free_bytes: int
    way: str
    total_bytes: int
    parts: str
    fits: bool

    def fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def needs_here(entry: Entry, settings: Settings) -> tuple[Fit, ...]:
    """Each way to run a model on the device that edits use, dearest first.

    Raises:
        NoAnswer: torch or the device failed.
    """
    command = [sys.executable, "-m", "engine.models.this_device", entry.name]
    if settings.device is not None:
        command += ["--device", settings.device]
    try:
        done = subprocess.run(  # noqa: S603 -- our own module
            command, capture_output=True, check=True, timeout=_TIMEOUT_S, cwd=HOME, env=environment()
        )
        answer = _Answer.model_validate_json(done.stdout.splitlines()[-1])
    except (subprocess.SubprocessError, OSError, IndexError, ValidationError):
        raise NoAnswer from None
    return tuple(
        Fit(
            device=answer.device,
            free_bytes=answer.free_bytes,
            way=need.way,
            total_bytes=need.weights + need.text_encoder + need.activations,
            parts=f"weights {gigabytes(need.weights)}, words {gigabytes(need.text_encoder)}, "
            f"an edit {gigabytes(need.activations)}",
            fits=need.fits,
        )
        for need in answer.needs
    )
