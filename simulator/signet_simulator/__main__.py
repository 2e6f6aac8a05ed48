"""The program ``signet-simulator``."""

import os
import sys
from collections.abc import Sequence

from signet_simulator.arguments import preferred_language, read_arguments
from signet_simulator.errors import SimulatorError
from signet_simulator.program import run
from signet_simulator.surroundings import usual_surroundings


def main(words: Sequence[str] | None = None) -> int:
    """Run; return 0, the command's exit code, 2 (usage), 3 (an agent is here) or 4 (no place)."""
    language = preferred_language(os.environ)
    try:
        arguments = read_arguments(sys.argv[1:] if words is None else words)
        language = arguments.language
        return run(arguments, usual_surroundings(arguments.base_port))
    except SimulatorError as error:
        sys.stderr.write(f"signet-simulator: {error.sentence(language)}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
