"""`inlay review`: the team's page of a document, in the browser."""

from __future__ import annotations

import asyncio
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from bridge.access.local import read_local_token
from bridge.cli.documents import documents_called
from bridge.cli.terminal import console, messages, run, settings_from
from bridge.client import InlayClient, NotConnected, People, review_link_of
from bridge.errors import OutOfOrder
from bridge.local import find_bridge
from bridge.protocol import messages as m
from bridge.settings import Settings

_NAMED = 5


def review_command(
    document: Annotated[
        str, typer.Argument(help="A picture file, or a document's id; may be left out when there is only one.")
    ] = "",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the link.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")] = None,
) -> None:
    """Open a document's review page: versions, comments, approvals. Needs `inlay serve`."""
    link = run(_link(document, settings_from(data_folder=data)))
    console().print(link, markup=False, soft_wrap=True)
    if no_browser or not webbrowser.open(link):
        messages().print("  It lets one browser in, once, within two minutes.", markup=False)


async def _link(wanted: str, settings: Settings) -> str:
    notice = await asyncio.to_thread(find_bridge, settings.data_folder)
    token = read_local_token(settings.data_folder)
    if notice is None or token is None:
        raise NotConnected("No bridge serves this data folder.")
    async with await InlayClient.connect(notice.address, token, "inlay review") as client:
        document = await _one(client, wanted)
        made = await People(client).own_link(document.document_id)
        return review_link_of(notice.address, document.document_id, made.token)


async def _one(client: InlayClient, wanted: str) -> m.DocumentInfo:
    found = await (documents_called(client, wanted) if wanted else client.documents())
    if not found:
        raise OutOfOrder("There is no document yet.", hint="Edit something first: `inlay demo`.")
    document, *others = found
    if others:
        names = ", ".join(f"{one.title or one.key} ({one.document_id})" for one in found[-_NAMED:])
        raise OutOfOrder(f"There are {len(found)} documents.", hint=f"Name one by its id: {names}.")
    return document
