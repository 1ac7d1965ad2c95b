"""`inlay export`, `inlay report` and `inlay import`: a version as a picture, a whole document as one file, a review to
hand out; and a document from elsewhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bridge.cli.documents import documents_called
from bridge.cli.terminal import console, messages, run, settings_from
from bridge.client import InlayClient, Review, TakeAway
from bridge.compose import local_person
from bridge.errors import FileError, NotFound, OutOfOrder
from bridge.history.store import History
from bridge.local import any_bridge
from bridge.protocol import messages as m
from bridge.settings import Settings
from bridge.takeaway.unpack import unpack

_PICTURES: dict[str, Literal["png", "tiff", "webp"]] = {
    ".png": "png",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".webp": "webp",
}
_REPORTS: dict[str, Literal["html", "pdf"]] = {".html": "html", ".pdf": "pdf"}
_Done = Callable[[float], None]
_Work = Callable[[TakeAway, InlayClient, m.DocumentInfo, _Done], Awaitable[m.TakeIs]]
_Data = Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")]
_Document = Annotated[str, typer.Argument(help="A picture file, or a document's id.")]


def export_command(
    document: _Document,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file: .zip for all of it; .png, .tif, .webp for one.")],
    version: Annotated[
        str, typer.Option(help="Of a picture: which version, as v3 or by its id; the current one by default.")
    ] = "",
    changed: Annotated[bool, typer.Option("--changed", help="Only the part that the version changed.")] = False,
    words: Annotated[bool, typer.Option("--words", help="Write into the picture what was asked for.")] = False,
    names: Annotated[bool, typer.Option("--names", help="Write into the picture who asked for it.")] = False,
    data: _Data = None,
) -> None:
    """Write a version as a picture, to the bit, or a whole document as one file for `inlay import`."""
    kind = _PICTURES.get(out.suffix.lower())
    if kind is None and out.suffix.lower() != ".zip":
        raise typer.BadParameter("ends in .zip, .png, .tif or .webp.", param_hint="--out")
    if kind is None and (version or changed or words or names):
        raise typer.BadParameter("is for pictures; a .zip has all versions.", param_hint="--version or its like")
    _check_folder(out)

    async def work(take: TakeAway, client: InlayClient, found: m.DocumentInfo, done: _Done) -> m.TakeIs:
        if kind is None:
            return await take.archive(found.document_id, out, progress=done)
        version_id = await _version_called(client, found, version)
        part: Literal["layer", "changed"] = "changed" if changed else "layer"
        return await take.picture(version_id, out, kind=kind, part=part, words=words, people=names, progress=done)

    run(_take(document, out, work, settings_from(data_folder=data)))


def report_command(
    document: _Document,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write: .html or .pdf.")],
    all_versions: Annotated[
        bool, typer.Option("--all", help="Every version, not only those that somebody spoke of or decided on.")
    ] = False,
    data: _Data = None,
) -> None:
    """Write a report of a document's review: before, after, pins, threads and verdicts."""
    kind = _REPORTS.get(out.suffix.lower())
    if kind is None:
        raise typer.BadParameter("ends in .html or .pdf.", param_hint="--out")
    _check_folder(out)

    async def work(take: TakeAway, client: InlayClient, found: m.DocumentInfo, done: _Done) -> m.TakeIs:
        which: Literal["all", "discussed"] = "all" if all_versions else "discussed"
        return await take.report(found.document_id, out, kind=kind, versions=which, progress=done)

    run(_take(document, out, work, settings_from(data_folder=data)))


def import_command(
    file: Annotated[Path, typer.Argument(help="A file that `inlay export` wrote.", show_default=False)],
    copy: Annotated[
        bool, typer.Option("--copy", help="Also when it was imported before: as one more document.")
    ] = False,
    data: _Data = None,
) -> None:
    """Open a document from elsewhere as a new one of your own: the same versions, pixels and comments."""
    run(_import(file, copy, settings_from(data_folder=data)))


async def _import(file: Path, copy: bool, settings: Settings) -> None:
    # Beside a bridge that serves: a new document is in nobody's way, and databases take turns.
    history = await History.open(settings.data_folder, durable=settings.durable)
    try:
        person = await local_person(history, settings)
        with _bar(f"importing {file.name}") as done:
            document = await unpack(history, file, person, done, copy=copy)
        layers = await history.versions.layers(document.document_id)
        trees = [await history.versions.tree(layer.layer_id) for layer in layers]
    finally:
        await history.close()
    console().print(document.document_id)
    count = sum(version.kind == "edit" for tree in trees for version in tree)
    said = f"✓ “{document.title or 'Untitled'}” is a document of yours now, with {count} versions."
    messages().print(said, markup=False, soft_wrap=True)
    messages().print(f"  Look at it: inlay review {document.document_id}", markup=False, soft_wrap=True)


async def _take(wanted: str, out: Path, work: _Work, settings: Settings) -> None:
    async with _client(settings) as (client, address):
        document, *others = await documents_called(client, wanted)
        if others:
            raise OutOfOrder(f"“{wanted}” may be {1 + len(others)} documents.", hint="Name one by its id.")
        with _bar(f"making {out.name}") as done:
            made = await work(TakeAway(client, address), client, document, done)
    messages().print(f"✓ {out} is written, {_bytes(made.bytes)}.", markup=False, soft_wrap=True)
    for note in made.notes:
        messages().print(f"  {note}", markup=False, soft_wrap=True)


@asynccontextmanager
async def _client(settings: Settings) -> AsyncGenerator[tuple[InlayClient, str]]:
    def waits() -> None:
        messages().print("Another Inlay works with the data folder; waiting for it …")

    async with (
        any_bridge(settings, waits) as access,
        await InlayClient.connect(access.address, access.token, "inlay export") as client,
    ):
        yield client, access.address


async def _version_called(client: InlayClient, document: m.DocumentInfo, wanted: str) -> str:
    """The id of the version: the current one, “v3”, or an id."""
    opened = await Review(client).visit(document.document_id)
    layers = list(opened.layers)
    if not layers:
        raise NotFound("layer: nothing was edited in this document yet")
    if not wanted or wanted.lower().removeprefix("v").isdigit():
        if len(layers) > 1:
            heads = ", ".join(f"{layer.name or layer.key}: {layer.head_version_id}" for layer in layers)
            raise OutOfOrder(f"The document has {len(layers)} layers.", hint=f"Name a version by its id: {heads}.")
        versions, head = await client.tree_of(layers[0].layer_id)
        if not wanted and head is not None:
            return head
        edits = [version.version_id for version in versions if version.kind == "edit"]
        number = int(wanted.lower().removeprefix("v")[:9])
        if not 1 <= number <= len(edits):
            raise NotFound(f"version: they go from v1 to v{len(edits)}")
        return edits[number - 1]
    return wanted


def _check_folder(out: Path) -> None:
    """Before any work."""
    if not out.absolute().parent.is_dir():
        raise FileError(f"There is no folder {out.absolute().parent}.", hint="Make it first, or name another place.")


@contextmanager
def _bar(words: str) -> Generator[_Done]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=messages(), transient=True) as bar:
        task = bar.add_task(words, total=1.0)
        yield lambda done: bar.update(task, completed=done)


def _bytes(count: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count = round(count / 1000)
    return f"{count} GB"
