"""Open models: which there are, and which of them a document is pinned to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.protocol.fields import Id, Message, PlainText, RequestId

# A name in the catalogue, ``built-in`` (none but those that come with Inlay) or ``auto`` (Inlay chooses).
ModelName = Annotated[str, Field(min_length=1, max_length=40)]


class ModelList(Message):
    type: Literal["models.list"] = "models.list"
    id: RequestId


class ModelInfo(Message):
    """An open model: ``abilities`` as in `engine.models.catalogue`; ``present``: its weights are on this machine."""

    name: ModelName
    title: PlainText
    abilities: tuple[str, ...]
    present: bool


class Models(Message):
    type: Literal["models"] = "models"
    re: RequestId
    models: tuple[ModelInfo, ...]


class DocumentModel(Message):
    """Pin a document to an open model: that one draws whatever the built-in ones cannot. An edit may name another."""

    type: Literal["document.model"] = "document.model"
    id: RequestId
    document_id: Id
    model: ModelName


class DocumentModelIs(Message):
    """Which model the document is pinned to now; not ``present``: edits that need it are refused until it is here."""

    type: Literal["document.model.is"] = "document.model.is"
    re: RequestId
    document_id: Id
    model: ModelName
    present: bool
