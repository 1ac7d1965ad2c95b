"""What this machine's device has of memory.

Run as ``python -m engine.models.this_device NAME`` it prints the device and what a model needs as one line of JSON:
the bridge and the command line never import torch.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

import psutil
import torch

from engine.devices import choose_device
from engine.models.catalogue import entry_of
from engine.models.memory import Device, needs_of


def this_device(name: str | None = None) -> Device:
    """The one that edits would run on.

    Raises:
        BadRequest: there is none of that name.
    """
    device, memory = choose_device(name), psutil.virtual_memory()
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        return Device("cuda", torch.cuda.get_device_name(device), total, free, memory.available)
    # Memory that is shared with the computer, or that cannot be asked for.
    title = {"cpu": "the CPU", "mps": "Apple's GPU"}.get(device.type, device.type)
    return Device(device.type, title, memory.total, memory.available, memory.available)


def main() -> None:
    """Print what `bridge.weights.device` asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--device", default=None)
    arguments = parser.parse_args()
    entry, device = entry_of(arguments.name), this_device(arguments.device)
    needs = [(way, needs_of(entry, way)) for way in device.ways]
    told = [{"way": way.value, **asdict(one), "fits": device.fits(one)} for way, one in needs]
    sys.stdout.write(json.dumps({"device": device.name, "free_bytes": device.free_bytes, "needs": told}) + "\n")


if __name__ == "__main__":
    main()
