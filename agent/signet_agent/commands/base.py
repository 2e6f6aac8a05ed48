"""What commands share: their answers, for a person or a program, and the policy in force."""

import json
import sys
from collections.abc import Iterable
from typing import Any

import msgspec

from signet_agent.daemon.policy import Policy, PolicyError, read_policy
from signet_agent.errors import SettingsError
from signet_agent.settings import Settings


def answer(document: Any, lines: Iterable[str], *, as_json: bool) -> None:  # noqa: ANN401 -- any JSON
    """Print the document as one line of JSON, or the lines for a person."""
    if as_json:
        plain = msgspec.to_builtins(document)
        sys.stdout.write(json.dumps(plain, ensure_ascii=False) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def policy_in_force(settings: Settings) -> Policy:
    """Return the policy this machine goes by.

    Raises:
        SettingsError: it cannot be used; the sentence names file, line and field.
    """
    try:
        return read_policy(settings.policy_file)
    except PolicyError as error:
        raise SettingsError(f"{settings.policy_file}: {error}") from error
