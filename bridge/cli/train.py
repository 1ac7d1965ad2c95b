"""`inlay train`: the engine's training in a process of its own; the bridge's programs never load torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.host import HOME, environment


def train_command(
    stage: Annotated[str, typer.Argument(help="tokenizer, transformer, decoder or all.")],
    photos: Annotated[Path, typer.Option(help="Folder of photographs.", exists=True, file_okay=False)],
    out: Annotated[Path, typer.Option(help="The run's own folder: pictures, checkpoints, log, sheets.")],
    budget: Annotated[str, typer.Option(help="Nominal, for all stages: 25m, 2h.")] = "25m",
    preset: Annotated[str, typer.Option(help="cpu, gpu or toy.")] = "cpu",
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same weights.")] = 1,
    stop_after: Annotated[str | None, typer.Option(help="Leave after so long, with a checkpoint: 90m.")] = None,
    device: Annotated[str | None, typer.Option(help="cuda or cpu; chosen by itself.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Progress as JSON lines.")] = False,
) -> None:
    """Train the token engine's weights; run it again and it goes on where it was.

    Exit code 3: time ran out before all was done.
    """
    command = [sys.executable, "-m", "engine.training", stage, "--photos", str(photos.resolve())]
    command += ["--out", str(out.resolve())]
    command += ["--budget", budget, "--preset", preset, "--seed", str(seed)]
    for option, value in (("--stop-after", stop_after), ("--device", device)):
        command += [] if value is None else [option, value]
    command += ["--json"] if as_json else []
    done = subprocess.run(command, env=environment(), cwd=HOME, check=False)  # noqa: S603 -- our own module
    if done.returncode:
        raise typer.Exit(done.returncode)
