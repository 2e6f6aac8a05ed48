"""Sign every document of a list after one consent, or none of them.

One window lists them all, one PIN and one order to the token sign them all; whatever goes wrong
with one of them ends the call before any signature is released.
"""

import hashlib
import time
from base64 import b64encode
from collections.abc import Callable

import msgspec

from signet_agent.daemon.operations.base import Asker, Bound, Draft, SignedOctets, algorithm_of
from signet_agent.daemon.policy import Site
from signet_agent.daemon.policy.model import in_language
from signet_agent.daemon.preparation import Preparation, require_name
from signet_agent.errors import PageError
from signet_agent.model import Certificate, Item, KeyUse, Operation
from signet_protocol.comparison import comparison_code
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import BatchItem, SignBatch, SignBatchResult

MAX_SHOWN_BYTES = 768 * 1024
"""All that a list shows, encoded: it travels to the window in one frame of a mebibyte."""

_KIND = {"zh-Hans": "一批文件", "en": "batch of documents"}


class SignBatchOperation:
    """Signing a list of documents."""

    name = Operation.SIGN_BATCH

    def __init__(self, preparation: Preparation, clock: Callable[[], float] = time.time) -> None:
        """Take the way to make documents ready, and the clock of signing times."""
        self._preparation = preparation
        self._clock = clock

    def use(self, call: SignBatch) -> KeyUse:
        """Documents need nonRepudiation."""
        del call
        return KeyUse.SIGN

    async def prepare(self, asker: Asker, site: Site, call: SignBatch) -> Draft:
        """Freeze every document and have its preview made from the same octets.

        Raises:
            PageError: one of them is not suitable, or they show too much for one window.
            PolicyDeniedError: the site may not have this format.
        """
        del asker
        for each in call.documents:
            require_name(each.name)
            self._preparation.require_format(site, call.format, each.media_type, call.packaging)
        contents, items, digests = list[bytes](), list[Item](), hashlib.sha256()
        for each in call.documents:
            read = await self._preparation.read(site, call.format, each.media_type, each.document)
            code = comparison_code(read.content)
            contents.append(read.content)
            items.append(Item(each.name, len(read.content), code, read.paper))
            digests.update(read.digest)
        if len(msgspec.msgpack.encode(items)) > MAX_SHOWN_BYTES:
            raise PageError("too much to show", ErrorCode.PAGE_DOCUMENT_UNSUITABLE)
        return Draft(
            contents=tuple(contents),
            kind=in_language(_KIND, self._preparation.language),
            items=tuple(items),
            digest=digests.hexdigest(),
            wanted=call.certificate,
        )

    async def bind(self, asker: Asker, call: SignBatch, draft: Draft, chosen: Certificate) -> Bound:
        """Return what is signed for the chosen certificate, document by document.

        Raises:
            PageError, RoomError: one of them may not be signed.
        """
        del asker
        algorithm = algorithm_of(chosen)
        at = int(self._clock())
        octets = [
            await self._preparation.bind(call.format, content, chosen, algorithm, at)
            for content in draft.contents
        ]
        return Bound(chosen, algorithm, tuple(octets))

    async def finish(
        self, call: SignBatch, draft: Draft, bound: Bound, signatures: tuple[bytes, ...]
    ) -> SignBatchResult:
        """Return the signed documents in the order of the call."""
        items = []
        for content, octets, signature in zip(
            draft.contents, bound.octets, signatures, strict=True
        ):
            signed = SignedOctets(octets, bound.certificate.der, bound.algorithm, signature)
            embedded = content if call.packaging == "attached" else None
            document = await self._preparation.finish(call.format, signed, embedded)
            items.append(BatchItem(document, hashlib.sha256(content).hexdigest()))
        return SignBatchResult(
            items=tuple(items),
            certificate=b64encode(bound.certificate.der).decode("ascii"),
            format=call.format,
        )
