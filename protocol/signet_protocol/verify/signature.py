"""A document's signature: CMS SignedData as CAdES-B or GM/T 0010, attached or not, and time stamps.

Only signatures over signed attributes count. One without them covers the content's octets alone,
and those could be the 64 to 128 octets of a login: whoever holds a login token would hold a
signed document. The other way round, signed attributes always have more octets than a login and
begin differently, so a signed document can never pass for a login.
"""

from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.x509 import ObjectIdentifier

from signet_protocol.cms import SIGNING_TIME, SignedData, SignerInfo
from signet_protocol.verify.algorithms import (
    compute_digest,
    read_algorithm,
    read_digest,
    read_signature_algorithm,
    require_algorithm,
)
from signet_protocol.verify.attributes import (
    SIGNING_CERTIFICATE_V2,
    SignedAttributes,
    read_attributes,
)
from signet_protocol.verify.certificates import fingerprint
from signet_protocol.verify.cms import (
    PLAIN_DATA,
    Kinds,
    find_certificates,
    read_signed_data,
)
from signet_protocol.verify.findings import FindingList, Part
from signet_protocol.verify.keys import Digest, PublicKey, read_key
from signet_protocol.verify.policy import AlgorithmPolicy
from signet_protocol.verify.reasons import Reason, VerificationError

_NATIONAL_OPTIONAL = frozenset({SIGNING_CERTIFICATE_V2, SIGNING_TIME})
"""GM/T 0010 knows neither as a duty: its signers are named by issuer and number alone."""


@dataclass(slots=True)
class JudgedSignature:
    """What could be read of a signature; members that could not are absent.

    Attributes:
        signed_data: the whole.
        signer: its only signer.
        kind: what it has to hold.
        attributes: what was signed.
        certificate: the signer's.
        others: the certificates that came along.
        algorithm: its name.
        content: what the signature was checked against.
    """

    signed_data: SignedData | None = None
    signer: SignerInfo | None = None
    kind: ObjectIdentifier | None = None
    attributes: SignedAttributes | None = None
    certificate: x509.Certificate | None = None
    others: list[x509.Certificate] = field(default_factory=list)
    algorithm: str = ""
    content: bytes | None = None


class SignatureJudge:
    """Judges everything in one CMS signature but its certificate's validity and trust.

    Args:
        findings: where faults go.
        accepted: which algorithms and keys count.
        kinds: what has to be signed: plain data, or what a time stamp holds.
        about: the part that findings are about.
    """

    def __init__(
        self,
        findings: FindingList,
        accepted: AlgorithmPolicy,
        kinds: Kinds = PLAIN_DATA,
        about: Part = Part.SIGNATURE,
    ) -> None:
        self._findings = findings
        self._accepted = accepted
        self._kinds = kinds
        self._about = about

    def judge(self, cms: bytes, held: bytes | None) -> JudgedSignature:
        """Judge a signature over content that is held, or that it brings."""
        made = JudgedSignature(content=held)
        with self._findings.catch(self._about):
            made.signed_data, made.signer, made.kind = read_signed_data(cms, self._kinds)
            self._judge_signer(made, made.signed_data, made.signer)
        return made

    def _judge_signer(self, made: JudgedSignature, whole: SignedData, signer: SignerInfo) -> None:
        findings, digest = self._findings, None
        with findings.catch(self._about):
            digest = read_digest(read_algorithm(signer.digest_algorithm))
        with findings.catch(self._about):
            made.attributes = read_attributes(signer, made.kind, self._optional(digest))
        with findings.catch(Part.CERTIFICATE):
            named, made.others = find_certificates(whole, signer)
            made.certificate = self._choose_certificate(named, made.attributes)
        attributes, certificate = made.attributes, made.certificate
        if attributes is None or digest is None:
            return
        if certificate is not None:
            with findings.catch(self._about):
                key = read_key(certificate, self._accepted)
                made.algorithm = self._require_signed((whole, signer), attributes, digest, key)
        with findings.catch(Part.CONTENT):
            made.content = self._read_content(made, whole, digest, attributes)

    def _optional(self, digest: Digest | None) -> frozenset[ObjectIdentifier]:
        """Return the attributes that need not be there."""
        if self._kinds is not PLAIN_DATA:
            return frozenset({SIGNING_TIME})
        return _NATIONAL_OPTIONAL if isinstance(digest, SM3) else frozenset()

    def _choose_certificate(
        self, named: list[x509.Certificate], attributes: SignedAttributes | None
    ) -> x509.Certificate:
        """Return the certificate that was signed for; of another the rest is still told."""
        if attributes is not None:
            for certificate in named:
                if attributes.refers_to(certificate):
                    return certificate
            self._findings.error(
                Reason.CERTIFICATE_REFERENCE_WRONG,
                Part.CERTIFICATE,
                certificate=fingerprint(named[0]),
            )
        return named[0]

    def _require_signed(
        self,
        cms: tuple[SignedData, SignerInfo],
        attributes: SignedAttributes,
        digest: Digest,
        key: PublicKey,
    ) -> str:
        """Check the signature over the attributes; return the algorithm's name."""
        whole, signer = cms
        # RFC 5652, 5.1: the list at the top is there so that one pass over the content is enough.
        listed = map(read_algorithm, whole.digest_algorithms.as_list())
        if read_algorithm(signer.digest_algorithm) not in listed:
            raise VerificationError(
                Reason.ALGORITHM_UNSUITABLE, "digestAlgorithms lacks the signer's"
            )
        algorithm = read_signature_algorithm(read_algorithm(signer.signature_algorithm), digest)
        require_algorithm(algorithm, key, self._accepted)
        if not key.verifies(digest, signer.signature, attributes.der):
            self._findings.error(Reason.SIGNATURE_WRONG, self._about)
        return algorithm.name

    def _read_content(
        self, made: JudgedSignature, whole: SignedData, digest: Digest, attributes: SignedAttributes
    ) -> bytes:
        """Return the content that was signed, once it is the one the department holds."""
        held, expected = made.content, attributes.message_digest
        if whole.encapsulated.kind != made.kind:
            raise VerificationError(Reason.ATTRIBUTES_WRONG, "the content is of another kind")
        embedded = whole.encapsulated.content
        if embedded is not None:
            if compute_digest(digest, embedded) != expected:
                raise VerificationError(Reason.DIGEST_WRONG)
            if held is not None and held != embedded:
                raise VerificationError(Reason.CONTENT_DIFFERENT)
            return embedded
        if held is None:
            raise VerificationError(Reason.CONTENT_MISSING)
        if compute_digest(digest, held) != expected:
            raise VerificationError(Reason.CONTENT_DIFFERENT)
        return held
