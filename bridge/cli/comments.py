"""`inlay comments`: what people said of a document's versions, to read or as a file for other programs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.documents import documents_called
from bridge.cli.terminal import console, messages, run, settings_from
from bridge.client import InlayClient, Review
from bridge.errors import FileError, OutOfOrder
from bridge.local import any_bridge
from bridge.protocol import messages as m
from bridge.review.annotations import collection
from bridge.settings import Settings


def comments_command(
    document: Annotated[str, typer.Argument(help="A picture file, or a document's id.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write them as W3C Web Annotations (JSON-LD).")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder, instead of the usual one.")] = None,
) -> None:
    """Show what was said of a document's versions, or write it to a file."""
    run(_comments(document, output, settings_from(data_folder=data)))


async def _comments(wanted: str, output: Path | None, settings: Settings) -> None:
    def waits() -> None:
        messages().print("Another Inlay works with the data folder; waiting for it …")

    async with (
        any_bridge(settings, waits) as access,
        await InlayClient.connect(access.address, access.token, "inlay comments") as client,
    ):
        documents = await documents_called(client, wanted)
        if output is not None and len(documents) > 1:
            raise OutOfOrder(f"“{wanted}” may be {len(documents)} documents.", hint="Name one by its id.")
        for document in documents:
            comments = await Review(client).comments(document.document_id)
            if output is None:
                _show(document, comments)
                continue
            await asyncio.to_thread(_write, output, document, comments)
            messages().print(f"✓ {len(comments)} comments written to {output}.", markup=False)


def _write(path: Path, document: m.DocumentInfo, comments: tuple[m.CommentInfo, ...]) -> None:
    text = json.dumps(collection(document, comments), indent=1, ensure_ascii=False)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise FileError(
            f"{path} cannot be written: {error.strerror}.", hint="Check the folder and its space."
        ) from error


def _show(document: m.DocumentInfo, comments: tuple[m.CommentInfo, ...]) -> None:
    out = console()
    out.print(f"{document.title or document.key}: {len(comments) or 'no'} comments", markup=False, soft_wrap=True)
    for root in (comment for comment in comments if comment.reply_to is None):
        place = "" if root.rect_px is None else f" at {root.rect_px[0]},{root.rect_px[1]}"
        state = "" if root.resolved_by is None else f", resolved by {root.resolved_by}"
        out.print(f"\n{_line(root)}  ({root.version_id}{place}{state})", markup=False, soft_wrap=True)
        for answer in (comment for comment in comments if comment.reply_to == root.comment_id):
            out.print(f"  ↳ {_line(answer)}", markup=False, soft_wrap=True)


def _line(comment: m.CommentInfo) -> str:
    return f"{comment.created_at[:16].replace('T', ' ')} {comment.author}: {' '.join(comment.text.split())}"
