"""What every form of envelope offers, and how it refuses."""

from typing import Protocol

from signet_agent.channel.document_messages import SealedKey


class NotOpenedError(Exception):
    """It is no envelope of this form, or does not open; the page is never told which.

    The text is for the log and names what was wrong, not what it held.
    """


class EnvelopeForm(Protocol):
    """A form of envelope. It never sees a person's key, but the one key of this envelope."""

    def recipients(self, envelope: bytes) -> tuple[SealedKey, ...]:
        """Return the content key as it was encrypted for each recipient; at least one.

        Raises:
            NotOpenedError: it is no envelope of this form.
        """

    def open(self, envelope: bytes, key: bytes) -> bytes:
        """Return the content.

        Raises:
            NotOpenedError: the key does not open it.
        """
