"""The agent's own errors: each knows its wire code; the cause stays in the log."""

from signet_protocol.errors import ErrorCode


class AgentError(Exception):
    """Something ended a call; the page learns ``code``, the log learns ``detail``.

    Attributes:
        code: what the page is told.
        detail: an English sentence for the log, without secrets or document content.
    """

    code = ErrorCode.AGENT_FAULT

    def __init__(self, detail: str = "", code: ErrorCode | None = None) -> None:
        """Keep the detail; ``code`` narrows the class's own code."""
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class PageError(AgentError):
    """The page asked for something that cannot be; its developer can cure it."""

    code = ErrorCode.PAGE_INVALID_PARAMS


class PersonDeclinedError(AgentError):
    """The person refused, or did not answer in time."""

    code = ErrorCode.USER_REFUSED


class TokenError(AgentError):
    """The token, its driver or its certificates stand in the way."""

    code = ErrorCode.TOKEN_FAULT


class PolicyDeniedError(AgentError):
    """The machine policy does not allow this."""

    code = ErrorCode.POLICY_OPERATION_DENIED


class AuditUnavailableError(AgentError):
    """The log cannot be written: no log, no signature."""

    code = ErrorCode.AGENT_AUDIT_UNAVAILABLE


class RoomError(AgentError):
    """A room of the agent crashed, hung or spoke out of turn."""

    code = ErrorCode.AGENT_FAULT


class SettingsError(AgentError):
    """The agent was started with something it cannot use; the starter can cure it."""
