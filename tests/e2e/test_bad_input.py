"""Bad input through a real bridge: a typed error in plain words, nothing lost, and the next edit works."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from support.pictures import RGB8, changed_outside, disc, picture

from bridge.client import InlayClient, RemoteError
from bridge.client.layer import Layer, Reference
from bridge.errors import BadPixels, BridgeError, NotUnderstood, TooLarge
from bridge.protocol import messages as m
from engine.api import Alpha, Depth, LayerFormat, Mask, Pixels

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEIGHT, WIDTH = 96, 128
MASK = disc(HEIGHT, WIDTH, 48, 64, 14)
LOGO = Reference(picture(8, 8, seed=2), RGB8)
# Not the engine's or the bridge's fault: whoever typed it can do something about it.
PLAIN = {
    "not_understood", "cannot_yet", "needs_selection", "needs_reference", "nothing_to", "nothing_changed", "bad_pixels",
    "too_large", "bad_request", "empty_selection", "nothing_to_copy_from", "subject_not_found", "unknown_prompt",
}  # fmt: skip


async def refusal(
    client: InlayClient, layer: Layer, text: str, mask: Mask | None = None, references: tuple[Reference, ...] = ()
) -> BridgeError:
    """The error that these words end in; the layer and its history are as before, and another edit works."""
    before, versions = layer.pixels, await client.tree(layer)
    with pytest.raises(BridgeError) as refused:
        await (await client.edit(layer, text, mask=mask, references=references, seed=1)).result()
    assert layer.pixels is before
    assert await client.tree(layer) == versions
    assert layer.head_version_id == versions[-1].version_id
    error = refused.value
    assert error.code in PLAIN, (error.code, str(error))
    assert str(error) and error.hint
    assert not set(str(error) + error.hint) & {"\x00", "\x1b", "\n"}
    return error


async def opened(client: InlayClient, name: str) -> Layer:
    return await client.open_layer(name, picture(HEIGHT, WIDTH, seed=1), RGB8)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "?!", "\x00"])
async def test_nothing_typed_is_answered_with_things_to_try(client: InlayClient, text: str):
    error = await refusal(client, await opened(client, f"empty {text!r}"), text, MASK)
    assert error.code == "not_understood"
    assert "no words" in str(error) and "Try “" in error.hint


@pytest.mark.parametrize("text", ["x" * 10_000, "remove this " * 1000])
async def test_ten_thousand_characters_are_refused_by_the_client_and_by_the_bridge(client: InlayClient, text: str):
    layer = await opened(client, f"long {text[:9]}")
    error = await refusal(client, layer, text, MASK)
    assert isinstance(error, TooLarge) and "2,000 characters" in str(error)
    start = m.EditStart.model_construct(
        type="edit.start", id=77, edit_id="long-edit", layer_id=layer.layer_id, text=text, mask_rect_px=None,
        seed=None, variations=1, previews=True, base_version_id=None, references=(),
    )  # fmt: skip
    with pytest.raises(RemoteError) as refused:
        await client.request(lambda number: start.model_copy(update={"id": number}), m.EditPlan)
    assert refused.value.code == "too_large" and str(refused.value) == str(error)


async def test_two_thousand_characters_without_a_meaning_are_read_and_refused(client: InlayClient):
    error = await refusal(client, await opened(client, "2000"), ("make the cup and " * 200)[:2000], MASK)
    assert error.code == "not_understood" and len(str(error)) < 200


@pytest.mark.parametrize(
    "text",
    [
        "entferne den Hintergrund", "mach es heller", "背景を消して", "もっと明るくして", "supprime l'arrière-plan",
        "удали фон", "أزل الخلفية", "הסר את הרקע", "배경을 지워줘", "𝔯𝔢𝔪𝔬𝔳𝔢 𝔱𝔥𝔦𝔰",
    ],
)  # fmt: skip
async def test_other_languages_are_refused_politely_with_the_nearest_things(client: InlayClient, text: str):
    error = await refusal(client, await opened(client, f"language {text}"), text, MASK)
    assert error.code == "not_understood" and error.hint.count("“") == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("make it 0:5", "cannot be 0:5"),
        ("make it 5:0", "cannot be 5:0"),
        ("make it -3:2", "cannot be -3:2"),
        ("make it 1000:1", "at most 50 times as wide as high"),
        ("extend it to 1:300", "at most 50 times as wide as high"),
        ("extend it to the left by 0 px", "grows by 1 to 100,000 pixels"),
        ("extend it to the left by 3000%", "grows by 1 to 100,000 pixels"),
        ("extend it to the left by 99999 px", "too large"),
        ("make it brighter by 0%", "change nothing"),
        ("sharpen 0%", "change nothing"),
        ("blur it by -20%", "between 0 and 100 %"),
        ("blur it by 200%", "between 0 and 100 %"),
        ("make it 1000 stops brighter", "at most 10 stops"),
        ("put image 1 at 500% opacity", "Opacity is between"),
        ("put image 1 at 0% opacity", "change nothing"),
        ("put image 1 at 0% size", "more than 0"),
        ("put image 0 at the top", "no such image"),
        ("put image 11 at the top", "no image 11"),
        ("put image 2 at the top", "no image 2"),
        ("upscale 0x", "not understood"),
        ("upscale -2x", "not understood"),
        ("upscale 100x", "at most 8 times"),
        ("give me 100 variations", "At most 8"),
        ("undo 0 times", "not understood"),
        ("undo", "nothing to undo"),
        ("redo", "nothing to redo"),
        ("another one", "nothing to vary"),
        ("fill with rgb(300, 0, 0)", "cannot draw"),
    ],
)
async def test_numbers_that_cannot_be_are_named(client: InlayClient, text: str, says: str):
    error = await refusal(client, await opened(client, f"number {text}"), text, MASK, (LOGO,))
    assert says in str(error)


async def test_pictures_that_did_not_come_are_asked_for_by_their_number(client: InlayClient):
    layer = await opened(client, "references")
    assert (await refusal(client, layer, "use image 1 as the background")).code == "needs_reference"
    error = await refusal(client, layer, "put image 2 in the top left", None, (LOGO,))
    assert error.code == "needs_reference" and "no image 2" in str(error)
    empty = Reference(np.zeros((0, 4, 3), np.uint8), RGB8)
    wrong = Reference(picture(4, 4), LayerFormat(Depth.U16, 3, Alpha.NONE))
    for reference in (empty, wrong):
        error = await refusal(client, layer, "put image 1 in the top left", None, (reference,))
        assert isinstance(error, BadPixels) and "Image 1" in str(error)


@pytest.mark.parametrize(
    "mask", [np.full((500, 500), 255, np.uint8), np.full((4, 4), 255, np.uint8), np.full((HEIGHT, WIDTH), True)]
)
async def test_a_selection_that_is_not_the_layers_is_refused_by_the_client(client: InlayClient, mask: Mask):
    error = await refusal(client, await opened(client, f"mask {mask.shape} {mask.dtype}"), "remove this", mask)
    assert isinstance(error, BadPixels) and "128×96" in str(error)


@pytest.mark.parametrize(
    "rect_px", [(0, 0, 129, 96), (300_000, 300_000, 300_000, 300_000), (100, 90, 140, 95), (60, 60, 20, 20), (0,) * 4]
)
async def test_a_selection_outside_the_layer_is_refused_by_the_bridge(
    client: InlayClient, rect_px: tuple[int, int, int, int], monkeypatch: pytest.MonkeyPatch
):
    layer = await opened(client, f"outside {rect_px}")
    box = SimpleNamespace(as_tuple=lambda: rect_px, is_empty=True)  # so that no tiles follow
    monkeypatch.setattr("bridge.client.client.box_of", lambda _mask: box)
    error = await refusal(client, layer, "remove this", MASK)
    assert error.code == "bad_pixels" and "selection" in str(error)


async def test_an_empty_selection_is_said(client: InlayClient):
    error = await refusal(client, await opened(client, "empty"), "remove this", np.zeros((HEIGHT, WIDTH), np.uint8))
    assert "selection is empty" in str(error)


@pytest.mark.parametrize("letters", ["שלום עולם", "مرحبا", "one\ntwo", "Größe – 20 %", "🙂🎉", "漢字"])
async def test_letters_of_any_kind_are_written_as_typed_or_said_to_have_no_font(client: InlayClient, letters: str):
    layer = await opened(client, f"letters {letters}")
    before = layer.pixels
    try:
        outcome = await (await client.edit(layer, f"write “{letters}” at the top")).result()
    except RemoteError as error:  # which fonts there are is the machine's affair
        assert not letters.isascii()
        assert error.code == "unknown_prompt" and "font" in str(error) and error.hint
        return
    text = outcome.versions[0].layers[-1]
    assert text.kind == "text" and text.text == letters
    assert not np.array_equal(layer.apply(outcome.patches[0]), before)


async def test_control_characters_are_spaces_and_lone_surrogates_are_refused(client: InlayClient):
    layer = await opened(client, "controls")
    outcome = await (await client.edit(layer, "make\x00it \x1bbrighter")).result()
    assert outcome.versions[0].text == "make it  brighter"
    layer.apply(outcome.patches[0])
    error = await refusal(client, layer, "remove \ud800 this", MASK)
    assert isinstance(error, NotUnderstood) and "no character" in str(error)


COMMANDS = (
    "remove this", "fill with red and white stripes", "remove the background", "make the background navy",
    "blur the background", "light it from the left", "make this navy", "blur it", "sharpen it", "add grain",
    "extend it to the left by 3 px", "write “Hi” at the top", "put image 1 here", "use image 1 as the background",
    "make the subject brighter", "darken the left half and make it warmer",
)  # fmt: skip


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 40)])
async def test_every_operation_works_on_the_smallest_layers_or_says_why_not(
    client: InlayClient, height: int, width: int
):
    mask = np.full((height, width), 255, np.uint8)
    done = 0
    for text in COMMANDS:
        layer = await client.open_layer(f"{height}×{width} {text}", picture(height, width, seed=1), RGB8)
        done += await works_or_is_refused(client, layer, text, mask)
    assert done >= len(COMMANDS) // 2


@pytest.mark.parametrize("kind", ["all nan", "some infinite", "huge"])
async def test_float_layers_with_anything_in_them_are_worked_on_or_refused(client: InlayClient, kind: str):
    format_ = LayerFormat(Depth.F32, 4, Alpha.STRAIGHT)
    done = 0
    for text in COMMANDS:
        layer = await client.open_layer(f"{kind} {text}", odd_pixels(kind, format_), format_)
        done += await works_or_is_refused(client, layer, text, disc(32, 40, 16, 20, 6))
    assert done >= len(COMMANDS) // 3


def odd_pixels(kind: str, format_: LayerFormat) -> Pixels:
    pixels = picture(32, 40, format_, seed=1)
    match kind:
        case "all nan":
            return np.full_like(pixels, np.nan)
        case "some infinite":
            pixels[np.random.default_rng(0).random(pixels.shape) < 0.3] = np.inf
            return pixels
        case _:
            return pixels * np.float32(3e38)


async def works_or_is_refused(client: InlayClient, layer: Layer, text: str, mask: Mask) -> bool:
    before = layer.pixels
    try:
        outcome = await (await client.edit(layer, text, mask=mask, references=(LOGO,), seed=1)).result()
    except RemoteError as error:
        assert error.code in PLAIN, (text, error.code, str(error))
        assert error.hint
        return False
    after = layer.apply(outcome.patches[0])
    patch = outcome.patches[0]
    if patch.canvas is None and patch.mask is not None:
        changed = np.zeros(before.shape[:2], np.uint8)
        changed[patch.rect_px.slices()] = patch.mask
        assert changed_outside(before, after, changed) == 0
    return True
