"""Small ICC profiles."""

from __future__ import annotations

import struct

SRGB_COLUMNS = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))


def profile_of(gamma: float, columns: tuple[tuple[float, float, float], ...] = SRGB_COLUMNS) -> bytes:
    """Of matrix type: XYZ of red, green and blue, and one gamma as a ``curv`` element."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    primaries = [b"XYZ " + bytes(4) + struct.pack(">iii", *(round(v * 65536) for v in each)) for each in columns]
    tags, data, start = b"", b"", 128 + 4 + 12 * 4
    for name, body in zip((b"gTRC", b"rXYZ", b"gXYZ", b"bXYZ"), (curve, *primaries), strict=True):
        tags += struct.pack(">4sII", name, start + len(data), len(body))
        data += body
    header = bytearray(128)
    header[16:20], header[36:40] = b"RGB ", b"acsp"
    return bytes(header) + struct.pack(">I", 4) + tags + data
