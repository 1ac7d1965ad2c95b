"""`inlay plan`: what Inlay would do with these words, without doing it."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.cli.terminal import console, print_json, run, settings_from
from bridge.compose import open_models_of, words_of
from bridge.editing.ability import why_not
from bridge.editing.job import chosen
from engine.commands.plan import Plan

_MOST_REFERENCES = 10


def plan_command(
    text: Annotated[str, typer.Argument(help="What to do, in your own words.", metavar="TEXT", show_default=False)],
    selection: Annotated[bool, typer.Option("--selection", help="As if something were selected.")] = False,
    references: Annotated[
        int, typer.Option(min=0, max=_MOST_REFERENCES, help="How many pictures are there to refer to.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Say what these words would do, in plain words; nothing is changed."""
    settings = settings_from()
    models = open_models_of(settings)
    plan = run(words_of(settings).plan(text, has_selection=selection, references=references, models=models))
    plan = chosen(plan, models, references)
    if as_json:
        print_json(plan_fields(plan))
    else:
        _print(plan)


def plan_fields(plan: Plan) -> dict[str, object]:
    """The plan for ``--json``: what it cannot do yet is part of what it says."""
    fields = plan.model_dump(mode="json", exclude={"keep", "says"} if not plan.keep else {"says"})
    says = [_said(plan, number) for number in range(len(plan.says))]
    return {"ops": fields.pop("ops"), "says": says, **fields}


def _said(plan: Plan, number: int) -> str:
    """A sentence of the plan; of what the built-in library cannot draw it says so."""
    sentence = plan.says[number]
    operation = plan.ops[number] if number < len(plan.ops) else None
    reason = None if operation is None or operation.op != "replace" else why_not(operation)
    return sentence if reason is None else f"{sentence} {reason}"


def _print(plan: Plan) -> None:
    out = console()
    for number, sentence in enumerate(plan.says):
        out.print(f"{number + 1}. {sentence}", soft_wrap=True, markup=False)
        reason = why_not(plan.ops[number]) if number < len(plan.ops) else None
        if reason is not None:
            shown = reason if plan.ops[number].op == "replace" else "Inlay understands this but cannot do it yet."
            out.print(f"   {shown}", soft_wrap=True, markup=False, style="dim")
    for sentence in plan.unsure:
        out.print(f"? {sentence}", soft_wrap=True, markup=False)
