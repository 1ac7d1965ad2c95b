"""`inlay review`: the team's page of a document, in the browser."""

from __future__ import annotations

import asyncio
import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn

from bridge.access.local import read_local_token
from bridge.cli.documents import documents_called
from bridge.cli.terminal import console, document_key, messages, run, settings_from
from bridge.client import InlayClient, Layer, NotConnected, People, RemoteError, review_link_of
from bridge.compare import changed_outside
from bridge.errors import OutOfOrder
from bridge.files import read_picture
from bridge.local import find_bridge
from bridge.protocol import messages as m
from bridge.protocol.fields import PROFILE_BYTES
from bridge.settings import Settings

_NAMED = 5


def review_command(
    document: Annotated[
        str, typer.Argument(help="A picture file, or a document's id; may be left out when there is only one.")
    ] = "",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the link.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")] = None,
) -> None:
    """Open a document's review page: versions, comments, approvals. Needs `inlay serve`.

    A picture file is shared with it: the team sees all of it, not only what edits touched.
    """
    file = Path(document)
    link = run(_link(document, file if document and file.is_file() else None, settings_from(data_folder=data)))
    console().print(link, markup=False, soft_wrap=True)
    if no_browser or not webbrowser.open(link):
        messages().print("  It lets one browser in, once, within two minutes.", markup=False)


async def _link(wanted: str, file: Path | None, settings: Settings) -> str:
    notice = await asyncio.to_thread(find_bridge, settings.data_folder)
    token = read_local_token(settings.data_folder)
    if notice is None or token is None:
        raise NotConnected("No bridge serves this data folder.")
    async with await InlayClient.connect(notice.address, token, "inlay review") as client:
        document_id = (await _one(client, wanted)).document_id if file is None else await _shared(client, file)
        made = await People(client).own_link(document_id)
        return review_link_of(notice.address, document_id, made.token)


async def _shared(client: InlayClient, path: Path) -> str:
    """The document of a picture file, made when it is not there; the file's picture is shared in it."""
    picture = await asyncio.to_thread(read_picture, path)
    layer = await client.open_layer(
        document_key(path),
        picture.pixels,
        picture.format,
        title=path.name.encode(errors="backslashreplace").decode(),
        profile=picture.profile if len(picture.profile or b"") <= PROFILE_BYTES else None,
        as_known=True,
    )
    version_id = await _shown(client, layer)
    columns = (TextColumn("sharing"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
    with Progress(*columns, console=messages(), transient=True) as bar:
        task = bar.add_task("sharing", total=1.0)
        try:
            await client.share(layer, version_id, lambda done: bar.update(task, completed=done))
        except RemoteError as error:
            if error.code != "bad_pixels":
                raise
            said = "The file has another size or format than its layer in the history, so it is not shared."
            bar.console.print(f"  {said}", markup=False)
    return layer.document_id


async def _shown(client: InlayClient, layer: Layer) -> str:
    """Which version the file shows: the head if it was edited in place, else the one that its tree begins with."""
    versions = {version.version_id: version for version in await client.tree(layer)}
    path: list[m.VersionInfo] = []
    here = layer.head_version_id
    while here is not None:
        path.append(versions[here])
        here = versions[here].parent_id
    in_file = Layer(layer.layer_id, layer.document_id, layer.pixels, layer.format, layer.head_version_id)
    try:
        for version in reversed(path[:-1]):
            layer.apply(await client.fetch(layer, version.version_id))
        is_head = changed_outside(in_file.pixels, layer.pixels) == 0
    except ValueError:  # they have not one size and format
        is_head = False
    layer.pixels, layer.format = in_file.pixels, in_file.format
    return path[0 if is_head else -1].version_id


async def _one(client: InlayClient, wanted: str) -> m.DocumentInfo:
    found = await (documents_called(client, wanted) if wanted else client.documents())
    if not found:
        raise OutOfOrder("There is no document yet.", hint="Edit something first: `inlay demo`.")
    document, *others = found
    if others:
        names = ", ".join(f"{one.title or one.key} ({one.document_id})" for one in found[-_NAMED:])
        raise OutOfOrder(f"There are {len(found)} documents.", hint=f"Name one by its id: {names}.")
    return document
