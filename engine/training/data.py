"""The pictures of a run, made once and kept in its folder: drawing them for every step would cost more than the step.

Shards are safetensors of uint8 pictures with a JSON of captions beside them, made one after the other from seeds of
their own: a run that was interrupted goes on with the next one, and holds what an unbroken one would.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from engine.materials.material import Kind
from engine.training.photos import caption, crops, originals_of, photographs
from engine.training.presets import Preset
from engine.training.worlds import GROUP, world
from engine.weights import read_tensors, write_tensors

SHARD = 256
Tell = Callable[[str, float], None]
# Seeds of different things must not meet.
_WORLD_SEEDS, _PHOTO_SEEDS = 1 << 40, 2 << 40


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """(n, 3, side, side) uint8 with a caption each (may be empty), and whether each is a scene.

    Attributes:
        origins: (n,) int64: pictures of one number were cut from one photograph, or drawn from one seed.
    """

    pixels: Tensor
    captions: tuple[str, ...]
    is_scene: Tensor
    origins: Tensor

    def __len__(self) -> int:
        return len(self.captions)

    def split(self, held_out: int) -> tuple[Pictures, Pictures]:
        """To train on, and the last ``held_out``; what shares an origin with those is in neither.

        Raises:
            ValueError: nothing is left to train on.
        """
        at = max(0, len(self) - held_out)
        apart = ~torch.isin(self.origins[:at], self.origins[at:])
        if not bool(apart.any()):
            raise ValueError(f"{len(self)} pictures are too few to hold {held_out} of them out; give more photographs")
        return self._part(apart.nonzero()[:, 0]), self._part(torch.arange(at, len(self)))

    def _part(self, which: Tensor) -> Pictures:
        captions = tuple(self.captions[int(number)] for number in which)
        return Pictures(self.pixels[which], captions, self.is_scene[which], self.origins[which])


def worlds(preset: Preset, folder: Path, seed: int, tell: Tell, device: str = "cpu") -> Pictures:
    """The library's pictures, drawn where they are missing."""

    def make(number: int) -> Pictures:
        drawn = [
            world(preset.picture_px, seed * SHARD + _WORLD_SEEDS + number * SHARD + group, device=device)
            for group in range(SHARD // GROUP)
        ]
        pixels = torch.cat([_bytes(each.pictures).cpu() for each in drawn])
        captions = tuple(each.caption for each in drawn for _ in range(GROUP))
        scenes = torch.tensor([each.kind is Kind.SCENE for each in drawn for _ in range(GROUP)])
        groups = torch.arange(len(drawn)).repeat_interleave(GROUP) + number * (SHARD // GROUP)
        return Pictures(pixels, captions, scenes, groups)

    shards = max(1, preset.worlds // SHARD)
    return _shards("worlds", shards, folder, make, tell)


def photo_crops(preset: Preset, photos: Path, folder: Path, seed: int, tell: Tell) -> Pictures:
    """Crops of the photographs, in an order drawn by the seed (so that the held out ones are of any kind).

    Raises:
        ValueError: there is no photograph in the folder.
    """
    paths = photographs(photos)
    if not paths:
        raise ValueError(f"no photographs in {photos.name}")
    order = [int(place) for place in torch.randperm(len(paths), generator=torch.Generator().manual_seed(seed))]
    each = max(1, SHARD // preset.crops_per_photo)
    originals = originals_of(photos, paths)

    def make(number: int) -> Pictures:
        cut: list[Tensor] = []
        for place in order[number * each : (number + 1) * each]:
            draw = torch.Generator().manual_seed(seed + _PHOTO_SEEDS + place)
            cut.append(crops(paths[place], preset.crops_per_photo, preset.picture_px, draw))
        pixels = torch.cat(cut)
        captions = tuple(caption(picture.float() / 255) for picture in pixels)
        origins = torch.tensor([originals[place] for place in order[number * each : (number + 1) * each]])
        origins = origins.repeat_interleave(preset.crops_per_photo)
        return Pictures(pixels, captions, torch.zeros(len(pixels), dtype=torch.bool), origins)

    return _shards("photos", -(-len(paths) // each), folder, make, tell)


def _shards(name: str, count: int, folder: Path, make: Callable[[int], Pictures], tell: Tell) -> Pictures:
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[Pictures] = []
    for number in range(count):
        path = folder / f"{name}-{number:04}.safetensors"
        kept = _read(path) if path.exists() else None
        if kept is None:
            kept = make(number)
            _write(kept, path)
        parts.append(kept)
        tell(name, (number + 1) / count)
    return Pictures(
        torch.cat([part.pixels for part in parts]),
        tuple(caption for part in parts for caption in part.captions),
        torch.cat([part.is_scene for part in parts]),
        torch.cat([part.origins for part in parts]),
    )


def _write(pictures: Pictures, path: Path) -> None:
    header = {"captions": json.dumps(pictures.captions)}
    tensors = {"pixels": pictures.pixels, "is_scene": pictures.is_scene, "origins": pictures.origins}
    write_tensors(path, tensors, header)


def _read(path: Path) -> Pictures | None:
    """None for a shard of before origins were told: it is made anew."""
    tensors, header = read_tensors(path)
    if "origins" not in tensors:
        return None
    captions = cast(list[str], json.loads(header["captions"]))
    return Pictures(tensors["pixels"], tuple(captions), tensors["is_scene"], tensors["origins"])


def _bytes(pictures: Tensor) -> Tensor:
    return (pictures * 255).round().clamp(0, 255).to(torch.uint8)


def windows(pictures: Pictures, which: Sequence[int] | Tensor, side_px: int, draw: torch.Generator) -> Tensor:
    """(n, 3, side, side) float32: a random part of each of those pictures, half of them mirrored."""
    full = pictures.pixels.shape[-1]
    room = full - side_px + 1
    corners = torch.randint(room, (len(which), 2), generator=draw)
    mirrored = torch.rand(len(which), generator=draw) < 0.5
    cut: list[Tensor] = []
    for number, corner in zip(which, corners, strict=True):
        top, left = int(corner[0]), int(corner[1])
        cut.append(pictures.pixels[int(number), :, top : top + side_px, left : left + side_px])
    out = torch.stack(cut).float() / 255
    return torch.where(mirrored[:, None, None, None], out.flip(-1), out)


def augmented(pictures: Tensor, draw: torch.Generator) -> Tensor:
    """Photographs in slightly other light and colour; (B, 3, H, W)."""
    batch = len(pictures)

    def of(*shape: int) -> Tensor:
        return torch.rand(batch, *shape, generator=draw) - 0.5

    gamma = torch.exp(of(1, 1, 1) * 0.3)
    return (pictures.clamp(0, 1) ** gamma * (1 + of(3, 1, 1) * 0.12)).clamp(0, 1)
