"""The protocol for other languages, made from the pydantic models: JSON Schema, AsyncAPI and TypeScript.

The texts are the same on every machine and in every run; those in ``exports/`` are committed and a test compares them.
Bytes are msgpack's ``bin``; JSON Schema has no such thing, so there they are strings of format ``binary``.
"""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from bridge.protocol import messages as m

FOLDER = Path(__file__).parent / "exports"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
# The port that the plugins' manifests list; see `bridge.settings.DEFAULT_PORT`.
_USUAL_PORT = "9417"
_PLAIN = {int: "number", float: "number", str: "string", bool: "boolean", bytes: "Uint8Array", type(None): "null"}
_CONSTANTS = (
    "PROTOCOL_VERSION",
    "TILE_PX",
    "FRAME_BYTES",
    "WINDOW_FRAMES",
    "SIDE_PX",
    "TEXT_CHARS",
    "PROFILE_BYTES",
    "MOST_REFERENCES",
    "OFFERED_TILES",
    "PAGE_VERSIONS",
    "PAGE_COMMENTS",
    "LOOK_TILE_PX",
    "PAGE_THREADS",
    "LEAST_PICTURE_PX",
    "MOST_PICTURE_PX",
)


def exports() -> dict[str, str]:
    """Every exported file: name → text."""
    schema = _schema()
    return {
        "inlay.asyncapi.json": _json(_asyncapi(schema)),
        "inlay.schema.json": _json(schema),
        "inlay.ts": _typescript(),
    }


def write(folder: Path = FOLDER) -> tuple[Path, ...]:
    """Write them into a folder, which is made if need be; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for name, text in exports().items():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        paths.append(path)
    return tuple(paths)


def client_types() -> tuple[type[m.Message], ...]:
    """The messages that clients send."""
    return _members(m.ClientMessage)


def server_types() -> tuple[type[m.Message], ...]:
    """The messages that the bridge sends."""
    return _members(m.ServerMessage)


def _members(union: object) -> tuple[type[m.Message], ...]:
    return cast(tuple[type[m.Message], ...], get_args(get_args(union)[0]))


def _json(document: object) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


# ── JSON Schema ──────────────────────────────────────────────────────────────────────────────────────────────────


class _Generator(GenerateJsonSchema):
    """As pydantic's, but ``type``, by which a message is known, is always required."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        if "type" in made.get("properties", {}):
            made["required"] = sorted({"type", *made.get("required", [])}, key=list(made["properties"]).index)
        return made


def _schema() -> dict[str, Any]:
    """One document: both unions and every message, by name under ``$defs``."""
    adapters: list[tuple[str, JsonSchemaMode, Any]] = [
        # What a client may leave out is optional; the bridge always says everything.
        ("ClientMessage", "validation", m.client_messages()),
        ("ServerMessage", "serialization", m.server_messages()),
    ]
    inputs: list[tuple[str, JsonSchemaMode, core_schema.CoreSchema]] = [
        (key, mode, adapter.core_schema) for key, mode, adapter in adapters
    ]
    unions, definitions = _Generator(ref_template="#/$defs/{model}").generate_definitions(inputs)
    named = {key: unions[(key, mode)] for key, mode, _ in adapters}
    return {
        "$schema": _DRAFT,
        "$id": f"https://inlay.invalid/protocol/{m.PROTOCOL_VERSION}/inlay.schema.json",
        "title": f"Inlay protocol {m.PROTOCOL_VERSION}",
        "description": "One message is one binary WebSocket frame: a msgpack map. Bytes are msgpack bin.",
        "oneOf": [{"$ref": f"#/$defs/{key}"} for key in named],
        "$defs": dict(sorted({**definitions, **named}.items())),
    }


# ── AsyncAPI ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _asyncapi(schema: dict[str, Any]) -> dict[str, Any]:
    both = (*client_types(), *server_types())
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Inlay",
            "version": str(m.PROTOCOL_VERSION),
            "description": inspect.cleandoc(m.__doc__ or ""),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/msgpack",
        "servers": {
            "bridge": {
                "host": "localhost:{port}",
                "protocol": "ws",
                "description": "The bridge on this machine, on 127.0.0.1 and ::1.",
                "variables": {"port": {"default": _USUAL_PORT}},
            }
        },
        "channels": {
            "socket": {
                "address": "/ws",
                "messages": {kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in both},
                "bindings": {"ws": {"method": "GET"}},
            }
        },
        "operations": {
            "receive": _operation("receive", "What clients send.", client_types()),
            "send": _operation("send", "What the bridge sends.", server_types()),
        },
        "components": {
            "messages": {kind.__name__: _asyncapi_message(kind) for kind in both},
            "schemas": _moved(schema["$defs"]),
        },
    }


