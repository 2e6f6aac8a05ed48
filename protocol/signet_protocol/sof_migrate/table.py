"""The table of functions in ``docs/sof-migration.md``."""

import sys

from signet_protocol.sof_migrate.functions import Function, function_list

_WINDOWS = {"choose": "choice", "sign": "consent and PIN", "decrypt": "consent and PIN", "": "none"}
_WHERE = {"agent": "agent", "page": "page", "refused": "nowhere"}


def markdown() -> str:
    """Return both tables as they stand in the page: functions, then errors."""
    head = "| function | aliases | operation | window | computed in | error | what it does |\n"
    rows = "".join(map(_row, function_list().functions))
    errors = "".join(
        f"| `{each.code}` | `{each.number}` | {each.meaning} | {each.tell['zh-Hans']} |\n"
        for each in function_list().errors
    )
    error_head = "| code | SOF_GetLastError | for the developer | for the person |\n"
    return f"{head}{_rule(7)}{rows}\n{error_head}{_rule(4)}{errors}"


def _row(function: Function) -> str:
    call = f"{function.name}({', '.join(function.parameters)})"
    cells = (
        f"`{call}`",
        ", ".join(f"`{alias}`" for alias in function.aliases) or "–",
        f"`{function.operation}`" if function.operation else "–",
        _WINDOWS[function.operation],
        _WHERE[function.where],
        f"`{function.error}`" if function.error else "–",
        function.about,
    )
    return f"| {' | '.join(cells)} |\n"


def _rule(columns: int) -> str:
    return f"|{' --- |' * columns}\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
