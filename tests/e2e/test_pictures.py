"""Pictures of a version that the real engine made."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from support.pictures import RGB8, disc

from bridge.client import InlayClient, RemoteError, Review

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_version_is_seen_before_and_after(client: InlayClient):
    pixels = np.full((300, 400, 3), 200, np.uint8)
    pixels[120:160, 180:220] = (255, 0, 0)
    layer = await client.open_layer("seen", pixels, RGB8)
    source = layer.head_version_id
    outcome = await (await client.edit(layer, "remove this", mask=disc(300, 400, 140, 200, 40))).result()
    version = outcome.versions[0]
    review = Review(client)
    seen = {}
    for show in ("before", "after"):
        picture = await review.picture(version.version_id, show, 48)
        assert (picture.mime, picture.show, picture.rect_px) == ("image/jpeg", show, version.rect_px)
        assert max(picture.width, picture.height) == 48
        seen[show] = np.asarray(Image.open(io.BytesIO(picture.data))).astype(int)
        assert seen[show].shape == (picture.height, picture.width, 3)
    assert (seen["before"][..., 0] - seen["before"][..., 1]).max() > 150
    assert (seen["after"][..., 0] - seen["after"][..., 1]).max() < 20
    # What the edit's reach brought of the original is known of it, and nothing lay before it.
    assert source is not None
    assert (await review.picture(source)).show == "after"
    with pytest.raises(RemoteError) as none:
        await review.picture(source, "before")
    assert none.value.code == "not_found"
