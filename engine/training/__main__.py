"""``python -m engine.training``: train the token engine's weights. ``inlay train`` runs this."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch

from engine.training.pipeline import Run, train
from engine.training.presets import PRESETS, STAGES, StageName

_TELL_EVERY_S = 1.0
_BAR = 30


def _minutes(text: str) -> float:
    """``25m``, ``90s``, ``2h`` or a number of minutes."""
    factor = {"s": 1 / 60, "m": 1.0, "h": 60.0}.get(text[-1:])
    try:
        value = float(text[:-1] if factor else text) * (factor or 1.0)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; say 25m, 90s or 2h") from None
    if value <= 0:
        raise argparse.ArgumentTypeError("a budget is more than nothing")
    return value


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "inlay train", description="Train the token engine's weights. Goes on where it was."
    )
    parser.add_argument("stage", choices=(*STAGES, "all"))
    parser.add_argument("--photos", type=Path, required=True, help="Folder of photographs.")
    parser.add_argument(
        "--out", type=Path, required=True, help="The run's own folder: pictures, checkpoints, log, sheets."
    )
    parser.add_argument("--budget", type=_minutes, default=25.0, help="Nominal, for all stages: 25m, 2h.")
    parser.add_argument("--preset", choices=tuple(PRESETS), default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--stop-after", type=_minutes, help="Leave after so long, with a checkpoint.")
    parser.add_argument("--threads", type=int, help="CPU threads.")
    parser.add_argument("--json", action="store_true", help="Progress as JSON lines.")
    return parser.parse_args()


class _Teller:
    """Progress for people or for programs; at most once a second."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._last = 0.0

    def __call__(self, what: str, done: float, figures: Mapping[str, float]) -> None:
        now = time.monotonic()
        if now - self._last < _TELL_EVERY_S and done < 1:
            return
        self._last = now
        if self._as_json:
            line = json.dumps({"what": what, "done": round(done, 4), **figures})
        else:
            bar = "█" * round(done * _BAR)
            told = "  ".join(f"{name} {value:.3f}" for name, value in figures.items())
            line = f"{what:<12} {bar:<{_BAR}} {done:6.1%}  {told}"
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def main() -> int:
    """0 when all is done, 3 when time ran out before (run it again), 2 for what cannot be."""
    given = _arguments()
    if given.threads:
        torch.set_num_threads(given.threads)
    stages: tuple[StageName, ...] = STAGES if given.stage == "all" else (cast(StageName, given.stage),)
    stop_after_s = None if given.stop_after is None else float(given.stop_after) * 60
    wanted = Run(given.photos, given.out, given.budget, given.preset, given.seed, stages, given.device, stop_after_s)
    try:
        return 0 if train(wanted, _Teller(given.json)) else 3
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. The same command goes on from the last checkpoint.\n")
        return 130
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
