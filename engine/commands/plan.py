"""The plan: operations in order, each with its region; what the bridge carries out and shows in plain words.

The vocabulary is fixed, so that grammar, language model, bridge and engine can be built apart. Per cents are fractions
(20 % is 0.2), exposure is in stops, angles in degrees (clockwise); colours and texts are as they were typed. What was
not said is None and left out of the JSON: the operation decides it then. ``model`` is the open model that draws it, by
its name in the catalogue, or ``built-in``; ``references`` beside a prompt are for it to look at. The bridge fills both.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator
from pydantic_core.core_schema import SerializerFunctionWrapHandler

from engine.commands.models import by_model
from engine.commands.parameters import (
    Amount,
    Change,
    Colour,
    Fraction,
    Instruction,
    ModelName,
    Pixels,
    Prompt,
    Reference,
    References,
    is_aspect,
)
from engine.commands.phrasing import FROM, by_amount, listed, more_or_less, per_cent, text_height
from engine.commands.regions import Anchor, Direction, Place, Region, Side, says_place, says_region
from engine.commands.scene import Scene, UnknownScene
from engine.commands.scene_words import scene_of
from engine.commands.text import shown


class _Operation(BaseModel):
    # An alias is for a field whose name is a keyword of Python.
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @model_serializer(mode="wrap")
    def _without_what_was_not_said(self, serialise: SerializerFunctionWrapHandler) -> dict[str, object]:
        return {name: value for name, value in serialise(self).items() if value is not None}

    def says(self) -> str:
        """One plain sentence for a person."""
        raise NotImplementedError

    def _exactly_one(self, *names: str) -> Self:
        if sum(getattr(self, name) is not None for name in names) != 1:
            raise ValueError(f"exactly one of {' and '.join(names)}")
        return self


class Remove(_Operation):
    """Take away what is there and continue the surroundings."""

    op: Literal["remove"] = "remove"
    region: Region = "selection"
    model: ModelName | None = None

    def says(self) -> str:
        if self.region == "selection":
            return f"Remove what is in the selection and continue what surrounds it{by_model(self.model)}."
        return f"Remove {says_region(self.region)} and continue what surrounds it{by_model(self.model)}."


class Replace(_Operation):
    """Draw what the words say in the region."""

    op: Literal["replace"] = "replace"
    region: Region = "selection"
    prompt: Prompt
    references: References | None = None
    model: ModelName | None = None

    def says(self) -> str:
        return f"Fill {says_region(self.region)} with {self.prompt}{by_model(self.model)}."


class BackgroundRemove(_Operation):
    """Cut the subject out; its surroundings become transparent."""

    op: Literal["background_remove"] = "background_remove"

    def says(self) -> str:
        return "Cut the subject out and make the background transparent."


class BackgroundReplace(_Operation):
    """Cut the subject out and put something else behind it: a colour, a gradient, words, or a reference.

    ``light``: how far the subject takes on the light of the new background; ``shadow``: whether it darkens the ground
    at its foot.
    """

    op: Literal["background_replace"] = "background_replace"
    prompt: Prompt | None = None
    reference: Reference | None = None
    references: References | None = None
    light: Amount | None = None
    shadow: bool | None = None
    model: ModelName | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        return self._exactly_one("prompt", "reference")

    def says(self) -> str:
        fitted: list[str] = []
        if self.light:
            fitted.append(f"the subject's light matched to it{by_amount(self.light) if self.light < 1 else ''}")
        if self.shadow:
            fitted.append("a contact shadow under the subject")
        extra = f", with {listed(fitted)}" if fitted else ""
        return f"Replace the background with {self.prompt or f'image {self.reference}'}{extra}{by_model(self.model)}."


class BackgroundBlur(_Operation):
    """Put what is behind the subject out of focus."""

    op: Literal["background_blur"] = "background_blur"
    amount: Amount | None = None

    def says(self) -> str:
        return f"Blur the background{by_amount(self.amount)}."


class Relight(_Operation):
    """Change the light: how much, how hard, how warm, how colourful, and where from."""

    op: Literal["relight"] = "relight"
    region: Region = "selection"
    exposure: Annotated[float, Field(ge=-10, le=10)] | None = None
    contrast: Change | None = None
    temperature: Annotated[float, Field(ge=-1, le=1)] | None = None
    vividness: Change | None = None
    from_: Direction | None = Field(default=None, alias="from")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if all(each is None for each in (self.exposure, self.contrast, self.temperature, self.vividness, self.from_)):
            raise ValueError("nothing of the light is changed")
        return self

    def says(self) -> str:
        changes: list[str] = []
        if self.exposure is not None:
            stops = "stop" if abs(self.exposure) == 1 else "stops"
            changes.append(f"{'brighter' if self.exposure > 0 else 'darker'} by {abs(self.exposure):g} {stops}")
        if self.contrast is not None:
            changes.append(more_or_less("more contrast", "less contrast", self.contrast))
        if self.temperature is not None:
            changes.append(more_or_less("warmer", "cooler", self.temperature))
        if self.vividness == -1:
            changes.append("black and white")
        elif self.vividness is not None:
            changes.append(more_or_less("more vivid", "less vivid", self.vividness))
        light = "" if self.from_ is None else f"lit from {FROM.get(self.from_, self.from_)}"
        return f"Change the light of {says_region(self.region)}: {', '.join([*changes, *([light] if light else [])])}."


class Recolour(_Operation):
    """Another colour, with the shading and the texture that are there."""

    op: Literal["recolour"] = "recolour"
    region: Region = "selection"
    colour: Colour | None = None
    hue: Annotated[float, Field(ge=-360, le=360)] | None = None
    strength: Amount | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        return self._exactly_one("colour", "hue")

    def says(self) -> str:
        where, strength = says_region(self.region), "" if self.strength is None else f", {per_cent(self.strength)}"
        if self.colour is None:
            return f"Turn the hue of {where} by {self.hue:g} degrees{strength}."
        return f"Colour {where} {self.colour}{strength}, keeping its shading."


class Restyle(_Operation):
    """The same picture in another manner: the one that the words name, or that of a reference."""

    op: Literal["restyle"] = "restyle"
    region: Region = "selection"
    prompt: Prompt | None = None
    reference: Reference | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        return self._exactly_one("prompt", "reference")

    def says(self) -> str:
        if self.prompt is None:
            return f"Give {says_region(self.region)} the colours and tones of image {self.reference}."
        return f"Draw {says_region(self.region)} anew in the style of {self.prompt}."


class Extend(_Operation):
    """A larger picture: another shape, or more on some sides. A whole number is pixels, a fraction of the side's length
    a per cent."""

    op: Literal["extend"] = "extend"
    aspect: Annotated[str, Field(max_length=24)] | None = None
    sides: tuple[Side, ...] | dict[Side, Pixels | Fraction] | None = None
    anchor: Anchor | None = None
    model: ModelName | None = None

    @model_validator(mode="after")
    def _a_shape(self) -> Self:
        self._exactly_one("aspect", "sides")
        if self.sides is not None and not self.sides:
            raise ValueError("no side is named")
        if self.aspect is not None and not is_aspect(self.aspect):
            raise ValueError("an aspect is like 16:9")
        return self

    def says(self) -> str:
        held = "" if self.anchor is None else f", with what is there at the {self.anchor}"
        held += by_model(self.model)
        if self.aspect is not None:
            return f"Extend the picture to {self.aspect}{held}."
        if isinstance(self.sides, dict):
            parts = [
                f"{side} by {per_cent(n) if isinstance(n, float) else f'{n} px'}" for side, n in self.sides.items()
            ]
            return f"Extend the picture at the {listed(parts)}{held}."
        return f"Extend the picture at the {listed(list(self.sides or ()))}{held}."


class AddText(_Operation):
    """Letters, exactly those that were typed."""

    op: Literal["add_text"] = "add_text"
    text: Annotated[str, Field(min_length=1, max_length=1000)]
    place: Place | None = None
    style: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    size: Literal["small", "medium", "large", "huge"] | Pixels | Fraction | None = None
    colour: Colour | None = None

    def says(self) -> str:
        size = "" if self.size is None else f", {self.size if isinstance(self.size, str) else text_height(self.size)}"
        style = "" if self.style is None else f", {self.style}"
        colour = "" if self.colour is None else f", in {self.colour}"
        return f"Write “{self.text}”{says_place(self.place)}{style}{size}{colour}."


class PlaceImage(_Operation):
    """Put a reference on top: a logo, a second picture."""

    op: Literal["place_image"] = "place_image"
    reference: Reference
    place: Place | None = None
    scale: Annotated[float, Field(gt=0, le=50)] | None = None
    rotation: Annotated[float, Field(ge=-360, le=360)] | None = None
    opacity: Amount | None = None

    def says(self) -> str:
        parts = [
            "" if self.scale is None else f", at {per_cent(self.scale)} of its size",
            "" if self.rotation is None else f", turned by {self.rotation:g} degrees",
            "" if self.opacity is None else f", {per_cent(self.opacity)} opaque",
        ]
        return f"Place image {self.reference}{says_place(self.place)}{''.join(parts)}."


class Combine(_Operation):
    """Several pictures in one scene: the references, cut out, in the layer. One alone needs words that place it."""

    op: Literal["combine"] = "combine"
    references: References
    prompt: Prompt | None = None

    @model_validator(mode="after")
    def _several_or_placed(self) -> Self:
        if len(self.references) == 1 and self.prompt is None:
            raise ValueError("two pictures or more, or words that place one")
        return self

    def scene(self) -> Scene:
        """Where the words put the pictures.

        Raises:
            UnknownScene: some of the words place nothing.
        """
        return scene_of(self.references, self.prompt)

    def says(self) -> str:
        try:
            return self.scene().says()
        except UnknownScene:
            return f"Combine images {listed([str(number) for number in self.references])}: {self.prompt}."


class Adjust(_Operation):
    """Sharpness and noise. Without a region it is the selection, or the whole layer when nothing is selected."""

    op: Literal["adjust"] = "adjust"
    kind: Literal["blur", "sharpen", "denoise", "grain"]
    amount: Amount | None = None
    region: Region | None = None

    def says(self) -> str:
        where = "" if self.region is None else f" {says_region(self.region)}"
        if self.kind == "grain":
            return f"Add grain{where and f' to{where}'}{by_amount(self.amount)}."
        if self.kind == "denoise":
            return f"Take the noise out{where and f' of{where}'}{by_amount(self.amount)}."
        return f"{self.kind.capitalize()}{where or ' the picture'}{by_amount(self.amount)}."


class Upscale(_Operation):
    """More pixels: so many times, or to a size."""

    op: Literal["upscale"] = "upscale"
    factor: Annotated[float, Field(gt=1, le=8)] | None = None
    size: Annotated[str, Field(pattern=r"^[1-9]\d{0,5}x[1-9]\d{0,5}$")] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        return self._exactly_one("factor", "size")

    def says(self) -> str:
        how = f"{self.factor:g} times as large" if self.factor else f"as large as {self.size} pixels hold"
        return f"Make the picture {how}."


class Series(_Operation):
    """One subject in many settings, each a version of its own."""

    op: Literal["series"] = "series"
    prompts: Annotated[tuple[Prompt, ...], Field(min_length=2, max_length=20)] | None = None
    prompt: Prompt | None = None
    count: Annotated[int, Field(ge=1, le=20)] | None = None
    references: References | None = None
    model: ModelName | None = None

    @model_validator(mode="after")
    def _settings(self) -> Self:
        self._exactly_one("prompts", "prompt")
        if (self.prompt is None) != (self.count is None):
            raise ValueError("a count goes with one prompt")
        return self

    def says(self) -> str:
        if self.prompts is not None:
            settings = f"{len(self.prompts)} settings: {listed(list(self.prompts))}"
        else:
            settings = f"{self.count} settings: {self.prompt}"
        return f"Show the subject in {settings}{by_model(self.model)}."


class Instruct(_Operation):
    """The words as they were typed, passed on to an open model that edits by instruction, where one is present."""

    op: Literal["instruct"] = "instruct"
    region: Region = "selection"
    prompt: Instruction
    references: References | None = None
    model: ModelName | None = None

    def says(self) -> str:
        return f"“{shown(self.prompt)}”{by_model(self.model or 'a model')} as an instruction."


class Again(_Operation):
    """The last edit of this layer once more, with a new seed, on top of the current version."""

    op: Literal["again"] = "again"
    model: ModelName | None = None

    def says(self) -> str:
        return f"Do the last edit again{by_model(self.model)}."


class Variations(_Operation):
    """More candidates of the last edit, each from the same starting point with another seed."""

    op: Literal["variations"] = "variations"
    count: Annotated[int, Field(ge=1, le=8)] = 1
    model: ModelName | None = None

    def says(self) -> str:
        other = "another version" if self.count == 1 else f"{self.count} other versions"
        return f"Make {other} of the last edit{by_model(self.model)}."


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


AnyOperation = (
    Remove | Replace | BackgroundRemove | BackgroundReplace | BackgroundBlur | Relight | Recolour | Restyle | Extend
    | AddText | PlaceImage | Combine | Adjust | Upscale | Instruct | Series | Variations | Again | Undo | Redo
)  # fmt: skip
# What an open model can be named for.
Drawn = Remove | Replace | BackgroundReplace | Extend | Instruct | Series | Variations | Again
Operation = Annotated[AnyOperation, Field(discriminator="op")]


class Plan(BaseModel):
    """What will be done, in order, and what was not understood.

    Attributes:
        ops: the operations, in order.
        keep: what must stay as it is beyond what the operations leave alone anyway (“don't touch the sky”).
        says: one plain sentence an operation, then one for each that is kept.
        unsure: what was not understood, each with what to try instead; there are no operations then.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", serialize_by_alias=True)

    ops: tuple[Operation, ...] = ()
    keep: tuple[Region, ...] = ()
    says: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()

    @staticmethod
    def of(ops: tuple[AnyOperation, ...], keep: tuple[Region, ...] = ()) -> Plan:
        """A plan that says what it does."""
        kept = tuple(f"Leave {says_region(region)} as it is." for region in keep)
        return Plan(ops=ops, keep=keep, says=(*(operation.says() for operation in ops), *kept))
