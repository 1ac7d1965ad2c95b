"""The optional language model: what it may answer, and everything that counts as no answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from support.language_server import GOOD, standin

from bridge.compose import words_of
from bridge.editing.models import OpenModels
from bridge.editing.words import Words
from bridge.language import LanguageModel
from bridge.settings import Settings
from engine.commands import parse
from engine.commands.plan import AddText, Instruct, Remove
from engine.commands.regions import Named

# Nothing that the rules understand, whatever is selected.
ODD = "kindly smite the dragon"


async def test_what_the_rules_do_not_understand_the_model_may():
    async with standin() as server:
        plan = await Words(LanguageModel(server.address)).plan(ODD, has_selection=False)
    assert plan.ops == (Remove(region=Named(named="dragon")),)
    assert plan.says == ("Remove the dragon and continue what surrounds it.",)
    (asked,) = server.asked
    assert asked["model"] == "small-model"
    assert asked["response_format"]["json_schema"]["schema"]["properties"]["ops"]
    assert ODD in asked["messages"][-1]["content"]


async def test_its_name_is_sent_when_one_is_set():
    async with standin() as server:
        await LanguageModel(server.address, "other").plan(ODD, has_selection=False)
    assert server.asked[0]["model"] == "other"


@pytest.mark.parametrize("text", ["remove the cup", "undo", "remove this", "use image 2 as the background", "", "…"])
async def test_the_model_is_not_asked_for_what_the_rules_understand_or_for_nothing(text: str):
    async with standin() as server:
        plan = await Words(LanguageModel(server.address)).plan(text, has_selection=False)
    assert server.asked == []
    assert plan == parse(text, False)


@pytest.mark.parametrize(
    "content",
    [
        "I would remove the dragon.",
        "",
        "{}",
        "[]",
        '{"ops": []}',
        '{"ops": [{"op": "smite"}]}',
        '{"ops": [{"op": "remove", "region": "everywhere"}]}',
        '{"ops": [{"op": "remove", "region": {"named": "dragon"}, "also": "this"}]}',
        '{"ops": [{"op": "relight", "region": "all", "exposure": 400}]}',
        '{"ops": [{"op": "relight", "region": "all"}]}',
        '{"ops": [{"op": "extend", "aspect": "0:5"}]}',
        '{"ops": [{"op": "place_image", "reference": 2}]}',
        '{"ops": [{"op": "remove", "region": "selection"}]}',
        '{"ops": [{"op": "add_text", "text": "Smite the drag0n"}]}',
        '{"ops": [{"op": "remove", "region": {"named": "dragon"}}',
        json.dumps({"ops": [{"op": "again"}] * 50}),
        '{"ops": [{"op": "undo", "count": "1"}]}',
        '{"ops": [{"op": "instruct", "region": "all", "prompt": "smite the dragon"}]}',
        '{"ops": [{"op": "remove", "region": {"named": "dragon"}, "model": "meissonic"}]}',
        '{"ops": [{"op": "replace", "region": "all", "prompt": "dragon", "references": [1]}]}',
    ],
)
async def test_an_answer_that_is_no_plan_is_no_answer(content: str):
    async with standin(content) as server:
        plan = await Words(LanguageModel(server.address)).plan(ODD, has_selection=False)
        assert len(server.asked) == 1
    assert plan == parse(ODD, False)
    assert plan.unsure


@pytest.mark.parametrize("manner", ["slow", "half", "broken", "error", "away", "long", "empty"])
async def test_a_server_that_misbehaves_leaves_the_rules_answer(manner: str):
    async with standin(manner=manner) as server:
        plan = await Words(LanguageModel(server.address, seconds=0.3)).plan(ODD, has_selection=False)
        assert len(server.asked) == 1
    assert plan == parse(ODD, False)


async def test_a_server_that_is_not_there_leaves_the_rules_answer():
    async with standin() as server:
        address = server.address
    assert (await Words(LanguageModel(address, seconds=2)).plan(ODD, has_selection=False)).unsure


async def test_a_fence_around_the_json_is_taken_off():
    async with standin(f"```json\n{GOOD}\n```") as server:
        assert await LanguageModel(server.address).plan(ODD, has_selection=False) is not None


async def test_text_that_was_typed_is_taken():
    async with standin('{"ops": [{"op": "add_text", "text": "drAgon"}]}') as server:
        plan = await LanguageModel(server.address).plan("bestow drAgon upon it", has_selection=False)
    assert plan is not None and plan.ops == (AddText(text="drAgon"),)


@pytest.mark.parametrize("address", ["http://example.com/v1", "http://192.168.1.4:11434/v1", "ftp://localhost/v1", "x"])
def test_an_address_beyond_this_machine_is_refused(address: str, tmp_path: Path):
    with pytest.raises(ValidationError, match="on this machine"):
        Settings(data_folder=tmp_path, language_model=address)


def test_the_settings_say_which_model_reads(tmp_path: Path):
    assert words_of(Settings(data_folder=tmp_path)) == Words()
    assert words_of(Settings(data_folder=tmp_path, language_model="")) == Words()
    settings = Settings(data_folder=tmp_path, language_model="http://localhost:1234/v1", language_model_name="m")
    model = words_of(settings).model
    assert model is not None and (model.address, model.name) == ("http://localhost:1234/v1", "m")


async def test_a_model_that_the_person_named_draws_what_the_language_model_read():
    async with standin() as server:
        plan = await Words(LanguageModel(server.address)).plan(f"{ODD}, using meissonic", has_selection=False)
    assert plan.ops == (Remove(region=Named(named="dragon"), model="meissonic"),)
    assert "meissonic" not in server.asked[0]["messages"][-1]["content"]


async def test_a_model_that_reads_instructions_is_asked_after_the_language_model():
    here = OpenModels(("editmgt",))
    async with standin() as server:
        read = await Words(LanguageModel(server.address)).plan(ODD, has_selection=False, models=here)
    assert read.ops == (Remove(region=Named(named="dragon")),)
    async with standin('{"ops": []}') as server:
        handed = await Words(LanguageModel(server.address)).plan(ODD, has_selection=False, models=here)
    assert handed.ops == (Instruct(region="all", prompt=ODD),)
