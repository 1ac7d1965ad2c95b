"""A language model on this machine, asked for a plan when the rules do not understand; optional.

Any server that speaks OpenAI's chat completions will do: Ollama, llama.cpp, LM Studio. It is given the plan's JSON
schema, and its answer is checked like anything that comes from outside: shape, ranges, references, and that added text
is what was typed. Whatever is wrong with it, or too slow, counts as no answer.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import Annotated

import aiohttp
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.commands import check_plan
from engine.commands.plan import Operation, Plan
from engine.commands.regions import Region

_log = structlog.get_logger(__name__)

# A plan is a few hundred bytes; a model that talks on is cut off.
_MOST_BYTES = 256 << 10
_MOST_TOKENS = 700
_FENCE = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.DOTALL)
_TASK = """You turn a designer's words into a plan of edits of one picture layer. Answer with JSON of the given schema.
Rules: operations in the order they are to be done. Per cents are fractions (20 % is 0.2). Exposure is in stops.
Colours and texts exactly as typed. "this", "it" and "here" are the region "selection" when something is selected.
A thing that is named is {"named": "the noun"}. Without a region that was said, use "selection" when something is
selected, else "all". What must not change goes into "keep". If the words ask for nothing that an operation does,
answer {"ops": []}. Never invent a wish, never say "instruct", never name a "model"."""


class _Answer(BaseModel):
    """What the model is to answer."""

    model_config = ConfigDict(strict=True, extra="forbid")

    ops: Annotated[tuple[Operation, ...], Field(max_length=20)]
    keep: Annotated[tuple[Region, ...], Field(max_length=10)] = ()


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    """As much of a chat completion as we read."""

    choices: Annotated[list[_Choice], Field(min_length=1)]


class _Model(BaseModel):
    id: str


class _Models(BaseModel):
    data: list[_Model]


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Where to ask.

    Attributes:
        address: up to and including the version, as in ``http://localhost:11434/v1``.
        name: of the model; empty for the first that the server lists.
        seconds: how long everything may take together.
    """

    address: str
    name: str = ""
    seconds: float = 4.0
    schema: dict[str, object] = field(default_factory=_Answer.model_json_schema)

    async def plan(self, text: str, *, has_selection: bool, references: int = 0) -> Plan | None:
        """The plan that the model makes of these words, checked; None when there is no such plan in time."""
        try:
            async with asyncio.timeout(self.seconds):
                answer = await self._ask(text, has_selection, references)
            made = _Answer.model_validate_json(_FENCE.sub(r"\1", answer))
        except (TimeoutError, aiohttp.ClientError, ValidationError, ValueError, OSError) as error:
            _log.info("language model not used", reason=type(error).__name__)
            return None
        plan = Plan.of(made.ops, made.keep)
        if (reason := check_plan(plan, text, has_selection, references)) is not None:
            _log.info("language model not used", reason=reason)
            return None
        return plan

    async def _ask(self, text: str, has_selection: bool, references: int) -> str:
        selected = "Something is selected." if has_selection else "Nothing is selected."
        async with aiohttp.ClientSession(trust_env=False) as session:
            asked: dict[str, object] = {
                "model": self.name or await self._first_model(session),
                "messages": [
                    {"role": "system", "content": _TASK},
                    {"role": "user", "content": f"{selected} References: {references}. Words: {text}"},
                ],
                "temperature": 0,
                "max_tokens": _MOST_TOKENS,
                "stream": False,
                "response_format": {"type": "json_schema", "json_schema": {"name": "plan", "schema": self.schema}},
            }
            # A redirect could lead off this machine.
            async with session.post(f"{self._base}/chat/completions", json=asked, allow_redirects=False) as response:
                body = await _body(response)
        return _Completion.model_validate_json(body).choices[0].message.content

    async def _first_model(self, session: aiohttp.ClientSession) -> str:
        async with session.get(f"{self._base}/models", allow_redirects=False) as response:
            models = _Models.model_validate_json(await _body(response)).data
        return models[0].id if models else ""

    @property
    def _base(self) -> str:
        return self.address.rstrip("/")


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The whole answer, if it is one and not too long."""
    if response.status != 200:
        raise ValueError(f"status {response.status}")
    body = b""
    async for part in response.content.iter_any():
        body += part
        if len(body) > _MOST_BYTES:
            raise ValueError("too long")
    json.loads(body)
    return body
