"""The bridge, wired up; with an engine that does nothing, so that only the wiring is tested."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from pathlib import Path

import pytest
from support.idle import IdleEngine
from support.worker_models import put

from bridge.client import InlayClient, RemoteError
from bridge.compose import open_models_of, running_bridge
from bridge.errors import PortTaken
from bridge.settings import Settings
from engine.models.catalogue import entry_of
from engine.models.memory import Device


def settings(folder: Path, port: int = 0) -> Settings:
    return Settings(data_folder=folder, port=port, durable=False)


async def health(port: int) -> dict[str, object]:
    def ask() -> dict[str, object]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
            return json.load(answer)

    return await asyncio.to_thread(ask)


async def test_the_bridge_serves_before_its_engine_is_ready_and_says_so(tmp_path: Path):
    engine = IdleEngine()
    async with running_bridge(settings(tmp_path), engine) as bridge:
        assert (await health(bridge.port))["ready"] is False
        engine.is_ready = True
        assert (await health(bridge.port))["ready"] is True
    assert engine.calls == ["start", "stop"]


def test_models_that_are_here_are_looked_up_and_measured_against_the_device(tmp_path: Path):
    assert open_models_of(settings(tmp_path)).present == ()
    put(tmp_path / "models", "editmgt", "amused-512")
    (tmp_path / "models" / "meissonic").mkdir()  # not whole
    assert open_models_of(settings(tmp_path)).present == ("editmgt", "amused-512")
    card = Device("cuda", "a card", 6 << 30, 5 << 30, 4 << 30)
    here = open_models_of(settings(tmp_path), card)
    assert here.why_not(entry_of("amused-512")) is None
    assert "a card" in (here.why_not(entry_of("lumina-dimoo")) or "")


async def test_the_person_at_this_machine_stays_the_same_over_restarts(tmp_path: Path):
    people: list[str | None] = []
    for _ in range(2):
        async with running_bridge(settings(tmp_path), IdleEngine()) as bridge:
            async with await InlayClient.connect(bridge.address, bridge.local_token) as client:
                assert client.welcome is not None
                people.append(client.welcome.person_id)
    assert people[0] == people[1] is not None


async def test_a_pairing_code_lets_one_client_in_and_is_then_another(tmp_path: Path):
    async with running_bridge(settings(tmp_path), IdleEngine()) as bridge:
        code = bridge.pairing_code()
        token = await InlayClient.pair(bridge.address, code.lower().replace("-", " "), "Ada's Figma")
        async with await InlayClient.connect(bridge.address, token) as client:
            assert client.welcome is not None and client.welcome.person == "Ada's Figma"
        with pytest.raises(RemoteError) as used:
            await InlayClient.pair(bridge.address, code, "Eve")
        assert used.value.code == "pairing_failed"


async def test_an_unknown_token_is_told_to_pair(tmp_path: Path):
    async with running_bridge(settings(tmp_path), IdleEngine()) as bridge:
        with pytest.raises(RemoteError) as refused:
            await InlayClient.connect(bridge.address, "guessed")
        assert refused.value.code == "not_paired"


async def test_a_port_that_is_taken_is_said_and_everything_begun_is_ended(tmp_path: Path):
    async with running_bridge(settings(tmp_path / "a"), IdleEngine()) as bridge:
        engine = IdleEngine()
        with pytest.raises(PortTaken):
            async with running_bridge(settings(tmp_path / "b", bridge.port), engine):
                pass
        assert engine.calls == ["start", "stop"]
