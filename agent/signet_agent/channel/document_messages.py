"""What daemon and document room say to each other; one question, one answer.

The room keeps nothing between questions: the daemon holds the frozen bytes and their digest.
"""

from enum import StrEnum

from msgspec import Struct

from signet_agent.model import Algorithm, KeyPadding, Paper


class DocumentFault(StrEnum):
    """Why a document cannot be prepared or finished."""

    UNSUITABLE = "unsuitable"
    """It cannot be shown exactly as it is."""
    UNSUPPORTED = "unsupported"
    """Its media type or the signature format is not offered."""
    ENVELOPE = "envelope"
    """It is no envelope that is opened here, or does not open; nobody is told which."""


class FormView(Struct, frozen=True):
    """How policy names a form, in the person's language already.

    ``labels`` are in reading order; ``after`` are sentences with ``{member}`` places that are
    filled with signed members only; ``total`` names the member drawn as the sum line.
    """

    title: str
    labels: dict[str, str]
    after: tuple[str, ...] = ()
    total: str | None = None


class Show(Struct, frozen=True, tag=True):
    """Prepare a preview of exactly these octets."""

    media_type: str
    content: bytes
    forms: dict[str, FormView] = {}


class Bind(Struct, frozen=True, tag=True):
    """Make the bytes to sign for this digest and certificate (DER) at this time (epoch seconds)."""

    format: str
    digest: bytes
    certificate: bytes
    algorithm: Algorithm
    signed_at: int


class Finish(Struct, frozen=True, tag=True):
    """Put the signed document together; ``content`` only when it is to be embedded."""

    format: str
    attributes: bytes
    certificate: bytes
    algorithm: Algorithm
    signature: bytes
    content: bytes | None = None


class ReadEnvelope(Struct, frozen=True, tag=True):
    """Who may open this envelope?"""

    envelope: bytes


class OpenEnvelope(Struct, frozen=True, tag=True):
    """Open this envelope with its content key."""

    envelope: bytes
    key: bytes


class Shown(Struct, frozen=True, tag=True):
    """The preview; ``form`` is the policy's id of the recognised form, or empty."""

    paper: Paper
    form: str = ""
    after: tuple[str, ...] = ()


class Bound(Struct, frozen=True, tag=True):
    """The bytes to sign."""

    to_be_signed: bytes


class Finished(Struct, frozen=True, tag=True):
    """The signed document."""

    document: bytes


class SealedKey(Struct, frozen=True):
    """An envelope's content key as it was encrypted for one recipient.

    ``recipient`` is one of a certificate's ``recipient_ids``; ``key_bytes`` is the size of what is
    inside ``encrypted``.
    """

    recipient: str
    padding: KeyPadding
    encrypted: bytes
    key_bytes: int


class Recipients(Struct, frozen=True, tag=True):
    """For whom an envelope was sealed; at least one."""

    keys: tuple[SealedKey, ...]


class Opened(Struct, frozen=True, tag=True):
    """What an envelope held."""

    content: bytes


class DocumentFailure(Struct, frozen=True, tag=True):
    """Why not; ``detail`` is for the log and holds nothing of the document."""

    fault: DocumentFault
    detail: str = ""


DocumentQuestion = Show | Bind | Finish | ReadEnvelope | OpenEnvelope
DocumentAnswer = Shown | Bound | Finished | Recipients | Opened | DocumentFailure
