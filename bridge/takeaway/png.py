"""PNG written band by band, so that a layer of any size needs the memory of a few rows.

The libraries that we have want the whole picture at once; this is the small part of PNG that an export needs: 8 and
16 bits, one to four channels, each row with the filter whose differences are smallest (PNG 1.2, 9.6).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import IO

import numpy as np
from numpy.typing import NDArray

from engine.api import Depth, LayerFormat, Pixels
from engine.geometry import Size

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_LEVEL = 6
_Bytes = NDArray[np.uint8]


def write_png(
    file: IO[bytes], size: Size, format_: LayerFormat, bands: Iterable[Pixels], profile: bytes | None, xmp: bytes
) -> None:
    """Write a picture.

    Args:
        file: opened for writing.
        size, format_: of the picture; 8 or 16 bits, alpha straight or none.
        bands: its rows from the top, H×W×C each.
        profile: ICC profile.
        xmp: packet.
    """
    bits = 8 if format_.depth is Depth.U8 else 16
    header = struct.pack(">IIBBBBB", size.width, size.height, bits, _COLOUR_TYPES[format_.channels], 0, 0, 0)
    file.write(_SIGNATURE)
    _chunk(file, b"IHDR", header)
    if profile is not None:
        _chunk(file, b"iCCP", b"ICC profile\0\0" + zlib.compress(profile))
    _chunk(file, b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)
    packer = zlib.compressobj(_LEVEL)
    step = format_.bytes_per_pixel
    above = np.zeros(size.width * step, np.uint8)
    for band in bands:
        rows = _rows(band)
        filtered = _filtered(rows, above, step)
        above = rows[-1]
        _chunk(file, b"IDAT", packer.compress(filtered.tobytes()))
    _chunk(file, b"IDAT", packer.flush())
    _chunk(file, b"IEND", b"")


def _rows(band: Pixels) -> _Bytes:
    """H×bytes, in PNG's byte order."""
    big = np.ascontiguousarray(band, band.dtype.newbyteorder(">"))
    return big.view(np.uint8).reshape(band.shape[0], -1)


def _filtered(rows: _Bytes, above: _Bytes, step: int) -> _Bytes:
    """H×(1 + bytes): each row's filter and its differences."""
    up = np.vstack((above[np.newaxis], rows[:-1]))
    left = np.zeros_like(rows)
    left[:, step:] = rows[:, :-step]
    corner = np.zeros_like(rows)
    corner[:, step:] = up[:, :-step]
    mean = (left >> 1) + (up >> 1) + (left & up & 1)
    best = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    cost = np.full(rows.shape[0], np.iinfo(np.uint32).max, np.uint32)
    guesses = (np.zeros_like(rows), left, up, mean, _paeth(left, up, corner))
    for kind, guess in enumerate(guesses):
        differences = rows - guess
        # Their sizes as numbers with a sign, modulo 256: the sum that PNG's authors advise.
        sums = np.minimum(differences, np.negative(differences)).sum(axis=1, dtype=np.uint32)
        better = sums < cost
        cost[better] = sums[better]
        best[better, 0] = kind
        best[better, 1:] = differences[better]
    return best


def _paeth(left: _Bytes, up: _Bytes, corner: _Bytes) -> _Bytes:
    """Of the three neighbours the one nearest to their plane."""
    a, b, c = left.astype(np.int16), up.astype(np.int16), corner.astype(np.int16)
    to_left, to_up = b - c, a - c
    to_corner = np.abs(to_left + to_up)
    np.abs(to_left, out=to_left)
    np.abs(to_up, out=to_up)
    is_left = (to_left <= to_up) & (to_left <= to_corner)
    return np.where(is_left, left, np.where(to_up <= to_corner, up, corner)).astype(np.uint8)


def _chunk(file: IO[bytes], name: bytes, data: bytes) -> None:
    if name == b"IDAT" and not data:
        return
    file.write(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))
