"""The plan: operations in order, each with its region; what the bridge carries out and shows in plain words."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Region = Literal["selection", "all"]


class _Operation(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    def says(self) -> str:
        """One plain sentence for a person."""
        raise NotImplementedError


class Remove(_Operation):
    """Take away what is there and continue the surroundings."""

    op: Literal["remove"] = "remove"
    region: Region = "selection"

    def says(self) -> str:
        where = "the selection" if self.region == "selection" else "the whole layer"
        return f"Remove what is in {where} and continue what surrounds it."


class Replace(_Operation):
    """Draw what the words say where something is selected."""

    op: Literal["replace"] = "replace"
    region: Region = "selection"
    prompt: Annotated[str, Field(min_length=1, max_length=300)]

    def says(self) -> str:
        where = "the selection" if self.region == "selection" else "the whole layer"
        return f"Fill {where} with {self.prompt}."


class Again(_Operation):
    """The last edit of this layer once more, with a new seed, on top of the current version."""

    op: Literal["again"] = "again"

    def says(self) -> str:
        return "Do the last edit again."


class Variations(_Operation):
    """More candidates of the last edit, each from the same starting point with another seed."""

    op: Literal["variations"] = "variations"
    count: Annotated[int, Field(ge=1, le=8)] = 1

    def says(self) -> str:
        return (
            "Make another version of the last edit."
            if self.count == 1
            else (f"Make {self.count} other versions of the last edit.")
        )


class Undo(_Operation):
    """Move the layer's head back."""

    op: Literal["undo"] = "undo"
    count: Annotated[int, Field(ge=1, le=100)] = 1

    def says(self) -> str:
        return "Undo the last edit." if self.count == 1 else f"Undo the last {self.count} edits."


class Redo(_Operation):
    """Move the layer's head forward again."""

    op: Literal["redo"] = "redo"
    count: Annotated[int, Field(ge=1, le=100)] = 1

    def says(self) -> str:
        return "Redo the edit undone last." if self.count == 1 else f"Redo {self.count} edits."


Operation = Annotated[Remove | Replace | Again | Variations | Undo | Redo, Field(discriminator="op")]


class Plan(BaseModel):
    """What will be done, in order, and what was not understood.

    Attributes:
        ops: the operations, in order.
        says: one plain sentence an operation.
        unsure: what was not understood, each with what to try instead; nothing is run when it is not empty.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    ops: tuple[Operation, ...] = ()
    says: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
