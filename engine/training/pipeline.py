"""A whole run: pictures, the three stages one after the other, the weights to be shipped."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.materials import catalogue
from engine.tokens.config import PRESETS as NETWORKS
from engine.tokens.config import TOKEN_PX
from engine.tokens.text import Vocabulary
from engine.tokens.tokenizer import Tokenizer
from engine.tokens.transformer import Transformer
from engine.training import data
from engine.training.checkpoint import load_average
from engine.training.decoder_stage import DecoderStage
from engine.training.loop import Report, Stage, run
from engine.training.presets import PRESETS, STAGES, StageName, steps_of
from engine.training.tokenizer_stage import TokenizerStage
from engine.training.transformer_stage import TransformerStage
from engine.weights import write_tensors

Tell = Callable[[str, float, Mapping[str, float]], None]
# Half the bytes, and no difference to be seen.
_SHIPPED = torch.bfloat16


@dataclass(frozen=True, slots=True)
class Run:
    """What to train.

    Attributes:
        photos: folder of photographs. out: the run's own folder; what is there is gone on with.
        minutes: nominal budget for all stages, see `presets.steps_of`.
        stop_after_s: leave earlier, with a checkpoint.
    """

    photos: Path
    out: Path
    minutes: float
    preset: str = "cpu"
    seed: int = 1
    stages: Sequence[StageName] = STAGES
    device: str = "cpu"
    stop_after_s: float | None = None


def train(wanted: Run, tell: Tell) -> bool:
    """Train the stages that are wanted, in their order.

    Returns:
        True when all are done, False when time ran out before.

    Raises:
        ValueError: no photographs, an unknown preset, or the folder is another run's.
    """
    if wanted.preset not in PRESETS:
        raise ValueError(f"there is no preset {wanted.preset!r}; there are {', '.join(PRESETS)}")
    preset = PRESETS[wanted.preset]
    began = time.monotonic()
    _same_run(wanted)
    torch.manual_seed(wanted.seed)
    networks = NETWORKS[preset.networks]
    words = catalogue.words()
    vocabulary = Vocabulary(words, networks.transformer.most_words)
    tokenizer = Tokenizer(networks.tokenizer).to(wanted.device)
    transformer = Transformer(networks.transformer, len(vocabulary)).to(wanted.device)
    folder = wanted.out / "data"
    worlds = data.worlds(preset, folder, wanted.seed, lambda what, done: tell(what, done, {}), wanted.device)
    photos = data.photo_crops(preset, wanted.photos, folder, wanted.seed, lambda what, done: tell(what, done, {}))
    held = preset.held_out

    for name in STAGES:
        plan = preset.stages[name]
        if name not in wanted.stages:
            continue
        if name == "tokenizer":
            stage: Stage = TokenizerStage(tokenizer, plan, photos, worlds, held)
        else:
            tokenizer.load_state_dict(load_average(wanted.out / "tokenizer.safetensors"))
            if name == "transformer":
                stage = TransformerStage(transformer, tokenizer, vocabulary, plan, photos, worlds, held)
            else:
                transformer.load_state_dict(load_average(wanted.out / "transformer.safetensors"))
                stage = DecoderStage(tokenizer, transformer, vocabulary, plan, photos, worlds, held)
        left = None if wanted.stop_after_s is None else wanted.stop_after_s - (time.monotonic() - began)
        if left is not None and left <= 0:
            return False
        steps = steps_of(preset, name, wanted.minutes)
        done = run(stage, plan, steps, wanted.out, wanted.seed, Report(tell), stop_after_s=left)
        if done.step < steps:
            return False
    if "decoder" in wanted.stages:
        export(wanted, words)
    return True


def export(wanted: Run, words: Sequence[str]) -> Path:
    """``nano.safetensors`` of a finished run: the averaged weights of all stages."""
    path = wanted.out / "nano.safetensors"
    tokenizer, transformer = (load_average(wanted.out / f"{name}.safetensors") for name in ("decoder", "transformer"))
    write_weights(path, wanted.preset, tokenizer, transformer, words, _trained(wanted))
    return path


def write_weights(
    path: Path,
    preset: str,
    tokenizer: Mapping[str, Tensor],
    transformer: Mapping[str, Tensor],
    words: Sequence[str],
    trained: Mapping[str, str | int | float],
) -> None:
    """One file with all that is needed to draw: both networks, their sizes, the words in the order of their rows.

    Args:
        tokenizer, transformer: state dictionaries. trained: how, for whoever opens the file.
    """
    networks = NETWORKS[PRESETS[preset].networks]
    tensors = {f"tokenizer/{name}": value for name, value in tokenizer.items()}
    tensors |= {f"transformer/{name}": value for name, value in transformer.items()}
    header = {
        "tokenizer": json.dumps(networks.tokenizer.to_dict()),
        "transformer": json.dumps(networks.transformer.to_dict()),
        "words": json.dumps(list(words)),
        "window_tok": str(PRESETS[preset].stages["transformer"].window_px // TOKEN_PX),
        "trained": json.dumps(dict(trained)),
        "license": "Apache-2.0",
    }
    shipped = {name: value.to(_SHIPPED) if value.is_floating_point() else value for name, value in tensors.items()}
    write_tensors(path, shipped, header)


def _trained(wanted: Run) -> dict[str, str | int | float]:
    return {"preset": wanted.preset, "seed": wanted.seed, "minutes": wanted.minutes}


def _same_run(wanted: Run) -> None:
    """Write down what this folder is for, or compare with what is written there.

    Raises:
        ValueError: it is another run's.
    """
    wanted.out.mkdir(parents=True, exist_ok=True)
    path = wanted.out / "run.json"
    mine = {
        "preset": wanted.preset,
        "seed": wanted.seed,
        "minutes": wanted.minutes,
        "words": list(catalogue.words()),
    }
    if not path.exists():
        path.write_text(json.dumps(mine, indent=1), encoding="utf-8")
    elif json.loads(path.read_text(encoding="utf-8")) != mine:
        raise ValueError(
            f"{wanted.out.name} holds a run with another preset, seed, budget or word list; take another folder"
        )
