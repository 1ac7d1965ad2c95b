"""What a plan asks for and what this Inlay can carry out: the one place that knows the difference.

Every operation of the plan's vocabulary runs; single values and words of some do not yet.
"""

from __future__ import annotations

from bridge.editing.models import OpenModels, beside
from bridge.editing.places import is_place
from bridge.editing.scenes import check_scene
from bridge.errors import CannotYet, NeedsReference, NeedsSelection, NotUnderstood
from engine.commands.models import BUILT_IN
from engine.commands.plan import (
    AddText,
    Adjust,
    Again,
    AnyOperation,
    BackgroundBlur,
    BackgroundRemove,
    BackgroundReplace,
    Combine,
    Extend,
    Instruct,
    PlaceImage,
    Plan,
    Recolour,
    Redo,
    Relight,
    Remove,
    Replace,
    Restyle,
    Series,
    Undo,
    Upscale,
    Variations,
)
from engine.commands.regions import Region, says_region
from engine.materials.words import DRAWABLE, understand
from engine.models.catalogue import Ability
from engine.styles.words import STYLES
from engine.styles.words import understand as understand_style

# What is found by looking at the picture.
FOUND: tuple[Region, ...] = ("subject", "background")
# As it was before anybody pulled one.
NO_MODELS = OpenModels()
# From in front and from behind: that takes knowing the shapes of things.
_NOWHERE = ("front", "behind")
# What changes pixels.
Edits = (
    Remove | Replace | BackgroundRemove | BackgroundReplace | BackgroundBlur | Relight | Recolour | Restyle | Extend
    | AddText | PlaceImage | Combine | Adjust | Upscale | Instruct
)  # fmt: skip
# What looks back at edits that were.
Moves = Again | Variations | Undo | Redo
Runnable = Moves | Series | tuple[Edits, ...]


def runnable(plan: Plan, *, has_selection: bool, references: int = 0, models: OpenModels = NO_MODELS) -> Runnable:
    """What the plan does: edits of pixels in their order, a series, or one look back; each with the open model that
    draws it, where one does.

    Args:
        plan: from words.
        has_selection: whether something is selected.
        references: how many pictures came with the words.
        models: the open models that are here, and what was said of them.

    Raises:
        NoModel: an open model was named that is not here, or that cannot do it.
        CannotYet: it is understood, but cannot be done yet.
        NeedsSelection: it names a thing that only a selection can show.
        NeedsReference: it speaks of a picture that did not come with it.
        NotUnderstood: what it should draw is nothing that can be drawn.
    """
    if len(plan.ops) > 1 and any(isinstance(operation, Moves | Series) for operation in plan.ops):
        raise CannotYet(
            "Undoing, repeating and a series cannot be mixed with other changes.",
            hint="Say the first alone, then the next.",
        )
    _refuse_what_cannot_be_kept(plan)
    edits: list[Edits] = []
    ops = tuple(_restyled(_on_what_is_selected(each, has_selection), models) for each in plan.ops)
    for each in beside(ops, references):
        operation = models.given(each, cannot_draw)
        reason = why_not(operation)
        if reason is not None:
            kind = CannotYet if _drawn(operation) is None else NotUnderstood
            raise kind(reason, hint=_hint(operation, models))
        if isinstance(operation, Moves | Series):
            return operation
        _check_place(operation, has_selection)
        _check_references(operation, references)
        if isinstance(operation, Combine):
            check_scene(operation, has_selection)
        edits.append(_leaving(operation, plan))
    return tuple(edits)


def _on_what_is_selected(operation: AnyOperation, has_selection: bool) -> AnyOperation:
    """What is selected, said: it is told by a version later. A background that is selected is painted anew."""
    if has_selection and isinstance(operation, AddText | PlaceImage) and operation.place is None:
        return operation.model_copy(update={"place": "selection"})
    if has_selection and isinstance(operation, BackgroundReplace) and operation.prompt is not None:
        if operation.light or operation.shadow:
            raise CannotYet(
                "A selected background is painted without looking for the subject, so nothing can be matched to it.",
                hint="Take the selection away, or leave the light and the shadow out.",
            )
        return Replace(
            region="selection", prompt=operation.prompt, references=operation.references, model=operation.model
        )
    if has_selection and _takes_region(operation) and getattr(operation, "region", None) is None:
        return operation.model_copy(update={"region": "selection"})
    return operation


def _restyled(operation: AnyOperation, models: OpenModels) -> AnyOperation:
    """A style that is not drawn by rule, as an instruction, where a model reads those."""
    if not isinstance(operation, Restyle) or operation.prompt is None or cannot_style(operation.prompt) is None:
        return operation
    is_a_thing = understand(operation.prompt).is_whole  # “restyle this as brick” means something else
    if is_a_thing or operation.region not in ("selection", "all") or not models.can(Ability.INSTRUCT):
        return operation
    return Instruct(region=operation.region, prompt=f"Redraw it in the style of {operation.prompt}")


