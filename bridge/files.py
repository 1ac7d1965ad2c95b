"""Picture files: read and written with their own depth, channels, alpha and ICC profile.

PNG, JPEG and WebP of 8 bits, PNG of 16, TIFF of 8, 16 and 32 bit float. A turned photograph (EXIF or TIFF orientation)
is turned upright when it is read, as every viewer shows it, and written upright; that moves pixels and changes none.
EXIF and resolution are kept for PNG, JPEG and WebP, resolution for TIFF; other metadata is not.
"""

from __future__ import annotations

import io
import os
import secrets
import struct
import warnings
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import imagecodecs
import numpy as np
import numpy.typing as npt
from PIL import Image

from bridge.errors import BridgeError, FileError, PictureTooLarge, UnreadablePicture, UnsupportedPicture
from bridge.tiff import decode_tiff, encode_tiff
from engine.api import Alpha, Depth, LayerFormat, Mask, Pixels
from engine.geometry import Size

# Pillow's own limit against decompression bombs, and so ours for every kind of file.
MAX_PIXELS = 178_956_970
# A file beyond this is not read into memory: the largest picture above, as 32 bit float with alpha.
MAX_FILE_BYTES = MAX_PIXELS * 16
_ORIENTATION_TAG = 0x0112
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER = struct.Struct(">IIBBBBB")
_TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_INCHES_A_METRE = 39.3701
_JPEG_QUALITY = 95
_FORMAT_OF_MODE = {
    "L": LayerFormat(Depth.U8, 1, Alpha.NONE),
    "LA": LayerFormat(Depth.U8, 2, Alpha.STRAIGHT),
    "RGB": LayerFormat(Depth.U8, 3, Alpha.NONE),
    "RGBA": LayerFormat(Depth.U8, 4, Alpha.STRAIGHT),
}
# Rec. 709 luminance.
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture as its file has it, upright.

    Attributes:
        pixels: H×W×C in the format's dtype.
        profile: the ICC profile, byte for byte.
        exif: EXIF block without its “Exif” prefix, orientation set to upright.
        dpi: horizontal and vertical resolution.
    """

    pixels: Pixels
    format: LayerFormat
    profile: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None

    @property
    def size(self) -> Size:
        return Size(self.pixels.shape[1], self.pixels.shape[0])


def read_picture(path: Path) -> Picture:
    """Open a picture.

    Raises:
        UnreadablePicture: not there, not a picture, damaged or cut off.
        UnsupportedPicture: CMYK, several pages, an odd depth; the hint says what to save instead.
        PictureTooLarge: more than `MAX_PIXELS`; nothing was unpacked.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise PictureTooLarge(f"{path.name} is larger than any picture we open.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise UnreadablePicture(f"There is no file {path}.", hint="Check the name.") from None
    except OSError as error:
        raise UnreadablePicture(f"{path} cannot be read: {error.strerror}.", hint="Check the file.") from error
    with _decoding(path.name):
        if data.startswith(_TIFF_SIGNATURES):
            picture, orientation = _read_tiff(data)
        elif data.startswith(_PNG_SIGNATURE):
            picture, orientation = _read_png(data)
        else:
            picture, orientation = _read_with_pillow(data, ("JPEG", "WEBP"))
    return _upright(picture, orientation)


def read_mask(path: Path, size: Size) -> Mask:
    """Open a selection: alpha where the picture has one that is not the same everywhere, else its luminance.

    Returns:
        H×W uint8, 0 not selected, 255 selected.

    Raises:
        FileError: as `read_picture`; also when the sizes differ.
    """
    picture = read_picture(path)
    if picture.size != size:
        raise UnsupportedPicture(
            f"The mask {path.name} is {picture.size} pixels, the picture is {size}.",
            hint="Make the mask as large as the picture: white (or opaque) where it shall change.",
        )
    parts = picture.pixels.astype(np.float64) / picture.format.depth.white
    alpha = parts[..., -1] if picture.format.alpha is not Alpha.NONE else None
    if alpha is not None and alpha.min() != alpha.max():
        level = alpha
    else:
        level = parts[..., :3] @ _LUMINANCE if parts.shape[2] >= 3 else parts[..., 0]
    return np.rint(np.nan_to_num(np.clip(level, 0.0, 1.0)) * 255).astype(np.uint8)


def write_picture(path: Path, picture: Picture) -> tuple[str, ...]:
    """Write a picture; the file's ending decides its kind. It is there whole or not at all.

    Returns:
        What a person should know about the file, in plain words.

    Raises:
        UnsupportedPicture: that kind of file cannot hold these pixels.
        FileError: the place cannot be written to.
    """
    notes = check_output(path, picture.format)
    match _kind_of(path):
        case "png":
            data = _encode_png(picture)
        case "tiff":
            data = encode_tiff(picture.pixels, picture.format, picture.profile, picture.dpi)
        case kind:
            data = _encode_with_pillow(picture, kind)
    write_whole(path, data)
    return notes


def check_output(path: Path, format_: LayerFormat) -> tuple[str, ...]:
    """Say before any work whether pixels of this format can be written there; returns notes as `write_picture`.

    Raises:
        UnsupportedPicture: the kind of file is not known, or cannot hold them.
        FileError: there is no such folder.
    """
    kind = _kind_of(path)
    if not path.absolute().parent.is_dir():
        raise FileError(f"There is no folder {path.absolute().parent}.", hint="Make it first, or name another place.")
    if path.is_dir():
        raise FileError(f"{path} is a folder.", hint="Name a file.")
    if format_.depth is Depth.F32 and kind != "tiff":
        raise UnsupportedPicture("32 bit float pixels fit only TIFF.", hint="End the output's name in .tif.")
    if format_.depth is Depth.U16 and kind not in ("png", "tiff"):
        raise UnsupportedPicture(
            f"16 bit pixels do not fit {kind.upper()}.", hint="End the output's name in .png or .tif."
        )
    if format_.alpha is Alpha.PREMULTIPLIED and kind != "tiff":
        raise UnsupportedPicture("Only TIFF keeps premultiplied alpha exactly.", hint="End the output's name in .tif.")
    if kind == "jpeg":
        if format_.alpha is not Alpha.NONE:
            raise UnsupportedPicture("JPEG keeps no transparency.", hint="End the output's name in .png or .tif.")
        return ("JPEG packs all pixels anew, so those outside the selection change a little too; PNG keeps them.",)
    return ()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name, then rename it: nobody ever sees half of it.

    Raises:
        FileError: the place cannot be written to.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            part.write_bytes(data)
            os.replace(part, path)  # noqa: PTH105 -- Path.replace is the same call
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(
            f"{path} cannot be written: {error.strerror}.", hint="Check the folder's permissions and free space."
        ) from error


@contextmanager
def _decoding(name: str) -> Generator[None]:
    """Whatever a decoder raises on hostile bytes becomes a file error that names the file."""
    try:
        with warnings.catch_warnings():
            # Between one and two times Pillow's limit it warns; we stop at two, with our own words.
            warnings.simplefilter("ignore")
            yield
    except BridgeError as error:
        raise type(error)(f"{name}: {error.message}", hint=error.hint) from error.__cause__
    except (MemoryError, Image.DecompressionBombError) as error:
        raise PictureTooLarge(f"{name} has more pixels than we open.") from error
    except Exception as error:
        raise UnreadablePicture(f"{name} is not a PNG, JPEG, WebP or TIFF picture, or it is damaged.") from error


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise UnreadablePicture("It has no pixels.")
    if width * height > MAX_PIXELS:
        raise PictureTooLarge(f"{width}×{height} is more pixels than we open.")


def _read_png(data: bytes) -> tuple[Picture, int]:
    width, height, bits, _, _, _, _ = _PNG_HEADER.unpack_from(data, len(_PNG_SIGNATURE) + 8)
    _check_size(width, height)
    if bits != 16:
        return _read_with_pillow(data, ("PNG",))
    # Pillow reads what stands beside the pixels, but would cut 16 bit colours to 8.
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        if "transparency" in image.info:
            raise UnsupportedPicture(
                "It marks one 16 bit colour as transparent.", hint="Save it with an alpha channel instead."
            )
        profile, exif, dpi, orientation = _beside(image)
    pixels = cast(npt.NDArray[np.uint16], imagecodecs.png_decode(data))
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.dtype != np.uint16 or pixels.shape[:2] != (height, width):
        raise UnreadablePicture("Its pixels are not what its header says.")
    channels = pixels.shape[2]
    alpha = Alpha.STRAIGHT if channels in (2, 4) else Alpha.NONE
    return Picture(pixels, LayerFormat(Depth.U16, channels, alpha), profile, exif, dpi), orientation


def _read_with_pillow(data: bytes, kinds: tuple[str, ...]) -> tuple[Picture, int]:
    with Image.open(io.BytesIO(data), formats=kinds) as image:
        _check_size(image.width, image.height)
        if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
            raise UnsupportedPicture("It is an animation.", hint="Save one of its pictures as PNG.")
        image.load()
        profile, exif, dpi, orientation = _beside(image)
        if image.mode in ("CMYK", "YCCK", "LAB"):
            raise UnsupportedPicture(f"It is in {image.mode}.", hint="Convert it to RGB and save it as PNG or TIFF.")
        if image.mode in ("1", "P", "PA") or "transparency" in image.info:
            # Palettes become what they stand for; nothing is rounded.
            has_alpha = "transparency" in image.info or image.mode == "PA"
            plain = image.convert("L" if image.mode == "1" and not has_alpha else "RGBA" if has_alpha else "RGB")
        else:
            plain = image
        if plain.mode not in _FORMAT_OF_MODE:
            raise UnsupportedPicture(f"Its pixels are of the kind “{plain.mode}”.")
        pixels = np.array(plain)
    return Picture(_with_channels(pixels), _FORMAT_OF_MODE[plain.mode], profile, exif, dpi), orientation


def _read_tiff(data: bytes) -> tuple[Picture, int]:
    tiff = decode_tiff(data, _check_size)
    return Picture(tiff.pixels, tiff.format, tiff.profile, None, tiff.dpi), tiff.orientation


def _beside(image: Image.Image) -> tuple[bytes | None, bytes | None, tuple[float, float] | None, int]:
    """(profile, EXIF, resolution, orientation) of an opened file."""
    profile = cast(bytes | None, image.info.get("icc_profile"))
    dpi = cast(tuple[float, float] | None, image.info.get("dpi"))
    exif = image.getexif()
    orientation = cast(object, exif.get(_ORIENTATION_TAG, 1))
    if _ORIENTATION_TAG in exif:
        exif[_ORIENTATION_TAG] = 1
    kept = exif.tobytes().removeprefix(b"Exif\0\0") if len(exif) else None
    upright = orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1
    return profile or None, kept, dpi, upright


def _upright(picture: Picture, orientation: int) -> Picture:
    """The picture turned as its orientation tag (1 to 8) says."""
    if orientation == 1:
        return picture
    pixels = picture.pixels
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    # What is left of each orientation is a mirroring of columns, of rows or of both.
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    turned = np.ascontiguousarray(pixels)
    return Picture(turned, picture.format, picture.profile, picture.exif, picture.dpi)


def _with_channels(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return pixels if pixels.ndim == 3 else pixels[..., None]


def _kind_of(path: Path) -> str:
    kinds = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".tif": "tiff", ".tiff": "tiff"}
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise UnsupportedPicture(
            f"“{path.suffix or path.name}” is no kind of file we write.",
            hint="End the output's name in .png, .tif, .webp or .jpg.",
        )
    return kind


def _encode_png(picture: Picture) -> bytes:
    """PNG of 8 or 16 bits with its profile: imagecodecs packs the pixels, the chunks beside them are put in here."""
    pixels = picture.pixels[..., 0] if picture.format.channels == 1 else picture.pixels
    packed = bytes(imagecodecs.png_encode(np.ascontiguousarray(pixels), level=6))
    beside = b""
    if picture.profile is not None:
        beside += _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(picture.profile))
    if picture.dpi is not None:
        across, down = (round(float(dpi) * _INCHES_A_METRE) for dpi in picture.dpi)
        beside += _chunk(b"pHYs", struct.pack(">IIB", across, down, 1))
    if picture.exif is not None:
        beside += _chunk(b"eXIf", picture.exif)
    header_ends = len(_PNG_SIGNATURE) + 12 + _PNG_HEADER.size
    return packed[:header_ends] + beside + packed[header_ends:]


def _chunk(name: bytes, data: bytes) -> bytes:
    """A PNG chunk: length, name, data, CRC of name and data."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _encode_with_pillow(picture: Picture, kind: str) -> bytes:
    pixels = picture.pixels[..., 0] if picture.format.channels == 1 else picture.pixels
    image = Image.fromarray(cast(npt.NDArray[np.uint8], pixels))
    if kind == "webp" and picture.format.channels <= 2:
        # WebP has no grey; three equal channels are the same picture.
        image = image.convert("RGBA" if picture.format.channels == 2 else "RGB")
    beside: dict[str, object] = {}
    if picture.profile is not None:
        beside["icc_profile"] = picture.profile
    if picture.exif is not None:
        beside["exif"] = b"Exif\0\0" + picture.exif
    out = io.BytesIO()
    if kind == "jpeg":
        if picture.dpi is not None:
            beside["dpi"] = tuple(round(float(dpi)) for dpi in picture.dpi)
        image.save(out, "JPEG", quality=_JPEG_QUALITY, subsampling=0, **beside)
    else:
        # Lossless, and colours under transparent pixels kept: the outside stays what it was.
        image.save(out, "WEBP", lossless=True, exact=True, quality=80, method=4, **beside)
    return out.getvalue()
