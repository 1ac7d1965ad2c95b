"""What a plan asks for and what this Inlay can carry out: the one place that knows the difference.

The plan's vocabulary is wider than the engine. When an operation arrives there, its name leaves `NOT_YET`.
"""

from __future__ import annotations

from bridge.editing.places import is_place
from bridge.errors import CannotYet, NeedsSelection, NotUnderstood
from engine.commands.plan import (
    Adjust,
    Again,
    AnyOperation,
    BackgroundReplace,
    Plan,
    Recolour,
    Redo,
    Relight,
    Remove,
    Replace,
    Undo,
    Variations,
)
from engine.commands.regions import says_region
from engine.materials.words import DRAWABLE, understand

NOT_YET: frozenset[str] = frozenset(
    {
        "background_remove",
        "background_replace",
        "background_blur",
        "restyle",
        "extend",
        "add_text",
        "place_image",
        "combine",
        "upscale",
        "series",
    }
)

# From in front and from behind: that takes knowing the shapes of things.
_NOWHERE = ("front", "behind")
# What changes pixels of a selection.
Edits = Remove | Replace | Relight | Recolour | Adjust
Runnable = Edits | Again | Variations | Undo | Redo


def runnable(plan: Plan, *, has_selection: bool) -> Runnable:
    """The plan's one operation.

    Raises:
        CannotYet: it is understood, but cannot be done yet.
        NeedsSelection: it names a thing that only a selection can show.
        NotUnderstood: what it should draw is nothing that can be drawn.
    """
    if len(plan.ops) != 1:
        raise CannotYet("Only one thing at a time can be done yet.", hint="Say the first alone, then the next.")
    operation = plan.ops[0]
    if isinstance(operation, BackgroundReplace) and operation.prompt is not None:
        if not has_selection:
            raise NeedsSelection("Inlay cannot find the background by itself yet.")
        # What is selected is the background: it is painted anew, and nothing has to be cut out.
        operation = Replace(prompt=operation.prompt)
    reason = why_not(operation)
    if not isinstance(operation, Runnable) or reason is not None:
        raise (NotUnderstood if isinstance(operation, Replace) else CannotYet)(reason or "", hint=_hint(operation))
    region = (operation.region or ("selection" if has_selection else "all")) if isinstance(operation, Edits) else "all"
    if region != "selection" and not is_place(region):
        if not has_selection:
            raise NeedsSelection(f"Inlay cannot find {says_region(region)} by itself yet.")
        raise CannotYet(
            f"Inlay cannot find {says_region(region)} by itself yet.",
            hint="Select it, and say “this” instead.",
        )
    if plan.keep:
        raise CannotYet(
            f"Inlay understands that {says_region(plan.keep[0])} should stay, but cannot hold to it yet.",
            hint="Select without it: what is outside the selection never changes.",
        )
    return operation


def why_not(operation: AnyOperation) -> str | None:
    """Why an operation cannot be run today, in one sentence; None when it can."""
    if operation.op in NOT_YET or (isinstance(operation, Relight) and operation.from_ in _NOWHERE):
        return f"Inlay understands this (“{operation.says()}”) but cannot do it yet."
    return cannot_draw(operation.prompt) if isinstance(operation, Replace) else None


def cannot_draw(prompt: str) -> str | None:
    """Which words of a prompt the built-in library cannot draw, with the nearest it can; None when it can all."""
    read = understand(prompt)
    if read.is_whole:
        return None
    unknown = ", ".join(f"“{word}”" for word in read.unknown) or f"“{prompt}”"
    nearest = f"The nearest it can: {', '.join(read.nearest)}." if read.nearest else f"It can draw {DRAWABLE}."
    return f"Inlay cannot draw {unknown} yet. {nearest}"


def _hint(operation: AnyOperation) -> str:
    return "Say it with other words." if isinstance(operation, Replace) else "Nothing was changed."
