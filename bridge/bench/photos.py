"""Where the check photographs are; they are no part of the product."""

from __future__ import annotations

from pathlib import Path

from bridge.settings import Settings


def check_photographs() -> Path | None:
    """The folder that ``INLAY_CHECK_PHOTOS`` names, or the one beside the working tree; None when it is not there."""
    named = Settings().check_photos
    folder = named or Path(__file__).resolve().parents[3] / "shared" / "photos" / "check"
    return folder if (folder / "manifest.json").is_file() else None