def _leaving(operation: Edits, plan: Plan) -> Edits:
    """To leave the subject as it is, is to work on the background, and the other way round."""
    if "subject" in plan.keep:
        return operation.model_copy(update={"region": "background"})
    return operation.model_copy(update={"region": "subject"}) if "background" in plan.keep else operation


def _check_place(operation: Edits, has_selection: bool) -> None:
    region = getattr(operation, "region", None) or ("selection" if has_selection else "all")
    if region == "selection" and not has_selection and _takes_region(operation):
        raise NeedsSelection("There is no selection to work on.")
    if region == "selection" or region in FOUND or is_place(region):
        return
    if not has_selection:
        raise NeedsSelection(f"Inlay cannot find {says_region(region)} by itself yet.")
    raise CannotYet(
        f"Inlay cannot find {says_region(region)} by itself yet.",
        hint="Select it, and say “this” instead.",
    )


def _takes_region(operation: AnyOperation) -> bool:
    return "region" in type(operation).model_fields


def _check_references(operation: Edits, references: int) -> None:
    wanted = getattr(operation, "references", None) or (getattr(operation, "reference", None),)
    missing = [number for number in wanted if number is not None and number > references]
    if missing:
        raise NeedsReference(f"Image {missing[0]} is not there: {references or 'no'} pictures came with the command.")


def _refuse_what_cannot_be_kept(plan: Plan) -> None:
    for region in plan.keep:
        if not is_place(region) and not (region in FOUND and _can_leave(plan)):
            raise CannotYet(
                f"Inlay understands that {says_region(region)} should stay, but cannot hold to it yet.",
                hint="Select what is to change, without it: outside of a selection nothing changes.",
            )


def _can_leave(plan: Plan) -> bool:
    """Whether what the plan does to everything can be done to the subject or the background alone."""
    return all(
        _takes_region(operation) and getattr(operation, "region", None) in (None, "all") for operation in plan.ops
    )


def why_not(operation: AnyOperation) -> str | None:
    """Why an operation cannot be run today, in one sentence; None when it can.

    What an open model draws is for that model: it reads any prompt.
    """
    if getattr(operation, "model", None) not in (None, BUILT_IN):
        return None
    if isinstance(operation, Relight) and operation.from_ in _NOWHERE:
        return f"Inlay understands this (“{operation.says()}”) but cannot do it yet."
    if isinstance(operation, Series):
        prompts = operation.prompts or (operation.prompt or "",)
        return next((reason for prompt in prompts if (reason := cannot_draw(prompt)) is not None), None)
    if isinstance(operation, Restyle):
        return None if operation.prompt is None else cannot_style(operation.prompt)
    prompt = _drawn(operation)
    return None if prompt is None else cannot_draw(prompt)


def cannot_draw(prompt: str) -> str | None:
    """Which words of a prompt the built-in library cannot draw, with the nearest it can; None when it can all."""
    read = understand(prompt)
    if read.is_whole:
        return None
    unknown = ", ".join(f"“{word}”" for word in read.unknown) or f"“{prompt}”"
    nearest = f"The nearest it can: {', '.join(read.nearest)}." if read.nearest else f"It can draw {DRAWABLE}."
    return f"Inlay cannot draw {unknown} yet. {nearest}"


def cannot_style(prompt: str) -> str | None:
    """Which words of a prompt are no style that can be drawn, with the nearest there are; None when it is one."""
    wanted = understand_style(prompt)
    if wanted.is_whole:
        return None
    material = understand(prompt)
    if wanted.style is None and material.is_whole:
        return (
            f"“{prompt}” is something to draw, not a style. “Fill with {prompt}” draws it where something is selected."
        )
    unknown = ", ".join(f"“{word}”" for word in wanted.unknown) or f"“{prompt}”"
    nearest = f"The nearest are: {', '.join(wanted.nearest)}." if wanted.nearest else f"It knows {STYLES}."
    return f"Inlay knows no style called {unknown}. {nearest}"


def _hint(operation: AnyOperation, models: OpenModels) -> str:
    if isinstance(operation, Relight) and operation.from_ in _NOWHERE:
        return "Nothing was changed. Light can come from the left, the right, above or below."
    if _drawn(operation) is None:
        return "Nothing was changed."
    ability = Ability.INSTRUCT if isinstance(operation, Restyle) else Ability.TEXT
    return " ".join(("Say it with other words.", *filter(None, (models.lacking(ability),))))


def _drawn(operation: AnyOperation) -> str | None:
    """The prompt of an operation that draws one."""
    return operation.prompt if isinstance(operation, Replace | BackgroundReplace | Restyle) else None
