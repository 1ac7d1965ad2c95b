"""TIFF of 8, 16 and 32 bit float: what `bridge.files` needs of tifffile."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import tifffile

from bridge.errors import UnreadablePicture, UnsupportedPicture
from engine.api import Alpha, Depth, LayerFormat, Pixels

_PROFILE_TAG, _ORIENTATION_TAG, _X_DPI_TAG, _Y_DPI_TAG, _DPI_UNIT_TAG = 34675, 274, 282, 283, 296
_MINISWHITE, _MINISBLACK, _RGB, _YCBCR = 0, 1, 2, 6
_NAMES = {3: "a palette", 5: "CMYK", 8: "CIE Lab", 9: "ICC Lab", 10: "ITU Lab"}
_ASSOCIATED = 1
_CENTIMETRES_AN_INCH = 2.54
_DEPTHS = {"uint8": Depth.U8, "uint16": Depth.U16, "float32": Depth.F32}
_HINT = "Save it as RGB or grey TIFF or PNG of 8 or 16 bits, then try again."


@dataclass(frozen=True, slots=True, eq=False)
class Tiff:
    """What a TIFF file holds; ``orientation`` 1 to 8 as its tag says, not applied."""

    pixels: Pixels
    format: LayerFormat
    profile: bytes | None
    dpi: tuple[float, float] | None
    orientation: int


def decode_tiff(data: bytes, check_size: Callable[[int, int], None]) -> Tiff:
    """Read the one picture of a TIFF file.

    Args:
        data: the file.
        check_size: called with width and height before anything is unpacked; raises when they are too large.

    Raises:
        UnsupportedPicture: several pages, colours or depths that we would not keep exactly.
        UnreadablePicture: cut off. tifffile raises errors of many kinds besides.
    """
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        page = tiff.pages.first
        check_size(page.imagewidth, page.imagelength)
        whole = [other for other in tiff.pages if not (isinstance(other, tifffile.TiffPage) and other.is_reduced)]
        if len(whole) > 1 or page.imagedepth != 1:
            raise UnsupportedPicture(f"It has {len(whole)} pages.", hint="Save the one you want as a file of its own.")
        ends = [offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True)]
        if not ends or max(ends) > len(data) or 0 in page.databytecounts:
            raise UnreadablePicture("It is cut off.")
        format_ = _format_of(page)
        pixels = cast(npt.NDArray[np.generic], page.asarray())
        pixels = np.moveaxis(pixels, 0, -1) if page.axes == "SYX" else pixels
        pixels = pixels if pixels.ndim == 3 else pixels[..., None]
        if pixels.shape != (page.imagelength, page.imagewidth, format_.channels):
            raise UnreadablePicture("Its pixels are not what its header says.")
        plain = np.ascontiguousarray(pixels.astype(format_.depth.dtype, copy=False))
        if page.photometric == _MINISWHITE:
            plain = np.bitwise_not(plain)
        return Tiff(plain, format_, _profile_of(page), _dpi_of(page), _orientation_of(page))


def encode_tiff(pixels: Pixels, format_: LayerFormat, profile: bytes | None, dpi: tuple[float, float] | None) -> bytes:
    """A TIFF file, packed without loss."""
    out = io.BytesIO()
    grey = format_.channels <= 2
    extra = {Alpha.NONE: None, Alpha.STRAIGHT: ["unassalpha"], Alpha.PREMULTIPLIED: ["assocalpha"]}[format_.alpha]
    tifffile.imwrite(
        out,
        pixels[..., 0] if format_.channels == 1 else pixels,
        photometric="minisblack" if grey else "rgb",
        planarconfig=None if format_.channels == 1 else "contig",
        extrasamples=extra,
        compression="zlib",
        predictor=True,
        iccprofile=profile,
        resolution=dpi,
        resolutionunit="INCH" if dpi is not None else None,
        metadata=None,
        software=False,
    )
    return out.getvalue()


def _format_of(page: tifffile.TiffPage) -> LayerFormat:
    colours = {_MINISWHITE: 1, _MINISBLACK: 1, _RGB: 3, _YCBCR: 3}.get(int(page.photometric))
    depth = _DEPTHS.get(str(page.dtype))
    if colours is None:
        name = _NAMES.get(int(page.photometric), f"colour space {int(page.photometric)}")
        raise UnsupportedPicture(f"It is in {name}.", hint=_HINT)
    if depth is None or page.bitspersample not in (8, 16, 32):
        raise UnsupportedPicture(f"Its samples have {page.bitspersample} bits ({page.dtype}).", hint=_HINT)
    if page.photometric == _MINISWHITE and depth is Depth.F32:
        raise UnsupportedPicture("It is an inverted float picture.", hint=_HINT)
    extras = page.samplesperpixel - colours
    if extras not in (0, 1):
        raise UnsupportedPicture(f"It has {extras} channels beside its colours.", hint=_HINT)
    if extras == 0:
        return LayerFormat(depth, colours, Alpha.NONE)
    if page.photometric == _MINISWHITE:
        raise UnsupportedPicture("It is inverted and has alpha.", hint=_HINT)
    marked = [int(sample) for sample in page.extrasamples]
    return LayerFormat(depth, colours + 1, Alpha.PREMULTIPLIED if marked == [_ASSOCIATED] else Alpha.STRAIGHT)


def _profile_of(page: tifffile.TiffPage) -> bytes | None:
    value = cast(object, page.tags.valueof(_PROFILE_TAG))
    return value if isinstance(value, bytes) and value else None


def _orientation_of(page: tifffile.TiffPage) -> int:
    value = cast(object, page.tags.valueof(_ORIENTATION_TAG))
    return int(value) if isinstance(value, int) and 1 <= value <= 8 else 1


def _dpi_of(page: tifffile.TiffPage) -> tuple[float, float] | None:
    unit = {2: 1.0, 3: _CENTIMETRES_AN_INCH}.get(int(cast(int, page.tags.valueof(_DPI_UNIT_TAG, default=0))))
    parts = [cast(object, page.tags.valueof(tag)) for tag in (_X_DPI_TAG, _Y_DPI_TAG)]
    if unit is None or not all(isinstance(part, tuple) and len(cast(tuple[int, ...], part)) == 2 for part in parts):
        return None
    (xn, xd), (yn, yd) = cast(list[tuple[int, int]], parts)
    return (xn / xd * unit, yn / yd * unit) if xd and yd and xn and yn else None
