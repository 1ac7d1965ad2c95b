"""A document's review as a report: a cover, then a page a version with before, after, pins, verdicts and threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from bridge.history.disk import disk_errors
from bridge.history.records import Document
from bridge.history.store import History
from bridge.takeaway.report.looks import looks_of
from bridge.takeaway.report.page import html_of
from bridge.takeaway.report.sheet import write_pdf
from bridge.takeaway.report.story import Look, Which, story_of

# Pages with two pictures each: more would be a book that nobody prints.
MOST_PAGES = 400


async def write_report(
    history: History,
    document: Document,
    out: Path,
    kind: Literal["html", "pdf"],
    which: Which,
    tool: tuple[str, str],
    progress: Callable[[float], None],
) -> tuple[str, ...]:
    """Write a report to ``out``, a new file.

    Args:
        history: where it is.
        document: whose review.
        out: the file.
        kind: HTML, whole in itself and without script, or PDF with real text.
        which: the versions that were ``discussed``, or ``all``.
        tool: the program's name and version.
        progress: told how much of it is done, 0 … 1.

    Returns:
        What a person should know of it.

    Raises:
        StorageError: something cannot be read or written.
    """
    story = await story_of(history, document, which)
    told, left_out = story.pages[-MOST_PAGES:], max(0, len(story.pages) - MOST_PAGES)
    looks: dict[str, Look] = {}
    for number, page in enumerate(told):
        looks[page.version.version_id] = await looks_of(history, page)
        progress(0.8 * (number + 1) / len(told))
    notes = [f"The report has the last {MOST_PAGES} versions; {left_out} before them are left out."] if left_out else []
    if kind == "html":
        text = await asyncio.to_thread(html_of, story, told, looks, " ".join(tool))
        with disk_errors():
            await asyncio.to_thread(out.write_text, text, encoding="utf-8")
    else:
        notes += await asyncio.to_thread(write_pdf, out, story, told, looks, " ".join(tool))
    progress(1.0)
    return tuple(notes)
