"""Picture files: what is read is what was written, and hostile bytes are refused."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from support.pictures import RGB8, picture

from bridge.errors import FileError, PictureTooLarge, UnreadablePicture, UnsupportedPicture
from bridge.files import Picture, check_output, read_mask, read_picture, write_picture
from engine.api import Alpha, Depth, LayerFormat
from engine.geometry import Size

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def formats(*depths: Depth, premultiplied: bool = False) -> list[LayerFormat]:
    straight = [
        LayerFormat(depth, channels, Alpha.STRAIGHT if channels in (2, 4) else Alpha.NONE)
        for depth in depths
        for channels in (1, 2, 3, 4)
    ]
    return straight + ([LayerFormat(Depth.U16, 4, Alpha.PREMULTIPLIED)] if premultiplied else [])


LOSSLESS = [
    *((".png", format_) for format_ in formats(Depth.U8, Depth.U16)),
    *((".tif", format_) for format_ in formats(Depth.U8, Depth.U16, Depth.F32, premultiplied=True)),
]


@pytest.mark.parametrize(("suffix", "format_"), LOSSLESS, ids=lambda value: str(value).replace(" ", ""))
def test_every_bit_and_the_profile_come_back(tmp_path: Path, suffix: str, format_: LayerFormat):
    written = Picture(picture(37, 53, format_), format_, PROFILE, dpi=(300.0, 300.0))
    path = tmp_path / f"picture{suffix}"
    write_picture(path, written)
    read = read_picture(path)
    assert read.format == format_
    assert read.pixels.dtype == format_.depth.dtype
    assert np.array_equal(read.pixels, written.pixels)
    assert read.profile == PROFILE
    assert read.dpi is not None and abs(read.dpi[0] - 300) < 0.1


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(formats(Depth.U8, Depth.U16)), st.integers(0, 9))
def test_pngs_of_any_size_come_back(
    tmp_path_factory: pytest.TempPathFactory, height: int, width: int, format_, seed: int
):
    path = tmp_path_factory.mktemp("png") / "p.png"
    written = Picture(picture(height, width, format_, seed), format_)
    write_picture(path, written)
    assert np.array_equal(read_picture(path).pixels, written.pixels)


def test_a_16_bit_png_of_ours_is_read_by_others_with_its_profile(tmp_path: Path):
    format_ = LayerFormat(Depth.U16, 1, Alpha.NONE)
    written = Picture(picture(20, 30, format_), format_, PROFILE)
    write_picture(tmp_path / "p.png", written)
    with Image.open(tmp_path / "p.png") as image:
        image.load()
        assert image.info["icc_profile"] == PROFILE
        assert np.array_equal(np.array(image, dtype=np.uint16), written.pixels[..., 0])


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_jpeg_and_webp_keep_size_and_profile(tmp_path: Path, suffix: str):
    path = tmp_path / f"p{suffix}"
    notes = write_picture(path, Picture(picture(40, 60), RGB8, PROFILE))
    read = read_picture(path)
    assert read.size == Size(60, 40) and read.profile == PROFILE
    assert bool(notes) == (suffix == ".jpg")
    if suffix == ".webp":
        assert np.array_equal(read.pixels, picture(40, 60))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photograph_is_read_upright_and_written_upright(tmp_path: Path, orientation: int):
    upright = picture(20, 30)
    turns = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: np.rot90(p, 1),
        7: lambda p: np.rot90(p, 2).swapaxes(0, 1),
        8: lambda p: np.rot90(p, -1),
    }
    image = Image.fromarray(np.ascontiguousarray(turns[orientation](upright)))
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(tmp_path / "p.png", exif=exif)
    read = read_picture(tmp_path / "p.png")
    assert np.array_equal(read.pixels, upright)
    write_picture(tmp_path / "q.png", read)
    assert np.array_equal(read_picture(tmp_path / "q.png").pixels, upright)


@pytest.mark.parametrize(
    ("format_", "name"),
    [
        (LayerFormat(Depth.F32, 3, Alpha.NONE), "p.png"),
        (LayerFormat(Depth.U16, 3, Alpha.NONE), "p.jpg"),
        (LayerFormat(Depth.U8, 4, Alpha.STRAIGHT), "p.jpeg"),
        (LayerFormat(Depth.U8, 4, Alpha.PREMULTIPLIED), "p.png"),
        (RGB8, "p.gif"),
        (RGB8, "p"),
        (RGB8, "nowhere/p.png"),
    ],
)
def test_what_a_file_cannot_hold_is_refused_before_any_work(tmp_path: Path, format_: LayerFormat, name: str):
    with pytest.raises(FileError) as refused:
        check_output(tmp_path / name, format_)
    assert refused.value.hint


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "p.png"
    write_picture(path, Picture(picture(8, 8), RGB8))
    old = path.read_bytes()
    monkeypatch.setattr(Path, "write_bytes", lambda self, data: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(FileError):
        write_picture(path, Picture(picture(9, 9), RGB8))
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_a_mask_is_alpha_where_there_is_one_else_luminance(tmp_path: Path):
    alpha = np.zeros((4, 4, 4), np.uint8)
    alpha[1, 2, 3] = 255
    write_picture(tmp_path / "a.png", Picture(alpha, LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)))
    assert read_mask(tmp_path / "a.png", Size(4, 4)).nonzero() == (np.array([1]), np.array([2]))
    opaque = np.full((4, 4, 4), 255, np.uint8)
    opaque[..., :3] = 0
    opaque[3, 3, :3] = 255
    write_picture(tmp_path / "b.png", Picture(opaque, LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)))
    assert read_mask(tmp_path / "b.png", Size(4, 4)).nonzero() == (np.array([3]), np.array([3]))


def test_a_mask_of_another_size_is_refused_with_both_sizes(tmp_path: Path):
    write_picture(tmp_path / "m.png", Picture(picture(4, 5), RGB8))
    with pytest.raises(UnsupportedPicture, match=r"5×4.*7×6"):
        read_mask(tmp_path / "m.png", Size(7, 6))


def _png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    packed = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + packed


def _bytes_of(kind: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture(64, 64)).save(out, kind)
    return out.getvalue()


HOSTILE = {
    "empty": b"",
    "text": b"hello, I am a picture",
    "signature only": b"\x89PNG\r\n\x1a\n",
    "cut png": _bytes_of("PNG")[:200],
    "cut jpeg": _bytes_of("JPEG")[:300],
    "cut tiff": _bytes_of("TIFF")[:100],
    "cut webp": _bytes_of("WEBP")[:50],
    "gif": _bytes_of("GIF"),
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "tiff that points at itself": b"II*\0\x08\0\0\0\xff\xff" + b"\x08\0\0\0" * 20,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_picture_is_refused_with_its_name(tmp_path: Path, data: bytes):
    path = tmp_path / "odd.png"
    path.write_bytes(data)
    with pytest.raises(UnreadablePicture, match=r"odd\.png"):
        read_picture(path)


def test_a_decompression_bomb_is_refused_before_it_is_unpacked(tmp_path: Path):
    (tmp_path / "bomb.png").write_bytes(_png(100_000, 100_000))
    with pytest.raises(PictureTooLarge):
        read_picture(tmp_path / "bomb.png")


@given(st.binary(max_size=400), st.integers(0, 3))
def test_any_bytes_give_a_picture_or_a_file_error(tmp_path_factory: pytest.TempPathFactory, noise: bytes, kind: int):
    starts = (_bytes_of("PNG"), _bytes_of("JPEG"), _bytes_of("TIFF"), _bytes_of("WEBP"))
    at = 20 + len(noise) % 100
    path = tmp_path_factory.mktemp("fuzz") / "p.png"
    path.write_bytes(starts[kind][:at] + noise + starts[kind][at + len(noise) :])
    try:
        assert read_picture(path).pixels.ndim == 3
    except FileError as error:
        assert error.hint


def test_cmyk_is_refused_with_what_to_do(tmp_path: Path):
    Image.new("CMYK", (8, 8)).save(tmp_path / "c.jpg")
    with pytest.raises(UnsupportedPicture, match="CMYK"):
        read_picture(tmp_path / "c.jpg")


def test_a_file_that_is_not_there_is_said(tmp_path: Path):
    with pytest.raises(UnreadablePicture, match="no file"):
        read_picture(tmp_path / "nothing.png")


def test_exif_is_kept(tmp_path: Path):
    image = Image.fromarray(picture(8, 8))
    exif = image.getexif()
    exif[0x010F] = "A camera"
    image.save(tmp_path / "p.png", exif=exif)
    read = read_picture(tmp_path / "p.png")
    write_picture(tmp_path / "q.png", replace(read, pixels=255 - read.pixels))
    with Image.open(tmp_path / "q.png") as again:
        assert again.getexif()[0x010F] == "A camera"
