"""The three steps of every operation: prepare, bind, finish.

``prepare`` makes what is shown and freezes the content; ``bind`` makes the bytes to sign for the
certificate the person chose; ``finish`` makes the answer from the raw signatures. No operation sees
a key, and none asks the person.
"""

from typing import Protocol, TypeVar

from msgspec import Struct

from signet_agent.channel.document_messages import FormView, SealedKey, Shown
from signet_agent.daemon.policy import Site
from signet_agent.model import Algorithm, Certificate, Item, KeyUse, Operation, Origin, Paper
from signet_protocol.messages import Call, Result

CallT_contra = TypeVar("CallT_contra", bound=Call, contravariant=True)


class Asker(Struct, frozen=True):
    """Who asks: the origin the gate let through."""

    origin: Origin


class Draft(Struct, frozen=True):
    """What ``prepare`` made: the frozen contents and everything the window shows of them.

    ``digest`` is SHA-256 of the content, hex (of several: of their digests, one after the other);
    ``code`` the content's comparison code; ``wanted`` the fingerprint of the certificate the page
    named; ``sealed`` what an envelope holds for each of its recipients. All texts are in the
    person's language.
    """

    contents: tuple[bytes, ...] = ()
    kind: str = ""
    paper: Paper = Paper()
    items: tuple[Item, ...] = ()
    after: tuple[str, ...] = ()
    digest: str = ""
    code: str = ""
    wanted: str | None = None
    sealed: tuple[SealedKey, ...] = ()

    @property
    def recipients(self) -> frozenset[str] | None:
        """Return the words for those who alone may open an envelope, if this is about one."""
        return frozenset(key.recipient for key in self.sealed) or None


class Bound(Struct, frozen=True):
    """What a key does for one certificate: signs octets, one string or more, or opens a sealed key.

    Where there is neither, no key is used.
    """

    certificate: Certificate
    algorithm: Algorithm
    octets: tuple[bytes, ...] = ()
    sealed: SealedKey | None = None


class SignedOctets(Struct, frozen=True):
    """Octets, the signer's certificate (DER) and the raw signature over them."""

    octets: bytes
    certificate: bytes
    algorithm: Algorithm
    signature: bytes


class DocumentMaker(Protocol):
    """Makes previews, bytes to sign and signed documents; the document room, or a test's own."""

    def require_format(self, name: str) -> None:
        """Raise ``PageError`` (``page.format_unsupported``) unless the format is offered."""
        ...

    async def show(self, media_type: str, content: bytes, forms: dict[str, FormView]) -> Shown:
        """Return the preview of these octets."""
        ...

    async def bind(
        self, name: str, digest: bytes, certificate: bytes, algorithm: Algorithm, signed_at: int
    ) -> bytes:
        """Return the bytes to sign."""
        ...

    async def finish(self, name: str, signed: SignedOctets, content: bytes | None) -> bytes:
        """Return the signed document; ``content`` only when it is to be embedded."""
        ...


class EnvelopeOpener(Protocol):
    """Reads envelopes and opens them; the document room."""

    async def read_envelope(self, envelope: bytes) -> tuple[SealedKey, ...]:
        """Return for whom an envelope was sealed."""
        ...

    async def open_envelope(self, envelope: bytes, key: bytes) -> bytes:
        """Return what an envelope holds."""
        ...


class Documents(DocumentMaker, EnvelopeOpener, Protocol):
    """Everything the document room does."""


class Steps(Protocol[CallT_contra]):
    """One operation."""

    name: Operation

    def use(self, call: CallT_contra) -> KeyUse:
        """Return what the certificate must be meant for."""
        ...

    async def prepare(self, asker: Asker, site: Site, call: CallT_contra) -> Draft:
        """Freeze the content and make what is shown.

        Raises:
            PageError: the page's request cannot be carried out.
        """
        ...

    async def bind(
        self, asker: Asker, call: CallT_contra, draft: Draft, chosen: Certificate
    ) -> Bound:
        """Return the bytes to sign with the chosen certificate."""
        ...

    async def finish(
        self, call: CallT_contra, draft: Draft, bound: Bound, made: tuple[bytes, ...], /
    ) -> Result:
        """Return the answer for the page from what the key made of what was bound.

        These are the signatures in the order of the octets, or the opened content key.
        """
        ...


def algorithm_of(certificate: Certificate) -> Algorithm:
    """Return a certificate's algorithm; policy offers none without one."""
    assert certificate.algorithm is not None  # noqa: S101 -- candidates() leaves those out
    return certificate.algorithm
