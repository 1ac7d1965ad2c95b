"""Phrases of the benchmark's table, one in five here: the whole of it is `inlay bench words`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.commands import parse

PHRASES = Path(__file__).parent.parent.parent.parent / "bridge/bench/phrases"
UNDERSTOOD: list[dict[str, Any]] = json.loads((PHRASES / "understood.json").read_text(encoding="utf-8"))[::5]
LATER: list[dict[str, Any]] = json.loads((PHRASES / "later.json").read_text(encoding="utf-8"))
REFUSED: list[dict[str, Any]] = json.loads((PHRASES / "refused.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", UNDERSTOOD + LATER, ids=lambda row: row["text"])
def test_a_phrase_makes_exactly_its_plan(row: dict[str, Any]):
    plan = json.loads(parse(row["text"], row.get("selection", False), row.get("references", 0)).model_dump_json())
    assert plan["ops"] == row["ops"]
    assert plan["keep"] == row.get("keep", [])


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row["text"])
def test_a_phrase_that_must_be_asked_back_on_runs_nothing(row: dict[str, Any]):
    plan = parse(row["text"], row.get("selection", False), row.get("references", 0))
    assert plan.ops == ()
    wanted = {"selection": "select", "reference": "image", "unknown": ""}[row["why"]]
    assert wanted in plan.unsure[0] or "references" in plan.unsure[0]
