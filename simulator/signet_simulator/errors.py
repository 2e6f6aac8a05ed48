"""Why the simulator does not start, and how a call ends without a result."""

from typing import ClassVar

from signet_protocol.errors import ErrorCode
from signet_simulator.texts import Language, say


class SimulatorError(Exception):
    """The simulator cannot do what it was asked to; the sentence says why, in two languages.

    Attributes:
        exit_code: what the program ends with.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, text: str, **values: object) -> None:
        """Name the sentence of the catalogue, and what stands in it."""
        super().__init__(text, values)
        self._text = text
        self._values = values

    def sentence(self, language: Language) -> str:
        """Return the sentence."""
        return say(language, self._text, **self._values)

    def __str__(self) -> str:
        return self.sentence("en")


class OriginError(SimulatorError):
    """A site on the command line is no origin that the simulator may serve."""


class ScriptError(SimulatorError):
    """A script or an order cannot be read; its author is at fault."""


class BesideAgentError(SimulatorError):
    """The agent, or its policy, is on this machine: a person's computer is no place for us."""

    exit_code = 3


class PlaceError(SimulatorError):
    """No port is free, or the folder for the certificates cannot be written."""

    exit_code = 4


class CallEndedError(Exception):
    """A call ends with an error of the contract.

    Attributes:
        code: which.
    """

    def __init__(self, code: ErrorCode) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code
