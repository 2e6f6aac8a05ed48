"""A request that is understood and not granted; the sentence for the person is in the texts."""

from portal.texts import say
from signet_protocol.verify import VerificationError


class RefusedError(Exception):
    """Why not.

    Attributes:
        code: the sentence's key below ``refusal`` in the texts, and the page's way to react.
        status: the HTTP status.
        sentence: cause, state and cure, in the request's language.
    """

    def __init__(self, code: str, status: int, sentence: str = "") -> None:
        """Look the sentence up, unless one is given."""
        super().__init__(code)
        self.code = code
        self.status = status
        self.sentence = sentence or say(f"refusal.{code}")

    @classmethod
    def of(cls, error: VerificationError) -> "RefusedError":
        """Return the refusal of a login or signature that did not verify."""
        reason = error.reason
        sentence = say("refusal.unverified", sentence=reason.sentence, meaning=reason.meaning)
        return cls(reason.value, 422, sentence)
