"""Edits of the pixels that are stored at the bridge: the same as from a design program, without sending any."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from support.painting import PaintingEngine
from support.pictures import RGB8, picture

from bridge.client import InlayClient, Layer, Outcome, RemoteError
from bridge.compose import running_bridge
from bridge.settings import Settings
from engine.api import Mask, Pixels
from engine.geometry import PixelRect

SELECTED = PixelRect(150, 90, 260, 170)


@dataclass
class Scene:
    """A program that shows a layer, and a browser that has no pixels of it."""

    program: InlayClient
    browser: InlayClient
    layer: Layer

    def mask(self) -> Mask:
        mask = np.zeros(self.layer.pixels.shape[:2], np.uint8)
        mask[SELECTED.slices()] = np.random.default_rng(3).integers(0, 256, (SELECTED.height, SELECTED.width), np.uint8)
        return mask

    def blank(self) -> Layer:
        """The layer as a browser knows it: nothing of its pixels."""
        nothing = np.zeros_like(self.layer.pixels)
        return Layer(self.layer.layer_id, self.layer.document_id, nothing, RGB8, self.layer.head_version_id)

    async def whole(self) -> None:
        """The bridge has seen all of the layer: an edit touched all of it."""
        outcome = await (await self.program.edit(self.layer, "make this brighter")).result()
        self.layer.apply(outcome.patches[0])

    async def edit(self, text: str = "remove this", *, wants_patch: bool = True) -> tuple[Outcome, int]:
        """One from the browser; the outcome, and the bytes that were sent for it."""
        edit = await self.browser.edit(
            self.blank(), text, mask=self.mask(), seed=5, stored=True, wants_patch=wants_patch
        )
        outcome = await edit.result()
        return outcome, outcome.bytes_up


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with running_bridge(Settings(data_folder=tmp_path, port=0, durable=False), PaintingEngine()) as bridge:
        async with (
            await InlayClient.connect(bridge.address, bridge.local_token) as program,
            await InlayClient.connect(bridge.address, bridge.local_token) as browser,
        ):
            yield Scene(program, browser, await program.open_layer("poster", picture(200, 300), RGB8))


async def test_it_is_the_programs_edit_to_the_bit_and_no_pixel_is_sent(scene: Scene):
    await scene.whole()
    before: Pixels = scene.layer.pixels
    outcome, bytes_up = await scene.edit()
    assert bytes_up < scene.mask().nbytes  # the mask's own tiles, and a few words
    scene.layer.apply(outcome.patches[0])
    by_browser = scene.layer.pixels
    await scene.program.undo(scene.layer)
    assert np.array_equal(scene.layer.pixels, before)
    again = await (await scene.program.edit(scene.layer, "remove this", mask=scene.mask(), seed=5)).result()
    scene.layer.apply(again.patches[0])
    assert np.array_equal(scene.layer.pixels, by_browser) and not np.array_equal(by_browser, before)
    outside = scene.mask() == 0
    assert np.array_equal(by_browser[outside], before[outside])


@pytest.mark.parametrize("text", ["remove this", "another one", "undo"])
async def test_a_patch_comes_only_to_those_who_want_one(scene: Scene, text: str):
    await scene.whole()
    await (await scene.program.edit(scene.layer, "remove this", mask=scene.mask(), seed=1)).result()
    outcome, _ = await scene.edit(text, wants_patch=False)
    assert outcome.patches == () and outcome.head_version_id != scene.layer.head_version_id
    heads = await scene.browser.tree_of(scene.layer.layer_id)
    assert heads[1] == outcome.head_version_id


async def test_where_the_bridge_lacks_pixels_it_says_what_to_do_and_nothing_happens(scene: Scene):
    head = scene.layer.head_version_id
    with pytest.raises(RemoteError) as error:
        await scene.edit()
    assert error.value.code == "not_shared" and "Share the layer" in error.value.hint
    assert (await scene.browser.tree_of(scene.layer.layer_id))[1] == head


async def test_an_older_version_is_edited_as_it_was_and_kept_beside(scene: Scene):
    await scene.whole()
    older = scene.blank()
    first = await (await scene.program.edit(scene.layer, "remove this", mask=scene.mask(), seed=1)).result()
    scene.layer.apply(first.patches[0])
    edit = await scene.browser.edit(older, "remove this", mask=scene.mask(), seed=5, stored=True)
    with pytest.raises(RemoteError) as error:
        await edit.result()
    assert error.value.code == "conflict" and error.value.version_id is not None
    kept = await scene.browser.fetch(scene.blank(), error.value.version_id)
    versions, _ = await scene.browser.tree_of(scene.layer.layer_id)
    assert next(one for one in versions if one.version_id == kept.version_id).parent_id == older.head_version_id
