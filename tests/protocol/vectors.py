"""The contract's own files, read for the tests that hold its readers to them."""

import json
from typing import Any

import jsonschema
from referencing import Registry, Resource

from tests.kit.source import TOP

CONTRACT = TOP / "protocol"

Pieces = str | list["Pieces"] | dict[str, tuple[str, int]]
"""A text, its pieces, or {"repeat": [text, times]}."""


def read(path: str) -> dict[str, Any]:
    """Return a JSON file of the contract."""
    content: dict[str, Any] = json.loads((CONTRACT / path).read_text("utf-8"))
    return content


def vectors(name: str) -> list[dict[str, Any]]:
    """Return the vectors of one file."""
    listed: list[dict[str, Any]] = read(f"vectors/{name}.json")["vectors"]
    return listed


def whole(pieces: Pieces) -> str:
    """Return a text whose pieces are joined."""
    if isinstance(pieces, str):
        return pieces
    if isinstance(pieces, list):
        return "".join(whole(piece) for piece in pieces)
    text, times = pieces["repeat"]
    return text * times


def names(listed: list[dict[str, Any]]) -> list[str]:
    """Return the vectors' sentences, for pytest."""
    return [each["why"] for each in listed]


def validator(name: str, definition: str = "") -> jsonschema.Draft202012Validator:
    """Return the validator of a schema file, or of one definition in it."""
    schemas = [read(f"schema/{each}.json") for each in ("request", "reply")]
    pairs = [(each["$id"], Resource.from_contents(each)) for each in schemas]
    registry: Registry[Any] = Registry().with_resources(pairs)
    pointer = f"#/$defs/{definition}" if definition else ""
    reference = {"$ref": f"urn:signet:contract:1:{name}{pointer}"}
    return jsonschema.Draft202012Validator(reference, registry=registry)
