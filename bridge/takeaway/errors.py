"""What can go wrong when something is taken away or brought in."""

from __future__ import annotations

from bridge.errors import BridgeError


class TakeError(BridgeError):
    """That cannot be taken away."""

    code = "take_error"


class PixelsMissing(TakeError):
    """The bridge does not have all pixels of that version."""

    code = "pixels_missing"
    hint = (
        "Press “Open review” in the plugin, or run `inlay review FILE`: that shares the layer's whole picture. "
        "Or export only the part that this version changed."
    )


class NothingToExport(TakeError):
    """The original changed nothing, so there is no changed part to export."""

    code = "nothing_to_export"
    hint = "Export the whole layer, or choose an edit."


class UnfitFormat(TakeError):
    """That kind of file cannot hold these pixels exactly."""

    code = "unfit_format"
    hint = "Choose TIFF: it keeps every layer as it is."


class TooLargeToBringIn(TakeError):
    """The document has more in it than `inlay import` takes."""

    code = "too_large_to_bring_in"
    hint = "Keep a copy of the bridge's data folder instead, or export its versions as pictures."


class CannotSign(TakeError):
    """The content credentials cannot be signed."""

    code = "cannot_sign"
    hint = "Check the certificate and the key in the settings, or export without content credentials."


class ArchiveError(TakeError):
    """That file is no document of Inlay, or it is damaged."""

    code = "archive_error"
    hint = "Export the document anew with `inlay export`, and bring that file in. Nothing was imported."


class ArchiveTooNew(ArchiveError):
    """The document was exported by a newer Inlay."""

    code = "archive_too_new"
    hint = "Update Inlay: `python -m pip install --upgrade inlay`. Nothing was imported."


class ArchiveTooLarge(ArchiveError):
    """The document is larger than what is imported."""

    code = "archive_too_large"
    hint = "Export fewer layers or versions. Nothing was imported."


class ImportedBefore(TakeError):
    """This very file was imported before.

    Attributes:
        document_id: the document that was made then.
    """

    code = "imported_before"
    hint = "Open that document, or import the file with `--copy` to have it a second time."

    def __init__(self, document_id: str) -> None:
        super().__init__(f"This file was imported before, as document {document_id}.")
        self.document_id = document_id
