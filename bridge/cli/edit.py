"""`inlay edit`: a file of one's own, through the bridge that runs or one of our own."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bridge.cli.terminal import (
    EXIT_FAILED,
    console,
    document_key,
    error_fields,
    messages,
    print_json,
    run,
    settings_from,
)
from bridge.client import EditHandle, InlayClient, Layer, Outcome, Planned, Queued, Reference, RemoteError
from bridge.client import Progress as EditProgress
from bridge.compare import changed_outside
from bridge.editing.ability import Moves
from bridge.errors import BridgeError
from bridge.files import Picture, check_output, read_mask, read_picture, write_picture
from bridge.local import Access, any_bridge
from bridge.protocol.fields import PROFILE_BYTES
from bridge.protocol.messages import VersionInfo
from bridge.settings import Settings
from engine.api import Alpha, LayerFormat, Mask, Pixels
from engine.commands import parse
from engine.commands.plan import BackgroundRemove
from engine.errors import EngineError

# An edit that is cancelled gets this long to say so.
_CANCEL_S = 5.0
_MOST_VARIATIONS = 8
# How one selects something, or adds a picture, in a terminal.
_HOW_HERE = {
    "needs_selection": "Select it with `--mask FILE`: a picture of the same size, white where it shall change.",
    "needs_reference": "Add the picture with `--reference FILE`; the first is image 1.",
}
_MOST_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One call of `inlay edit`."""

    photo: Path
    text: str
    mask: Path | None
    out: Path
    seed: int | None
    variations: int
    references: tuple[Path, ...] = ()
    model: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """What an edit of a file did."""

    files: tuple[Path, ...]
    outcome: Outcome
    changed_outside: int | None
    notes: tuple[str, ...]
    own_bridge: bool