def _operation(action: str, summary: str, kinds: tuple[type[m.Message], ...]) -> dict[str, Any]:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/socket"},
        "messages": [{"$ref": f"#/channels/socket/messages/{kind.__name__}"} for kind in kinds],
    }


def _asyncapi_message(kind: type[m.Message]) -> dict[str, Any]:
    return {
        "name": " | ".join(_tags(kind)),
        "title": kind.__name__,
        "contentType": "application/msgpack",
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
    }


def _moved(value: Any) -> Any:
    """The schema with its references pointing to where AsyncAPI keeps schemas."""
    match value:
        case dict():
            return {key: _moved(item) for key, item in cast(dict[str, Any], value).items()}
        case list():
            return [_moved(item) for item in cast(list[Any], value)]
        case str():
            return value.replace("#/$defs/", "#/components/schemas/")
        case _:
            return value


# ── TypeScript ───────────────────────────────────────────────────────────────────────────────────────────────────


def _typescript() -> str:
    parts = [
        "// Made from bridge/protocol/messages by `inlay protocol export`; do not edit.",
        _comment(inspect.cleandoc(m.__doc__ or "")),
        "\n".join(f"export const {name} = {getattr(m, name)};" for name in _CONSTANTS),
    ]
    for kind in _needed(client_types()):
        parts.append(_interface(kind, may_omit=True))
    for kind in _needed(server_types()):
        if kind not in _needed(client_types()):
            parts.append(_interface(kind, may_omit=False))
    for name, kinds in (("ClientMessage", client_types()), ("ServerMessage", server_types())):
        parts.append(f"export type {name} =\n" + "\n".join(f"  | {kind.__name__}" for kind in kinds) + ";")
        by_type = [f"  {json.dumps(tag)}: {kind.__name__};" for kind in kinds for tag in _tags(kind)]
        parts.append(f"export interface {name}ByType {{\n" + "\n".join(by_type) + "\n}")
    return "\n\n".join(parts) + "\n"


def _needed(kinds: tuple[type[m.Message], ...]) -> list[type[m.Message]]:
    """The models, each after those that its fields hold."""
    found: dict[type[m.Message], None] = {}
    for kind in kinds:
        for field in kind.model_fields.values():
            for held in _models(field.annotation):
                found.update(dict.fromkeys(_needed((held,))))
        found[kind] = None
    return list(found)


def _models(annotation: object) -> Iterator[type[m.Message]]:
    if isinstance(annotation, type) and issubclass(annotation, m.Message):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _interface(kind: type[m.Message], *, may_omit: bool) -> str:
    lines = [_comment(inspect.cleandoc(kind.__doc__))] if kind.__doc__ else []
    lines.append(f"export interface {kind.__name__} {{")
    for name, field in kind.model_fields.items():
        optional = may_omit and name != "type" and not field.is_required()
        lines.append(f"  readonly {name}{'?' if optional else ''}: {_type(field.annotation)};{_remark(field)}")
    return "\n".join([*lines, "}"])


def _remark(field: FieldInfo) -> str:
    if field.is_required() or field.default is None or isinstance(field.default, m.Message):
        return ""
    if get_origin(field.annotation) is Literal:
        return ""
    return f" // default {json.dumps(field.default)}"


def _type(annotation: object) -> str:
    """The TypeScript type of a field."""
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation.__name__ if issubclass(annotation, m.Message) else _PLAIN[annotation]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(parts[0])
    if origin is Literal:
        return " | ".join(json.dumps(part) for part in parts)
    if origin in (Union, types.UnionType):
        return " | ".join(_type(part) for part in parts)
    if origin is tuple:
        return _tuple(parts)
    raise TypeError(f"no TypeScript for {annotation!r}")


def _tuple(parts: tuple[object, ...]) -> str:
    if parts[1:] != (...,):
        return f"readonly [{', '.join(_type(part) for part in parts)}]"
    item = _type(parts[0])
    return f"readonly ({item})[]" if "|" in item or item.startswith("readonly") else f"readonly {item}[]"


def _tags(kind: type[m.Message]) -> tuple[str, ...]:
    """The values of ``type`` that mean this message."""
    return cast(tuple[str, ...], get_args(kind.model_fields["type"].annotation))


def _comment(text: str) -> str:
    text = text.replace("*/", "* /")
    if "\n" not in text:
        return f"/** {text} */"
    return "/**\n" + "\n".join(f" * {line}".rstrip() for line in text.splitlines()) + "\n */"
