"""The Python client: what the command line, the demo and the tests use, and anybody who scripts Inlay.

::

    async with await InlayClient.connect(address, token) as client:
        layer = await client.open_layer("poster", pixels, LayerFormat(Depth.U8, 3, Alpha.NONE))
        edit = await client.edit(layer, "remove this", mask=mask)
        async for event in edit.events():
            print(event)
        outcome = await edit.result()
        layer.apply(outcome.patches[0])  # layer.pixels shows the edit
"""

from __future__ import annotations

from bridge.client.bin import Bin
from bridge.client.client import InlayClient, Moved
from bridge.client.connection import NotConnected
from bridge.client.edit import EditHandle, Event, Outcome, Planned, Preview, Progress, Queued, RemoteError
from bridge.client.layer import Layer, Patch, Reference
from bridge.client.models import Models
from bridge.client.people import Joined, People, join, link_of, review_link_of
from bridge.client.review import Review
from bridge.client.search import Search
from bridge.client.take import TakeAway

__all__ = [
    "Bin",
    "EditHandle",
    "Event",
    "InlayClient",
    "Joined",
    "Layer",
    "Models",
    "Moved",
    "NotConnected",
    "Outcome",
    "Patch",
    "People",
    "Planned",
    "Preview",
    "Progress",
    "Queued",
    "Reference",
    "RemoteError",
    "Review",
    "Search",
    "TakeAway",
    "join",
    "link_of",
    "review_link_of",
]