def edit_command(
    photo: Annotated[Path, typer.Argument(help="PNG, JPEG, WebP or TIFF.", metavar="PHOTO", show_default=False)],
    text: Annotated[str, typer.Argument(help="What to do: “remove this”, “another one”, “undo” …", metavar="TEXT")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write; its ending says the kind.")],
    mask: Annotated[
        Path | None, typer.Option("--mask", "-m", help="The selection: a picture of the same size, white = change.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=_MOST_SEED, help="The same seed gives the same result.")
    ] = None,
    variations: Annotated[
        int, typer.Option(min=1, max=_MOST_VARIATIONS, help="Make several; they become OUT, OUT-2, OUT-3 …")
    ] = 1,
    reference: Annotated[
        list[Path] | None,
        typer.Option("--reference", "-r", help="Another picture that the words speak of: image 1, then image 2 …"),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", help="The open model that draws it; “built-in” for none, “auto” for the best here."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")] = None,
) -> None:
    """Change the selected part of a picture file by words."""
    edit = FileEdit(photo, text, mask, out, seed, variations, tuple(reference or ()), model)
    settings = settings_from(data_folder=data)
    if not as_json:
        _print_written(run(edit_file(edit, settings, shown=True)))
        return
    try:
        written = run(edit_file(edit, settings, shown=False))
    except (BridgeError, EngineError) as error:
        print_json(error_fields(error))
        raise typer.Exit(EXIT_FAILED) from None
    print_json(_fields(written))


async def edit_file(edit: FileEdit, settings: Settings, *, shown: bool) -> Written:
    """Read, edit, write. Nothing is written unless the edit has landed.

    The document is the file: an edit starts from the file as it is, words that follow up on an edit (“undo”, “another
    one”) from where its history stands.

    Args:
        edit: what to do.
        settings: which data folder, and of our own bridge if none runs.
        shown: whether progress goes to the terminal.

    Raises:
        FileError: a file cannot be used; this is found out before the edit starts where it can be.
        BridgeError: the edit failed.
    """
    picture = read_picture(edit.photo)
    mask = None if edit.mask is None else read_mask(edit.mask, picture.size)
    references = tuple(_reference(path) for path in edit.references)
    notes = list(check_output(edit.out, _format_of_result(edit, picture, len(references))))

    def waits() -> None:
        messages().print("Another Inlay works with the data folder; waiting for it …")

    async with any_bridge(settings, waits) as access:
        layer, outcome, start = await _edit_pixels(edit, picture, mask, references, access, shown=shown)
    is_same_shape = start.shape == layer.pixels.shape
    outside = changed_outside(start, layer.pixels, mask) if mask is not None and is_same_shape else None
    for version in outcome.versions:
        notes += [note for note in version.notes if note not in notes]
    files: list[Path] = []
    for number, patch in enumerate(outcome.patches, 1):
        path = edit.out if number == 1 else edit.out.with_stem(f"{edit.out.stem}-{number}")
        layer.pixels, layer.format = start, picture.format
        pixels = layer.apply(patch)
        write_picture(path, replace(picture, pixels=pixels, format=layer.format))
        files.append(path)
    if not files:
        write_picture(edit.out, replace(picture, pixels=start))
        files.append(edit.out)
    return Written(tuple(files), outcome, outside, tuple(notes), access.own)


def _reference(path: Path) -> Reference:
    picture = read_picture(path)
    profile = picture.profile if len(picture.profile or b"") <= PROFILE_BYTES else None
    return Reference(picture.pixels, picture.format, profile)


def _format_of_result(edit: FileEdit, picture: Picture, references: int) -> LayerFormat:
    """What the words make of the picture's format, as far as that can be told before the bridge has read them."""
    plan = parse(edit.text, edit.mask is not None, references)
    if picture.format.alpha is Alpha.NONE and any(isinstance(operation, BackgroundRemove) for operation in plan.ops):
        return LayerFormat(picture.format.depth, picture.format.channels + 1, Alpha.STRAIGHT)
    return picture.format


def _looks_back(text: str) -> bool:
    """Whether the words follow up on an edit: “undo”, “another one”."""
    plan = parse(text, False)
    return bool(plan.ops) and all(isinstance(operation, Moves) for operation in plan.ops)


async def _edit_pixels(
    edit: FileEdit,
    picture: Picture,
    mask: Mask | None,
    references: tuple[Reference, ...],
    access: Access,
    *,
    shown: bool,
) -> tuple[Layer, Outcome, Pixels]:
    """The edit itself; returns also the pixels that it started from."""
    follows_up = mask is None and _looks_back(edit.text)
    async with await InlayClient.connect(access.address, access.token, "inlay edit") as client:
        profile = picture.profile if len(picture.profile or b"") <= PROFILE_BYTES else None
        layer = await client.open_layer(
            document_key(edit.photo),
            picture.pixels,
            picture.format,
            title=edit.photo.name.encode(errors="backslashreplace").decode(),
            profile=profile,
            as_known=follows_up,
        )
        await _catch_up(client, layer, follows_up=follows_up)
        start = layer.pixels
        handle = await client.edit(
            layer,
            edit.text,
            mask=mask,
            seed=edit.seed,
            variations=edit.variations,
            previews=False,
            references=references,
            model=None if edit.model is None else edit.model.strip().lower() or None,
        )
        try:
            await _follow(handle, shown=shown)
            outcome = await handle.result()
        except RemoteError as error:
            error.hint = _HOW_HERE.get(error.code, error.hint)
            raise
        except asyncio.CancelledError:
            with contextlib.suppress(BridgeError, TimeoutError):
                async with asyncio.timeout(_CANCEL_S):
                    await handle.cancel()
            raise
        if outcome.patches:
            layer.apply(outcome.patches[0])
        return layer, outcome, start


async def _catch_up(client: InlayClient, layer: Layer, *, follows_up: bool) -> None:
    """Bring the file's pixels and the history's head together.

    ``follows_up``: the layer becomes what the head shows. Else the head becomes the source, unless the file shows the
    head (it was edited in place), so that edits of one unchanged file stand beside each other in the tree.
    """
    versions = {version.version_id: version for version in await client.tree(layer)}
    path: list[VersionInfo] = []
    here = layer.head_version_id
    while here is not None:
        path.append(versions[here])
        here = versions[here].parent_id
    source_id = path[-1].version_id if path else None
    if len(path) <= 1 or source_id is None:
        return
    head_id, file_pixels = layer.head_version_id, layer.pixels
    for version in reversed(path[:-1]):
        layer.apply(await client.fetch(layer, version.version_id))
    layer.head_version_id = head_id
    if not follows_up and changed_outside(file_pixels, layer.pixels):
        await client.restore(layer, source_id)
        layer.pixels = file_pixels


async def _follow(handle: EditHandle, *, shown: bool) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=messages(), transient=True, disable=not shown) as bar:
        task = bar.add_task("starting the engine", total=1.0)
        async for event in handle.events():
            match event:
                case Planned(says=says, seed=seed):
                    for number, sentence in enumerate(says):
                        bar.console.print(sentence if number else f"{sentence} [dim](seed {seed})[/]")
                case Queued(position=position) if position > 0:
                    bar.update(task, description=f"waiting, {position} before this one")
                case EditProgress(fraction=fraction, stage=stage):
                    bar.update(task, description=stage, completed=fraction)
                case _:
                    pass


def _print_written(written: Written) -> None:
    out, outcome = console(), written.outcome
    for file in written.files:
        out.print(f"[bold green]✓[/] {file}", soft_wrap=True)
    said = [f"{outcome.seconds:.2f} s"]
    if written.changed_outside is not None:
        said.append(f"{written.changed_outside} pixels changed outside the selection")
    if outcome.head_version_id is not None:
        said.append(f"version {outcome.head_version_id}")
    out.print("  " + " · ".join(said), soft_wrap=True)
    for note in written.notes:
        out.print(f"  note: {note}", soft_wrap=True)


def _fields(written: Written) -> dict[str, object]:
    outcome = written.outcome
    return {
        "ok": True,
        "files": [str(file) for file in written.files],
        "versions": [version.version_id for version in outcome.versions],
        "seeds": [version.seed for version in outcome.versions],
        "head_version_id": outcome.head_version_id,
        "says": [sentence for version in outcome.versions[:1] for sentence in version.says],
        "changed_outside": written.changed_outside,
        "seconds": round(outcome.seconds, 4),
        "engine_s": round(outcome.engine_s, 4),
        "bytes_up": outcome.bytes_up,
        "bytes_down": outcome.bytes_down,
        "own_bridge": written.own_bridge,
        "notes": list(written.notes),
    }
