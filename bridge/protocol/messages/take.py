"""Taking away: a version as a picture, a review as a report, a document as one file.

The bridge makes the file, says how far it is, and then under which address it can be had: once, within a short while,
from the very bridge that the client speaks to.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import Id, Message, PlainText, RequestId, Sequence

PictureKind = Literal["png", "tiff", "webp"]

# ── client → bridge ──────────────────────────────────────────────────────────────────────────────────────────────


class TakePicture(Message):
    """Make a picture file of a version, to the bit, with the layer's own depth and profile.

    ``part``: the whole ``layer`` as the version shows it (refused with ``pixels_missing`` where the bridge does not
    have all of it), or the box of what the version ``changed``. ``words``, ``people``: whether the file says what was
    asked for, and by whom.
    """

    type: Literal["take.picture"] = "take.picture"
    id: RequestId
    version_id: Id
    kind: PictureKind = "png"
    part: Literal["layer", "changed"] = "layer"
    words: bool = False
    people: bool = False


class TakeReport(Message):
    """Make a report of a document's review. ``versions``: those that were ``discussed``, by comments or verdicts, or
    ``all``."""

    type: Literal["take.report"] = "take.report"
    id: RequestId
    document_id: Id
    kind: Literal["html", "pdf"] = "pdf"
    versions: Literal["discussed", "all"] = "discussed"


class TakeArchive(Message):
    """Make one file of the whole document, which `inlay import` opens elsewhere."""

    type: Literal["take.archive"] = "take.archive"
    id: RequestId
    document_id: Id


# ── bridge → client ──────────────────────────────────────────────────────────────────────────────────────────────


class TakeProgress(Message):
    """How much of what that request asked for is made, 0 … 1. Not its answer."""

    type: Literal["take.progress"] = "take.progress"
    request_id: RequestId
    done: Annotated[float, Field(ge=0, le=1)]


class TakeIs(Message):
    """It is made: ``http://HOST/take/TOKEN`` gives it once, within ``expires_s`` seconds, as a file of that ``name``.

    ``notes``: what a person should know of it.
    """

    type: Literal["take.is"] = "take.is"
    re: RequestId
    token: str
    name: PlainText
    bytes: Sequence
    expires_s: int
    notes: tuple[str, ...]
