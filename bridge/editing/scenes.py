"""Whether the words of a `Combine` can be carried out: every place known, and what a selection must show selected."""

from __future__ import annotations

from bridge.errors import CannotYet, NeedsSelection, NotUnderstood
from engine.commands.plan import Combine
from engine.commands.scene import CAN_SAY, Placement, Relation, UnknownScene
from engine.commands.sizes import SURFACES, is_one_of
from engine.commands.text import shown

# Other names of the one thing that is found by looking.
_SUBJECT = frozenset("subject foreground".split())


def check_scene(operation: Combine, has_selection: bool) -> None:
    """Nothing where the words can be carried out.

    Raises:
        NotUnderstood: some words place nothing.
        NeedsSelection: what they name, only a selection can show.
        CannotYet: they name two things of the layer, of which only one can be found.
    """
    try:
        scene = operation.scene()
    except UnknownScene as unknown:
        raise NotUnderstood(
            f"Where “{shown(unknown.words)}” puts a picture is not understood. {unknown.hint}".strip(),
            hint=f"Say for each picture where it goes: {CAN_SAY}.",
        ) from None
    for one in scene.placements:
        if not has_selection and (missing := _only_selected(one)) is not None:
            raise NeedsSelection(missing)
    nouns = {noun for noun in scene.nouns_of_layer if noun not in _SUBJECT}
    if len(nouns) > 1:
        raise CannotYet(
            f"Inlay finds one thing in the layer at a time, not the {' and the '.join(sorted(nouns))}.",
            hint="Place the pictures by one of them first, then the others by the next, with it selected.",
        )


def _only_selected(one: Placement) -> str | None:
    if one.relation is Relation.HELD:
        return "Inlay cannot find a hand by itself."
    if one.anchor == "selection" or any(to is not None and to.is_selection for to in (one.to, one.as_large_as)):
        return "There is no selection to work on."
    if one.to is not None and (one.relation is Relation.ON or is_one_of(one.to.noun, SURFACES)) and one.to.noun:
        return f"Inlay cannot find {one.to.says()} by itself yet."
    return None
