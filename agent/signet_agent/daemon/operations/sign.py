"""Sign a document, always through signed attributes (RFC 5652, section 5.4).

The daemon keeps the octets frozen and hashes them itself. What comes back from the document room
is checked before a key sees it: it must be attributes, and they must hold our digest.
"""

import hashlib
import time
from base64 import b64encode
from binascii import Error as Base64Error
from collections.abc import Callable

from signet_agent.daemon.operations.base import (
    Asker,
    Bound,
    DocumentMaker,
    Draft,
    algorithm_of,
)
from signet_agent.daemon.policy import Site
from signet_agent.daemon.policy.decision import form_of, forms_in
from signet_agent.daemon.policy.model import in_language
from signet_agent.errors import PageError, RoomError
from signet_agent.model import Certificate, KeyUse, Operation
from signet_protocol.comparison import comparison_code
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import MAX_DOCUMENT_BYTES, Sign, SignResult, decode_base64

_ANY_DOCUMENT = {"zh-Hans": "文件", "en": "document"}
_SET_OF = 0x31
"""DER tag of the signed attributes as they are signed."""

LOGIN_LENGTHS = frozenset({64, 80, 96, 128})
"""Octets a login signs; nothing of that length is ever signed as a document."""


class SignOperation:
    """Signing one document that is shown first."""

    name = Operation.SIGN

    def __init__(
        self, documents: DocumentMaker, language: str, clock: Callable[[], float] = time.time
    ) -> None:
        """Take the document room, the person's language and the clock of signing times."""
        self._documents = documents
        self._language = language
        self._clock = clock

    def use(self, call: Sign) -> KeyUse:
        """A document needs nonRepudiation."""
        del call
        return KeyUse.SIGN

    async def prepare(self, asker: Asker, site: Site, call: Sign) -> Draft:
        """Freeze the document and have its preview made from the same octets.

        Raises:
            PageError: not base64, too large, not showable, or of a type not offered.
        """
        del asker
        content = _decode(call.document)
        self._documents.require_format(call.format)
        shown = await self._documents.show(call.media_type, content, forms_in(site, self._language))
        form = form_of(site, shown.form)
        return Draft(
            content=content,
            kind=in_language(form.kind if form else _ANY_DOCUMENT, self._language),
            paper=shown.paper,
            after=shown.after,
            digest=hashlib.sha256(content).hexdigest(),
            code=comparison_code(content),
            wanted=call.certificate,
        )

    async def bind(self, asker: Asker, call: Sign, draft: Draft, chosen: Certificate) -> Bound:
        """Return the signed attributes for the chosen certificate.

        Raises:
            RoomError: what came back is not what may be signed.
        """
        del asker
        algorithm = algorithm_of(chosen)
        digest = hashlib.new(algorithm.hash_name, draft.content).digest()
        attributes = await self._documents.bind(
            call.format, digest, chosen.der, algorithm, int(self._clock())
        )
        if (
            attributes[:1] != bytes([_SET_OF])
            or digest not in attributes
            or len(attributes) in LOGIN_LENGTHS
        ):
            raise RoomError("the document room returned something else than our attributes")
        return Bound(chosen, algorithm, attributes)

    async def finish(self, call: Sign, draft: Draft, bound: Bound, signature: bytes) -> SignResult:
        """Return the signed document."""
        content = draft.content if call.packaging == "attached" else None
        signed = await self._documents.finish(call.format, bound, signature, content)
        return SignResult(
            signature=b64encode(signed).decode("ascii"),
            certificate=b64encode(bound.certificate.der).decode("ascii"),
            digest=draft.digest,
            format=call.format,
        )


def _decode(document: str) -> bytes:
    if len(document) > (MAX_DOCUMENT_BYTES + 2) // 3 * 4:
        raise PageError("document too large", ErrorCode.PAGE_TOO_LARGE)
    try:
        content = decode_base64(document)
    except (ValueError, Base64Error):
        raise PageError("document is not canonical base64") from None
    if len(content) > MAX_DOCUMENT_BYTES:
        raise PageError("document too large", ErrorCode.PAGE_TOO_LARGE)
    return content
