"""The list of functions, read from ``functions.json``."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from msgspec import Struct

Where = Literal["agent", "page", "refused"]
"""Who answers a call of the shim: the agent, after a window; the page itself; nobody."""


class Function(Struct, frozen=True, forbid_unknown_fields=True):
    """One function of the old interface.

    ``operation`` is the contract's method behind it; ``error`` the code with which it is refused,
    always or where the note says so. ``replace`` is a line of JavaScript for the page or a
    sentence, ``server`` what changes behind it.
    """

    name: str
    aliases: tuple[str, ...]
    parameters: tuple[str, ...]
    result: Literal["string", "boolean", "number"]
    where: Where
    about: str
    replace: str
    server: str
    operation: Literal["", "choose", "sign", "decrypt"] = ""
    error: str = ""
    failure: int | None = None


class ShimError(Struct, frozen=True, forbid_unknown_fields=True):
    """An error of the shim's own: its code, the number old pages read, and its sentences."""

    code: str
    number: str
    meaning: str
    tell: Mapping[str, str]


class FunctionList(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in ``functions.json``."""

    errors: tuple[ShimError, ...]
    functions: tuple[Function, ...]

    def named(self) -> dict[str, Function]:
        """Return the functions by every name they have."""
        return {name: each for each in self.functions for name in (each.name, *each.aliases)}


@cache
def function_list() -> FunctionList:
    """Return the list."""
    text = files(__package__).joinpath("functions.json").read_bytes()
    return msgspec.json.decode(text, type=FunctionList)
