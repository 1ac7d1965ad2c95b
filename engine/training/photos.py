"""Crops of photographs, and what can be said of them by measuring."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.materials.colours import COLOURS

SUFFIXES = frozenset({".webp", ".png", ".jpg", ".jpeg"})
_SCALES = (1.0, 0.7, 0.5)
_JPEG_SHARE, _JPEG_QUALITIES = 0.25, (40, 90)
# Lightness below and above which a picture is called dark and light; sharpness below which blurred.
_DARK, _LIGHT, _BLURRED = 0.22, 0.72, 0.010
# A colour word is said of a crop when this share of its pixels is nearest to it, and it is that colourful.
_COLOUR_SHARE, _CHROMA = 0.55, 0.10


def photographs(folder: Path) -> list[Path]:
    """The pictures of a folder, all its depths, by name."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def originals_of(folder: Path, paths: Sequence[Path]) -> list[int]:
    """A number for each, the same for files that were made from one photograph (cut, turned, recoloured).

    A ``manifest.csv`` in the folder tells (columns ``file``, ``source``, ``path``); without one every file is its own.
    """
    manifest = folder / "manifest.csv"
    made_from: dict[str, tuple[str, str]] = {}
    if manifest.is_file():
        with manifest.open(newline="", encoding="utf-8") as lines:
            made_from = {row["file"]: (row["source"], row["path"]) for row in csv.DictReader(lines)}
    keys = [made_from.get(path.name, ("", str(path.relative_to(folder)))) for path in paths]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return [numbers[key] for key in keys]


def crops(path: Path, count: int, side_px: int, draw: torch.Generator) -> Tensor:
    """(count, 3, side, side) uint8: random places and scales of one photograph, some as JPEG leaves them."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    cut = [_crop(image, side_px, draw) for _ in range(count)]
    return torch.from_numpy(np.stack(cut)).permute(0, 3, 1, 2).contiguous()


def _crop(image: Image.Image, side_px: int, draw: torch.Generator) -> np.ndarray:
    short = min(image.size)
    scales = [scale for scale in (*_SCALES, side_px / short) if scale * short >= side_px] or [side_px / short]
    scale = scales[int(torch.randint(len(scales), (), generator=draw))]
    size = (max(side_px, round(image.width * scale)), max(side_px, round(image.height * scale)))
    scaled = image if scale == 1 else image.resize(size, Image.Resampling.LANCZOS)
    left = int(torch.randint(scaled.width - side_px + 1, (), generator=draw))
    top = int(torch.randint(scaled.height - side_px + 1, (), generator=draw))
    part = scaled.crop((left, top, left + side_px, top + side_px))
    if float(torch.rand((), generator=draw)) < _JPEG_SHARE:
        low, high = _JPEG_QUALITIES
        packed = io.BytesIO()
        part.save(packed, "JPEG", quality=int(torch.randint(low, high, (), generator=draw)))
        part = Image.open(packed)
    return np.array(part.convert("RGB"))


def caption(picture: Tensor) -> str:
    """Words that measuring can say of (3, H, W) float32 sRGB: dark or light, blurred, and a colour that rules.

    So the words stay tied to real pictures. Empty where nothing stands out.
    """
    said: list[str] = []
    light = picture.mean(0)
    if float(light.mean()) < _DARK:
        said.append("dark")
    elif float(light.mean()) > _LIGHT:
        said.append("light")
    sharpness = float(light.diff(dim=0).abs().mean() + light.diff(dim=1).abs().mean())
    if sharpness < _BLURRED:
        said.append("blurred")
    names = list(COLOURS)
    table = torch.tensor([COLOURS[name] for name in names])
    pixels = picture.flatten(1).T
    nearest = torch.cdist(pixels, table).argmin(1)
    counts = torch.bincount(nearest, minlength=len(names)).float() / len(nearest)
    chroma = float((picture.amax(0) - picture.amin(0)).mean())
    most = int(counts.argmax())
    if float(counts[most]) > _COLOUR_SHARE and (chroma > _CHROMA or names[most] in ("black", "white", "grey")):
        said.append(names[most])
    return " ".join(said)
