"""Sign an uploaded document, detached: the window shows its name, size and comparison code."""

import time
from base64 import b64encode
from collections.abc import Callable

from signet_agent.daemon.operations.base import Asker, Bound, Draft, SignedOctets, algorithm_of
from signet_agent.daemon.policy import Site
from signet_agent.daemon.policy.model import in_language
from signet_agent.daemon.preparation import PLAIN, Preparation, require_name
from signet_agent.daemon.uploads import Uploads
from signet_agent.errors import PageError
from signet_agent.model import Certificate, Item, KeyUse, Operation
from signet_protocol.comparison import code_of_digest
from signet_protocol.errors import ErrorCode
from signet_protocol.messages import SignFile, SignResult

MEDIA_TYPE = "application/octet-stream"
"""Octets that nobody looks into."""

_KIND = {"zh-Hans": "文件", "en": "file"}


class SignFileOperation:
    """Signing one uploaded document."""

    name = Operation.SIGN_FILE

    def __init__(
        self, preparation: Preparation, uploads: Uploads, clock: Callable[[], float] = time.time
    ) -> None:
        """Take the way to make documents ready, the uploads, and the clock of signing times."""
        self._preparation = preparation
        self._uploads = uploads
        self._clock = clock

    def use(self, call: SignFile) -> KeyUse:
        """A document needs nonRepudiation."""
        del call
        return KeyUse.SIGN

    async def prepare(self, asker: Asker, site: Site, call: SignFile) -> Draft:
        """Find the upload; it has been hashed while it came.

        Raises:
            PageError: there is none of this id, it is incomplete, or the call asks for a type or
                format that is not offered.
        """
        require_name(call.name)
        if call.media_type != MEDIA_TYPE or call.format == PLAIN:
            raise PageError("for a file", ErrorCode.PAGE_FORMAT_UNSUPPORTED)
        self._preparation.require_format(site, call.format, call.media_type, "detached")
        upload = self._uploads.whole(asker.origin, call.upload)
        return Draft(
            kind=in_language(_KIND, self._preparation.language),
            items=(Item(call.name, upload.size, code_of_digest(upload.sha256)),),
            digest=upload.sha256.hex(),
            wanted=call.certificate,
        )

    async def bind(self, asker: Asker, call: SignFile, draft: Draft, chosen: Certificate) -> Bound:
        """Return the attributes over the upload's digest for the chosen certificate.

        Raises:
            PageError: the upload is gone.
            RoomError: the document room failed, or returned what may not be signed.
        """
        del draft
        algorithm = algorithm_of(chosen)
        upload = self._uploads.whole(asker.origin, call.upload)
        digest = await upload.digest(algorithm.hash_name)
        octets = await self._preparation.bind_digest(
            call.format, digest, chosen, algorithm, int(self._clock())
        )
        return Bound(chosen, algorithm, (octets,))

    async def finish(
        self, call: SignFile, draft: Draft, bound: Bound, signatures: tuple[bytes, ...]
    ) -> SignResult:
        """Return the signature and let go of the upload."""
        (octets,), (signature,) = bound.octets, signatures
        signed = SignedOctets(octets, bound.certificate.der, bound.algorithm, signature)
        result = SignResult(
            signature=await self._preparation.finish(call.format, signed, None),
            certificate=b64encode(bound.certificate.der).decode("ascii"),
            digest=draft.digest,
            format=call.format,
        )
        self._uploads.forget(call.upload)
        return result
