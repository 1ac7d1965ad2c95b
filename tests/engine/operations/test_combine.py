"""Cut-outs in a layer: exact outside, in its light, where the words say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from support.pictures import RGB8, disc, picture
from support.profiles import profile_of

from engine.api import Alpha, Depth, EditRequest, EditResult, LayerFormat, Pixels, Reference
from engine.colour.convert import as_in_layer, numbers_of
from engine.errors import BadRequest, Cancelled, SubjectNotFound
from engine.geometry import PixelRect, Size
from engine.operations.registry import OPERATIONS
from engine.operations.report import SilentReport

FORMATS = [
    LayerFormat(depth, channels, alpha)
    for depth in Depth
    for channels, alpha in (
        (1, Alpha.NONE), (2, Alpha.STRAIGHT), (3, Alpha.NONE), (4, Alpha.STRAIGHT), (4, Alpha.PREMULTIPLIED)
    )
]  # fmt: skip
HEIGHT, WIDTH = 120, 200
RGBA8 = LayerFormat(Depth.U8, 4, Alpha.STRAIGHT)
BESIDE = "image 1 on the left and image 2 in the top right"


def green() -> Reference:
    """A green square of its own transparency."""
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[5:35, 5:35] = (0, 190, 0, 255)
    return Reference(pixels, RGBA8)


def red_on_white(format_: LayerFormat = RGB8) -> Reference:
    """A red disc on white, as products are photographed."""
    pixels = np.full((60, 80, 3), 250, np.uint8)
    pixels[disc(60, 80, 30, 40, 18) > 0] = (200, 20, 20)
    if format_ is not RGB8:
        grey = pixels.mean(-1, keepdims=True) / 255
        return Reference((grey * format_.depth.white).astype(format_.depth.dtype), format_)
    return Reference(pixels, RGB8)


def request(
    prompt: str, *references: Reference, format_: LayerFormat = RGB8, pixels: Pixels | None = None
) -> EditRequest:
    pixels = picture(HEIGHT, WIDTH, format_, seed=5) if pixels is None else pixels
    size = Size(pixels.shape[1], pixels.shape[0])
    mask = np.full(pixels.shape[:2], 255, np.uint8)
    numbers = ",".join(str(number + 1) for number in range(len(references)))
    values = {"references": numbers}
    return EditRequest(
        "edit-0001", "combine", size, format_, size.rect, pixels, mask, 1, prompt, values=values, references=references
    )


def run(asked: EditRequest) -> EditResult:
    return OPERATIONS["combine"](asked, SilentReport(), "cpu")


def after(asked: EditRequest, result: EditResult) -> Pixels:
    out = asked.pixels.copy()
    out[result.rect_px.slices()] = result.pixels
    return out


def subject_layer() -> Pixels:
    """A blue disc before soft sand."""
    pixels = picture(HEIGHT, WIDTH, seed=3) // 8 + np.array([170, 150, 110], np.uint8)
    pixels[disc(HEIGHT, WIDTH, 75, 100, 25) > 0] = (20, 40, 160)
    return pixels


@pytest.mark.parametrize("format_", FORMATS, ids=str)
def test_nothing_changes_beyond_the_mask_and_the_mask_is_what_changed(format_: LayerFormat):
    asked = request(BESIDE, green(), red_on_white(), format_=format_)
    result = run(asked)
    assert result.mask is not None and set(np.unique(result.mask)) == {0, 255}
    before = asked.pixels[result.rect_px.slices()]
    same = result.mask == 0
    assert result.pixels[same].tobytes() == before[same].tobytes()
    differs = (result.pixels != before).any(-1)
    assert differs[~same].mean() > 0.8
    assert result.canvas is None and result.layers == ()


def test_the_same_request_gives_the_same_bits():
    asked = request(BESIDE, green(), red_on_white())
    assert run(asked).pixels.tobytes() == run(asked).pixels.tobytes()


def test_left_of_the_subject_is_left_of_it_on_its_ground():
    asked = request("the thing from image 1 to the left of the disc", green(), pixels=subject_layer())
    result = run(asked)
    out = after(asked, result)
    greens = (out[..., 1].astype(int) - out[..., 0] > 80) & (out[..., 1].astype(int) - out[..., 2] > 80)
    rows, cols = np.nonzero(greens)
    assert len(rows) and cols.max() < 76 and 90 <= rows.max() <= 102
    assert np.array_equal(out[60:90, 85:115], asked.pixels[60:90, 85:115])
    assert any("taken to be" in note for note in result.facts.notes)


def test_it_stands_in_a_shadow_unless_words_say_without():
    plain = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    shaded = after(asked := request("the box from image 1 at the bottom", green(), pixels=plain), run(asked))
    assert int(shaded[..., 0][shaded[..., 1] > 100].min()) < 190
    bare = after(
        asked := request("the box from image 1 at the bottom without shadows", green(), pixels=plain), run(asked)
    )
    assert int(shaded.astype(int).sum()) < int(bare.astype(int).sum())


def test_behind_the_subject_its_pixels_stay_to_the_bit():
    asked = request("image 1 behind the disc", red_on_white(), pixels=subject_layer())
    result = run(asked)
    out = after(asked, result)
    inside = disc(HEIGHT, WIDTH, 75, 100, 21) > 0
    assert np.array_equal(out[inside], asked.pixels[inside])
    assert (out[..., 0].astype(int) - out[..., 2] > 80).any()


def test_a_selection_is_where_it_goes():
    asked = request("the box from image 1 here", green())
    mask = np.zeros_like(asked.mask)
    mask[20:70, 140:190] = 255
    result = run(replace(asked, mask=mask))
    assert result.rect_px.x0 >= 120 and 15 <= result.rect_px.y0 <= 25


def test_the_thing_is_cut_out_of_its_white_ground_without_a_halo():
    dark = np.full((HEIGHT, WIDTH, 3), 30, np.uint8)
    out = after(asked := request("the ball from image 1 in the centre", red_on_white(), pixels=dark), run(asked))
    # Nothing is as green as white would be: red and the dark ground only.
    assert out[..., 1].max() < 60 and out[..., 0].max() > 90


@pytest.mark.parametrize(
    "format_",
    [LayerFormat(Depth.U16, 1, Alpha.NONE), LayerFormat(Depth.F32, 1, Alpha.NONE)],
    ids=str,
)
def test_references_of_any_depth_and_grey_are_taken(format_: LayerFormat):
    assert run(request("image 1 in front of image 2", red_on_white(format_), green())).mask is not None


def test_bright_things_become_no_brighter_than_the_layers_whites():
    dull = picture(HEIGHT, WIDTH, seed=3) // 3 + 20
    white = Reference(np.dstack([np.full((30, 30, 3), 255, np.uint8), np.full((30, 30), 255, np.uint8)]), RGBA8)
    white.pixels[:4, :, 3] = 0
    out = after(asked := request("the box from image 1 in the centre", white, pixels=dull), run(asked))
    assert out.max() < 235


def test_a_collage_shows_whole_pictures_side_by_side():
    blue = Reference(np.full((30, 40, 3), (10, 20, 200), np.uint8), RGB8)
    asked = request("collage", red_on_white(), blue)
    result = run(asked)
    out = after(asked, result)
    assert (out == (10, 20, 200)).all(-1).mean() > 0.3 and (out == (250, 250, 250)).all(-1).mean() > 0.1


def test_a_picture_that_is_not_there_and_words_that_place_nothing_are_said():
    asked = request(BESIDE, green())
    with pytest.raises(BadRequest, match="no image 2"):
        run(replace(asked, values={"references": "1,2"}))
    with pytest.raises(BadRequest, match="not understood"):
        run(request("image 1 like a dream and image 2 too", green(), green()))
    with pytest.raises(BadRequest, match="No pictures"):
        run(replace(asked, values={}))


def test_a_picture_with_nothing_in_it_is_said_and_so_is_a_layer_without_a_subject():
    grey = Reference(np.full((40, 40, 3), 128, np.uint8), RGB8)
    with pytest.raises(SubjectNotFound, match="image 1"):
        run(request("image 1 on the left, image 2 on the right", grey, green()))
    plain = np.full((50, 60, 3), 90, np.uint8)
    with pytest.raises(SubjectNotFound, match="layer"):
        run(request("image 1 left of the cat", green(), pixels=plain))


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (3, 3)])
def test_a_layer_of_hardly_any_pixels_is_no_fault(shape: tuple[int, int]):
    pixels = np.full((*shape, 3), 90, np.uint8)
    result = run(request("", green(), red_on_white(), pixels=pixels))
    assert result.mask is not None and result.mask.any()


def test_broken_pixels_of_a_layer_stay_where_nothing_is_put():
    format_ = LayerFormat(Depth.F32, 3, Alpha.NONE)
    pixels = picture(HEIGHT, WIDTH, format_, seed=2)
    pixels[2, 2] = np.nan
    pixels[60, :] = np.inf
    asked = request("image 1 on the left", green(), format_=format_, pixels=pixels)
    result = run(asked)
    assert result.mask is not None
    inside = result.pixels[result.mask > 0]
    assert np.isfinite(inside).all()


def test_it_can_be_cancelled_and_shows_a_first_look():
    class Stops(SilentReport):
        def __init__(self) -> None:
            self.checks = 0
            self.previews = 0

        def preview(self, rect_px: PixelRect, scale: int, pixels: npt.NDArray[np.uint8]) -> None:
            self.previews += 1

        def check(self) -> None:
            self.checks += 1
            if self.checks > 25:
                raise Cancelled

    report = Stops()
    asked = request(BESIDE, green(), red_on_white())
    with pytest.raises(Cancelled):
        OPERATIONS["combine"](asked, report, "cpu")
    report.checks = -10_000
    OPERATIONS["combine"](asked, report, "cpu")
    assert report.previews == 1


@pytest.mark.parametrize("prompt", [BESIDE, "collage"])
@pytest.mark.parametrize("layer_profile", [None, profile_of(1.0)], ids=["sRGB", "linear"])
def test_a_picture_looks_the_same_whatever_its_profile_is(prompt: str, layer_profile: bytes | None):
    other = profile_of(1.4)
    pixels = green().pixels.astype(np.float32)
    pixels[..., :3] = as_in_layer(pixels[..., :3] / 255, numbers_of(None), numbers_of(other)) * 255
    turned = Reference(np.rint(pixels).astype(np.uint8), RGBA8, other)
    asked = replace(request(prompt, green(), red_on_white()), profile=layer_profile)
    with_other = replace(asked, references=(turned, red_on_white()))
    one, two = after(asked, run(asked)).astype(int), after(with_other, run(with_other)).astype(int)
    assert np.abs(one - two).max() <= 2
    taken_as_is = replace(asked, references=(replace(turned, profile=None), red_on_white()))
    assert np.abs(after(asked, run(taken_as_is)).astype(int) - one).max() > 20
    assert not any("profile" in note for note in run(with_other).facts.notes)


def test_a_profile_that_cannot_be_read_is_told():
    asked = request(BESIDE, replace(green(), profile=b"no profile"), red_on_white())
    assert any("could not be read" in note for note in run(asked).facts.notes)
