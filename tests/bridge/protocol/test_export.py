from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bridge.protocol import messages as m
from bridge.protocol.export import FOLDER, client_types, exports, server_types, write

ALL = (*client_types(), *server_types())


@pytest.mark.parametrize("name", list(exports()))
def test_the_committed_exports_are_current(name: str):
    committed = (FOLDER / name).read_text(encoding="utf-8")
    assert committed == exports()[name], "run `inlay protocol export` and commit what it writes"


def test_exports_are_the_same_every_time(tmp_path: Path):
    paths = write(tmp_path / "new")
    assert {path.name: path.read_text(encoding="utf-8") for path in paths} == exports()


@pytest.mark.parametrize("name", ["inlay.schema.json", "inlay.asyncapi.json"])
def test_every_reference_leads_somewhere(name: str):
    document = json.loads(exports()[name])
    references = re.findall(r'"(#/[^"]+)"', exports()[name])
    assert references
    for reference in references:
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_message_is_in_every_export(kind: type[m.Message]):
    schema = json.loads(exports()["inlay.schema.json"])
    assert set(schema["$defs"][kind.__name__]["properties"]) == set(kind.model_fields)
    assert "type" in schema["$defs"][kind.__name__]["required"]
    assert schema["$defs"][kind.__name__]["additionalProperties"] is False
    assert kind.__name__ in json.loads(exports()["inlay.asyncapi.json"])["components"]["messages"]
    interface = re.search(rf"export interface {kind.__name__} \{{\n(.*?)\n\}}", exports()["inlay.ts"], re.S)
    assert interface is not None
    assert len(interface[1].splitlines()) == len(kind.model_fields)


def test_a_client_may_leave_out_defaults_and_the_bridge_says_everything():
    text = exports()["inlay.ts"]
    assert "readonly variations?: number; // default 1" in text
    assert "readonly fatal: boolean;" in text
    assert "readonly data: Uint8Array;" in text
    assert "readonly rect_px: readonly [number, number, number, number];" in text
