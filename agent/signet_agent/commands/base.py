"""How commands answer: text for a person, or JSON for a program."""

import json
import sys
from collections.abc import Iterable
from typing import Any

import msgspec


def answer(document: Any, lines: Iterable[str], *, as_json: bool) -> None:  # noqa: ANN401 -- any JSON
    """Print the document as one line of JSON, or the lines for a person."""
    if as_json:
        plain = msgspec.to_builtins(document)
        sys.stdout.write(json.dumps(plain, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()
