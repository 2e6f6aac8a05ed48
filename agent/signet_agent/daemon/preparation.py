"""Making a page's document ready: judged by policy, frozen, and shown from the same octets."""

import hashlib
from base64 import b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from datetime import UTC, date, datetime

from msgspec import Struct

from signet_agent.daemon.operations.base import DocumentMaker, SignedOctets
from signet_agent.daemon.policy import Site
from signet_agent.daemon.policy.decision import form_of, forms_in, plain_allowed
from signet_agent.daemon.policy.model import in_language
from signet_agent.daemon.signed_octets import require_attributes, require_plain_text
from signet_agent.errors import PageError, PolicyDeniedError
from signet_agent.model import Algorithm, Certificate, Paper
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import MAX_DOCUMENT_BYTES, decode_base64, is_file_name

PLAIN = "plain"
"""The format without attributes."""

PLAIN_MEDIA_TYPES = ("text/plain", "text/plain;charset=gbk")
"""What it takes: text alone, in the two encodings of old pages."""

_ANY_DOCUMENT = {"zh-Hans": "文件", "en": "document"}


def today() -> date:
    """Return the day by which policy judges, in UTC."""
    return datetime.now(UTC).date()


class Prepared(Struct, frozen=True):
    """A document's octets and what the window shows of them, in the person's language."""

    content: bytes
    kind: str
    paper: Paper
    after: tuple[str, ...]

    @property
    def digest(self) -> bytes:
        """Return SHA-256 of the octets."""
        return hashlib.sha256(self.content).digest()


class Preparation:
    """Documents on the daemon's side: what the operations that sign share."""

    def __init__(
        self, documents: DocumentMaker, language: str, day: Callable[[], date] = today
    ) -> None:
        """Take the document room, the person's language, and the day by which policy judges."""
        self._documents = documents
        self._day = day
        self.language = language

    def require_format(self, site: Site, name: str, media_type: str, packaging: str) -> None:
        """Check that the site may have this format, and the format this document.

        Raises:
            PolicyDeniedError: policy does not allow it, or no longer (``policy.format_denied``).
            PageError: it is not offered (``page.format_unsupported``).
        """
        if name != PLAIN:
            self._documents.require_format(name)
        elif not plain_allowed(site, self._day()):
            raise PolicyDeniedError("plain signatures", ErrorCode.POLICY_FORMAT_DENIED)
        fits = media_type in PLAIN_MEDIA_TYPES and packaging == "detached"
        if name == PLAIN and not fits:
            raise PageError("plain is detached and of text", ErrorCode.PAGE_FORMAT_UNSUPPORTED)
        if name != PLAIN and media_type == PLAIN_MEDIA_TYPES[1]:
            raise PageError("GBK is for plain alone", ErrorCode.PAGE_FORMAT_UNSUPPORTED)

    async def read(self, site: Site, name: str, media_type: str, document: str) -> Prepared:
        """Return an inline document for a format, shown from the octets that will be signed.

        Raises:
            PageError: not base64, too large, not showable, unfit for the format, or of a type that
                is not offered.
            RoomError: the document room failed.
        """
        content = read_base64(document)
        if name == PLAIN:
            # Said before anybody is asked; what a key may sign is decided once more in ``bind``.
            require_plain_text(content)
        shown = await self._documents.show(media_type, content, forms_in(site, self.language))
        form = form_of(site, shown.form)
        kind = in_language(form.kind if form else _ANY_DOCUMENT, self.language)
        return Prepared(content, kind, shown.paper, shown.after)

    async def bind(
        self, name: str, content: bytes, chosen: Certificate, algorithm: Algorithm, at: int
    ) -> bytes:
        """Return the octets to sign for a document: its attributes, or itself where it is plain.

        Raises:
            PageError: plain text could pass for something else.
            RoomError: the document room failed, or returned what may not be signed.
        """
        if name == PLAIN:
            require_plain_text(content)
            return content
        digest = hashlib.new(algorithm.hash_name, content).digest()
        return await self.bind_digest(name, digest, chosen, algorithm, at)

    async def bind_digest(
        self, name: str, digest: bytes, chosen: Certificate, algorithm: Algorithm, at: int
    ) -> bytes:
        """Return the attributes to sign for a document's digest.

        Raises:
            RoomError: the document room failed, or returned what may not be signed.
        """
        attributes = await self._documents.bind(name, digest, chosen.der, algorithm, at)
        require_attributes(attributes, digest)
        return attributes

    async def finish(self, name: str, signed: SignedOctets, content: bytes | None) -> str:
        """Return the signed document in base64.

        Raises:
            RoomError: the document room failed.
        """
        return b64encode(await self._documents.finish(name, signed, content)).decode("ascii")


def require_name(name: str) -> None:
    """Check the page's name for a document: letters that show themselves, on one line.

    Raises:
        PageError: it has control, format or direction characters (``page.invalid_params``).
    """
    if not is_file_name(name):
        raise PageError("a name with characters that cannot be seen")


def read_base64(document: str) -> bytes:
    """Return the octets of a document or an envelope that came in a request.

    Raises:
        PageError: not canonical base64 (``page.invalid_params``), or too large.
    """
    if len(document) > (MAX_DOCUMENT_BYTES + 2) // 3 * 4:
        raise PageError("document too large", ErrorCode.PAGE_TOO_LARGE)
    try:
        content = decode_base64(document)
    except (ValueError, Base64Error):
        raise PageError("document is not canonical base64") from None
    if len(content) > MAX_DOCUMENT_BYTES:
        raise PageError("document too large", ErrorCode.PAGE_TOO_LARGE)
    return content
